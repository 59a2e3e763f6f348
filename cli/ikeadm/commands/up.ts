/** `up SRC DST [proto]`, ours: negotiate as if a packet had asked, wait, and say how it went. */
import {
  decodeOwn,
  encodeOwn,
  readUpReport,
  type UpRequest,
} from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { familyOf } from '../../../services/net/address.js';
import { bailMessage, doorError, failed, usageError, type Outcome } from '../outcome.js';
import { establishedText, failureDetails, failureText } from '../print/up.js';
import type { Session } from '../session.js';
import { addressesNamed, unknownAddress } from './object-id.js';
import { parseProtocol } from './ip-protocol.js';

export async function up(session: Session, args: readonly string[]): Promise<Outcome> {
  const [source, destination, protocolText = 'any', ...more] = args;
  if (source === undefined || destination === undefined || more.length > 0) {
    return usageError('up needs a source and a destination address, and may have a protocol');
  }
  const protocol = parseProtocol(protocolText);
  if (protocol === undefined) {
    return bailMessage(
      `Unknown protocol ${protocolText}; a name such as tcp, udp or icmp, or a number up to 255, was expected`,
    );
  }
  const [sources, destinations] = await Promise.all([
    addressesNamed(session, source),
    addressesNamed(session, destination),
  ]);
  if (sources.length === 0) return bailMessage(unknownAddress(source));
  if (destinations.length === 0) return bailMessage(unknownAddress(destination));
  for (const from of sources) {
    const to = destinations.find((address) => familyOf(address) === familyOf(from));
    if (to !== undefined) return negotiated(session, { source: from, destination: to, protocol });
  }
  return bailMessage('The source and the destination are of different address families.');
}

async function negotiated(session: Session, request: UpRequest): Promise<Outcome> {
  const doing = 'error negotiating';
  const reply = await session.call(encodeOwn(OWN_SERVICE.UP, request));
  if (!reply.ok) return failed(doorError(doing, reply.error));
  const answer: unknown = decodeOwn(reply.value);
  const report = readUpReport(answer);
  if (!report) return failed(doorError(doing, { kind: 'unreadable', why: 'it holds no outcome' }));
  if (report.outcome === 'established') return { text: `${establishedText(report)}\n`, json: report };
  return {
    json: report,
    error: {
      form: 'message',
      text: failureText(report.failure),
      after: failureDetails(report.failure),
      exit: 1,
    },
  };
}

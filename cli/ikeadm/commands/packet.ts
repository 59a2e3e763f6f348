/** `packet send SRC DST [TEXT]`, `packet list` and `packet stats`, ours: packets through the embedded kernel. */
import { udpPacket } from '../../../adapters/kernel/embedded/ip-packet.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { readPacketCounters, readPacketReply, readSeenPackets } from '../../../services/admin/packets.js';
import { hex } from '../../../services/bytes.js';
import { familyOf, parseAddress } from '../../../services/net/address.js';
import { bailMessage, doorError, failed, type Outcome, usageError } from '../outcome.js';
import { packetCountersText } from '../print/packet-counters.js';
import type { Session } from '../session.js';

/** The discard service: nobody answers there. */
const DISCARD_PORT = 9;

export async function packet(session: Session, args: readonly string[]): Promise<Outcome> {
  const [verb, ...rest] = args;
  if (verb === 'send') return send(session, rest);
  if (verb === 'list' && rest.length === 0) return list(session);
  if (verb === 'stats' && rest.length === 0) return stats(session);
  return usageError('packet needs "send SRC DST [TEXT]", "list" or "stats"');
}

async function send(session: Session, args: readonly string[]): Promise<Outcome> {
  const [from = '', to = '', text = 'hello', ...more] = args;
  const source = parseAddress(from);
  const destination = parseAddress(to);
  if (source === undefined) return bailMessage(`Unknown address ${from}.`);
  if (destination === undefined) return bailMessage(`Unknown address ${to}.`);
  if (more.length > 0 || familyOf(source) !== familyOf(destination)) {
    return usageError('packet send needs two addresses of one family, and may have one text');
  }
  const bytes = udpPacket(source, destination, DISCARD_PORT, DISCARD_PORT, new TextEncoder().encode(text));
  const reply = await session.call(encodeOwn(OWN_SERVICE.PACKET_SEND, { packet: hex(bytes) }));
  if (!reply.ok) return failed(doorError('error sending packet', reply.error));
  const answer = readPacketReply(decodeOwn(reply.value));
  if (answer === undefined)
    return failed(doorError('error sending packet', { kind: 'unreadable', why: 'it holds no outcome' }));
  return { text: `${answer.outcome}\n`, json: answer };
}

async function list(session: Session): Promise<Outcome> {
  const reply = await session.call(encodeOwn(OWN_SERVICE.PACKET_LIST, {}));
  if (!reply.ok) return failed(doorError('error getting packets', reply.error));
  const seen = readSeenPackets(decodeOwn(reply.value));
  if (seen === undefined)
    return failed(doorError('error getting packets', { kind: 'unreadable', why: 'it holds no list' }));
  const lines = seen.map(({ direction, form, local, remote, bytes }) => {
    const ends = form === 'esp' ? ` ${local} ${direction === 'out' ? '->' : '<-'} ${remote}` : '';
    return `${direction.padEnd(3)} ${form.padEnd(5)}${ends} ${bytes}\n`;
  });
  return { text: lines.join(''), json: { packets: seen } };
}

async function stats(session: Session): Promise<Outcome> {
  const reply = await session.call(encodeOwn(OWN_SERVICE.PACKET_STATS, {}));
  if (!reply.ok) return failed(doorError('error getting packet counters', reply.error));
  const counters = readPacketCounters(decodeOwn(reply.value));
  if (counters === undefined)
    return failed(
      doorError('error getting packet counters', { kind: 'unreadable', why: 'it holds no counters' }),
    );
  return { text: packetCountersText(counters), json: counters };
}

/** What came under an SA: proved, counted, opened, and the IP packet in it, if the SA may carry that (RFC 4301 5.2). */
import type { Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';
import type { Result } from '../../../services/result.js';
import { protectedLength, type EspContent } from './esp.js';
import { nextHeaderOf } from './esp-content.js';
import { ipPacket, parseIpPacket } from './ip-packet.js';
import type { InboundDrop } from './observation.js';
import { type CarriedAh, type CarriedEsp, isCarriedEsp } from './sa-record.js';
import type { Sadb } from './sadb.js';
import { trafficOf } from './selector-match.js';

const NO_NEXT_HEADER = 59;

interface Ends {
  readonly local: Address;
  readonly remote: Address;
}

/** `prove` is asked only for a packet that is new; the window moves only when it did (RFC 4303 3.4.3, RFC 4302 3.4.3). */
export function opened(
  sadb: Sadb,
  sa: CarriedEsp | CarriedAh,
  ends: Ends,
  sequence: number,
  prove: () => Result<EspContent, InboundDrop>,
): Bytes | InboundDrop {
  const verdict = sa.window?.verdict(sequence) ?? 'new';
  if (verdict !== 'new') return verdict;
  const content = prove();
  if (!content.ok) return content.error;
  sa.window?.mark(sequence);
  const { payload } = content.value;
  const length = isCarriedEsp(sa) ? protectedLength(sa.cipher, payload.length) : payload.length;
  if (!sadb.admits(sa, length)) return 'byte-limit';
  sadb.count(sa, length);
  return unwrapped(sadb, sa, ends, content.value);
}

/** `ends` of the packet that was protected: in transport mode they are those of the one in it. */
function unwrapped(
  sadb: Sadb,
  sa: CarriedEsp | CarriedAh,
  ends: Ends,
  { nextHeader, payload }: EspContent,
): Bytes | InboundDrop {
  if (nextHeader === NO_NEXT_HEADER) return 'dummy';
  if (sa.mode === 'tunnel' && nextHeader !== nextHeaderOf(payload)) return 'wrong-next-header';
  const bytes = sa.mode === 'tunnel' ? payload : ipPacket(ends.remote, ends.local, nextHeader, payload);
  const packet = parseIpPacket(bytes);
  if (packet === undefined) return 'malformed-packet';
  if (sadb.match(sa, trafficOf(packet, 'inbound')) !== 'yes') return 'selector-mismatch';
  return packet.bytes;
}

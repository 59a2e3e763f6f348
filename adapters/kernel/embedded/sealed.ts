/** One packet under one SA, ready for the wire: ESP, or a whole IP packet with AH. */
import { concat, u32, type Bytes } from '../../../services/bytes.js';
import { familyOf } from '../../../services/net/address.js';
import { ahLength, authenticate } from './ah.js';
import { CIPHERS, protectedLength, seal, sealedLength, wantsCounter, type EspContent } from './esp.js';
import type { IvReservoir } from './iv-reservoir.js';
import type { CarriedAh, CarriedEsp } from './sa-record.js';
import type { Sadb } from './sadb.js';

/** The longest payload of a UDP datagram over IPv4; of an IP packet without its header. */
const LONGEST = { esp: 65_507, ah: 65_515 } as const;

export interface Sealed {
  readonly bytes: Bytes;
  readonly sequence: number;
  /** What the lifetime of the SA counts. */
  readonly length: number;
}

/** `spent`: that was the end of the SA, and it is gone. */
export function sealedEsp(
  sadb: Sadb,
  ivs: IvReservoir,
  sa: CarriedEsp,
  content: EspContent,
): Sealed | 'spent' | 'too-long' {
  const { cipher, integrity, spi } = sa;
  if (sealedLength(cipher, integrity, content.payload.length) > LONGEST.esp) return 'too-long';
  const length = protectedLength(cipher, content.payload.length);
  if (!sadb.admits(sa, length)) return 'spent';
  sa.sequence += 1;
  const { sequence } = sa;
  const iv = wantsCounter(cipher) ? concat(u32(0), u32(sequence)) : ivs.take(CIPHERS[cipher].ivLength);
  return { bytes: seal(sadb.suite(sa), { spi, sequence }, iv, content), sequence, length };
}

/** The same with AH around it, between the ends of the SA. */
export function sealedAh(sadb: Sadb, sa: CarriedAh, content: EspContent): Sealed | 'spent' | 'too-long' {
  const { integrity, spi, source } = sa;
  const { length } = content.payload;
  if (ahLength(integrity, familyOf(source)) + length > LONGEST.ah) return 'too-long';
  if (!sadb.admits(sa, length)) return 'spent';
  sa.sequence += 1;
  const { sequence } = sa;
  return { bytes: authenticate(sadb.ahSuite(sa), sa, { spi, sequence }, content), sequence, length };
}

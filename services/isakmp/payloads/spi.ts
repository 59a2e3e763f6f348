/** Sizes and values of SPIs by protocol (RFC 2408 3.5, RFC 2407 4.6, RFC 4303 2.1, RFC 3173 4.1). */
import { type Bytes, readU32 } from '../../bytes.js';
import { PROTOCOL, protocolName } from '../registries/protocols.js';

/** SPIs below it are reserved (RFC 4303 2.1, RFC 4302 2.4). */
const LEAST_SPI = 256;

/** A cookie pair. */
export const ISAKMP_SPI_LENGTH = 16;

const COOKIES: readonly number[] = [ISAKMP_SPI_LENGTH];
const SPI: readonly number[] = [4];
/** RFC 3173 4.1: a CPI has 2 bytes and may be sent in the low half of 4. */
const CPI: readonly number[] = [2, 4];
const NONE: readonly number[] = [];

/** Lengths that name an SA of the protocol; none for a protocol we do not know. */
export function spiLengths(protocol: number): readonly number[] {
  switch (protocol) {
    case PROTOCOL.isakmp:
      return COOKIES;
    case PROTOCOL.ah:
    case PROTOCOL.esp:
      return SPI;
    case PROTOCOL.ipcomp:
      return CPI;
    default:
      return NONE;
  }
}

/** Why the SPI cannot name an SA of the protocol, as a clause; or undefined. */
export function spiFault(protocol: number, spi: Bytes): string | undefined {
  if (!spiLengths(protocol).includes(spi.length)) {
    return `an SPI for ${protocolName(protocol)} cannot be ${String(spi.length)} bytes long`;
  }
  if ((protocol === PROTOCOL.esp || protocol === PROTOCOL.ah) && readU32(spi, 0) < LEAST_SPI) {
    return `the SPI ${String(readU32(spi, 0))} is reserved`;
  }
  return undefined;
}

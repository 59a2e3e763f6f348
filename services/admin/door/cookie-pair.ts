/**
 * Two cookies, initiator's then responder's, 8 bytes each. A reply has them in network order; a *request* has them as
 * plain numbers in the client's own order, so that on a little-endian host they are turned round.
 */
import { concat, fromHex, hex, type Bytes } from '../../bytes.js';

export const COOKIE_PAIR_LENGTH = 16;

/** Cookies as 16 lower-case hex digits each. */
export interface CookiePair {
  readonly initiatorCookie: string;
  readonly responderCookie: string;
}

export function encodeCookies(pair: CookiePair): Bytes {
  return concat(fromHex(pair.initiatorCookie), fromHex(pair.responderCookie));
}

/** Undefined when fewer than 16 bytes stand at `at`. */
export function decodeCookies(bytes: Bytes, at = 0): CookiePair | undefined {
  if (at + COOKIE_PAIR_LENGTH > bytes.length) return undefined;
  return {
    initiatorCookie: hex(bytes.subarray(at, at + 8)),
    responderCookie: hex(bytes.subarray(at + 8, at + 16)),
  };
}

export function encodeRequestCookies(pair: CookiePair): Bytes {
  return concat(fromHex(pair.initiatorCookie).reverse(), fromHex(pair.responderCookie).reverse());
}

export function decodeRequestCookies(bytes: Bytes, at = 0): CookiePair | undefined {
  if (at + COOKIE_PAIR_LENGTH > bytes.length) return undefined;
  return {
    initiatorCookie: hex(Uint8Array.from(bytes.subarray(at, at + 8)).reverse()),
    responderCookie: hex(Uint8Array.from(bytes.subarray(at + 8, at + 16)).reverse()),
  };
}

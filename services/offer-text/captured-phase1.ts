/** The Phase 1s of a capture as far as opening what they protect needs them: cipher and hash, and the last message. */
import type { HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { firstOf } from '../exchange/payloads-of.js';
import { FLAG, HEADER_LENGTH, type IsakmpHeader, ZERO_COOKIE } from '../isakmp/header.js';
import { decodePayloads } from '../isakmp/message.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import type { Address } from '../net/address.js';
import { CIPHER_NUMBER, HASH_NUMBER, readPhase1 } from '../proposal/phase1-suite.js';
import type { Datagram } from './captured-datagrams.js';

/** What message 2 says. */
export interface CapturedSuite {
  readonly cipher: Phase1Cipher;
  readonly hash: HashAlgorithm;
  /** Of the Key Length attribute, whatever it says; undefined where there is none. */
  readonly keyBits: number | undefined;
  readonly responder: Address;
}

interface Sealed {
  readonly message: Bytes;
  readonly sender: Address;
  readonly isMainMode: boolean;
}

interface CapturedPhase1 {
  /** Undefined until message 2. */
  readonly suite: CapturedSuite | undefined;
  /** The last message so far that may end it. Before message 2 it is the last encrypted one. */
  readonly last: Sealed | undefined;
}

const CIPHERS: readonly Phase1Cipher[] = ['des', '3des', 'blowfish', 'aes'];
const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

/** Messages are read in the order of the capture, each once; of a Phase 1 only two are kept, however many it has. */
export class CapturedPhase1s {
  readonly #byCookies = new Map<string, CapturedPhase1>();

  /** Passes over what is no message of Phase 1. */
  read({ from }: Datagram, message: Bytes, header: IsakmpHeader): void {
    const isMainMode = header.exchangeType === EXCHANGE.mainMode;
    if (!isMainMode && header.exchangeType !== EXCHANGE.aggressive) return;
    const known = this.of(header);
    const isSealed = (header.flags & FLAG.encryption) !== 0;
    if (isSealed) {
      const last = { message, sender: from.address, isMainMode };
      if (mayEnd(last, known?.suite)) this.#keep(header, { suite: known?.suite, last });
    } else if (known?.suite === undefined) {
      const suite = suiteIn(message, header, from.address);
      if (suite === undefined) return;
      const last = known?.last;
      this.#keep(header, { suite, last: last !== undefined && mayEnd(last, suite) ? last : undefined });
    }
  }

  /** What is known so far of the Phase 1 that has the cookies of the message. */
  of(header: IsakmpHeader): CapturedPhase1 | undefined {
    return this.#byCookies.get(cookiesOf(header));
  }

  #keep(header: IsakmpHeader, phase1: CapturedPhase1): void {
    this.#byCookies.set(cookiesOf(header), phase1);
  }
}

/** Both: one who begins again with the cookie of before gets another one back. */
function cookiesOf({ initiatorCookie, responderCookie }: IsakmpHeader): string {
  return initiatorCookie + responderCookie;
}

/** Main Mode ends with a message of the responder, Aggressive Mode with one of the initiator (RFC 2409 5). */
function mayEnd({ sender, isMainMode }: Sealed, suite: CapturedSuite | undefined): boolean {
  return suite === undefined || (sender === suite.responder) === isMainMode;
}

/** Message 2: the one transform that was chosen (RFC 2409 5). */
function suiteIn(message: Bytes, header: IsakmpHeader, responder: Address): CapturedSuite | undefined {
  if (header.responderCookie === ZERO_COOKIE) return undefined;
  const chain = decodePayloads(header.nextPayload, message.subarray(HEADER_LENGTH));
  const transform = chain.ok
    ? firstOf(chain.value.payloads, 'SA')?.proposals.at(0)?.transforms.at(0)
    : undefined;
  if (transform === undefined) return undefined;
  const offered = readPhase1(transform);
  const cipher = CIPHERS.find((name) => CIPHER_NUMBER[name] === offered.cipher);
  const hash = HASHES.find((name) => HASH_NUMBER[name] === offered.hash);
  if (cipher === undefined || hash === undefined) return undefined;
  return { cipher, hash, keyBits: offered.keyBits, responder };
}

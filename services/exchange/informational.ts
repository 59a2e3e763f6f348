/** Informational exchanges under a Phase 1 SA: one message, a HASH in front (RFC 2409 5.7). */
import { type Bytes, hex, readU32, u32 } from '../bytes.js';
import { cookiePair } from '../isakmp/header.js';
import { encodePayloads } from '../isakmp/message.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import type { DeletePayload } from '../isakmp/payloads/delete.js';
import type { NotifyPayload } from '../isakmp/payloads/notification.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { phase2Iv } from '../keymat/initialization-vectors.js';
import { informationalHash } from '../keymat/proofs.js';
import type { Crypto } from '../ports/crypto.js';
import type { IpsecProtocol } from '../ports/kernel.js';
import { wireProtocol } from '../proposal/phase2-suite.js';
import type { Phase1Sa } from './phase1-sa.js';
import { firstOf } from './payloads-of.js';
import type { Protection } from './protection.js';

const DOI_IPSEC = 1;

export function notification(protocol: number, spi: Bytes, notifyType: number): NotifyPayload {
  return { kind: 'NOTIFY', doi: DOI_IPSEC, protocol, spi, notifyType, data: new Uint8Array(0) };
}

/** Deletes the Phase 1 SA itself (RFC 2408 3.15). */
export function deletePhase1(sa: Phase1Sa): DeletePayload {
  return { kind: 'DELETE', doi: DOI_IPSEC, protocol: PROTOCOL.isakmp, spiSize: 16, spis: [cookiePair(sa)] };
}

/** Deletes IPsec SAs of one protocol that we receive on; the peer knows their other halves. */
export function deletePhase2(protocol: IpsecProtocol, inboundSpis: readonly number[]): DeletePayload {
  return {
    kind: 'DELETE',
    doi: DOI_IPSEC,
    protocol: wireProtocol(protocol),
    spiSize: 4,
    spis: inboundSpis.map(u32),
  };
}

/** Each has a message ID of its own, and so an IV of its own (RFC 2409 appendix B). */
export function informationalProtection(sa: Phase1Sa, messageId: number, crypto: Crypto): Protection {
  const { suite, keys, lastBlock } = sa;
  return {
    suite,
    key: keys.encryptionKey,
    iv: phase2Iv(crypto, suite.hash, suite.cipher, lastBlock, messageId),
  };
}

export function protectInformational(
  sa: Pick<Phase1Sa, 'suite' | 'keys'>,
  messageId: number,
  rest: readonly Payload[],
  crypto: Crypto,
): readonly Payload[] {
  const data = informationalHash(crypto, {
    hash: sa.suite.hash,
    skeyidA: sa.keys.skeyidA,
    messageId,
    rest: encodePayloads(rest).bytes,
  });
  return [{ kind: 'HASH', data }, ...rest];
}

export function informationalIsAuthentic(
  sa: Pick<Phase1Sa, 'suite' | 'keys'>,
  messageId: number,
  payloads: readonly DecodedPayload[],
  plaintext: Bytes,
  crypto: Crypto,
): boolean {
  const hash = firstOf(payloads, 'HASH');
  if (hash === undefined || payloads[0] !== hash) return false;
  const length = ((plaintext[2] ?? 0) << 8) | (plaintext[3] ?? 0);
  const expected = informationalHash(crypto, {
    hash: sa.suite.hash,
    skeyidA: sa.keys.skeyidA,
    messageId,
    rest: plaintext.subarray(length),
  });
  return crypto.equal(expected, hash.data);
}

/** RFC 2408 3.15: a Delete is advice about the sender's own SAs; of Phase 1 it can only name the one that protects it. */
export function deletesItsOwn(sa: Phase1Sa, payload: DeletePayload): boolean {
  if (payload.protocol !== PROTOCOL.isakmp) return false;
  return payload.spis.some((spi) => hex(spi) === sa.initiatorCookie + sa.responderCookie);
}

export function deletedSpis(payload: DeletePayload): readonly number[] {
  return payload.spis.filter((spi) => spi.length === 4).map((spi) => readU32(spi, 0));
}

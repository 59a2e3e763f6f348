/** A run of two simulated daemons with every message of it opened: what stood on the wire, and what it said. */
import assert from 'node:assert/strict';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { KeyStore } from '../../daemon/key-store.js';
import type { Bytes } from '../../services/bytes.js';
import { allOf } from '../../services/exchange/payloads-of.js';
import { decodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader } from '../../services/isakmp/header.js';
import { decodePayloads } from '../../services/isakmp/message.js';
import type { DecodedPayload } from '../../services/isakmp/payload.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { lastBlock, phase1Iv, phase2Iv } from '../../services/keymat/initialization-vectors.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import type { SentDatagram } from '../sim/simulated-network.js';
import type { Pair } from '../sim/two-gateways.js';

export interface OpenedMessage {
  readonly from: string;
  readonly bytes: Bytes;
  readonly header: IsakmpHeader;
  readonly payloads: readonly DecodedPayload[];
  /** What lies behind the last payload of an encrypted body. */
  readonly padding: Bytes;
  readonly encrypted: boolean;
}

/**
 * Opens the messages of a run with one Phase 1 SA, in the order in which they were sent. The keys are taken when this
 * is called, while the SA stands; the IVs are those of RFC 2409 appendix B, so that a message under another IV does
 * not open.
 */
export function opener({ east }: Pair): (sent: readonly SentDatagram[]) => readonly OpenedMessage[] {
  const { suite, keys: handles } = onlyPhase1(east).sa;
  const keys = new KeyStore();
  const key = keys.put(Uint8Array.from(east.keys.bytes(handles.encryptionKey)));
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
  const { cipher, hash } = suite;
  return (sent) => {
    const publicValues: Bytes[] = [];
    const ivs = new Map<number, Bytes>();
    let phase1End: Bytes | undefined;
    return sent.map(({ from, bytes }) => {
      const decoded = decodeHeader(bytes);
      assert.ok(decoded.ok, decoded.ok ? '' : decoded.error.explanation);
      const header = decoded.value;
      const body = bytes.subarray(HEADER_LENGTH);
      const encrypted = (header.flags & FLAG.encryption) !== 0;
      const firstIv = (): Bytes =>
        header.exchangeType === EXCHANGE.mainMode
          ? phase1Iv(crypto, hash, cipher, publicValues[0] ?? body, publicValues[1] ?? body)
          : phase2Iv(crypto, hash, cipher, phase1End ?? body, header.messageId);
      const clear = encrypted
        ? crypto.decrypt(cipher, key, ivs.get(header.messageId) ?? firstIv(), body)
        : body;
      if (encrypted) {
        const block = lastBlock(cipher, body);
        ivs.set(header.messageId, block);
        if (header.exchangeType === EXCHANGE.mainMode) phase1End = block;
      }
      const chain = decodePayloads(header.nextPayload, clear);
      assert.ok(chain.ok, chain.ok ? '' : chain.error.explanation);
      const { payloads, consumed } = chain.value;
      if (!encrypted) publicValues.push(...allOf(payloads, 'KE').map(({ data }) => data));
      return {
        from: from.address,
        bytes,
        header,
        payloads,
        padding: clear.subarray(consumed),
        encrypted,
      };
    });
  };
}

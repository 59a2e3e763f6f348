/** A peer that holds the right keys and means no good: its engine is the production one, what it encrypts is spoiled. */
import { type Bytes, concat, u32 } from '../../services/bytes.js';
import type { Engine } from '../../daemon/engine.js';
import { PHASE1_BLOCK_LENGTH } from '../../services/algorithms.js';
import { encodeHeader, FLAG, HEADER_LENGTH } from '../../services/isakmp/header.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { PAYLOAD } from '../../services/isakmp/registries/payload-types.js';
import { phase2Iv } from '../../services/keymat/initialization-vectors.js';
import type { Crypto } from '../../services/ports/crypto.js';
import { CAPTURES } from '../services/isakmp/capture.js';
import { boundCrypto } from '../sim/bound-crypto.js';
import type { Dice } from '../sim/dice.js';
import { type Chain, mutateBytes, mutateChain } from './byte-mutations.js';

/** With probability `lies()` it spoils what goes into the cipher: authenticated or not, it decrypts to something. */
export function lyingCrypto(dice: Dice, lies: () => number): (crypto: Crypto) => Crypto {
  return (crypto) => ({
    ...boundCrypto(crypto),
    encrypt: (cipher, key, iv, data) =>
      crypto.encrypt(cipher, key, iv, dice.chance(lies()) ? spoiledWithin(dice, data) : data),
  });
}

function spoiledWithin(dice: Dice, data: Bytes): Bytes {
  const spoiled = new Uint8Array(data.length);
  spoiled.set(mutateBytes(dice, data, data).subarray(0, data.length));
  return spoiled;
}

/** What follows the HASH in the captured messages of Phase 2 and Informational exchanges. */
const PHASE2_BODIES: readonly Chain[] = CAPTURES.flatMap(({ messages }) =>
  messages.flatMap(({ encrypted, exchange }) => {
    if (encrypted === undefined || !['quick-mode', 'informational'].includes(exchange)) return [];
    const { plaintext, padding } = encrypted;
    const length = (plaintext[2] ?? 0) * 256 + (plaintext[3] ?? 0);
    return [{ first: plaintext[0] ?? 0, bytes: plaintext.slice(length, plaintext.length - padding) }];
  }),
);

/** A Quick Mode or Informational with spoiled payloads behind a HASH that is right; undefined without an SA. */
export function authenticNonsense(dice: Dice, rogue: { readonly engine: Engine }): Bytes | undefined {
  const [entry] = rogue.engine.table.phase1();
  if (entry === undefined) return undefined;
  const { crypto } = rogue.engine.ports;
  const { suite, keys, lastBlock, initiatorCookie, responderCookie } = entry.sa;
  const messageId = 1 + dice.below(0xffff_fffe);
  const rest = mutateChain(dice, dice.pick(PHASE2_BODIES), dice.pick(PHASE2_BODIES));
  const hash = crypto.mac(suite.hash, keys.skeyidA, u32(messageId), rest.bytes);
  const head = Uint8Array.of(rest.first, 0, 0, hash.length + 4);
  const block = PHASE1_BLOCK_LENGTH[suite.cipher];
  const bare = head.length + hash.length + rest.bytes.length;
  const padding = new Uint8Array((block - (bare % block)) % block);
  const iv = phase2Iv(crypto, suite.hash, suite.cipher, lastBlock, messageId);
  const body = crypto.encrypt(suite.cipher, keys.encryptionKey, iv, concat(head, hash, rest.bytes, padding));
  const header = encodeHeader({
    initiatorCookie,
    responderCookie,
    nextPayload: PAYLOAD.hash,
    majorVersion: 1,
    minorVersion: 0,
    exchangeType: dice.chance(0.6) ? EXCHANGE.quickMode : EXCHANGE.informational,
    flags: FLAG.encryption,
    messageId,
    length: HEADER_LENGTH + body.length,
  });
  return concat(header, body);
}

/**
 * The crypto of the load generator. Its MODP exponents have 64 bits, which no daemon may ever use: they are there so
 * that the generator leaves the machine to the daemon that is measured. All else is the daemon's own crypto.
 */
import { publicValueOf, sharedSecretOf } from '../../adapters/crypto/dh-compute.js';
import { dhGroup } from '../../adapters/crypto/dh-groups.js';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import type { KeyStore } from '../../daemon/key-store.js';
import type { GroupNumber } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import type { DhKeyPair } from '../../services/ports/crypto.js';
import type { KeyHandle } from '../../services/ports/keys.js';

export const SHORT_EXPONENT_BITS = 64;

export class ShortExponentCrypto extends NodeCrypto {
  readonly #store: KeyStore;
  readonly #source: NodeRandom;

  constructor(keys: KeyStore) {
    const random = new NodeRandom();
    super(keys, random, { workers: false });
    this.#store = keys;
    this.#source = random;
  }

  override async generateKeyPair(group: GroupNumber): Promise<DhKeyPair> {
    if (dhGroup(group)?.kind !== 'modp') return super.generateKeyPair(group);
    const exponent = this.#source.bytes(SHORT_EXPONENT_BITS / 8);
    exponent[0] = (exponent[0] ?? 0) | 0x80;
    return { privateKey: this.#store.put(exponent), publicValue: publicValueOf(group, exponent) };
  }

  override async sharedSecret(group: GroupNumber, own: KeyHandle, peer: Bytes): Promise<KeyHandle> {
    const secret = sharedSecretOf(group, this.#store.bytes(own), peer);
    return Promise.resolve(this.#store.put(secret));
  }
}

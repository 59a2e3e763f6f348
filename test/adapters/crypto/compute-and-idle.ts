/** A program that uses a worker thread and does not close it; the test sees whether it ends. */
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';

const crypto = new NodeCrypto(new KeyStore(), new NodeRandom());
await crypto.generateKeyPair(15);
process.stdout.write('computed\n');

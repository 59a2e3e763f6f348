import assert from 'node:assert/strict';
import {
  constants,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
} from 'node:crypto';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { hex } from '../../../services/bytes.js';
import { type StoredKey, type TokenKey, TokenRefused } from '../../../services/ports/public-key.js';
import type { TokenFault } from '../../../services/ports/token-fault.js';
import type { TokenKeyUse, TokenPlaintext } from '../../../services/ports/token.js';
import { err, ok, type Result } from '../../../services/result.js';

const LOCKED: TokenFault = { reason: 'locked', message: 'Token "one" is locked.' };

/** Takes what it was asked down; answers by the key itself, or as it is told. */
class Witness implements TokenKeyUse {
  readonly signed: Uint8Array[] = [];
  readonly decrypted: Uint8Array[] = [];
  answer: (ciphertext: Uint8Array) => Result<TokenPlaintext, TokenFault> = () => err(LOCKED);

  sign(_key: TokenKey, data: Uint8Array): Promise<Result<Uint8Array, TokenFault>> {
    this.signed.push(data);
    return Promise.resolve(ok(Uint8Array.of(7)));
  }

  decrypt(_key: TokenKey, ciphertext: Uint8Array): Promise<Result<TokenPlaintext, TokenFault>> {
    this.decrypted.push(Uint8Array.from(ciphertext));
    return Promise.resolve(this.answer(ciphertext));
  }
}

describe('private keys on tokens', () => {
  const keys = new KeyStore();
  const token = new Witness();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false, tokens: token });
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const own: KeyObject = createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' });
  const stored: StoredKey = { handle: keys.put(pair.privateKey), algorithm: 'rsa', bits: 1024 };
  const spki = Uint8Array.from(pair.publicKey);
  const object = { token: 'one', id: '0a', label: undefined };
  const key: TokenKey = { object, publicKey: spki, algorithm: 'rsa', bits: 1024 };
  const raw = (ciphertext: Uint8Array): Uint8Array =>
    privateDecrypt({ key: own, padding: constants.RSA_NO_PADDING }, ciphertext);
  const sealed = (text: string): Uint8Array => {
    const ciphertext = crypto.encryptRsa(spki, Buffer.from(text));
    assert.ok(ciphertext);
    return ciphertext;
  };

  beforeEach(() => {
    token.signed.length = 0;
    token.decrypted.length = 0;
    token.answer = (ciphertext) => ok({ form: 'block', block: raw(ciphertext) });
  });

  it('sign the hash itself under RSA, and HMAC-SHA1 over the parts under DSA', async () => {
    const hash = Uint8Array.of(1, 2, 3);
    assert.deepEqual(await crypto.signRsa(key, hash), Uint8Array.of(7));
    const skeyid = keys.put(Uint8Array.of(9, 9));
    await crypto.signDss({ ...key, algorithm: 'dsa' }, skeyid, hash, hash);
    assert.deepEqual(token.signed.map(hex), ['010203', hex(crypto.mac('sha1', skeyid, hash, hash))]);
  });

  it('decrypt as stored keys do, whether the token takes the block apart or not', async () => {
    const ciphertext = sealed('a nonce');
    const expected = await crypto.decryptRsa(stored, ciphertext, 20);
    assert.equal(Buffer.from(expected).toString(), 'a nonce');
    assert.deepEqual(await crypto.decryptRsa(key, ciphertext, 20), expected);
    token.answer = () => ok({ form: 'plaintext', plaintext: Buffer.from('a nonce') });
    assert.equal(Buffer.from(await crypto.decryptRsa(key, ciphertext, 20)).toString(), 'a nonce');
  });

  it('answer noise of the plausible length to what is no ciphertext, and ask the token all the same', async () => {
    const wrong = [
      sealed('x').subarray(1),
      new Uint8Array(0),
      new Uint8Array(128).fill(255),
      new Uint8Array(128).fill(1),
    ];
    for (const answer of [
      token.answer,
      (): Result<TokenPlaintext, TokenFault> => ok({ form: 'plaintext', plaintext: undefined }),
    ]) {
      token.answer = answer;
      for (const ciphertext of wrong) {
        const noise = await crypto.decryptRsa(key, ciphertext, 20);
        assert.equal(noise.length, 20);
        assert.notDeepEqual(await crypto.decryptRsa(key, ciphertext, 20), noise);
      }
    }
    assert.equal(token.decrypted.length, 4 * wrong.length);
    assert.ok(token.decrypted.every(({ length }) => length === 128));
  });

  it('what the token makes of a random block in the place of a ciphertext is not believed', async () => {
    token.answer = () => ok({ form: 'plaintext', plaintext: Buffer.from('made up') });
    const noise = await crypto.decryptRsa(key, new Uint8Array(128).fill(255), 20);
    assert.equal(noise.length, 20);
  });

  it('wipe the block', async () => {
    let block = new Uint8Array(0);
    token.answer = (ciphertext) => {
      block = Uint8Array.from(raw(ciphertext));
      return ok({ form: 'block', block });
    };
    await crypto.decryptRsa(key, sealed('secret'), 20);
    assert.ok(block.length === 128 && block.every((byte) => byte === 0));
  });

  it('that the token will not use reject with its words and where the key is', async () => {
    token.answer = () => err(LOCKED);
    const refused = (error: unknown): boolean =>
      error instanceof TokenRefused && error.fault === LOCKED && error.object === object;
    await assert.rejects(crypto.decryptRsa(key, sealed('x'), 20), refused);
    const curve = generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    });
    await assert.rejects(
      crypto.decryptRsa({ ...key, publicKey: Uint8Array.from(curve.publicKey) }, sealed('x'), 20),
      TokenRefused,
    );
    const without = new NodeCrypto(keys, new NodeRandom(), { workers: false });
    await assert.rejects(without.signRsa(key, Uint8Array.of(1)), TokenRefused);
  });
});

/** The token process with SoftHSM: what a token does, what it refuses, and that it never holds up the daemon. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { TokenProcess } from '../../adapters/pkcs11/token-process.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { KeyStore } from '../../daemon/key-store.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { TokenKey } from '../../services/ports/public-key.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { Result } from '../../services/result.js';
import { LABEL, PIN, softToken, type SoftToken } from './soft-token.js';

interface KeyOnToken {
  readonly key: TokenKey;
  readonly publicPem: string;
}

function reasonOf(result: Result<unknown, TokenFault>): string {
  return result.ok ? 'done' : result.error.reason;
}

describe('a PKCS#11 token', function () {
  this.timeout(60_000);
  const keys = new KeyStore();
  let token: SoftToken;
  let rsa: KeyOnToken;
  let dsa: KeyOnToken;
  let tokens: TokenProcess;
  let crypto: NodeCrypto;
  let lost: number;
  const environment = { ...process.env };
  const pin = (text = PIN): KeyHandle => keys.put(Buffer.from(text));

  before(() => {
    token = softToken();
    Object.assign(process.env, token.env);
    rsa = put('rsa', '0a01', 'gateway');
    dsa = put('dsa', '0a02', 'old gateway');
  });

  function put(algorithm: 'rsa' | 'dsa', id: string, label: string): KeyOnToken {
    const pair =
      algorithm === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    token.importKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), label, id);
    const publicKey = Uint8Array.from(pair.publicKey.export({ type: 'spki', format: 'der' }));
    const bits = algorithm === 'rsa' ? 2048 : 1024;
    return {
      key: { object: { token: LABEL, id, label: undefined }, publicKey, algorithm, bits },
      publicPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    };
  }

  function use(library: string, patienceMs?: number): void {
    lost = 0;
    tokens = new TokenProcess({
      library,
      keys,
      onLost: () => (lost += 1),
      ...(patienceMs === undefined ? {} : { patienceMs }),
    });
    crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false, tokens });
  }

  beforeEach(() => {
    use(token.obstinate);
  });
  afterEach(async () => {
    for (const what of ['slow', 'stuck', 'sleepy', 'away'] as const) token.tell(what, false);
    await tokens.close();
  });
  after(() => {
    token.remove();
    process.env = environment;
  });

  /** Has openssl judge a signature over a digest that is no DigestInfo. */
  function opensslTakes({ publicPem }: KeyOnToken, data: Uint8Array, signature: Uint8Array): string {
    const file = (name: string, bytes: Uint8Array | string): string => {
      const path = join(token.folder, name);
      writeFileSync(path, bytes);
      return path;
    };
    const options = ['-pkeyopt', 'rsa_padding_mode:pkcs1'];
    return execFileSync(
      'openssl',
      [
        ...['pkeyutl', '-verify', '-pubin', '-inkey', file('pub.pem', publicPem), ...options],
        ...['-sigfile', file('sig', signature), '-in', file('data', data)],
      ],
      { encoding: 'utf8' },
    );
  }

  it('signs by RSA without DigestInfo, as openssl and we ourselves verify', async () => {
    assert.ok((await tokens.login(LABEL, pin())).ok);
    const hash = crypto.hash('sha1', Uint8Array.of(1));
    const signature = await crypto.signRsa(rsa.key, hash);
    assert.ok(crypto.verifyRsa(rsa.key.publicKey, hash, signature));
    assert.match(opensslTakes(rsa, hash, signature), /Verified Successfully/);
  });

  it('signs by DSA over the HMAC as the digest', async () => {
    assert.ok((await tokens.login(LABEL, pin())).ok);
    const skeyid = keys.put(Uint8Array.of(1, 2, 3));
    const part = Uint8Array.of(4, 5);
    const signature = await crypto.signDss(dsa.key, skeyid, part);
    assert.equal(signature.length, 40);
    assert.ok(crypto.verifyDss(dsa.key.publicKey, signature, skeyid, part));
    assert.ok(!crypto.verifyDss(dsa.key.publicKey, signature, skeyid, Uint8Array.of(4)));
  });

  it('decrypts by RSA, and what is no ciphertext is noise of the plausible length', async () => {
    assert.ok((await tokens.login(LABEL, pin())).ok);
    const sealed = crypto.encryptRsa(rsa.key.publicKey, Buffer.from('a nonce of twenty by'));
    assert.ok(sealed);
    assert.equal(
      Buffer.from(await crypto.decryptRsa(rsa.key, sealed, 20)).toString(),
      'a nonce of twenty by',
    );
    for (const wrong of [sealed.subarray(1), new Uint8Array(256).fill(9), new Uint8Array(256).fill(255)])
      assert.equal((await crypto.decryptRsa(rsa.key, wrong, 17)).length, 17);
  });

  it('is locked before a login and after a logout, and its keys are found again after the next', async () => {
    const hash = Uint8Array.of(1);
    assert.equal(reasonOf(await tokens.sign(rsa.key, hash)), 'locked');
    for (let time = 0; time < 3; time++) {
      assert.equal(reasonOf(await tokens.login(LABEL, pin())), 'done');
      assert.equal(reasonOf(await tokens.sign(rsa.key, hash)), 'done');
      assert.equal(reasonOf(await tokens.logout(LABEL)), 'done');
      assert.equal(reasonOf(await tokens.sign(rsa.key, hash)), 'locked');
    }
  });

  it('takes a second login as done, and a logout that nobody needs', async () => {
    assert.equal(reasonOf(await tokens.logout(LABEL)), 'done');
    assert.equal(reasonOf(await tokens.login(LABEL, pin())), 'done');
    assert.equal(reasonOf(await tokens.login(LABEL, pin())), 'done');
    assert.equal(reasonOf(await tokens.sign(rsa.key, Uint8Array.of(1))), 'done');
  });

  it('refuses a wrong PIN, and locks itself after three, in words without the PIN', async () => {
    for (let time = 0; time < 3; time++) {
      const refused = await tokens.login(LABEL, pin('hush-hush'));
      assert.ok(!refused.ok && refused.error.reason === 'pin-incorrect');
      assert.match(refused.error.message, /^Token "Test token" was given a wrong PIN\./);
      assert.ok(!refused.error.message.includes('hush'));
    }
    const locked = await tokens.login(LABEL, pin());
    assert.ok(!locked.ok && locked.error.reason === 'pin-locked');
    assert.match(locked.error.message, /has locked its PIN/);
  });

  it('has no such key, no such token or no such library, and says which', async () => {
    assert.equal(reasonOf(await tokens.find('Nobody')), 'absent');
    assert.equal(reasonOf(await tokens.login('Nobody', pin())), 'absent');
    assert.ok((await tokens.login(LABEL, pin())).ok);
    const unknown = { ...rsa.key, object: { ...rsa.key.object, id: 'ffff' } };
    const missing = await tokens.sign(unknown, Uint8Array.of(1));
    assert.ok(!missing.ok && missing.error.reason === 'no-object');
    assert.match(missing.error.message, /CKA_ID ffff/);
    const byLabel = { ...rsa.key, object: { token: LABEL, id: undefined, label: 'gateway' } };
    assert.equal(reasonOf(await tokens.sign(byLabel, Uint8Array.of(1))), 'done');
    await tokens.close();
    use('/nonexistent/libpkcs11.so');
    const none = await tokens.find(LABEL);
    assert.ok(!none.ok && none.error.reason === 'no-library');
    assert.match(none.error.message, /\/nonexistent\/libpkcs11\.so cannot be loaded.*pkcs11_path/);
  });

  it('that is taken away says so, and is found again when it is back', async () => {
    assert.ok((await tokens.login(LABEL, pin())).ok);
    token.tell('away', true);
    assert.match(reasonOf(await tokens.sign(rsa.key, Uint8Array.of(1))), /^(?:absent|lost)$/);
    assert.equal(reasonOf(await tokens.find(LABEL)), 'absent');
    token.tell('away', false);
    assert.equal(reasonOf(await tokens.find(LABEL)), 'done');
  });

  it('that is slow to log in or to sign holds up neither the loop nor what else is asked of it', async () => {
    const order: string[] = [];
    const note = async (what: string, asked: Promise<Result<unknown, TokenFault>>): Promise<void> => {
      assert.equal(reasonOf(await asked), 'done', what);
      order.push(what);
    };
    token.tell('sleepy', true);
    const login = note('login', tokens.login(LABEL, pin()));
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push('the loop turned');
    await login;
    token.tell('slow', true);
    const slow = note('slow signature', tokens.sign(rsa.key, Uint8Array.of(1)));
    await note('another question', tokens.find(LABEL));
    await slow;
    assert.deepEqual(order, ['the loop turned', 'login', 'another question', 'slow signature']);
  });

  it('that never answers is given up, with its process; the next call begins anew', async () => {
    await tokens.close();
    use(token.obstinate, 4000);
    assert.ok((await tokens.login(LABEL, pin())).ok);
    token.tell('stuck', true);
    const stuck = await tokens.sign(rsa.key, Uint8Array.of(1));
    assert.equal(reasonOf(stuck), 'lost');
    assert.ok(!stuck.ok);
    assert.match(stuck.error.message, /does not answer/);
    assert.equal(lost, 1);
    token.tell('stuck', false);
    assert.equal(reasonOf(await tokens.sign(rsa.key, Uint8Array.of(1))), 'locked');
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { hex } from '../../../services/bytes.js';
import { GivenRandom } from './given-random.js';
import { later } from '../../sim/later.js';

describe('Diffie-Hellman in worker threads', () => {
  const keys = new KeyStore();
  const open: NodeCrypto[] = [];

  function threaded(options: { file?: URL; random?: GivenRandom } = {}): NodeCrypto {
    const { file, random } = options;
    const workers = file === undefined ? { maxThreads: 1 } : { maxThreads: 1, file };
    const crypto = new NodeCrypto(keys, random ?? new NodeRandom(), { workers });
    open.push(crypto);
    return crypto;
  }

  afterEach(async () => {
    await Promise.all(open.splice(0).map((crypto) => crypto.close()));
  });

  for (const group of [15, 18, 20, 21]) {
    it(`group ${String(group)} gives what the main thread gives`, async () => {
      const here = new NodeCrypto(keys, new GivenRandom(), { workers: false });
      const there = threaded({ random: new GivenRandom() });
      const one = await here.generateKeyPair(group);
      const other = await there.generateKeyPair(group);
      assert.deepEqual(other.publicValue, one.publicValue);
      const peer = await there.generateKeyPair(group);
      const computed = await Promise.all([
        here.sharedSecret(group, one.privateKey, peer.publicValue),
        there.sharedSecret(group, one.privateKey, peer.publicValue),
        there.sharedSecret(group, peer.privateKey, one.publicValue),
      ]);
      assert.equal(new Set(computed.map((handle) => hex(keys.bytes(handle)))).size, 1);
    });
  }

  it('a thread that breaks rejects its computation in a plain sentence, and the next one is made', async () => {
    const crypto = threaded({ file: new URL('./breaking-worker.ts', import.meta.url) });
    await crypto.generateKeyPair(15);
    const before = keys.size;
    await assert.rejects(
      later(() => crypto.generateKeyPair(17)),
      /^Error: A Diffie-Hellman computation was lost with its thread: /,
    );
    assert.equal(keys.size, before);
    const pair = await crypto.generateKeyPair(15);
    assert.equal(crypto.publicValueFault(15, pair.publicValue), undefined);
  });

  it('says what a worker says of its failure', async () => {
    const crypto = threaded({ file: new URL('./breaking-worker.ts', import.meta.url) });
    await assert.rejects(
      later(() => crypto.generateKeyPair(16)),
      { message: 'The worker says no.' },
    );
  });

  it('an erasure while a computation runs does not disturb it', async () => {
    const crypto = threaded();
    const pair = await crypto.generateKeyPair(15);
    const peer = await crypto.generateKeyPair(15);
    const running = crypto.sharedSecret(15, pair.privateKey, peer.publicValue);
    crypto.erase(pair.privateKey);
    const secret = hex(keys.bytes(await running));
    const expected = await crypto.sharedSecret(15, peer.privateKey, pair.publicValue);
    assert.equal(secret, hex(keys.bytes(expected)));
  });

  it('closing rejects what is being computed, and no key is left', async () => {
    const crypto = threaded();
    const warm = await crypto.generateKeyPair(15);
    const before = keys.size;
    const lost = assert.rejects(
      later(() => crypto.generateKeyPair(18)),
      /lost with its thread/,
    );
    await Promise.resolve();
    await crypto.close();
    await lost;
    assert.equal(keys.size, before);
    keys.erase(warm.privateKey);
  });

  it('idle threads keep no process alive', async function () {
    this.timeout(30_000);
    const program = fileURLToPath(new URL('./compute-and-idle.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import=tsx', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    await once(child, 'close');
    assert.equal(said, 'computed\n');
    assert.equal(child.exitCode, 0);
  });
});

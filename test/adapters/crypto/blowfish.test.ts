import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { decryptBlowfish, encryptBlowfish } from '../../../adapters/crypto/blowfish.js';
import { blowfishAnswers } from './blowfish-answers.js';

describe('Blowfish', () => {
  it('decrypts what it encrypted with every key length, zeros at the end and all', () => {
    const blocks = fc
      .uint8Array({ maxLength: 40 })
      .chain((data) => fc.nat({ max: 24 }).map((zeros) => ({ data, zeros })));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 5, maxLength: 56 }), blocks, (key, { data, zeros }) => {
        const plain = new Uint8Array(8 * Math.ceil((data.length + zeros) / 8));
        plain.set(data);
        const iv = new Uint8Array(8).fill(data.length);
        const encrypted = encryptBlowfish(key, iv, plain);
        assert.equal(encrypted.length, plain.length);
        assert.deepEqual(Uint8Array.from(decryptBlowfish(key, iv, encrypted)), plain);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same whether OpenSSL computes it or the library', async function () {
    this.timeout(30_000);
    const program = fileURLToPath(new URL('./blowfish-answers.ts', import.meta.url));
    const child = spawn(process.execPath, ['--openssl-legacy-provider', '--import=tsx', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    await once(child, 'close');
    assert.deepEqual(said.split('\n'), [...blowfishAnswers(), '']);
  });
});

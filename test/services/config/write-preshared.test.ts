/** What is written reads back to the same keys. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyStore } from '../../../daemon/key-store.js';
import { parsePreshared } from '../../../services/config/ike-preshared.js';
import { writePreshared } from '../../../services/config/write-preshared.js';
import { presharedText } from './configurations.js';
import { assertKeysReadBack } from './reads-back.js';

function read(text: string) {
  const store = new KeyStore();
  const { keys, diagnostics } = parsePreshared(text, 'keys', (bytes) => store.put(bytes));
  assert.ok(keys, `${text}\n${JSON.stringify(diagnostics)}`);
  return { store, keys };
}

function written(text: string): string {
  const { store, keys } = read(text);
  return new TextDecoder().decode(writePreshared(keys, (key) => store.bytes(key)));
}

describe('an ike.preshared that is written', () => {
  it('is as any file was', () => {
    fc.assert(
      fc.property(presharedText, (text) => {
        const { keys, store } = read(text);
        assertKeysReadBack(keys, store);
        assert.equal(written(written(text)), written(text));
      }),
      { numRuns: 200 },
    );
  });

  it('looks as the manual has it', () => {
    assert.equal(
      written('{ localid 192.0.2.1 remoteid 10.2.3.4/16 ike_mode main key 123 }'),
      `{
    localidtype ip
    localid 192.0.2.1
    remoteidtype ip
    remoteid 10.2.0.0/16
    ike_mode main
    key 1230
}

`,
    );
    assert.match(written('{ localid 192.0.2.1 remoteid 192.0.2.2 key fff/9 }'), /key ff80\/9\n/);
  });
});

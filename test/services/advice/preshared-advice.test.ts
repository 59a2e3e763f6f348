/** What -c and the start warn of in pre-shared keys, without saying one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyStore } from '../../../daemon/key-store.js';
import { keyWeakness } from '../../../services/advice/key-weakness.js';
import { presharedAdvice } from '../../../services/advice/preshared-advice.js';
import { formatDiagnostic } from '../../../services/config/diagnostic.js';
import { parsePresharedKeys } from '../../sim/parse-keys.js';

const RANDOM = '8f1d0a7c52e94b36d1e8075ac3f92b64';

function advice(text: string): readonly string[] {
  const keys = new KeyStore();
  const entries = parsePresharedKeys(text, keys);
  return presharedAdvice(entries, (key) => keys.bytes(key)).map(formatDiagnostic);
}

const entry = (remote: string, key = RANDOM, type = 'IP'): string =>
  `{ localid 192.0.2.1 remoteidtype ${type} remoteid ${remote} key ${key} }\n`;

const text = (words: string): Uint8Array => Buffer.from(words, 'latin1');

describe('a pre-shared key', () => {
  for (const [what, key, says] of [
    ['a common password', text('password'), /tried first/],
    ['one with digits and signs behind it', text('Sunshine123!'), /tried first/],
    ['digits alone', text('123456789012'), /tried first/],
    ['the address of an end', text('198.51.100.7'), /name of one of the two ends/],
    ['the host name of an end', text('Gateway-East'), /name of one of the two ends/],
    ['eight random bytes', Buffer.from('8f1d0a7c52e94b36', 'hex'), /only 64 bits/],
    ['one byte over and over', new Uint8Array(32).fill(7), /repeats one or two bytes/],
    ['a sequence', Uint8Array.from({ length: 32 }, (_, index) => index), /goes on by one/],
    ['a short piece over and over', Buffer.from('8f1d0a7c'.repeat(8), 'hex'), /short piece/],
    ['a sentence that is too short', text('correct horse bat'), /17 characters/],
  ] as const) {
    it(`that is ${what} is weak`, () => {
      assert.match(keyWeakness(key, ['198.51.100.7', 'gateway-east.example']) ?? '', says);
    });
  }

  it('of 128 random bits is not', () => {
    assert.equal(keyWeakness(Buffer.from(RANDOM, 'hex'), ['198.51.100.7']), undefined);
  });

  it('is never said, nor a part of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), (bytes) => {
        const hexKey = Buffer.from(bytes).toString('hex');
        const said = advice(entry('198.51.100.7', hexKey)).join('\n');
        assert.ok(!said.includes(hexKey) && !said.includes(Buffer.from(bytes).toString('latin1')), said);
      }),
    );
    assert.doesNotMatch(
      advice(entry('198.51.100.7', Buffer.from('letmein').toString('hex'))).join(),
      /letmein/,
    );
  });
});

describe('advice on ike.preshared', () => {
  it('says nothing of good entries for different ends', () => {
    assert.deepEqual(advice(entry('198.51.100.7') + entry('198.51.100.8')), []);
  });

  it('names the line of an entry with a weak key', () => {
    assert.match(
      advice(entry('198.51.100.7') + entry('198.51.100.8', '00ff')).join(),
      /^ike\.preshared:2:\d+: warning: the key has only 16 bits; use 128 random bits/,
    );
  });

  it('names both lines where one address fits two entries', () => {
    const [line, ...more] = advice(entry('198.51.100.7') + entry('198.51.100.0/24', RANDOM, 'prefix'));
    assert.match(line ?? '', /ike\.preshared:2:\d+: warning: .*198\.51\.100\.0\/24 fit the entry of line 1/);
    assert.deepEqual(more, []);
  });
});

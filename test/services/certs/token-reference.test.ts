import assert from 'node:assert/strict';
import {
  formatReference,
  isReference,
  parseReference,
  type TokenReference,
} from '../../../services/certs/token-reference.js';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));
const HEAD = '# PKCS#11 token reference\n';

describe('token references', () => {
  const reference: TokenReference = {
    object: { token: 'Example HSM', id: '0a1b', label: 'gate way' },
    class: 'private-key',
    pin: bytes(' pin: with #blanks '),
  };

  it('read as they were written', () => {
    const file = formatReference(reference);
    assert.ok(isReference(file));
    const read = parseReference(file);
    assert.ok(read.ok);
    assert.deepEqual({ ...read.value, pin: undefined }, { ...reference, pin: undefined });
    assert.equal(Buffer.from(read.value.pin ?? []).toString(), ' pin: with #blanks ');
    const without: TokenReference = {
      object: { token: 'x', id: undefined, label: 'y' },
      class: 'certificate',
      pin: undefined,
    };
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.deepEqual(parseReference(formatReference(without, pem)), { ok: true, value: without });
  });

  it('take comments, blank lines, carriage returns and upper-case hex', () => {
    const read = parseReference(
      bytes(`${HEAD}\r\n# mine\r\nid: 0A1B\r\ntoken: T \r\nclass: private-key\r\npin: 12\r\n`),
    );
    assert.ok(read.ok);
    assert.deepEqual(read.value.object, { token: 'T', id: '0a1b', label: undefined });
    assert.equal(Buffer.from(read.value.pin ?? []).toString(), '12');
  });

  const rows: readonly (readonly [string, RegExp])[] = [
    ['class: private-key\nid: 00\n', /names no token/],
    ['token: T\nid: 00\n', /class is neither/],
    ['token: T\nclass: key\nid: 00\n', /class is neither/],
    ['token: T\nclass: private-key\n', /neither an id nor a label/],
    ['token: T\nclass: private-key\nid: 0\n', /no hex of whole bytes/],
    ['token: T\nclass: private-key\nid: zz\n', /no hex of whole bytes/],
    ['token: T\ntoken: T\n', /line 3 says token again/],
    ['token: T\nowner: me\n', /line 3 is none of/],
    ['token:\n', /line 2 is none of/],
    ['token: T\nclass: private-key\nid: 00\npin: \n', /pin is empty/],
    ['pin: 1\npin: 2\n', /line 3 says pin again/],
    [`token: ${'x'.repeat(33)}\nclass: private-key\nid: 00\n`, /more than 32 bytes/],
    ['pin:hush-hush\n', /line 2 is none of/],
  ];
  for (const [text, expected] of rows) {
    it(`refuse ${JSON.stringify(text.slice(0, 40))}, without a word of a PIN`, () => {
      const read = parseReference(bytes(HEAD + text));
      assert.ok(!read.ok);
      assert.match(read.error, expected);
      assert.ok(!read.error.includes('hush'));
    });
  }

  it('are told from keys and certificates', () => {
    for (const text of ['', '# PKCS', '\x30\x82', '-----BEGIN CERTIFICATE-----'])
      assert.ok(!isReference(bytes(text)));
  });
});

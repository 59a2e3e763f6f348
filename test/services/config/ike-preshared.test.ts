import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyStore } from '../../../daemon/key-store.js';
import { hex } from '../../../services/bytes.js';
import { formatDiagnostic } from '../../../services/config/diagnostic.js';
import { parsePreshared, type PresharedReading } from '../../../services/config/ike-preshared.js';
import type { PresharedKey } from '../../../services/policy/preshared-key.js';
import { places } from './reading.js';

interface Read extends PresharedReading {
  readonly store: KeyStore;
  /** What was handed over, the very arrays. */
  readonly handed: readonly Uint8Array[];
}

function read(text: string): Read {
  const store = new KeyStore();
  const handed: Uint8Array[] = [];
  const reading = parsePreshared(text, 'test.preshared', (bytes) => {
    handed.push(bytes);
    return store.put(bytes);
  });
  return { ...reading, store, handed };
}

function entry(key: string, more = '', local = '192.0.2.10', remote = '192.0.2.20'): string {
  return `{\n  localid ${local}\n  remoteid ${remote}\n  ${more}\n  key ${key}\n}\n`;
}

function onlyKey(text: string): { key: PresharedKey; bytes: string } {
  const { keys, diagnostics, store } = read(text);
  assert.deepEqual(diagnostics, []);
  assert.equal(keys?.length, 1);
  const [key] = keys;
  assert.ok(key);
  return { key, bytes: hex(store.bytes(key.key)) };
}

describe('ike.preshared: what is accepted', () => {
  it('reads the documented form', () => {
    const { key, bytes } = onlyKey(
      '# a comment { with braces\n   # and another\n{localidtype IP\nlocalid 192.0.2.10\nremoteidtype ip remoteid 2001:DB8::7\nkey 5f1D0c9a}'.replace(
        '2001:DB8::7',
        '192.0.2.20',
      ),
    );
    assert.deepEqual(key.local, {
      type: 'address',
      range: { begin: '192.0.2.10', end: '192.0.2.10' },
      prefixLength: undefined,
    });
    assert.equal(key.mode, 'base');
    assert.equal(key.bits, 32);
    assert.equal(bytes, '5f1d0c9a');
    assert.deepEqual(key.position, { file: 'test.preshared', line: 3, column: 1 });
  });

  const KEYS: readonly [string, string, number][] = [
    ['123', '1230', 16],
    ['abc/9', 'ab80', 9],
    ['ffff/12', 'fff0', 12],
    ['0102030405/16', '0102', 16],
    ['f/1', '80', 1],
    ['00', '00', 8],
    ['00112233445566778899aabbccddeeff01234567/160', '00112233445566778899aabbccddeeff01234567', 160],
  ];
  for (const [written, bytes, bits] of KEYS) {
    it(`reads the key ${written}`, () => {
      const { key, bytes: kept } = onlyKey(entry(written));
      assert.equal(kept, bytes);
      assert.equal(key.bits, bits);
    });
  }

  it('reads names and types in any case, and exchange modes', () => {
    assert.equal(onlyKey(entry('ab', 'IKE_MODE Aggressive LocalIdType IPV4')).key.mode, 'aggressive');
    assert.equal(onlyKey(entry('ab', 'ike_mode both')).key.mode, 'both');
    assert.equal(onlyKey(entry('ab', 'ike_mode main')).key.mode, 'main');
  });

  it('reads a key for a whole network', () => {
    const { key } = onlyKey(entry('ab', '', '192.0.2.10', '10.21.13.7/24'));
    assert.deepEqual(key.remote, {
      type: 'address',
      range: { begin: '10.21.13.0', end: '10.21.13.255' },
      prefixLength: 24,
    });
  });

  it('reads the identity types', () => {
    const remote = (type: string, id: string): PresharedKey['remote'] =>
      onlyKey(entry('ab', `remoteidtype ${type}`, '192.0.2.10', id)).key.remote;
    assert.deepEqual(remote('domainname', 'gw.example.net'), { type: 'fqdn', text: 'gw.example.net' });
    assert.deepEqual(remote('mailbox', 'a@example.net'), { type: 'user_fqdn', text: 'a@example.net' });
    assert.deepEqual(remote('asn1dn', '"C=NL, O=Polder"'), { type: 'dn', text: 'C=NL, O=Polder' });
    assert.deepEqual(remote('gn', 'x'), { type: 'gn', text: 'x' });
    assert.deepEqual(remote('keyid', 'k#1'), { type: 'keyid', text: 'k#1' });
    assert.deepEqual(remote('subnetv4', '10.0.0.0/8'), {
      type: 'prefix',
      range: { begin: '10.0.0.0', end: '10.255.255.255' },
      prefixLength: 8,
    });
    assert.deepEqual(remote('rangev4', '10.0.0.3-10.0.0.9'), {
      type: 'range',
      range: { begin: '10.0.0.3', end: '10.0.0.9' },
      prefixLength: undefined,
    });
  });

  it('lets the last of repeated names win, with a warning', () => {
    const { keys, diagnostics, store } = read(entry('aa', 'key bb'));
    assert.equal(keys?.[0] && hex(store.bytes(keys[0].key)), 'aa');
    assert.deepEqual(places(diagnostics, 'warning'), ['5:3']);
  });

  it('ignores a second entry for the same ends, with a warning', () => {
    const { keys, diagnostics, store } = read(entry('aa') + entry('bb'));
    assert.equal(keys?.length, 1);
    assert.equal(store.size, 1);
    assert.deepEqual(places(diagnostics, 'warning'), ['7:1']);
  });

  it('takes entries for the same ends in different modes as two', () => {
    const { keys, diagnostics } = read(entry('aa', 'ike_mode main') + entry('bb', 'ike_mode aggressive'));
    assert.equal(keys?.length, 2);
    assert.deepEqual(diagnostics, []);
  });

  it('warns of families that never meet', () => {
    assert.deepEqual(places(read(entry('aa', '', '192.0.2.1', '::1')).diagnostics, 'warning'), ['1:1']);
  });

  it('wipes the bytes that it handed over', () => {
    const { handed } = read(entry('abcdef'));
    assert.deepEqual(handed.map(hex), ['000000']);
  });
});

describe('ike.preshared: what is refused', () => {
  const SECRET = '7f3a91cc04d2be';
  const REFUSED: readonly [string, string, string][] = [
    ['a key with 0x', entry(`0x${SECRET}`), '5:7'],
    ['a key that is not hex', entry(`${SECRET}g`), '5:7'],
    ['a quoted key', entry(`"${SECRET}"`), '5:7'],
    ['a key with too few digits for its bits', entry(`${SECRET}/57`), '5:7'],
    ['a key of no bits', entry(`${SECRET}/0`), '5:7'],
    ['a key of bad bits', entry(`${SECRET}/x`), '5:7'],
    ['a key with two slashes', entry(`${SECRET}/8/8`), '5:7'],
    ['a key without digits', entry('/8'), '5:7'],
    ['a key in two pieces', entry(`${SECRET} ${SECRET}`), '5:22'],
    ['a missing key', entry('').replace('key', ''), '1:1'],
    ['a key without value', entry(''), '5:3'],
    ['a missing localid', entry(SECRET).replace('localid 192.0.2.10', ''), '1:1'],
    ['a misspelt name', entry(SECRET).replace('key', 'kye'), '5:3'],
    ['an unknown name', entry(SECRET, `secret ${SECRET}`), '4:3'],
    ['a name without its key before it', entry('ab', `= ${SECRET}`), '4:3'],
    ['a key in the place of an address', entry('ab', '', SECRET), '2:11'],
    ['a key in the place of a type', entry('ab', `localidtype ${SECRET}`), '4:15'],
    ['a key in the place of a mode', entry('ab', `ike_mode ${SECRET}`), '4:12'],
    ['a host name', entry(SECRET, '', 'gw.example.net'), '2:11'],
    ['an address of the wrong family', entry(SECRET, 'localidtype ipv6'), '2:11'],
    ['a prefix without length', entry(SECRET, 'localidtype prefix'), '2:11'],
    ['a prefix of no bits', entry(SECRET, '', '10.0.0.0/0'), '2:11'],
    ['a prefix too long', entry(SECRET, '', '10.0.0.0/33'), '2:11'],
    [
      'a range that ends before it begins',
      entry(SECRET, 'localidtype ipv4-range', '10.0.0.2-10.0.0.1'),
      '2:11',
    ],
    ['a range of the wrong family', entry(SECRET, 'localidtype ipv6-range', '10.0.0.1-10.0.0.2'), '2:11'],
    ['no range', entry(SECRET, 'localidtype ipv4-range'), '2:11'],
    ['no mailbox', entry(SECRET, 'localidtype mbox', 'nobody'), '2:11'],
    ['a comment behind a value', entry(`${SECRET} # not here`), '5:22'],
    ['an entry without end', entry(SECRET).replace('\n}\n', ''), '5:21'],
    [
      'an entry without end before another',
      entry(SECRET).replace('}\n', '') + entry(SECRET, '', '192.0.2.9'),
      '6:1',
    ],
    ['an entry without beginning', entry(SECRET).replace('{', ''), '2:3'],
    ['a brace too many', `${entry(SECRET)}}`, '7:1'],
    ['a brace too many within', entry(SECRET, '}'), '4:3'],
    ['names outside', `key ${SECRET}\n${entry('ab')}`, '1:1'],
    ['text outside', `${SECRET}\n${entry('ab')}`, '1:1'],
  ];
  for (const [what, text, place] of REFUSED) {
    it(`refuses ${what}, once, at its place, without telling the key, and keeps none`, () => {
      const { keys, diagnostics, store } = read(text);
      assert.equal(keys, undefined);
      assert.deepEqual(places(diagnostics), [place]);
      assert.equal(store.size, 0);
      for (const diagnostic of diagnostics)
        assert.doesNotMatch(formatDiagnostic(diagnostic), /7f3a|91cc|04d2/);
    });
  }

  it('reports the mistakes of all entries and keeps no key of the good ones', () => {
    const { keys, diagnostics, store } = read(
      entry('zz') + entry('ab', '', '192.0.2.1') + entry('0x1', '', '192.0.2.2'),
    );
    assert.equal(keys, undefined);
    assert.deepEqual(places(diagnostics), ['5:7', '17:7']);
    assert.equal(store.size, 0);
  });

  it('never throws and never tells a key, whatever the text', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '\n',
      '#',
      'key',
      'kye',
      'localid',
      'remoteid',
      'ike_mode',
      '10.0.0.1',
      '"',
      '/',
      SECRET,
      `key=${SECRET}`,
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(pieces, { maxLength: 40 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { keys, diagnostics } = read(text);
        assert.equal(keys === undefined, places(diagnostics).length > 0);
        for (const diagnostic of diagnostics) assert.doesNotMatch(formatDiagnostic(diagnostic), /7f3a91/);
      }),
      { numRuns: 1000 },
    );
  });
});

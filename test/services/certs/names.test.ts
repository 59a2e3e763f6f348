/** Distinguished names and certificate selectors, as ike.config(5) writes them. */
import assert from 'node:assert/strict';
import { formatName, isReversed, parseName, sameName } from '../../../services/certs/name.js';
import {
  matchesAnySelector,
  matchesSelectors,
  parseSelector,
  selectorOf,
} from '../../../services/certs/selectors.js';
import { type Made, make } from './pki.js';

function named(text: string) {
  const name = parseName(text);
  assert.ok(name.ok, name.ok ? '' : name.error);
  return name.value;
}

describe('distinguished names', () => {
  it('are the same whatever their case and blanks', () => {
    const name = named('C=CH, O=Example  Networks, CN=gw');
    for (const text of ['c=ch,o=example networks,cn=GW', ' C = CH ,  O= Example Networks , 2.5.4.3=gw '])
      assert.ok(sameName(name, named(text)), text);
    for (const text of [
      'C=CH, CN=gw, O=Example Networks',
      'C=CH, O=ExampleNetworks, CN=gw',
      'C=CH, O=Example Networks',
      'C=CH, O=Example Networks, OU=gw',
    ])
      assert.ok(!sameName(name, named(text)), text);
    assert.ok(isReversed(name, named('CN=gw, O=Example Networks, C=CH')));
  });

  it('take escapes and quotes, and are printed so that they can be read again', () => {
    const name = named('O=Example\\, Inc., CN=a\\+b \\"c\\" \\\\ \\C3\\A9');
    assert.deepEqual(
      name.rdns.flat().map(({ value }) => value),
      ['Example, Inc.', 'a+b "c" \\ é'],
    );
    assert.ok(sameName(name, named(formatName(name))));
    assert.ok(sameName(named('O="Example, Inc.", CN=x'), named('O=Example\\, Inc., CN=x')));
  });

  it('treat the attributes of one part as a set', () => {
    assert.ok(sameName(named('CN=a + UID=b, C=CH'), named('UID=b+CN=a, C=CH')));
    assert.ok(!sameName(named('CN=a + UID=b'), named('CN=a, UID=b')));
  });

  it('say what is wrong with them', () => {
    const errors = ['', 'gw', 'C=CH, X=1', 'C=', 'C=CH,', 'C=CH+'].map((text) => {
      const name = parseName(text);
      return name.ok ? 'read' : name.error;
    });
    assert.ok(!errors.includes('read'), errors.join());
    assert.match(errors[2] ?? '', /`X` is no attribute/);
  });

  it('of a stranger do not reach a terminal as they are', () => {
    const name = named('CN=a\\1Bb');
    assert.equal(formatName(name), 'CN=a\\u{1b}b');
  });
});

describe('certificate selectors', () => {
  let made: Made;
  before(async () => {
    const issuer = await make({ subject: 'C=CH, CN=Root', authority: true });
    made = await make({
      subject: 'C=CH, O=Example, CN=gw',
      issuer,
      names: [
        { type: 'dns', value: 'gw.example.net' },
        { type: 'ip', value: '192.0.2.1' },
        { type: 'ip', value: '2001:db8::1' },
        { type: 'email', value: 'Admin@example.net' },
        { type: 'url', value: 'http://gw.example.net/' },
        { type: 'id', value: '1.2.3.4' },
        { type: 'dn', value: 'CN=other' },
      ],
    });
  });
  const matches = (...words: readonly string[]): boolean =>
    matchesSelectors(made.certificate, words.map(selectorOf), '7');

  const SELECT = [
    'C=CH, O=Example, CN=gw',
    'SUBJECT=C=CH,O=Example,CN=gw',
    'ISSUER=C=CH, CN=Root',
    'SLOT=7',
    'SLOT=07',
    '7',
    'IP=192.0.2.1',
    '192.0.2.1',
    '2001:DB8:0::1',
    'DNS=GW.example.net',
    'gw.example.net',
    'EMAIL=Admin@Example.NET',
    'Admin@example.net',
    'URI=http://gw.example.net/',
    'RID=1.2.3.4',
    'DN=CN=other',
  ];
  const OTHERS = [
    'CN=gw',
    'ISSUER=CN=Root',
    'SLOT=8',
    '192.0.2.2',
    'DNS=example.net',
    'gw.example.net.evil',
    'EMAIL=admin@example.net',
    'DN=CN=gw',
    'IP=gw.example.net',
    'X=1',
  ];

  it('take every form', () => {
    for (const text of SELECT) {
      assert.ok(matches(text), text);
      assert.ok(!matches(`!${text}`), `!${text}`);
    }
    for (const text of OTHERS) assert.ok(!matches(text), text);
  });

  it('combine words with "and"', () => {
    assert.ok(matches('ISSUER=C=CH, CN=Root', 'gw.example.net', '!SLOT=8'));
    assert.ok(!matches('ISSUER=C=CH, CN=Root', 'other.example.net'));
  });

  it('add up as settings: one must match, and none of the negated', () => {
    const any = (...written: readonly string[]): boolean =>
      matchesAnySelector(made.certificate, written.map(selectorOf));
    assert.deepEqual(
      [any('a', 'gw.example.net'), any('a'), any(''), any(), any('', '!a'), any('', '!192.0.2.1'), any('!a')],
      [true, false, true, false, true, false, true],
    );
    assert.ok(!any('SLOT=7'), 'a certificate that is not stored has no slot');
  });

  it('say what is wrong with them', () => {
    for (const text of ['SLOT=x', 'IP=host', 'ISSUER=gw', 'DNS=', 'Q=1'])
      assert.ok(!parseSelector(text).ok, text);
  });
});

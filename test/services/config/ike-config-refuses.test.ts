import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { places, refusedAt, ruleWith, TRANSFORM } from './reading.js';

const RSA = 'p1_xform { auth_method rsa_sig oakley_group 14 auth_alg sha1 encr_alg aes }';
const IDS = 'local_id_type dn local_id "C=NL" remote_id ""';
const TWO_LABELS = `${ruleWith('')}${ruleWith('').replace('"x"', '^"x"')}`;

/** A transform with one element replaced. */
function transformWith(element: string, value: string): string {
  return ruleWith('', TRANSFORM.replace(new RegExp(`${element} \\w+`), value));
}

describe('ike.config: what is refused', () => {
  const REFUSED: readonly [string, string, RegExp][] = [
    // what a rule must have
    ['a rule without label', ruleWith('').replace('{ label "x"', '^{'), /no `label`/],
    [
      'a rule without local_addr',
      ruleWith('').replace('{', '^{').replace('local_addr 192.0.2.1', ''),
      /no `local_addr`/,
    ],
    [
      'a rule without remote_addr',
      ruleWith('').replace('{', '^{').replace('remote_addr 192.0.2.2', ''),
      /no `remote_addr`/,
    ],
    ['a second label', ruleWith('^label "y"'), /`label` is given twice/],
    [
      'a second local_id_type',
      ruleWith('local_id_type ip ^local_id_type ipv4'),
      /`local_id_type` is given twice/,
    ],
    ['a rule without any transform', ruleWith('', '').replace('{', '^{'), /no transform/],
    ['a rule before the global transform', `^${ruleWith('', '')}${TRANSFORM}`, /no transform/],
    ['mixed methods', ruleWith(IDS, `${TRANSFORM} ^${RSA}`), /mixed/],
    ['mixed methods the other way', ruleWith(IDS, `${RSA} ^${TRANSFORM}`), /mixed/],
    [
      'certificates without identities',
      ruleWith('', RSA).replace('{', '^{'),
      /`local_id_type`, `local_id` and `remote_id`/,
    ],
    [
      'certificates without local_id',
      ruleWith('local_id_type dn remote_id ""', RSA).replace('{', '^{'),
      /no `local_id`$/,
    ],
    [
      'certificates without remote_id',
      ruleWith('local_id_type dn local_id "a"', RSA).replace('{', '^{'),
      /no `remote_id`$/,
    ],
    [
      'certificates without local_id_type',
      ruleWith('local_id "a" remote_id ""', RSA).replace('{', '^{'),
      /no `local_id_type`$/,
    ],
    ['two rules of one label', TWO_LABELS, /line 1/],
    // transforms
    [
      'a transform without group',
      transformWith('oakley_group', '').replace('p1_xform', '^p1_xform'),
      /no `oakley_group`/,
    ],
    [
      'a transform without method',
      transformWith('auth_method', '').replace('p1_xform', '^p1_xform'),
      /no `auth_method`/,
    ],
    [
      'a transform without hash',
      transformWith('auth_alg', '').replace('p1_xform', '^p1_xform'),
      /no `auth_alg`/,
    ],
    [
      'a transform without cipher',
      transformWith('encr_alg', '').replace('p1_xform', '^p1_xform'),
      /no `encr_alg`/,
    ],
    ['an empty transform', ruleWith('', '^p1_xform { }'), /no `auth_method`, `oakley_group`/],
    [
      'a repeated element',
      ruleWith('', TRANSFORM.replace('}', '^auth_alg md5 }')),
      /`auth_alg` is given twice/,
    ],
    ['an unknown method', transformWith('auth_method', 'auth_method ^psk'), /`psk`/],
    ['a method in upper case', transformWith('auth_method', 'auth_method ^PRESHARED'), /`PRESHARED`/],
    ['an unknown group', transformWith('oakley_group', 'oakley_group ^13'), /`13`/],
    ['group 0 in Phase 1', transformWith('oakley_group', 'oakley_group ^0'), /`0`/],
    ['an unknown group for PFS', ruleWith('p2_pfs ^6'), /`6`/],
    ['an unknown hash', transformWith('auth_alg', 'auth_alg ^sha3'), /`sha3`/],
    ['an unknown cipher', transformWith('encr_alg', 'encr_alg ^cast'), /`cast`/],
    // key sizes
    ['a key size of 3DES', transformWith('encr_alg', 'encr_alg 3des^(192)'), /`3des` takes no key size/],
    ['a key size of DES', transformWith('encr_alg', 'encr_alg des-cbc^(64..64)'), /takes no key size/],
    ['a key size below 128', transformWith('encr_alg', 'encr_alg aes(^64..128)'), /`64`/],
    ['a key size above 256', transformWith('encr_alg', 'encr_alg aes(128..^320)'), /`320`/],
    ['a key size between', transformWith('encr_alg', 'encr_alg aes(^160)'), /`160`/],
    ['key sizes the wrong way round', transformWith('encr_alg', 'encr_alg aes(^256..128)'), /below/],
    ['an empty key size', transformWith('encr_alg', 'encr_alg aes(^)'), /key size/],
    ['a key size without end', transformWith('encr_alg', 'encr_alg aes(128^'), /no `\)`/],
    ['a key size of two numbers', transformWith('encr_alg', 'encr_alg aes(128 ^256)'), /`256`/],
    // addresses
    ['a range that ends before it begins', ruleWith('local_addr 10.0.0.9-^10.0.0.8'), /before/],
    ['a range of two families', ruleWith('local_addr 10.0.0.9-^fe80::1'), /IPv4 and IPv6/],
    ['a prefix too long', ruleWith('local_addr 10.0.0.0/^33'), /`33`/],
    ['a prefix too long for IPv6', ruleWith('local_addr fe80::/^129'), /`129`/],
    ['a prefix that is no number', ruleWith('local_addr 10.0.0.0/^x'), /`x`/],
    ['a mask with a hole', ruleWith('local_addr 10.0.0.0/^255.0.255.0'), /hole/],
    ['a mask of the other family', ruleWith('local_addr 10.0.0.0/^ffff::'), /family/],
    [
      'nothing behind a slash',
      `{ label "x" remote_addr 192.0.2.2 ${TRANSFORM} local_addr 10.0.0.0 ^/ }`,
      /nothing follows/,
    ],
    ['an impossible address', ruleWith('local_addr ^10.0.0.256'), /`10.0.0.256`/],
    ['a short address', ruleWith('local_addr ^10.1.2'), /`10.1.2`/],
    ['an impossible IPv6 address', ruleWith('local_addr ^fe80:::1'), /`fe80:::1`/],
    ['a host name', ruleWith('local_addr ^gw.example.net'), /host names/],
    // numbers
    ['a number with a unit', 'expire_timer ^5m', /`5m`/],
    ['a negative number', 'retry_limit ^-1', /`-1`/],
    ['a fraction where none is allowed', 'expire_timer ^1.5', /`1.5`/],
    ['a number that is not octal', 'expire_timer ^08', /octal/],
    ['a number too large', 'expire_timer ^4294967296', /too large/],
    ['a timer of zero', 'retry_timer_init ^0', /out of range/],
    ['a timer with two points', 'retry_timer_init ^0.5.1', /not a number/],
    ['a lifetime of zero', 'p1_lifetime_secs ^0', /out of range/],
    ['a nonce too short', 'p1_nonce_len ^7', /out of range/],
    ['a nonce too long', 'p2_nonce_len ^257', /out of range/],
    ['a word for a number', 'max_certs ^many', /`many`/],
    ['a string for a number', 'max_certs ^"5"', /not a number/],
    // strings
    ['a label without quotes', ruleWith('').replace('"x"', '^x'), /not a quoted string/],
    [
      'an unquoted label of several words',
      ruleWith('').replace('"x"', '^alpha to beta'),
      /not a quoted string/,
    ],
    ['a string without end', ruleWith('').replace('"x"', '^"x'), /string has no end/],
    [
      'a string without end at the end of a line',
      `{ label ^"x\nlocal_addr 192.0.2.1 remote_addr 192.0.2.2 ${TRANSFORM} }`,
      /string has no end/,
    ],
    ['an empty label', ruleWith('').replace('"x"', '^""'), /empty/],
    ['a label too long', ruleWith('').replace('"x"', `^"${'é'.repeat(128)}"`), /too long/],
    ['an empty selector but for remote_id', 'cert_root ^""', /selects nothing/],
    [
      'a selector of nothing but a negation',
      ruleWith('remote_id ^"!" local_id_type dn local_id "a"', RSA),
      /selects nothing/,
    ],
    ['a slot that is no number', 'cert_trust ^"SLOT=a"', /slot/],
    ['an IP selector without address', 'cert_trust ^"IP=gw"', /IP address/],
    ['an LDAP server without a name', 'ldap_server ^"a.example,,b.example"', /servers/],
    ['an LDAP server with a bad port', 'ldap_server ^"a.example:70000"', /port/],
    ['an unknown identity type', ruleWith('local_id_type ^ipv4-prefix'), /identity type/],
    // keywords
    ['an unknown keyword', '^fooo 3', /unknown keyword `fooo`/],
    ['a keyword in upper case', '^Expire_Timer 3', /unknown keyword/],
    ['a keyword of a rule in the file', '^label "x"', /must not stand at file level/],
    ['a keyword of the file in a rule', ruleWith('^expire_timer 60'), /must not stand in a rule/],
    ['p1_nonce_len in a rule', ruleWith('^p1_nonce_len 20'), /must not stand in a rule/],
    ['p2_nonce_len in a rule', ruleWith('^p2_nonce_len 20'), /must not stand in a rule/],
    ['p1_lifetime_secs in a rule', ruleWith('^p1_lifetime_secs 20'), /must not stand in a rule/],
    [
      'a keyword of a rule in a transform',
      ruleWith('', TRANSFORM.replace('}', '^p2_pfs 14 }')),
      /must not stand in `p1_xform/,
    ],
    ['a keyword of a transform in a rule', ruleWith('^oakley_group 5'), /outside a transform/],
    ['a keyword without value', ruleWith('^p2_pfs'), /no value/],
    ['a value too many', 'expire_timer 5 ^6 7', /unexpected `6`/],
    ['a value for a flag', 'use_http ^yes', /unexpected `yes`/],
    ['a value without keyword', '^"abc" 5 6', /unexpected/],
    // braces
    ['a rule without end', `${ruleWith('').replace(' }\n', '')}^`, /not closed before the end/],
    [
      'a rule without end before another',
      `${ruleWith('').replace(' }\n', '\n')}^${ruleWith('').replace('"x"', '"y"')}`,
      /not closed/,
    ],
    [
      'a rule without end before a global',
      `${ruleWith('').replace(' }\n', '\n')}^expire_timer 60\n${ruleWith('').replace('"x"', '"y"')}`,
      /not closed/,
    ],
    [
      'a rule without beginning',
      `${ruleWith('')}${ruleWith('').replace('{ label "x"', '^label "y"')}`,
      /no brace/,
    ],
    ['a transform without end', `${ruleWith('').replace('aes }', 'aes').trimEnd()}^`, /not closed/],
    [
      'a transform without end in the midst of a rule',
      `{ label "x" ${TRANSFORM.replace('}', '')} ^local_addr 192.0.2.1 remote_addr 192.0.2.2 }\n${ruleWith('').replace('"x"', '"y"')}`,
      /not closed/,
    ],
    ['a global transform without end', `${TRANSFORM.replace('}', '')} ^${ruleWith('')}`, /not closed/],
    [
      'a transform without beginning',
      ruleWith('', TRANSFORM.replace('{', '').replace('p1_xform', '^p1_xform')),
      /no block/,
    ],
    ['a transform without keyword', ruleWith('', TRANSFORM.replace('p1_xform ', '^')), /no keyword/],
    ['a misspelt transform', ruleWith('', TRANSFORM.replace('p1_xform', '^p1_xfrom')), /unknown keyword/],
    ['a brace too many at the end', `${ruleWith('')}^}`, /closes nothing/],
    ['a brace too many in a rule', ruleWith('^}'), /goes on/],
    ['a brace too many in a transform', ruleWith('', TRANSFORM.replace('oakley', '^} oakley')), /goes on/],
    ['an opening brace too many', ruleWith('^{'), /opens nothing/],
  ];
  for (const [what, marked, problem] of REFUSED) {
    it(`refuses ${what}, once and at its place`, () => {
      refusedAt(marked, problem);
    });
  }

  it('suggests the keyword that was meant, and does not miss its value', () => {
    const { diagnostics } = parseIkeConfig(ruleWith('').replace('remote_addr', 'remote-adr'), 'f');
    assert.equal(diagnostics.length, 1);
    assert.match(diagnostics[0]?.expected ?? '', /`remote_addr`/);
  });

  it('lists five different mistakes of a file with their places', () => {
    const text = readFileSync(new URL('fixtures/five-mistakes.config', import.meta.url), 'utf8');
    const { config, diagnostics } = parseIkeConfig(text, 'five');
    assert.equal(config, undefined);
    assert.deepEqual(places(diagnostics), ['2:14', '6:17', '7:81', '12:5', '19:5']);
    assert.equal(diagnostics.length, 5);
    for (const { position, expected } of diagnostics) {
      assert.equal(position.file, 'five');
      assert.notEqual(expected, '');
    }
  });

  it('counts tabs and carriage returns as one column and line', () => {
    const { diagnostics } = parseIkeConfig('# a\r\n\texpire_timer\tx\r\n', 'f');
    assert.deepEqual(places(diagnostics), ['2:15']);
  });

  it('does not let control characters of the file into messages', () => {
    const { diagnostics } = parseIkeConfig('\u001b[31m \u0000', 'f');
    assert.ok(diagnostics.length > 0);
    for (const { problem } of diagnostics) assert.doesNotMatch(problem, /\p{Cc}/u);
  });
});

describe('ike.config: warnings and notes', () => {
  const WARNED: readonly [string, string, RegExp][] = [
    ['local_id beside preshared', ruleWith('local_id "DNS=a"'), /`local_id`/],
    ['remote_id beside preshared', ruleWith('remote_id "DNS=a"'), /`remote_id`/],
    ['a name as identity type beside preshared', ruleWith('local_id_type dn'), /`local_id_type dn`/],
    ['a soft limit without a hard one', ruleWith('p2_softlife_secs 5'), /ignored/],
    ['a soft limit beyond the hard one', ruleWith('p2_lifetime_kb 5 p2_softlife_kb 6'), /longer/],
    ['families that never meet', ruleWith('').replace('192.0.2.2', '::/0'), /never be used/],
  ];
  for (const [what, text, problem] of WARNED) {
    it(`warns of ${what}, with the label, and accepts it`, () => {
      const { config, diagnostics } = parseIkeConfig(text, 'f');
      assert.ok(config);
      assert.deepEqual(
        diagnostics.map(({ severity, ruleLabel }) => [severity, ruleLabel]),
        [['warning', 'x']],
      );
      assert.match(diagnostics[0]?.problem ?? '', problem);
    });
  }

  it('ignores the identities of a preshared rule, also inherited types', () => {
    const { config, diagnostics } = parseIkeConfig(`local_id_type dn\n${ruleWith('')}`, 'f');
    assert.deepEqual(diagnostics, []);
    assert.equal(config?.rules[0]?.localIdType, 'ip');
  });

  it('keeps the transforms that are built and notes the others one by one', () => {
    const small = TRANSFORM.replace('14', '3');
    const large = TRANSFORM.replace('14', '4');
    const { config, diagnostics } = parseIkeConfig(ruleWith('', `${small}\n${TRANSFORM}\n${large}`), 'f');
    const [rule] = config?.rules ?? [];
    assert.equal(rule?.unusable, undefined);
    assert.deepEqual(
      rule?.transforms.map(({ position }) => position.line),
      [2],
    );
    assert.deepEqual(
      diagnostics.map(({ severity, ruleLabel, position, problem }) => [
        severity,
        ruleLabel,
        position.line,
        problem.includes('group 3 (EC2N 155)'),
        problem.includes('group 4 (EC2N 185)'),
      ]),
      [
        ['note', 'x', 1, true, false],
        ['note', 'x', 3, false, true],
      ],
    );
  });

  it('makes a rule unusable whose PFS group is not built', () => {
    const { config, diagnostics } = parseIkeConfig(`p2_pfs 4\n${ruleWith('')}`, 'f');
    assert.match(config?.rules[0]?.unusable ?? '', /group 4 \(EC2N 185\).*f:1:1/);
    assert.deepEqual(config?.rules[0]?.transforms, []);
    assert.deepEqual(places(diagnostics, 'note'), ['1:1']);
  });

  it('notes what several rules inherit for each of them', () => {
    const text = `${TRANSFORM.replace('14', '3')}\n${ruleWith('', '')}${ruleWith('', '').replace('"x"', '"y"')}`;
    const { diagnostics } = parseIkeConfig(text, 'f');
    assert.deepEqual(
      diagnostics.map(({ severity, ruleLabel }) => [severity, ruleLabel]),
      [
        ['note', 'x'],
        ['note', 'y'],
      ],
    );
  });

  it('keeps of several local_id the first', () => {
    const { config } = parseIkeConfig(
      ruleWith('local_id_type dn local_id "a" local_id "b" remote_id ""', RSA),
      'f',
    );
    assert.deepEqual(config?.rules[0]?.localIds, [{ text: 'a', negated: false }]);
  });
});

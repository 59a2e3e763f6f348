import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BUILT_IN_GLOBALS, parseIkeConfig } from '../../../services/config/ike-config.js';
import { accepted, onlyRule, ruleWith, TRANSFORM } from './reading.js';

function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.config`, import.meta.url), 'utf8');
}

function transformWith(elements: string): string {
  return ruleWith('', `p1_xform { ${elements} }`);
}

describe('ike.config: what is accepted', () => {
  it('reads two hosts with a shared key', () => {
    const { globals, rules } = accepted(fixture('two-hosts'));
    assert.equal(globals.retryTimerInitSeconds, 0.75);
    assert.equal(globals.retryLimit, 6);
    assert.equal(globals.expireTimerSeconds, 120);
    assert.equal(globals.phase1NonceLength, 24);
    const [rule] = rules;
    assert.ok(rule);
    assert.equal(rule.label, 'north to south');
    assert.deepEqual(rule.localAddresses, [{ begin: '192.0.2.65', end: '192.0.2.65' }]);
    assert.equal(rule.phase2.lifetimeSeconds, 3600);
    assert.equal(rule.phase2.softlifeSeconds, 3240);
    assert.equal(rule.phase2.pfsGroup, 14);
    assert.deepEqual(
      rule.transforms.map(({ group, hash, cipher, keyBits, lifetimeSeconds }) => [
        group,
        hash,
        cipher,
        keyBits,
        lifetimeSeconds,
      ]),
      [
        [14, 'sha256', 'aes', { low: 256, high: 256 }, 7200],
        [5, 'sha1', '3des', undefined, 7200],
      ],
    );
    assert.deepEqual(
      rule.transforms.map(({ position }) => [position.line, position.column]),
      [
        [14, 5],
        [16, 5],
      ],
    );
    assert.equal(rule.unusable, undefined);
    assert.equal(rule.position.line, 8);
  });

  it('reads a gateway with certificates', () => {
    const { config, diagnostics } = parseIkeConfig(fixture('certificate-gateway'), 'gateway');
    assert.ok(config);
    const { globals, rules } = config;
    assert.deepEqual(globals.certRoots, ['C=NL, O=Polder Works\\, B.V., CN=Polder Root']);
    assert.deepEqual(globals.certTrusts, ['DNS=old-branch.example.net']);
    assert.deepEqual(globals.ldapServers, [
      { host: 'ldap-a.example.net', port: 389 },
      { host: 'ldap-b.example.net', port: 1389 },
    ]);
    assert.equal(globals.useHttp, true);
    assert.equal(globals.proxy, 'http://proxy.example.net:3128');
    const [branches, travellers] = rules;
    assert.ok(branches && travellers);
    assert.deepEqual(branches.remoteAddresses, [
      { begin: '198.51.100.0', end: '198.51.100.127' },
      { begin: '198.51.100.200', end: '198.51.100.220' },
    ]);
    assert.deepEqual(branches.remoteIds, [
      { text: 'ISSUER=C=NL, O=Polder Works\\, B.V., CN=Polder Root', negated: false },
      { text: 'DNS=lost-branch.example.net', negated: true },
    ]);
    assert.equal(branches.phase2.softlifeSeconds, 25000);
    assert.equal(branches.phase2.softlifeKb, Math.floor(4194304 * 0.9));
    assert.deepEqual(travellers.remoteIds, [{ text: '', negated: false }]);
    assert.deepEqual(travellers.remoteAddresses, [{ begin: '0.0.0.0', end: '255.255.255.255' }]);
    assert.equal(travellers.localIdType, 'fqdn');
    assert.equal(travellers.phase2.idletimeSeconds, 900);
    assert.deepEqual(diagnostics, []);
    for (const rule of rules) {
      assert.equal(rule.unusable, undefined);
      assert.deepEqual(new Set(rule.transforms.map(({ method }) => method)), new Set(['rsa_sig']));
    }
  });

  it('reads inherited defaults, of which a rule of its own makes no use', () => {
    const { config, diagnostics } = parseIkeConfig(fixture('inherited-defaults'), 'bench');
    assert.ok(config);
    const [v4, v6, box] = config.rules;
    assert.ok(v4 && v6 && box);
    assert.deepEqual(v4.localAddresses, [{ begin: '10.30.0.0', end: '10.30.255.255' }]);
    assert.equal(v4.localIdType, 'ip');
    assert.equal(v6.localIdType, 'ipv6');
    assert.equal(v6.phase2.softlifeSeconds, v6.phase2.lifetimeSeconds);
    assert.deepEqual(
      v6.transforms.map(({ cipher }) => cipher),
      ['blowfish', 'des'],
    );
    assert.equal(box.unusable, undefined);
    assert.deepEqual(
      box.transforms.map(({ method }) => method),
      ['dss_sig'],
    );
    assert.equal(config.globals.retryTimerMaxSeconds, 12.5);
    assert.equal(config.globals.ignoreCrls, true);
    assert.deepEqual(diagnostics, []);
  });

  it('reads an empty file as the built-in values', () => {
    assert.deepEqual(accepted('  # nothing\n'), {
      globals: BUILT_IN_GLOBALS,
      defaults: { phase2: {}, localIdType: undefined, transforms: [] },
      rules: [],
    });
    assert.equal(BUILT_IN_GLOBALS.retryLimit, 5);
    assert.equal(BUILT_IN_GLOBALS.expireTimerSeconds, 300);
  });

  it('reads comments of both kinds, a backslash at the end of a line, and no white space around braces', () => {
    const rule = onlyRule(
      '{label "a # b // c"//x\nlocal_addr 192.0.2.1#x\n\\\r\nremote_addr 192.0.2.2 p1_xform{auth_method \\\n preshared oakley_group 2 auth_alg md5 encr_alg blowfish}}',
    );
    assert.equal(rule.label, 'a # b // c');
  });

  it('reads numbers as C does', () => {
    const { globals } = accepted(
      'p1_nonce_len 0x10 p2_nonce_len 020 retry_limit 0 retry_timer_init 2 retry_timer_max .25',
    );
    assert.equal(globals.phase1NonceLength, 16);
    assert.equal(globals.phase2NonceLength, 16);
    assert.equal(globals.retryLimit, 0);
    assert.equal(globals.retryTimerInitSeconds, 2);
    assert.equal(globals.retryTimerMaxSeconds, 0.25);
  });

  it('lets the last of repeated globals win, and lists grow', () => {
    const { globals } = accepted(
      'expire_timer 3 expire_timer 9 cert_trust "SLOT=1" cert_trust "!IP=192.0.2.3" socks "socks://a" socks "socks://b"',
    );
    assert.equal(globals.expireTimerSeconds, 9);
    assert.deepEqual(globals.certTrusts, ['SLOT=1', '!IP=192.0.2.3']);
    assert.equal(globals.socks, 'socks://b');
  });

  const FORMS: readonly [string, string, string][] = [
    ['10.1.1.1', '10.1.1.1', '10.1.1.1'],
    ['fe80::a00:20FF:fe7d:6', 'fe80::a00:20ff:fe7d:6', 'fe80::a00:20ff:fe7d:6'],
    ['10.1.2.0/24', '10.1.2.0', '10.1.2.255'],
    ['10.1.2.7 /\n 24', '10.1.2.0', '10.1.2.255'],
    ['fe80::/10', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['10.1.2.0/255.255.255.0', '10.1.2.0', '10.1.2.255'],
    ['10.1.2.0/0.0.0.0', '0.0.0.0', '255.255.255.255'],
    ['10.1.2.0-10.1.2.255', '10.1.2.0', '10.1.2.255'],
    ['10.1.2.9 -10.1.2.10', '10.1.2.9', '10.1.2.10'],
    ['::/0', '::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::1-2001:db8::9', '2001:db8::1', '2001:db8::9'],
    ['::ffff:192.0.2.1', '::ffff:c000:201', '::ffff:c000:201'],
  ];
  for (const [written, begin, end] of FORMS) {
    it(`reads the address ${JSON.stringify(written)}`, () => {
      const { localAddresses } = onlyRule(
        `{ label "x" local_addr ${written} remote_addr 0.0.0.0/0 remote_addr ::/0 ${TRANSFORM} }`,
      );
      assert.deepEqual(localAddresses, [{ begin, end }]);
    });
  }

  const CIPHERS: readonly [string, string, unknown][] = [
    ['aes', 'aes', { low: 128, high: 256 }],
    ['aes-cbc(192)', 'aes', { low: 192, high: 192 }],
    ['aes (128 .. 192)', 'aes', { low: 128, high: 192 }],
    ['3des-cbc', '3des', undefined],
    ['des', 'des', undefined],
    ['blowfish-cbc', 'blowfish', { low: 40, high: 448 }],
    // ike.config(5) misprints it.
    ['blowfish-cdc', 'blowfish', { low: 40, high: 448 }],
  ];
  for (const [written, cipher, keyBits] of CIPHERS) {
    it(`reads the cipher ${written}`, () => {
      const [transform] = onlyRule(
        transformWith(`encr_alg ${written} auth_method preshared oakley_group 2 auth_alg sha512`),
      ).transforms;
      assert.equal(transform?.cipher, cipher);
      assert.deepEqual(transform.keyBits, keyBits);
    });
  }

  it('accepts every documented group, identity type and hash', () => {
    for (const group of [1, 2, 3, 4, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]) {
      onlyRule(
        transformWith(`auth_method preshared oakley_group ${String(group)} auth_alg md5 encr_alg 3des`),
      );
      onlyRule(ruleWith(`p2_pfs ${String(group)}`));
    }
    const types =
      'ip IP ipv4 ipv4_prefix ipv4_range ipv6 ipv6_prefix ipv6_range fqdn FQDN dns DNS user_fqdn mbox MBOX dn DN gn GN';
    for (const type of types.split(' ')) onlyRule(ruleWith(`local_id_type ${type}`));
    for (const hash of ['md5', 'sha', 'sha1', 'sha256', 'sha384', 'sha512']) {
      onlyRule(transformWith(`auth_method preshared oakley_group 2 auth_alg ${hash} encr_alg 3des`));
    }
  });

  it('unescapes quotes and backslashes, and keeps the backslash before a comma', () => {
    const rule = onlyRule(ruleWith('').replace('"x"', String.raw`"say \"a\\b\" \, c"`));
    assert.equal(rule.label, String.raw`say "a\b" \, c`);
  });

  it('accepts a label of 255 bytes', () => {
    assert.equal(onlyRule(ruleWith('').replace('"x"', `"${'a'.repeat(255)}"`)).label.length, 255);
  });
});

describe('ike.config: defaults and lifetimes', () => {
  it('applies a default to the rules that follow it', () => {
    const second = ruleWith('').replace('"x"', '"y"');
    const { rules, globals } = accepted(
      `p2_pfs 2 p1_lifetime_secs 100\n${ruleWith('')}p2_pfs 5 p1_lifetime_secs 200\n${second}`,
    );
    assert.deepEqual(
      rules.map((rule) => [rule.phase2.pfsGroup, rule.transforms[0]?.lifetimeSeconds]),
      [
        [2, 100],
        [5, 200],
      ],
    );
    assert.equal(globals.phase2.pfsGroup, 5);
  });

  it('replaces the global transforms by those of a rule', () => {
    const inherited = 'p1_xform { auth_method preshared oakley_group 2 auth_alg md5 encr_alg 3des }\n';
    assert.deepEqual(
      onlyRule(inherited + ruleWith('')).transforms.map(({ group }) => group),
      [14],
    );
    assert.deepEqual(
      onlyRule(inherited + ruleWith('', '')).transforms.map(({ group }) => group),
      [2],
    );
  });

  it('prefers the lifetime of a transform to the global one', () => {
    const own = TRANSFORM.replace('}', 'p1_lifetime_secs 77 }');
    assert.equal(onlyRule(`p1_lifetime_secs 99 ${ruleWith('', own)}`).transforms[0]?.lifetimeSeconds, 77);
  });

  const SOFT: readonly [string, string, number | undefined, number | undefined][] = [
    ['', '', undefined, undefined],
    ['', 'p2_lifetime_secs 1001', 1001, 900],
    ['', 'p2_lifetime_secs 1000 p2_softlife_secs 1000', 1000, 1000],
    ['', 'p2_softlife_secs 500', undefined, undefined],
    ['p2_lifetime_secs 1000 p2_softlife_secs 700', '', 1000, 700],
    ['p2_lifetime_secs 1000 p2_softlife_secs 700', 'p2_lifetime_secs 800', 800, 700],
    ['p2_lifetime_secs 1000 p2_softlife_secs 700', 'p2_lifetime_secs 600', 600, 540],
    ['p2_lifetime_secs 1000', 'p2_lifetime_secs 0', undefined, undefined],
    ['', 'p2_lifetime_secs 1000 p2_softlife_secs 2000', 1000, 1000],
  ];
  for (const [global, own, hard, soft] of SOFT) {
    it(`computes the soft limit of "${global}" and "${own}"`, () => {
      const { phase2 } = onlyRule(`${global}\n${ruleWith(own)}`);
      assert.equal(phase2.lifetimeSeconds, hard);
      assert.equal(phase2.softlifeSeconds, soft);
    });
  }

  it('computes soft kilobytes likewise', () => {
    assert.equal(onlyRule(ruleWith('p2_lifetime_kb 100')).phase2.softlifeKb, 90);
    assert.equal(onlyRule(ruleWith('p2_lifetime_kb 100 p2_softlife_kb 50')).phase2.softlifeKb, 50);
    assert.equal(onlyRule(ruleWith('p2_softlife_kb 50')).phase2.softlifeKb, undefined);
  });
});

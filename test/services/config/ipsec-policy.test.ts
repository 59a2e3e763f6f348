import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseIpsecPolicies } from '../../../services/config/ipsec-policy.js';
import type { IpsecPolicy, Protection } from '../../../services/ports/kernel.js';
import { places } from './reading.js';

const ESP = 'ipsec { encr_algs aes(128) encr_auth_algs sha1 sa shared }';
const HOSTS = '{ laddr 192.0.2.1 raddr 192.0.2.2 }';
const TUNNEL = '{ laddr 10.1.0.0/16 raddr 10.2.0.0/16 dir both tunnel 192.0.2.1-192.0.2.2 negotiate tunnel }';

function only(text: string): IpsecPolicy {
  const { policies, diagnostics } = parseIpsecPolicies(text, 'test.policy');
  assert.deepEqual(places(diagnostics), [], diagnostics.map(({ problem }) => problem).join('\n'));
  assert.equal(policies?.length, 1);
  const [policy] = policies;
  assert.ok(policy);
  return policy;
}

describe('policy file: what is accepted', () => {
  it('reads a tunnel between two networks', () => {
    assert.deepEqual(only(`# east\n${TUNNEL} ${ESP}`), {
      selectors: {
        local: { addresses: { begin: '10.1.0.0', end: '10.1.255.255' }, port: 0 },
        remote: { addresses: { begin: '10.2.0.0', end: '10.2.255.255' }, port: 0 },
        protocol: 0,
      },
      mode: 'tunnel',
      outer: { local: '192.0.2.1', remote: '192.0.2.2' },
      proposals: [
        [
          {
            protocol: 50,
            encryption: 'aes-cbc',
            keyBits: { low: 128, high: 128 },
            integrity: 'hmac-sha1-96',
          },
        ],
      ],
      ruleLabel: undefined,
      position: { file: 'test.policy', line: 2 },
    });
  });

  it('reads transport between hosts, with protocol, ports, and the rule it asks for', () => {
    const policy = only(
      `{ laddr 192.0.2.1 raddr 192.0.2.2 ulp tcp lport any rport 80 ike_rule "to the \\"web\\"" } ${ESP}`,
    );
    assert.equal(policy.mode, 'transport');
    assert.deepEqual(policy.outer, { local: '192.0.2.1', remote: '192.0.2.2' });
    assert.equal(policy.selectors.protocol, 6);
    assert.equal(policy.selectors.local.port, 0);
    assert.equal(policy.selectors.remote.port, 80);
    assert.equal(policy.ruleLabel, 'to the "web"');
  });

  it('reads IPv6, and a tunnel of the other family', () => {
    const policy = only(
      `{ laddr 2001:db8:1::/48 raddr 2001:db8:2::/48 tunnel 192.0.2.1 - 192.0.2.2 negotiate tunnel } ${ESP}`,
    );
    assert.equal(policy.selectors.local.addresses.end, '2001:db8:1:ffff:ffff:ffff:ffff:ffff');
    assert.equal(policy.outer.local, '192.0.2.1');
    const v6 = only(`{ tunnel 2001:db8::1-2001:db8::2 negotiate tunnel raddr any } ${ESP}`);
    assert.equal(v6.selectors.local.addresses.begin, '::');
    assert.equal(v6.selectors.remote.addresses.begin, '::');
  });

  it('takes the family of `any` and of what is not said from the other side', () => {
    assert.deepEqual(only(`{ laddr 2001:db8::1 raddr any } ${ESP}`).selectors.remote.addresses.begin, '::');
    assert.deepEqual(only(`{ raddr 192.0.2.9 } ${ESP}`).selectors.local.addresses, {
      begin: '0.0.0.0',
      end: '255.255.255.255',
    });
  });

  it('reads protocols by name and number', () => {
    const protocol = (ulp: string): number => only(`{ raddr 192.0.2.9 ${ulp} } ${ESP}`).selectors.protocol;
    assert.deepEqual(
      ['ulp any', 'ulp icmp', 'proto udp', 'ulp ipv6-icmp', 'ulp 47'].map(protocol),
      [0, 1, 17, 58, 47],
    );
  });

  it('reads alternatives in their order', () => {
    const policy = only(`${HOSTS} ${ESP} or ipsec { encr_algs 3des-cbc encr_auth_algs hmac-md5 }
      or ipsec { encr_auth_algs sha256 } or ipsec { encr_algs null encr_auth_algs sha512 } or ipsec{encr_algs aes}`);
    assert.deepEqual(
      policy.proposals.map(
        ([esp]) => esp?.protocol === 50 && [esp.encryption, esp.keyBits.low, esp.keyBits.high, esp.integrity],
      ),
      [
        ['aes-cbc', 128, 128, 'hmac-sha1-96'],
        ['3des', 192, 192, 'hmac-md5-96'],
        ['null', 0, 0, 'hmac-sha2-256-128'],
        ['null', 0, 0, 'hmac-sha2-512-256'],
        ['aes-cbc', 128, 256, undefined],
      ],
    );
  });

  const SIZES: readonly [string, number, number][] = [
    ['aes', 128, 256],
    ['aes-cbc(192)', 192, 192],
    ['aes(128..192)', 128, 192],
    ['aes(192..)', 192, 256],
    ['aes(..192)', 128, 192],
  ];
  for (const [written, low, high] of SIZES) {
    it(`reads the key sizes of ${written}`, () => {
      const [esp] = only(`${HOSTS} ipsec { encr_algs ${written} encr_auth_algs sha384 }`).proposals[0] ?? [];
      assert.deepEqual(esp?.protocol === 50 && esp.keyBits, { low, high });
    });
  }

  const ALL_BITS = { low: 128, high: 256 };
  const BLOWFISH_BITS = { low: 40, high: 448 };
  const DES_BITS = { low: 64, high: 64 };
  const ALGORITHMS: readonly [string, readonly Protection[]][] = [
    ['auth_algs sha1', [{ protocol: 51, integrity: 'hmac-sha1-96' }]],
    ['auth_algs sha512', [{ protocol: 51, integrity: 'hmac-sha2-512-256' }]],
    [
      'encr_algs blowfish encr_auth_algs sha1',
      [{ protocol: 50, encryption: 'blowfish', keyBits: BLOWFISH_BITS, integrity: 'hmac-sha1-96' }],
    ],
    [
      'encr_algs des encr_auth_algs md5',
      [{ protocol: 50, encryption: 'des', keyBits: DES_BITS, integrity: 'hmac-md5-96' }],
    ],
    [
      'encr_algs aes auth_algs md5',
      [
        { protocol: 51, integrity: 'hmac-md5-96' },
        { protocol: 50, encryption: 'aes-cbc', keyBits: ALL_BITS, integrity: undefined },
      ],
    ],
    [
      'encr_algs aes-gcm(256)',
      [{ protocol: 50, encryption: 'aes-gcm-16', keyBits: { low: 256, high: 256 }, integrity: undefined }],
    ],
    [
      'encr_algs aes-ctr encr_auth_algs sha256',
      [{ protocol: 50, encryption: 'aes-ctr', keyBits: ALL_BITS, integrity: 'hmac-sha2-256-128' }],
    ],
    [
      'encr_algs aes encr_auth_algs sha256-96',
      [{ protocol: 50, encryption: 'aes-cbc', keyBits: ALL_BITS, integrity: 'hmac-sha2-256-96' }],
    ],
  ];
  for (const [written, protections] of ALGORITHMS) {
    it(`reads ${written}, without a complaint`, () => {
      const { policies, diagnostics } = parseIpsecPolicies(`${HOSTS} ipsec { ${written} }`, 'f');
      assert.deepEqual(policies?.[0]?.proposals, [protections]);
      assert.deepEqual(diagnostics, []);
    });
  }

  it('warns of ESP without integrity', () => {
    const { policies, diagnostics } = parseIpsecPolicies(`${HOSTS} ipsec { encr_algs aes }`, 'f');
    assert.equal(policies?.length, 1);
    assert.equal(places(diagnostics, 'warning').length, 1);
  });

  it('knows both kinds of comments and continued lines', () => {
    const text = `// east # x\n${HOSTS} // "the host\n  # {\n\\\n${ESP} //`;
    assert.equal(only(text).proposals.length, 1);
  });

  it('shares SAs whatever is asked, with a note where `sa unique` was', () => {
    const text = `${HOSTS} ipsec { encr_algs aes encr_auth_algs sha1 sa unique }`;
    const { policies, diagnostics } = parseIpsecPolicies(text, 'f');
    assert.equal(policies?.length, 1);
    assert.deepEqual(places(diagnostics, 'note'), [`1:${String(text.indexOf('sa unique') + 1)}`]);
  });

  it('reads an empty file as no policy', () => {
    assert.deepEqual(parseIpsecPolicies('# nothing\n', 'f'), { policies: [], diagnostics: [] });
  });
});

describe('policy file: what is refused', () => {
  const with_ = (more: string): string => `{ laddr 192.0.2.1 raddr 192.0.2.2 ${more} } ${ESP}`;
  const protect = (properties: string): string => `${HOSTS} ipsec { ${properties} }`;
  /** The mark `^` shows the place; a good policy follows. */
  const REFUSED: readonly [string, string][] = [
    ['AES-GCM beside an integrity algorithm', protect('encr_algs aes-gcm ^encr_auth_algs sha1')],
    ['AES-CTR without integrity', `${HOSTS} ^ipsec { encr_algs aes-ctr }`],
    ['everything to everywhere', `^{ laddr any } ${ESP}`],
    ['families that do not meet', `^{ laddr 192.0.2.1 raddr ::1 } ${ESP}`],
    ['a range of addresses', `{ laddr 192.0.2.1^-192.0.2.9 } ${ESP}`],
    ['an impossible address', `{ laddr ^192.0.2.256 } ${ESP}`],
    ['a host name', `{ laddr ^gw.example.net } ${ESP}`],
    ['an unknown protocol', with_('ulp ^tpc')],
    ['a protocol out of range', with_('ulp ^256')],
    ['a port out of range', with_('ulp tcp lport ^65536')],
    ['port 0', with_('ulp tcp lport ^0')],
    ['a port without protocol', with_('^lport 80')],
    ['a port of a protocol that has none', with_('ulp icmp ^rport 80')],
    ['one direction only', with_('dir ^out')],
    ['a tunnel without mode', with_('^tunnel 192.0.2.1-192.0.2.2')],
    ['a mode without tunnel', with_('^negotiate tunnel')],
    ['transport in a tunnel', with_('tunnel 192.0.2.1-192.0.2.2 negotiate ^transport')],
    ['a tunnel with one end', with_('tunnel ^192.0.2.1 negotiate tunnel')],
    ['a tunnel by interface', with_('tunnel ^ip.tun0 negotiate tunnel')],
    ['a tunnel of two families', with_('tunnel 192.0.2.1-^::1 negotiate tunnel')],
    ['a rule label without quotes', with_('ike_rule ^x')],
    ['a pattern word twice', with_('^laddr 192.0.2.3')],
    ['a word of the action in the pattern', with_('^sa shared')],
    ['an unknown word', with_('^smtp 3')],
    ['a misspelt word', `{ ^ladr 192.0.2.1 raddr 192.0.2.2 } ${ESP}`],
    ['a word without value', with_('^ulp')],
    ['another action', `${HOSTS} ^bypass { }`],
    ['a misspelt action', `${HOSTS} ^ipsex { encr_algs aes encr_auth_algs sha1 }`],
    ['no protection', `${HOSTS} ^ipsec { sa shared }`],
    ['neither encryption nor integrity', `${HOSTS} ^ipsec { encr_algs null }`],
    ['an unknown cipher', protect('encr_algs ^rot13 encr_auth_algs sha1')],
    ['an unknown integrity algorithm', protect('encr_algs aes encr_auth_algs ^crc')],
    ['a key size of 3DES', protect('encr_algs 3des^(192) encr_auth_algs sha1')],
    ['a bad key size', protect('encr_algs aes(^100) encr_auth_algs sha1')],
    ['a key size of an integrity algorithm', protect('encr_algs aes encr_auth_algs sha1^(160)')],
    ['a property twice', protect('encr_algs aes ^encr_algs 3des encr_auth_algs sha1')],
    ['a missing `or`', `${HOSTS} ${ESP} ^${ESP}`],
    ['a missing action', `${HOSTS} ^`],
    ['a pattern without end', `{ laddr 192.0.2.1 raddr 192.0.2.2 ^${ESP}`],
    ['a pattern without beginning', `^laddr 192.0.2.1 raddr 192.0.2.2 } ${ESP}`],
    ['an action without beginning', `${HOSTS} ipsec ^encr_algs aes encr_auth_algs sha1 }`],
    ['an action without end', `${HOSTS} ipsec { encr_algs aes encr_auth_algs sha1 ^`],
    ['a brace too many', `${HOSTS} ${ESP} ^}`],
    ['an action without pattern', `^${ESP}`],
    ['a word between policies', `^foo ${HOSTS} ${ESP}`],
    ['a misspelt word outside of a policy', `^ladr 192.0.2.1 ${HOSTS} ${ESP}`],
    ['other text between policies', `${HOSTS} ${ESP} ^; ${HOSTS} ${ESP}`],
    ['an `or` before the first action', `^or ${HOSTS} ${ESP}`],
    ['text between pattern and action', `${HOSTS} ^, ${ESP}`],
  ];
  for (const [what, marked] of REFUSED) {
    it(`refuses ${what}, once, at its place, and reads on`, () => {
      const place = `1:${String(marked.indexOf('^') + 1)}`;
      const bad = marked.replace('^', '');
      const missing = marked.endsWith('^');
      const last = `${HOSTS} ipsec { encr_algs x }`;
      const alone = parseIpsecPolicies(missing ? bad.trimEnd() : bad, 'f');
      assert.equal(alone.policies, undefined);
      assert.deepEqual(places(alone.diagnostics), [
        missing ? `1:${String(bad.trimEnd().length + 1)}` : place,
      ]);
      const { diagnostics } = parseIpsecPolicies(`${bad}\n${last}`, 'f');
      assert.ok(places(diagnostics).includes('2:55'), 'the policy behind it is not read');
    });
  }

  it('suggests the word that was meant, and says which direction there is', () => {
    const expected = (text: string): string => parseIpsecPolicies(text, 'f').diagnostics[0]?.expected ?? '';
    assert.match(expected(`{ ladr 192.0.2.1 raddr 192.0.2.2 } ${ESP}`), /`laddr`/);
    assert.match(expected(protect('encr_alg aes encr_auth_algs sha1')), /`encr_algs`/);
    assert.match(expected(with_('dir in')), /both/);
  });

  it('lists five different mistakes of a file with their places', () => {
    const text = [
      `{ laddr 192.0.2.256 raddr 192.0.2.2 } ${ESP}`,
      `${HOSTS} ipsec { encr_algs aes(100) encr_auth_algs sha1 }`,
      `{ laddr 192.0.2.1 raddr 192.0.2.2 dir in } ${ESP}`,
      `${HOSTS} ipsec { encr_algs aes encr_auth_alg sha1 }`,
      `{ laddr 192.0.2.1 raddr 192.0.2.2 rport 80 } ${ESP}`,
    ].join('\n');
    const { policies, diagnostics } = parseIpsecPolicies(text, 'f');
    assert.equal(policies, undefined);
    assert.deepEqual(places(diagnostics), ['1:9', '2:59', '3:39', '4:59', '5:35']);
    assert.equal(diagnostics.length, 5);
  });

  it('never throws, whatever the text', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '..',
      '-',
      '/',
      '"',
      '\n',
      'ipsec',
      'or',
      'laddr',
      'tunnel',
      'negotiate',
      'encr_algs',
      'aes',
      '10.0.0.1',
      'sa',
      'x',
      '7',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(pieces, { maxLength: 50 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { policies, diagnostics } = parseIpsecPolicies(text, 'f');
        assert.equal(policies === undefined, places(diagnostics).length > 0);
      }),
      { numRuns: 1000 },
    );
  });
});

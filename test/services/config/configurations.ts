/** Arbitrary good texts of `ike.config` and `ike.preshared`, with everything that they can say. */
import fc from 'fast-check';

const number = (max: number) =>
  fc.oneof(
    fc.nat(max).map(String),
    fc.nat(max).map((value) => `0x${value.toString(16)}`),
  );
const seconds = fc.oneof(
  fc.integer({ min: 1, max: 90_000 }).map(String),
  fc.constantFrom('0.5', '.25', '12.', '0.0000001', '3.75'),
);
const v4 = fc.tuple(fc.nat(223), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
const v6 = fc
  .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  .map((parts) => parts.map((part) => part.toString(16)).join(':'));
const address = fc.oneof(
  v4,
  v6,
  v4.map((text) => `${text}/255.255.240.0`),
  fc.tuple(v4, fc.nat(32)).map(([text, length]) => `${text}/${String(length)}`),
  fc.tuple(v6, fc.nat(128)).map(([text, length]) => `${text} / ${String(length)}`),
  fc.constantFrom('192.0.2.3-192.0.2.250', '2001:db8::3 - 2001:db8::ffff', '0.0.0.0/0', '::/0'),
);
/** Between quotes, as a file writes it. */
const characters = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from('aZ09 =,.:@-#/{}()é漢\t'), '\\\\', '\\"', '\\,'),
      fc.constantFrom('label', 'CN=', 'p1_xform'),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const selector = fc
  .tuple(fc.constantFrom('', '!'), fc.constantFrom('CN=', 'DNS=', 'ISSUER=C=US, O=', ''), characters)
  .map(([not, tag, text]) => `"${not}${tag}x${text}"`);
const idType = fc.constantFrom('ip', 'IP', 'ipv4_prefix', 'ipv6', 'fqdn', 'MBOX', 'dn', 'gn');

const SHARED = fc.constant('preshared');
const CERTIFIED = fc.constantFrom('rsa_sig', 'dss_sig', 'rsa_encrypt');
const transform = (method: fc.Arbitrary<string>) =>
  fc
    .tuple(
      method,
      // 3 and 4 are groups that this version does not have.
      fc.constantFrom(1, 2, 3, 4, 5, 14, 19, 26),
      fc.constantFrom('md5', 'sha', 'sha512'),
      fc.constantFrom('3des', 'des-cbc', 'blowfish', 'aes', 'aes(256)', 'aes(128..192)', 'aes(..192)'),
      fc.option(fc.integer({ min: 1, max: 99_999 })),
    )
    .map(
      ([auth, group, hash, cipher, life]) =>
        `p1_xform { auth_method ${auth} oakley_group ${String(group)} auth_alg ${hash} encr_alg ${cipher} ${life === null ? '' : `p1_lifetime_secs ${String(life)} `}}`,
    );
const phase2 = fc.oneof(
  fc.tuple(fc.constantFrom('p2_lifetime_secs', 'p2_lifetime_kb', 'p2_idletime_secs'), number(99_999)),
  fc.tuple(fc.constantFrom('p2_softlife_secs', 'p2_softlife_kb'), number(99_999)),
  fc.tuple(fc.constant('p2_pfs'), fc.constantFrom('0', '2', '3', '14')),
);
const setting = phase2.map((words) => words.join(' '));

const globalSetting = fc
  .oneof(
    fc.tuple(fc.constantFrom('expire_timer', 'p1_lifetime_secs'), fc.integer({ min: 1, max: 99_999 })),
    fc.tuple(fc.constantFrom('retry_limit', 'dpd_interval_secs', 'max_certs'), number(99)),
    fc.tuple(fc.constantFrom('retry_timer_init', 'retry_timer_max'), seconds),
    fc.tuple(fc.constantFrom('p1_nonce_len', 'p2_nonce_len'), fc.integer({ min: 8, max: 256 })),
    fc.tuple(fc.constantFrom('cert_root', 'cert_trust'), selector),
    fc.tuple(fc.constantFrom('ignore_crls', 'use_http'), fc.constant('')),
    fc.tuple(
      fc.constantFrom('proxy', 'socks', 'pkcs11_path'),
      characters.map((text) => `"/${text}"`),
    ),
    fc.tuple(
      fc.constant('ldap_server'),
      fc.constantFrom('"ldap1.example.com:1389,ldap2.example.com"', '"[2001:db8::1]:390"', '"[2001:db8::2]"'),
    ),
    fc.tuple(fc.constant('local_id_type'), idType),
  )
  .map((words) => words.join(' '));

const ruleOf = (kind: 'shared' | 'certified', needsTransform: boolean) =>
  fc
    .record({
      label: characters,
      mode: fc.constantFrom('', 'ike_mode main', 'ike_mode aggressive', 'ike_mode both'),
      local: fc.array(address, { minLength: 1, maxLength: 2 }),
      remote: fc.array(address, { minLength: 1, maxLength: 3 }),
      type: kind === 'certified' ? idType : fc.option(idType),
      localIds: fc.array(selector, { minLength: kind === 'certified' ? 1 : 0, maxLength: 2 }),
      remoteIds: fc.oneof(
        fc.constant<string[]>(['""']),
        fc.array(selector, { minLength: kind === 'certified' ? 1 : 0, maxLength: 2 }),
      ),
      phase2: fc.array(setting, { maxLength: 4 }),
      transforms: fc.array(transform(kind === 'certified' ? CERTIFIED : SHARED), {
        minLength: needsTransform ? 1 : 0,
        maxLength: 3,
      }),
    })
    .map(
      (rule) => (place: number) =>
        [
          `{ label "${String(place)}${rule.label}"`,
          rule.mode,
          ...rule.local.map((text) => `local_addr ${text}`),
          ...rule.remote.map((text) => `remote_addr ${text}`),
          rule.type === null ? '' : `local_id_type ${rule.type}`,
          ...rule.localIds.map((text) => `local_id ${text}`),
          ...rule.remoteIds.map((text) => `remote_id ${text}`),
          ...rule.phase2,
          ...rule.transforms,
          '}',
        ].join('\n  '),
    );

/** Of which transforms at file level may be inherited by rules without any. */
export const configText: fc.Arbitrary<string> = fc
  .record({
    before: fc.array(globalSetting, { maxLength: 6 }),
    defaults: fc.array(setting, { maxLength: 4 }),
    transform: fc.option(transform(SHARED)),
    first: fc.array(ruleOf('certified', true), { maxLength: 2 }),
    between: fc.array(fc.oneof(globalSetting, setting), { maxLength: 4 }),
    second: fc.array(ruleOf('shared', true), { maxLength: 2 }),
    inheriting: fc.array(ruleOf('shared', false), { maxLength: 2 }),
    after: fc.array(fc.oneof(globalSetting, setting, transform(SHARED)), { maxLength: 4 }),
  })
  .map((file) => {
    const inheriting = file.transform === null ? [] : file.inheriting;
    const rules = [...file.first, ...file.second, ...inheriting].map((rule, index) => rule(index));
    return [
      ...file.before,
      ...file.defaults,
      file.transform ?? '',
      ...rules.slice(0, file.first.length),
      ...file.between,
      ...rules.slice(file.first.length),
      ...file.after,
    ].join('\n');
  });

const name = fc
  .array(fc.constantFrom(...Array.from('aZ09=,.:@-#/ {}é'), 'key', 'localid'), {
    minLength: 1,
    maxLength: 10,
  })
  .map((parts) => `"${parts.join('')}"`);
const identity = fc.oneof(
  v4.map((text) => ({ type: 'ip', text })),
  v6.map((text) => ({ type: 'IPv6', text })),
  fc
    .tuple(v4, fc.integer({ min: 1, max: 32 }))
    .map(([text, n]) => ({ type: 'ip', text: `${text}/${String(n)}` })),
  fc
    .tuple(v6, fc.integer({ min: 1, max: 128 }))
    .map(([text, n]) => ({ type: 'subnet', text: `${text}/${String(n)}` })),
  fc.constant({ type: 'rangev4', text: '192.0.2.1-192.0.2.9' }),
  fc.constant({ type: 'ipv6-range', text: '2001:db8::1-2001:db8::9' }),
  fc.constant({ type: 'mbox', text: 'a@example.org' }),
  fc.constant({ type: 'keyid', text: 'a"b' }),
  fc.tuple(fc.constantFrom('dn', 'fqdn', 'gn', 'keyid'), name).map(([type, text]) => ({ type, text })),
);
const digits = fc
  .array(fc.constantFrom(...Array.from('0123456789abcdefABCDEF')), { minLength: 1, maxLength: 200 })
  .map((parts) => parts.join(''));
const key = fc.oneof(
  digits,
  digits.chain((text) =>
    fc.integer({ min: 1, max: text.length * 4 }).map((bits) => `${text}/${String(bits)}`),
  ),
);

export const presharedText: fc.Arbitrary<string> = fc
  .array(
    fc.record({
      local: identity,
      remote: identity,
      mode: fc.constantFrom('', 'main', 'both', 'aggressive'),
      key,
    }),
    { maxLength: 5 },
  )
  .map((entries) =>
    entries
      .map(({ local, remote, mode, key: text }) =>
        [
          '{',
          `localidtype ${local.type}`,
          `localid ${local.text}`,
          `remoteidtype ${remote.type}`,
          `remoteid ${remote.text}`,
          mode === '' ? '' : `ike_mode ${mode}`,
          `key ${text}`,
          '}',
        ].join('\n'),
      )
      .join('\n'),
  );

/** Our own end: which certificate, which identity, which CERT and CERTREQ payloads; and the peer's key beforehand. */
import assert from 'node:assert/strict';
import { KeyStore } from '../../../daemon/key-store.js';
import { certificateAdvice } from '../../../services/certs/advice.js';
import { readChoice } from '../../../services/certs/general-name.js';
import { derValueAt } from '../../../services/certs/der.js';
import { formatIdentity } from '../../../services/certs/identity-proof.js';
import { localCertificate, localIdentity } from '../../../services/certs/local.js';
import { certificatePayloads, certificateRequests } from '../../../services/certs/payloads.js';
import { peerCertificate } from '../../../services/certs/peer-key.js';
import type { CertificateStores, StoredCertificate } from '../../../services/certs/stores.js';
import { CERT_ENCODING } from '../../../services/isakmp/registries/cert-encodings.js';
import type { IdTypeKeyword, Rule } from '../../../services/policy/rule.js';
import { crypto, globalsWith, identity, judge, ruleWith, type Words } from './asking.js';
import { keysOf, type Made, make, NOW, stores } from './pki.js';

const handle = new KeyStore().put(new Uint8Array(1));

/** The stores with a private key in these slots. */
function withKeys(held: CertificateStores, ...slots: readonly string[]): CertificateStores {
  const certificates = held.certificates.map((stored) =>
    slots.includes(stored.slot)
      ? { ...stored, privateKey: { handle, algorithm: 'rsa', bits: 1024 } as const }
      : stored,
  );
  return { ...held, certificates };
}

describe('our own end', () => {
  let root: Made;
  let middle: Made;
  let own: Made;
  let held: CertificateStores;
  before(async () => {
    root = await make({ subject: 'C=CH, CN=Root', authority: true });
    middle = await make({ subject: 'C=CH, CN=Middle', issuer: root, authority: true });
    own = await make({
      subject: 'C=CH, CN=gw',
      issuer: middle,
      names: [
        { type: 'dns', value: 'gw.example.net' },
        { type: 'email', value: 'gw@example.net' },
        { type: 'ip', value: '192.0.2.9' },
        { type: 'ip', value: '192.0.2.1' },
        { type: 'ip', value: '2001:db8::1' },
      ],
    });
    held = withKeys(stores([root, middle, own]), '2');
  });

  const mine = (): StoredCertificate => {
    const found = localCertificate(ruleWith({ localIds: ['DNS=gw.example.net'] }), 'rsa_sig', held);
    assert.ok(found.ok);
    return found.value;
  };

  it('is the certificate that the first local_id selects', () => {
    assert.equal(mine().slot, '2');
  });

  it('says why there is none', () => {
    const why = (words: Words, method: 'rsa_sig' | 'dss_sig' = 'rsa_sig', in_ = held): string => {
      const found = localCertificate(ruleWith(words), method, in_);
      assert.ok(!found.ok);
      assert.equal(found.error.code, 'no-local-certificate');
      return `${found.error.explanation} ${found.error.hint}`;
    };
    assert.match(why({}), /has no local_id/);
    assert.match(
      why({ localIds: ['CN=x'] }),
      /local_id "CN=x" of rule "office" \(config:1\).*there are 0 \(subject "C=CH, CN=Root"\); 1/,
    );
    assert.match(
      why({ localIds: ['CN=x'] }, 'rsa_sig', stores([])),
      /no certificates in etc\/inet\/ike\/publickeys/,
    );
    assert.match(why({ localIds: ['CN=gw, C=CH'] }), /in the order of the certificate: "C=CH, CN=gw"/);
    assert.match(why({ localIds: ['SLOT=1'] }), /selects publickeys\/1, for which there is no private key/);
    assert.match(why({ localIds: ['SLOT=2'] }, 'dss_sig'), /a key of RSA, but dss_sig needs one of DSA/);
  });

  it('claims the name of the kind that local_id_type says', () => {
    const claimed = (localIdType: IdTypeKeyword, address = '192.0.2.1'): string => {
      const id = localIdentity(ruleWith({ localIdType }), own.certificate, address);
      return id.ok ? formatIdentity(id.value) : id.error.code;
    };
    const types: readonly IdTypeKeyword[] = [
      'ip',
      'ipv4',
      'ipv4_prefix',
      'ipv4_range',
      'ipv6',
      'ipv6_prefix',
      'fqdn',
      'user_fqdn',
      'dn',
      'gn',
    ];
    assert.deepEqual(
      types.map((type) => claimed(type)),
      [
        ...Array.from({ length: 4 }, () => 'IP=192.0.2.1'),
        ...Array.from({ length: 2 }, () => 'IP=2001:db8::1'),
        'DNS=gw.example.net',
        'EMAIL=gw@example.net',
        '"C=CH, CN=gw"',
        'DNS=gw.example.net',
      ],
    );
    assert.equal(claimed('ip', '192.0.2.77'), 'IP=192.0.2.9', 'the first of its family');
    assert.equal(claimed('ip', '2001:db8::2'), 'IP=2001:db8::1');
  });

  it('claims nothing that the certificate does not say', async () => {
    const bare = await make({ subject: 'CN=bare' });
    for (const localIdType of ['ip', 'fqdn', 'user_fqdn', 'gn', 'ipv6_range'] as const) {
      const id = localIdentity(ruleWith({ localIdType }), bare.certificate, '192.0.2.1');
      assert.ok(!id.ok && id.error.code === 'no-local-identity', localIdType);
      assert.match(id.error.explanation, /it has subject "CN=bare"/);
    }
  });

  it('is accepted under every name that it can claim', () => {
    for (const localIdType of ['ip', 'ipv4_prefix', 'ipv6_range', 'fqdn', 'user_fqdn', 'dn', 'gn'] as const) {
      const id = localIdentity(ruleWith({ localIdType }), own.certificate, '192.0.2.1');
      assert.ok(id.ok);
      const question = {
        identity: id.value,
        sent: [own.der],
        stores: held,
        globals: { certRoots: ['C=CH, CN=Root'] },
      };
      assert.ok(judge(question, crypto).ok, localIdType);
    }
    const key = { identity: identity('key', 'gw'), sent: [own.der], stores: held };
    assert.ok(!judge(key).ok, 'a key ID is proved by no certificate');
  });

  it('sends its certificate and the authorities below the root', () => {
    const sent = certificatePayloads(mine(), held, []);
    assert.deepEqual(
      sent.map(({ encoding, data }) => [encoding, data]),
      [own, middle].map(({ der }) => [CERT_ENCODING.x509Signature, der]),
    );
    const request = { kind: 'CERTREQ', encoding: 4, data: middle.certificate.subjectDer } as const;
    assert.equal(certificatePayloads(mine(), held, [request]).length, 1, 'the peer has that authority');
  });

  it('sends a bounded number of authorities, also where they run in a ring', async () => {
    const [a, b] = [await keysOf('a'), await keysOf('b')];
    const startA = await make({ subject: 'CN=A', authority: true, keys: a });
    const crossB = await make({ subject: 'CN=B', issuer: startA, authority: true, keys: b });
    const crossA = await make({ subject: 'CN=A', issuer: crossB, authority: true, keys: a });
    const leaf = await make({ subject: 'CN=leaf', issuer: crossA });
    const ring = stores([leaf, crossA, crossB]);
    const [first] = ring.certificates;
    assert.ok(first !== undefined);
    assert.equal(certificatePayloads(first, ring, []).length, 3);
  });

  it('asks for certificates of its roots, by name', async () => {
    const other = await make({ subject: 'CN=Other', authority: true });
    const both = stores([root, other]);
    const names = (globals: readonly string[], remoteIds: readonly string[] = ['']) =>
      certificateRequests(globalsWith({ certRoots: globals }), ruleWith({ remoteIds }), both).map(
        ({ data }) => Buffer.from(data).toString('hex'),
      );
    const [first, second] = [root, other].map(({ certificate }) =>
      Buffer.from(certificate.subjectDer).toString('hex'),
    );
    assert.deepEqual(names(['C=CH, CN=Root', 'CN=Other']), [first, second]);
    assert.deepEqual(names(['C=CH, CN=Root', 'CN=Other'], ['ISSUER=CN=Other']), [second]);
    assert.deepEqual(names([]), [''], 'without a root for any');
  });

  describe('for rsa_encrypt', () => {
    const find = (
      words: Words,
      remote = '192.0.2.1',
      id?: ReturnType<typeof identity>,
      in_ = stores([root, middle, own]),
    ) => {
      const found = peerCertificate(ruleWith(words), in_, remote, id);
      return found.ok ? found.value.subject.key : found.error.explanation;
    };

    it('knows the key of the peer beforehand', () => {
      const { key } = own.certificate.subject;
      assert.equal(find({ remoteIds: ['DNS=gw.example.net'] }, '192.0.2.77'), key);
      assert.equal(find({ remoteIds: [''] }), key, 'by its address');
      assert.equal(find({ remoteIds: [''] }, '192.0.2.77', identity('fqdn', 'gw.example.net')), key);
    });

    it('does not guess among several', () => {
      assert.match(find({ remoteIds: [''] }, '192.0.2.77'), /selects several certificates/);
      assert.match(find({ remoteIds: ['CN=x'] }), /no RSA certificate .* remote_id "CN=x"/);
      assert.match(find({ remoteIds: [''] }, '192.0.2.1', identity('fqdn', 'x')), /that says it is DNS=x/);
    });
  });

  it('is warned of what will not work', async () => {
    const { certificate } = own;
    const rule = { ...ruleWith({ localIds: ['DNS=gw.example.net'], localIdType: 'fqdn' }) };
    const withRsa = {
      ...rule,
      transforms: rule.transforms.map((one) => ({ ...one, method: 'rsa_sig' as const })),
    };
    const advise = (
      more: Parameters<typeof globalsWith>[0],
      in_ = held,
      now = NOW,
      rules: readonly Rule[] = [withRsa],
    ) => certificateAdvice({ globals: globalsWith(more), rules }, in_, now);
    assert.deepEqual(advise({ certRoots: ['C=CH, CN=Root'] }), []);
    assert.deepEqual(advise({}, held, NOW, [rule]), [], 'no rule uses certificates');
    assert.match(advise({}).join(), /neither a cert_root nor a cert_trust/);
    assert.match(advise({ certRoots: ['CN=x'] }).join(), /cert_root "CN=x" selects no certificate/);
    assert.match(advise({ certTrusts: ['CN=x', 'SLOT=0'] }).join(), /cert_trust "CN=x"/);
    assert.match(
      advise({ certTrusts: ['SLOT=0'] }, stores([root])).join(),
      /^config:1:1: note: local_id "DNS=gw/,
    );
    assert.match(
      advise({ certTrusts: ['SLOT=0'] }, held, certificate.notAfter + 1).join(),
      /our certificate .* expired/,
    );
    const faulty = { ...withRsa, remoteIds: [{ text: 'CN=a, Q=b', negated: false }] };
    assert.match(
      advise({ certTrusts: ['SLOT=0'] }, held, NOW, [faulty]).join(),
      /remote_id "CN=a, Q=b" of rule "office" selects nothing: `Q` is no attribute/,
    );
    const early = await make({
      subject: 'CN=early',
      names: [{ type: 'dns', value: 'gw.example.net' }],
      from: NOW + 1000,
    });
    const soon = withKeys(stores([early]), '0');
    assert.match(advise({ certTrusts: ['SLOT=0'] }, soon).join(), /valid only from/);
  });

  it('reads general names that nothing compares as such', () => {
    const value = derValueAt(Uint8Array.of(0xa0, 0), 0);
    assert.ok(value !== undefined);
    assert.equal(readChoice(value).kind, 'other');
  });
});

/** The judgement of a peer's certificate: what is accepted, and each refusal with its code and its reason. */
import assert from 'node:assert/strict';
import type { PublicKeyCrypto } from '../../../services/ports/public-key.js';
import { judgePeer } from '../../../services/certs/judge.js';
import { crypto, globalsWith, identity, judge, PLACE, type Question, ruleWith, verdict } from './asking.js';
import { keysOf, type Made, make, NOW, stores, type Wish, x509 } from './pki.js';

const { digitalSignature, keyEncipherment, keyCertSign, nonRepudiation } = x509.KeyUsageFlags;
const GW = identity('fqdn', 'gw.example.net');
const NAMES = [{ type: 'dns', value: 'gw.example.net' }] as const;
const ROOT = { subject: 'C=CH, O=Example, CN=Root', authority: true } as const;
const ROOTS = { certRoots: ['C=CH, O=Example, CN=Root'] };

describe("the judgement of a peer's certificate", () => {
  let root: Made;
  let peer: Made;
  before(async () => {
    root = await make(ROOT);
    peer = await make({ subject: 'C=CH, CN=gw', issuer: root, names: NAMES });
  });

  const issued = (wish: Partial<Wish> = {}): Promise<Made> =>
    make({ subject: 'C=CH, CN=gw', issuer: root, names: NAMES, ...wish });
  const ask = (more: Partial<Question> = {}): Question => ({
    identity: GW,
    sent: [peer.der],
    stores: stores([root]),
    globals: ROOTS,
    ...more,
  });
  const refusal = (question: Question) => {
    const judged = judge(question);
    assert.ok(!judged.ok, 'it was accepted');
    return judged.error;
  };

  it('accepts a certificate that a root has signed', () => {
    const judged = judge(ask());
    assert.ok(judged.ok);
    assert.deepEqual(judged.value.certificate.der, peer.der);
  });

  it('accepts SHA-1 and SHA-512 signatures', async () => {
    for (const hash of ['SHA-1', 'SHA-512'] as const) {
      const { der } = await issued({ hash });
      assert.equal(verdict(ask({ sent: [der] })), 'accepted', hash);
    }
  });

  it('refuses a stranger whose root nobody trusts, and says which roots there are', async () => {
    const other = await make({ ...ROOT, subject: 'CN=Other' });
    const { der } = await make({ subject: 'C=CH, CN=gw', issuer: other, names: NAMES });
    const { code, explanation, wanted } = refusal(ask({ sent: [der] }));
    assert.equal(code, 'certificate-untrusted');
    assert.match(explanation, /"CN=Other".*The roots are "C=CH, O=Example, CN=Root"/);
    assert.deepEqual(wanted, [{ kind: 'certificate', subject: 'CN=Other' }]);
  });

  it('never trusts a root because the peer sends it', async () => {
    const other = await make({ ...ROOT, subject: 'CN=Other' });
    const { der } = await make({ subject: 'C=CH, CN=gw', issuer: other, names: NAMES });
    const { code, hint } = refusal(ask({ sent: [der, other.der] }));
    assert.equal(code, 'certificate-untrusted');
    assert.match(hint, /cert_root/);
  });

  it('refuses a forgery that names the root as its issuer', async () => {
    const forger = { ...(await make(ROOT)), keys: await keysOf('forger') };
    const { der } = await make({ subject: 'C=CH, CN=gw', issuer: forger, names: NAMES });
    const { code, hint } = refusal(ask({ sent: [der] }));
    assert.equal(code, 'certificate-signature');
    assert.match(hint, /forged/);
  });

  it('refuses when no cert_root is there', () => {
    assert.match(refusal(ask({ globals: {} })).explanation, /No cert_root is configured/);
    const { explanation } = refusal(ask({ globals: { certRoots: ['CN=Nobody'] } }));
    assert.match(explanation, /selected by cert_root "CN=Nobody"/);
  });

  it('takes the certificate of a peer that sends none from the stores', () => {
    assert.equal(verdict(ask({ sent: [], stores: stores([root, peer]) })), 'accepted');
    const { code, wanted } = refusal(ask({ sent: [] }));
    assert.equal(code, 'no-peer-certificate');
    assert.equal(wanted, undefined, 'directories are not asked for host names');
    const globals = { ...ROOTS, ldapServers: [{ host: 'ldap.example.net', port: 389 }] };
    const name = identity('dn', peer.certificate.subjectDer);
    assert.deepEqual(refusal(ask({ sent: [], identity: name, globals })).wanted, [
      { kind: 'certificate', subject: 'C=CH, CN=gw' },
    ]);
    const mailbox = identity('mailbox', 'gw@example.net');
    assert.deepEqual(refusal(ask({ sent: [], identity: mailbox, globals })).wanted, [
      { kind: 'certificate', mailbox: 'gw@example.net' },
    ]);
  });

  it('refuses bytes that are no certificate', () => {
    assert.equal(refusal(ask({ sent: [Buffer.from('certificate')] })).code, 'bad-certificate');
    assert.equal(refusal(ask({ sent: [peer.der.subarray(0, 100)] })).code, 'bad-certificate');
  });

  it('judges by the identity, not by the order of the certificates', () => {
    assert.equal(verdict(ask({ sent: [root.der, Buffer.from('?'), peer.der] })), 'accepted');
  });

  it('refuses an identity that the certificate does not prove', () => {
    const { code, explanation } = refusal(ask({ identity: identity('fqdn', 'other.example.net') }));
    assert.equal(code, 'certificate-identity');
    assert.match(explanation, /DNS=other\.example\.net, but .* proves only .*DNS=gw\.example\.net/);
  });

  it('asks remote_id, whatever the chain says', () => {
    assert.equal(verdict(ask({ remoteIds: ['DNS=gw.example.net'] })), 'accepted');
    assert.equal(
      verdict(ask({ remoteIds: ['DNS=a.example.net', 'ISSUER=C=CH, O=Example, CN=Root'] })),
      'accepted',
    );
    const { code, explanation } = refusal(ask({ remoteIds: ['DNS=a.example.net', 'CN=b'] }));
    assert.equal(code, 'remote-id-refused');
    assert.match(explanation, /rule "office" \(config:1\): "DNS=a\.example\.net", "CN=b"/);
    assert.equal(verdict(ask({ remoteIds: ['', '!DNS=gw.example.net'] })), 'remote-id-refused');
    assert.equal(verdict(ask({ remoteIds: ['!DNS=a.example.net'] })), 'accepted');
  });

  it('hints at a name that was written back to front', () => {
    assert.match(refusal(ask({ remoteIds: ['CN=gw, C=CH'] })).hint, /back to front/);
  });

  it('refuses a key of another kind than the method needs', () => {
    const { code, explanation } = refusal(ask({ method: 'dss_sig' }));
    assert.equal(code, 'certificate-key');
    assert.match(explanation, /kind rsa, but dss_sig needs dsa/);
  });

  it('accepts what cert_trust names, whoever signed it, and nothing that resembles it', async () => {
    const own = await make({ subject: 'CN=alone', names: NAMES });
    const globals = { certTrusts: ['CN=alone'], ignoreCrls: false };
    assert.equal(verdict(ask({ sent: [own.der], stores: stores([own]), globals })), 'accepted');
    const twin = await make({ subject: 'CN=alone', names: NAMES, keys: await keysOf('twin') });
    assert.equal(verdict(ask({ sent: [twin.der], stores: stores([own]), globals })), 'certificate-untrusted');
    const late = { sent: [own.der], stores: stores([own]), globals, now: NOW + 400 * 86_400_000 };
    assert.equal(verdict(ask(late)), 'certificate-expired');
  });

  it('tells a self-signed peer how it could be trusted', async () => {
    const own = await make({ subject: 'CN=alone', names: NAMES });
    assert.match(refusal(ask({ sent: [own.der] })).hint, /cert_trust/);
  });

  it('refuses what has expired and what is not valid yet, and says which', async () => {
    const old = await issued({ to: NOW - 1000 });
    const { code, explanation } = refusal(ask({ sent: [old.der] }));
    assert.equal(code, 'certificate-expired');
    assert.match(explanation, /^The certificate "C=CH, CN=gw" .* expired on 2026-06-14 23:59 UTC/);
    const early = await issued({ from: NOW + 1000 });
    assert.equal(verdict(ask({ sent: [early.der] })), 'certificate-not-yet-valid');
    const oldRoot = await make({ ...ROOT, to: NOW - 1000 });
    const { code: second, explanation: which } = refusal(ask({ stores: stores([oldRoot]) }));
    assert.equal(second, 'certificate-expired');
    assert.match(which, /^The root "C=CH, O=Example, CN=Root"/);
  });

  it('holds the key usage against the method', async () => {
    const signs = await issued({ usage: digitalSignature });
    const commits = await issued({ usage: nonRepudiation });
    const encrypts = await issued({ usage: keyEncipherment });
    const codes = (['rsa_sig', 'rsa_encrypt'] as const).map((method) =>
      [signs, commits, encrypts, peer].map(({ der }) => verdict(ask({ sent: [der], method }))),
    );
    const [yes, no] = ['accepted', 'certificate-usage'];
    assert.deepEqual(codes, [
      [yes, yes, no, yes],
      [no, no, yes, yes],
    ]);
  });

  it('holds the extended key usage against IPsec', async () => {
    const codeFor = async (purpose: string) =>
      verdict(ask({ sent: [(await issued({ purposes: [purpose] })).der] }));
    assert.equal(await codeFor('1.3.6.1.5.5.7.3.17'), 'accepted');
    assert.equal(await codeFor('2.5.29.37.0'), 'accepted');
    // Code signing
    assert.equal(await codeFor('1.3.6.1.5.5.7.3.3'), 'certificate-usage');
  });

  it('refuses critical extensions that it does not understand, and lets others be', async () => {
    const wit = (critical: boolean) => new x509.Extension('1.2.3.4', critical, Uint8Array.of(5, 0));
    const strict = await issued({ extensions: [wit(true)] });
    const { code, explanation } = refusal(ask({ sent: [strict.der] }));
    assert.equal(code, 'certificate-extension');
    assert.match(explanation, /1\.2\.3\.4/);
    const lax = await issued({ extensions: [wit(false)] });
    assert.equal(verdict(ask({ sent: [lax.der] })), 'accepted');
  });

  describe('of a chain', () => {
    const chain = async (
      links: readonly Partial<Wish>[],
      leaf: Partial<Wish> = {},
    ): Promise<readonly Made[]> => {
      const authorities: Made[] = [];
      for (const [index, link] of links.entries()) {
        authorities.push(
          await make({
            subject: `CN=Authority ${String(index)}`,
            issuer: authorities.at(-1) ?? root,
            authority: true,
            ...link,
          }),
        );
      }
      return [await issued({ issuer: authorities.at(-1), ...leaf }), ...authorities];
    };
    const bytes = (made: readonly Made[]) => made.map(({ der }) => der);

    it('accepts three links, sent in any order or stored', async () => {
      const [own, ...authorities] = await chain([{}, {}]);
      assert.ok(own !== undefined);
      const sent = bytes([own, ...authorities]);
      assert.equal(verdict(ask({ sent })), 'accepted');
      assert.equal(verdict(ask({ sent: sent.toReversed() })), 'accepted');
      assert.equal(verdict(ask({ sent: [own.der], stores: stores([...authorities, root]) })), 'accepted');
    });

    it('names the link that is missing', async () => {
      const [own, first] = await chain([{}, {}]);
      assert.ok(own !== undefined && first !== undefined);
      const { code, explanation } = refusal(ask({ sent: [own.der] }));
      assert.equal(code, 'certificate-untrusted');
      assert.match(explanation, /^The issuer "CN=Authority 1"/);
    });

    it('refuses an authority that is none', async () => {
      for (const authority of [undefined, false]) {
        const sent = bytes(await chain([{ authority }]));
        assert.equal(verdict(ask({ sent })), 'certificate-authority', String(authority));
      }
      const sent = bytes(await chain([{ usage: digitalSignature }]));
      assert.equal(verdict(ask({ sent })), 'certificate-usage');
      const good = bytes(await chain([{ usage: keyCertSign }]));
      assert.equal(verdict(ask({ sent: good })), 'accepted');
    });

    it('takes an old root without extensions, but not one that says it is no authority', async () => {
      const bare = await make({ subject: ROOT.subject });
      assert.equal(verdict(ask({ stores: stores([bare]) })), 'accepted');
      const ordinary = await make({ ...ROOT, authority: false });
      assert.equal(verdict(ask({ stores: stores([ordinary]) })), 'certificate-authority');
    });

    it('counts authorities against a path length, but not self-issued ones', async () => {
      const short = { authority: { pathLength: 0 } };
      assert.equal(verdict(ask({ sent: bytes(await chain([short])) })), 'accepted');
      const { code, explanation } = refusal(ask({ sent: bytes(await chain([short, {}])) }));
      assert.equal(code, 'certificate-path-length');
      assert.match(explanation, /"CN=Authority 0" .* allows 0 authorities below it, and the chain has 1/);
      // A new key of the same authority is no step downward.
      const renewed = { subject: 'CN=Authority 0', keys: await keysOf('renewed') };
      assert.equal(verdict(ask({ sent: bytes(await chain([short, renewed])) })), 'accepted');
    });

    it('refuses an expired authority', async () => {
      const { code, explanation } = refusal(ask({ sent: bytes(await chain([{ to: NOW - 1000 }])) }));
      assert.equal(code, 'certificate-expired');
      assert.match(explanation, /^The authority "CN=Authority 0"/);
    });

    it('finds its way through a bad path to a good one', async () => {
      const keys = await keysOf('CN=Authority 0');
      const old = await make({ subject: 'CN=Authority 0', issuer: root, authority: true, to: NOW - 1, keys });
      const fresh = await make({ subject: 'CN=Authority 0', issuer: root, authority: true, keys });
      const own = await issued({ issuer: fresh });
      for (const sent of [bytes([own, old, fresh]), bytes([own, fresh, old])])
        assert.equal(verdict(ask({ sent })), 'accepted');
    });

    it('ends where authorities certify each other in a ring', async () => {
      const [a, b] = [await keysOf('a'), await keysOf('b')];
      const startA = await make({ subject: 'CN=A', authority: true, keys: a });
      const crossB = await make({ subject: 'CN=B', issuer: startA, authority: true, keys: b });
      const crossA = await make({ subject: 'CN=A', issuer: crossB, authority: true, keys: a });
      const own = await issued({ issuer: crossA });
      assert.equal(verdict(ask({ sent: bytes([own, crossA, crossB, startA]) })), 'certificate-untrusted');
    });

    it('ends above a depth', async () => {
      const long = await chain(Array.from({ length: 9 }, () => ({})));
      const { code, explanation } = refusal(ask({ sent: [], stores: stores([root, ...long]) }));
      assert.equal(code, 'certificate-untrusted');
      assert.match(explanation, /more than 8 certificates/);
    });
  });

  describe('under a flood', () => {
    /** Counts the signatures that are checked. */
    function counting(): PublicKeyCrypto & { count: number } {
      const counter: PublicKeyCrypto & { count: number } = Object.assign(
        Object.create(crypto) as typeof crypto,
        {
          count: 0,
          verifySigned: (...args: Parameters<PublicKeyCrypto['verifySigned']>): boolean => {
            counter.count++;
            return crypto.verifySigned(...args);
          },
        },
      );
      return counter;
    }

    let crowd: readonly Made[] = [];
    before(async () => {
      crowd = await Promise.all(
        Array.from({ length: 100 }, async (_, index) =>
          make({ ...ROOT, keys: await keysOf(`flood ${String(index % 5)}`), identifiers: true }),
        ),
      );
    });

    it('checks few signatures among a hundred authorities of one name', () => {
      const counter = counting();
      const input = {
        identity: GW,
        method: 'rsa_sig',
        certificates: [peer.der],
        rule: ruleWith(),
        globals: globalsWith(ROOTS),
        stores: stores([...crowd, root]),
        now: NOW,
      } as const;
      const judged = judgePeer(input, counter, PLACE);
      assert.ok(!judged.ok && judged.error.code === 'certificate-untrusted');
      assert.match(judged.error.explanation, /Too many authorities/);
      assert.ok(counter.count <= 48, String(counter.count));
    });

    it('finds the right one by its key identifier at once', async () => {
      const known = await make({ ...ROOT, identifiers: true });
      const own = await issued({ identifiers: true });
      const counter = counting();
      const input = {
        identity: GW,
        method: 'rsa_sig',
        certificates: [own.der],
        rule: ruleWith(),
        globals: globalsWith(ROOTS),
        stores: stores([...crowd, known]),
        now: NOW,
      } as const;
      assert.ok(judgePeer(input, counter, PLACE).ok);
      assert.equal(counter.count, 1);
    });

    it('reads a dozen of what a peer sends, and no more', () => {
      const junk = Array.from({ length: 12 }, () => Buffer.from('junk'));
      assert.equal(verdict(ask({ sent: [...junk, peer.der] })), 'bad-certificate');
    });
  });
});

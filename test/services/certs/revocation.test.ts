/** CRLs: which ones clear a certificate, and what is said when none does. */
import assert from 'node:assert/strict';
import { LONGEST_CRL, parseCrl } from '../../../services/certs/crl.js';
import type { CertificateStores } from '../../../services/certs/stores.js';
import { identity, judge, type Question } from './asking.js';
import { keysOf, type Made, make, makeCrl, NOW, sourced, stores, x509 } from './pki.js';

const NAMES = [{ type: 'dns', value: 'gw.example.net' }] as const;
const URL = 'http://ca.example.net/root.crl';
const DAY = 86_400_000;

describe('revocation', () => {
  let root: Made;
  let peer: Made;
  let serial: string;
  before(async () => {
    root = await make({ subject: 'CN=Root', authority: true });
    peer = await make({ subject: 'CN=gw', issuer: root, names: NAMES, points: [URL] });
    serial = peer.certificate.serial;
  });

  const ask = (held: CertificateStores, more: Partial<Question> = {}) =>
    judge({
      identity: identity('fqdn', 'gw.example.net'),
      sent: [peer.der],
      stores: held,
      ...more,
      globals: { certRoots: ['CN=Root'], ignoreCrls: false, ...more.globals },
    });
  const refusal = (held: CertificateStores, more: Partial<Question> = {}) => {
    const judged = ask(held, more);
    assert.ok(!judged.ok, 'it was accepted');
    return judged.error;
  };

  it('accepts what a current CRL does not list', async () => {
    const crl = await makeCrl({ issuer: root, revoked: [{ serial: '77' }] });
    assert.ok(ask(stores([root], [crl])).ok);
  });

  it('refuses what it lists, with the date and the reason', async () => {
    const crl = await makeCrl({
      issuer: root,
      revoked: [{ serial, reason: x509.X509CrlReason.keyCompromise }],
    });
    const { code, explanation } = refusal(stores([root], [crl]));
    assert.equal(code, 'certificate-revoked');
    assert.match(
      explanation,
      /revoked by "CN=Root" \(on 2026-06-14 00:00 UTC, key compromise\), says crls\/0/,
    );
  });

  it('asks no CRL with ignore_crls, whatever it says', async () => {
    const crl = await makeCrl({ issuer: root, revoked: [{ serial }] });
    assert.ok(ask(stores([root], [crl]), { globals: { ignoreCrls: true } }).ok);
  });

  it('refuses without a CRL, and says how one is got', () => {
    const { code, hint, wanted } = refusal(stores([root]));
    assert.equal(code, 'crl-missing');
    assert.match(hint, /Set use_http, and it will be fetched from http:\/\/ca\.example\.net/);
    assert.deepEqual(wanted, [{ kind: 'crl', issuer: 'CN=Root', uris: [URL] }]);
  });

  it('says when one is on its way, and why one did not come', () => {
    const held = stores([root]);
    const globals = { useHttp: true };
    assert.match(refusal(held, { globals }).hint, /A fetch has been asked for/);
    const pending = { ...held, fetched: { ...held.fetched, pending: new Set([URL]) } };
    assert.match(refusal(pending, { globals }).hint, /being fetched from http/);
    const failed = { ...held, fetched: { ...held.fetched, failed: new Map([[URL, 'status 404']]) } };
    assert.match(refusal(failed, { globals }).hint, /could not be fetched .*status 404/);
  });

  it('uses a CRL that was fetched, and one that the peer sent', async () => {
    const crl = await makeCrl({ issuer: root });
    const held = stores([root]);
    assert.ok(ask({ ...held, fetched: { ...held.fetched, crls: [sourced(crl, URL)] } }).ok);
    assert.ok(ask(held, { sent: [crl, peer.der] }).ok);
  });

  it('refuses when the newest CRL has run out, and believes it where it revokes', async () => {
    const old = await makeCrl({ issuer: root, from: NOW - 9 * DAY, to: NOW - DAY });
    const { code, explanation } = refusal(stores([root], [old]));
    assert.equal(code, 'crl-stale');
    assert.match(explanation, /crls\/0\) ran out on 2026-06-14/);
    const listing = await makeCrl({
      issuer: root,
      from: NOW - 9 * DAY,
      to: NOW - DAY,
      revoked: [{ serial }],
    });
    assert.equal(refusal(stores([root], [listing])).code, 'certificate-revoked');
  });

  it('refuses a CRL of tomorrow, but not one of a clock that is a little fast', async () => {
    const early = await makeCrl({ issuer: root, from: NOW + DAY });
    assert.match(refusal(stores([root], [early])).explanation, /holds only from 2026-06-16/);
    const fast = await makeCrl({ issuer: root, from: NOW + 60_000 });
    assert.ok(ask(stores([root], [fast])).ok);
  });

  it('lets the newest of several decide', async () => {
    const old = await makeCrl({ issuer: root, from: NOW - 5 * DAY, revoked: [{ serial }] });
    const fresh = await makeCrl({ issuer: root });
    assert.ok(ask(stores([root], [old, fresh])).ok, 'a hold was lifted');
    const [first, second] = [
      await makeCrl({ issuer: root, from: NOW - 5 * DAY }),
      await makeCrl({ issuer: root, revoked: [{ serial }] }),
    ];
    assert.equal(refusal(stores([root], [first, second])).code, 'certificate-revoked');
  });

  it('refuses a CRL that somebody else signed under the name of the authority', async () => {
    const forged = await makeCrl({ issuer: root, keys: await keysOf('forger') });
    const { code, explanation } = refusal(stores([root], [forged]));
    assert.equal(code, 'crl-unusable');
    assert.match(explanation, /its signature is not of the key of its issuer/);
  });

  it('refuses a CRL of an authority that may not sign any', async () => {
    const strict = await make({ subject: 'CN=Root', authority: true, usage: x509.KeyUsageFlags.keyCertSign });
    const crl = await makeCrl({ issuer: strict });
    assert.match(refusal(stores([strict], [crl])).explanation, /key usage of its issuer/);
  });

  it('wants a CRL for every link', async () => {
    const middle = await make({ subject: 'CN=Middle', issuer: root, authority: true });
    const own = await make({ subject: 'CN=gw', issuer: middle, names: NAMES });
    const [ofRoot, ofMiddle] = [await makeCrl({ issuer: root }), await makeCrl({ issuer: middle })];
    const sent = [own.der, middle.der];
    assert.ok(ask(stores([root], [ofRoot, ofMiddle]), { sent }).ok);
    assert.match(refusal(stores([root], [ofRoot]), { sent }).explanation, /No CRL of "CN=Middle"/);
    assert.match(refusal(stores([root], [ofMiddle]), { sent }).explanation, /No CRL of "CN=Root"/);
    const against = await makeCrl({ issuer: root, revoked: [{ serial: middle.certificate.serial }] });
    const { code, explanation } = refusal(stores([root], [against, ofMiddle]), { sent });
    assert.equal(code, 'certificate-revoked');
    assert.match(explanation, /^The certificate "CN=Middle"/);
  });

  describe('by the scope of a CRL', () => {
    /** IssuingDistributionPoint with these members, DER. */
    const scope = (...members: readonly number[]) =>
      new x509.Extension('2.5.29.28', true, Uint8Array.of(0x30, members.length, ...members));
    const pointOf = (uri: string) => {
      const name = [...Buffer.from(uri)];
      return scope(0xa0, name.length + 4, 0xa0, name.length + 2, 0x86, name.length, ...name);
    };
    const codeUnder = async (extension: x509.Extension) => {
      const judged = ask(stores([root], [await makeCrl({ issuer: root, extensions: [extension] })]));
      return judged.ok ? 'accepted' : judged.error.code;
    };

    it('does not use one that is for other certificates', async () => {
      assert.equal(await codeUnder(scope(0x81, 1, 0xff)), 'accepted', 'only users');
      assert.equal(await codeUnder(scope(0x82, 1, 0xff)), 'crl-missing', 'only authorities');
      assert.equal(await codeUnder(pointOf(URL)), 'accepted', 'this distribution point');
      assert.equal(await codeUnder(pointOf('http://ca.example.net/2.crl')), 'crl-missing', 'another');
    });

    it('does not use one that is indirect, partial or a delta', async () => {
      assert.equal(await codeUnder(scope(0x84, 1, 0xff)), 'crl-unusable');
      assert.equal(await codeUnder(scope(0x83, 2, 0, 0x40)), 'crl-unusable');
      assert.equal(
        await codeUnder(new x509.Extension('2.5.29.27', true, Uint8Array.of(2, 1, 1))),
        'crl-unusable',
      );
      assert.equal(await codeUnder(new x509.Extension('1.2.3.4', true, Uint8Array.of(5, 0))), 'crl-unusable');
      assert.equal(await codeUnder(new x509.Extension('1.2.3.4', false, Uint8Array.of(5, 0))), 'accepted');
    });
  });

  describe('reading', () => {
    it('never throws, wherever a CRL is cut or spoiled', async () => {
      const der = await makeCrl({
        issuer: root,
        revoked: [{ serial, reason: x509.X509CrlReason.superseded }, { serial: '05' }],
      });
      for (let at = 0; at < der.length; at++) {
        assert.ok(!parseCrl(der.subarray(0, at)).ok, `cut at ${String(at)}`);
        const spoiled = Uint8Array.from(der);
        spoiled[at] = (spoiled[at] ?? 0) ^ 0xff;
        parseCrl(spoiled);
      }
      assert.ok(!parseCrl(new Uint8Array(LONGEST_CRL + 1)).ok);
    });

    it('reads 50 000 entries', async () => {
      const small = await makeCrl({ issuer: root, revoked: [{ serial: '70000001' }] });
      const long = withEntries(small, 50_000);
      const crl = parseCrl(long);
      assert.ok(crl.ok);
      assert.equal(crl.value.revoked.size, 50_000);
      assert.ok(crl.value.revoked.has((0x70000001 + 49_999).toString(16)));
    });
  });
});

/** The same list with its only entry `count` times, under other numbers; its signature is no longer right. */
function withEntries(der: Uint8Array, count: number): Uint8Array {
  const serial = Buffer.of(0x02, 0x04, 0x70, 0, 0, 1);
  const bytes = Buffer.from(der);
  const entry = bytes.indexOf(serial) - 2;
  const one = bytes.subarray(entry, entry + 2 + (bytes[entry + 1] ?? 0));
  const entries = Buffer.concat(
    Array.from({ length: count }, (_, index) => {
      const copy = Buffer.from(one);
      copy.writeUInt32BE(0x70000001 + index, 4);
      return copy;
    }),
  );
  const value = (content: Uint8Array): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([Buffer.of(0x30, 0x84), length, content]);
  };
  const headLength = (at: number): number =>
    (bytes[at + 1] ?? 0) < 0x80 ? 2 : 2 + ((bytes[at + 1] ?? 0) & 0x7f);
  const tbsAt = headLength(0);
  const tbsLength =
    bytes.readUInt8(tbsAt + 1) === 0x81 ? bytes.readUInt8(tbsAt + 2) : bytes.readUInt8(tbsAt + 1);
  const tbsStart = tbsAt + headLength(tbsAt);
  const list = entry - headLength(entry - 2);
  const tbs = value(
    Buffer.concat([
      bytes.subarray(tbsStart, list),
      value(entries),
      bytes.subarray(entry + one.length, tbsStart + tbsLength),
    ]),
  );
  return value(Buffer.concat([tbs, bytes.subarray(tbsStart + tbsLength)]));
}

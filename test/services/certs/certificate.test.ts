/** Certificates as values: of every kind of key and signature, and of bytes that are none. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { LONGEST_CERTIFICATE, parseCertificate } from '../../../services/certs/certificate.js';
import { parseCrl } from '../../../services/certs/crl.js';
import { formatGeneralName } from '../../../services/certs/general-name.js';
import { unwrapPem } from '../../../services/certs/pem.js';
import { type CertificateStores, NO_STORES } from '../../../services/certs/stores.js';
import { identity, verdict } from './asking.js';
import { type Made, make, NOW, x509 } from './pki.js';

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}

describe('certificates', () => {
  let made: Made;
  before(async () => {
    made = await make({
      subject: 'C=CH, O=Example, CN=gw',
      authority: { pathLength: 2 },
      usage: x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyCertSign,
      purposes: ['1.3.6.1.5.5.7.3.17'],
      points: ['http://ca.example.net/a.crl'],
      serial: '00ff01',
      names: [
        { type: 'dns', value: 'gw.example.net' },
        { type: 'ip', value: '192.0.2.1' },
        { type: 'ip', value: '2001:db8::1' },
        { type: 'email', value: 'gw@example.net' },
        { type: 'url', value: 'http://gw.example.net/' },
        { type: 'id', value: '1.2.3.4' },
        { type: 'dn', value: 'CN=other' },
      ],
    });
  });

  it('says everything that is judged', () => {
    const { certificate } = made;
    assert.deepEqual(certificate.altNames.map(formatGeneralName), [
      'DNS=gw.example.net',
      'IP=192.0.2.1',
      'IP=2001:db8::1',
      'EMAIL=gw@example.net',
      'URI=http://gw.example.net/',
      'RID=1.2.3.4',
      'DN=CN=other',
    ]);
    assert.equal(certificate.serial, 'ff01');
    assert.deepEqual([certificate.keyAlgorithm, certificate.keyBits], ['rsa', 1024]);
    assert.deepEqual(certificate.signedWith, { hash: 'sha256', algorithm: 'rsa' });
    assert.deepEqual(certificate.basicConstraints, { ca: true, pathLength: 2 });
    assert.deepEqual([...(certificate.keyUsage ?? [])], ['digitalSignature', 'keyCertSign']);
    assert.deepEqual(certificate.crlDistributionPoints, [
      { uris: ['http://ca.example.net/a.crl'], indirect: false },
    ]);
    assert.equal(certificate.notBefore, NOW - 86_400_000);
    assert.ok(Buffer.from(made.der).includes(Buffer.from(certificate.subjectDer)));
  });

  it('never throws, wherever one is cut or spoiled', () => {
    for (let at = 0; at < made.der.length; at++) {
      assert.ok(!parseCertificate(made.der.subarray(0, at)).ok, `cut at ${String(at)}`);
      const spoiled = Uint8Array.from(made.der);
      for (const bits of [0xff, 0x20, 0x01]) {
        spoiled[at] = (made.der[at] ?? 0) ^ bits;
        parseCertificate(spoiled);
      }
    }
    assert.ok(!parseCertificate(Buffer.concat([made.der, Buffer.of(0)])).ok, 'something behind it');
  });

  it('never throws at any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.ok(!parseCertificate(bytes).ok);
        assert.ok(!parseCrl(bytes).ok);
      }),
      { numRuns: 300 },
    );
  });

  it('ends at nesting without end, and at the longest that the wire can carry', () => {
    const deep = new Uint8Array(LONGEST_CERTIFICATE).fill(0x30);
    assert.ok(!parseCertificate(deep).ok);
    const endless = Uint8Array.from({ length: 60_000 }, (_, at) => (at % 2 === 0 ? 0x30 : 0x80));
    assert.ok(!parseCertificate(endless).ok);
    assert.ok(!parseCertificate(new Uint8Array(LONGEST_CERTIFICATE + 1)).ok);
  });

  it('refuses an extension that comes twice', async () => {
    const twice = new x509.Extension('1.2.3.4', false, Uint8Array.of(5, 0));
    await assert.rejects(make({ subject: 'CN=twice', extensions: [twice, twice] }), /comes twice/);
  });

  for (const { kind, method, bits } of [
    { kind: 'md5', method: 'rsa_sig', bits: 1024 },
    { kind: 'dsa', method: 'dss_sig', bits: 1024 },
  ] as const) {
    it(`judges certificates and CRLs signed with ${kind}`, () => {
      const root = parseCertificate(fixture(`${kind}-root.der`));
      const crl = parseCrl(fixture(`${kind}.crl`));
      const peer = parseCertificate(fixture(`${kind}-peer.der`));
      assert.ok(root.ok && crl.ok && peer.ok);
      assert.equal(peer.value.keyBits, bits);
      const stores: CertificateStores = {
        ...NO_STORES,
        certificates: [{ slot: '0', file: '0', certificate: root.value, privateKey: undefined }],
        crls: [{ source: 'crl', crl: crl.value }],
      };
      const question = {
        identity: identity('fqdn', `${kind}.example.net`),
        sent: [peer.value.der],
        stores,
        method,
        globals: { certRoots: [`C=CH, CN=${kind} root`], ignoreCrls: false },
        now: Date.UTC(2030, 0, 1),
      };
      assert.equal(verdict(question), 'accepted');
      const forged = Uint8Array.from(peer.value.der);
      const last = forged.length - 1;
      forged[last] = (forged[last] ?? 0) ^ 1;
      assert.equal(verdict({ ...question, sent: [forged] }), 'certificate-signature');
      assert.equal(verdict({ ...question, now: Date.UTC(2085, 0, 1) }), 'certificate-expired');
    });
  }

  describe('in files', () => {
    const LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
    const pem = (label: string, bytes = made.der): string =>
      `-----BEGIN ${label}-----\n${Buffer.from(bytes)
        .toString('base64')
        .replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;
    const unwrap = (text: string) => unwrapPem(Buffer.from(text), LABELS);

    it('is DER, or PEM under either label, with words around it', () => {
      const plain = unwrapPem(made.der, LABELS);
      assert.ok(plain.ok && Buffer.compare(plain.value.der, made.der) === 0);
      for (const label of LABELS) {
        const read = unwrap(`Issuer: me\n${pem('X509 CRL')}${pem(label).replaceAll('\n', '\r\n')}`);
        assert.ok(read.ok && Buffer.compare(read.value.der, made.der) === 0, label);
      }
      const two = unwrap(pem('CERTIFICATE') + pem('X509 CERTIFICATE'));
      assert.ok(two.ok && two.value.more === 1);
    });

    it('is told apart from what it is not', () => {
      const errors = [
        '',
        'text',
        pem('PRIVATE KEY'),
        pem('CERTIFICATE').replace('MII', '!II'),
        '-----BEGIN CERTIFICATE-----\n',
      ].map((text) => {
        const read = unwrap(text);
        return read.ok ? 'read' : read.error;
      });
      const neither = 'it is neither DER nor PEM';
      assert.deepEqual([errors[0], errors[1], errors[4]], [neither, neither, neither]);
      assert.match(errors[2] ?? '', /PEM block PRIVATE KEY/);
      assert.match(errors[3] ?? '', /no base64/);
    });
  });
});

import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { certificateRequest, selfSigned } from '../../../services/certs/build.js';
import { parseAltName } from '../../../services/certs/alt-name-text.js';
import { parseCertificate } from '../../../services/certs/certificate.js';
import { derSequence } from '../../../services/certs/der.js';
import { KEY_TYPES } from '../../../services/certs/key-types.js';
import { encodeName } from '../../../services/certs/name-encoding.js';
import { formatName, parseName } from '../../../services/certs/name.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const spki = Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
const sign = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from(createSign('sha256').update(bytes).sign(privateKey));

function wish(...names: readonly string[]) {
  const type = KEY_TYPES.find(({ name }) => name === 'rsa-sha256');
  const parsed = parseName('C=CH, O=Example, CN=gw');
  const subject = parsed.ok ? encodeName(parsed.value) : parsed;
  const altNames = names.map(parseAltName).flatMap((one) => (one.ok ? [one.value] : []));
  assert.ok(type !== undefined && subject.ok);
  assert.equal(altNames.length, names.length);
  return { type, subject: subject.value, altNames, publicKey: spki };
}

describe('certificates that are made here', () => {
  const validity = {
    serial: Uint8Array.of(0x40, 1, 2),
    notBefore: Date.UTC(2027, 0, 22, 12),
    notAfter: Date.UTC(2051, 0, 22, 12),
  };

  it('are signed by themselves and read as was asked, across the end of UTCTime', () => {
    const unsigned = selfSigned({ ...wish('IP=192.0.2.1', 'DNS=gw.example'), ...validity });
    const der = unsigned.complete(sign(unsigned.bytes));
    const node = new X509Certificate(der);
    assert.ok(node.verify(node.publicKey));
    const read = parseCertificate(der);
    assert.ok(read.ok);
    const { serial, subject, issuer, notBefore, notAfter, altNames, basicConstraints, keyUsage } = read.value;
    assert.match(serial, /^0*400102$/);
    assert.equal(formatName(subject), 'C=CH, O=Example, CN=gw');
    assert.equal(formatName(issuer), formatName(subject));
    assert.deepEqual([notBefore, notAfter], [validity.notBefore, validity.notAfter]);
    assert.deepEqual(
      altNames.map(({ kind }) => kind),
      ['ip', 'dns'],
    );
    assert.equal(basicConstraints, undefined);
    assert.deepEqual([...(keyUsage ?? [])].toSorted(), ['digitalSignature', 'keyEncipherment']);
  });

  it('have no alternative names where none were asked for', () => {
    const unsigned = selfSigned({ ...wish(), ...validity });
    const read = parseCertificate(unsigned.complete(sign(unsigned.bytes)));
    assert.ok(read.ok);
    assert.deepEqual(read.value.altNames, []);
  });

  it('are asked for by a request that holds key, names and its own signature', () => {
    const unsigned = certificateRequest(wish('DNS=gw.example'));
    const der = unsigned.complete(sign(unsigned.bytes));
    const [info, , signature] = derSequence(der, 3) ?? [];
    assert.deepEqual(info?.whole, unsigned.bytes);
    assert.deepEqual(signature?.content.subarray(1), sign(unsigned.bytes));
    const text = Buffer.from(der);
    assert.ok(text.includes(Buffer.from(spki)) && text.includes('gw.example'));
  });
});

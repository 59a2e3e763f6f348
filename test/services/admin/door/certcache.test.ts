import assert from 'node:assert/strict';
import {
  type CertificateRecord,
  decodeCertificate,
  encodeCertificate,
  LINKAGE,
} from '../../../../services/admin/door/certcache.js';

const ENTRY: CertificateRecord = {
  id: 3,
  trusted: true,
  linkage: LINKAGE.received,
  subject: 'CN=peer.example.net, O=Example',
  issuer: 'CN=Example Root',
};

describe('certcache', () => {
  it('comes back as it was, whatever its link', () => {
    for (const linkage of Object.values(LINKAGE))
      for (const trusted of [true, false]) {
        const entry = { ...ENTRY, linkage, trusted };
        assert.deepEqual(decodeCertificate(encodeCertificate(entry)), entry);
      }
  });

  it('has -1 where a certificate is trusted, and where it came off the wire', () => {
    const bytes = Buffer.from(encodeCertificate(ENTRY));
    assert.equal(bytes.length, 2064);
    assert.deepEqual([bytes.readInt32LE(4), bytes.readInt32LE(8)], [-1, -1]);
    assert.equal(Buffer.from(encodeCertificate({ ...ENTRY, trusted: false })).readInt32LE(4), 0);
  });

  it('cuts names that are too long between two characters', () => {
    const { subject } = decodeCertificate(encodeCertificate({ ...ENTRY, subject: 'é'.repeat(600) })) ?? {};
    assert.equal(subject, 'é'.repeat(511));
  });

  it('is not read from fewer bytes', () => {
    const bytes = encodeCertificate(ENTRY);
    for (let length = 0; length < bytes.length; length++)
      assert.equal(decodeCertificate(bytes.subarray(0, length)), undefined);
  });
});

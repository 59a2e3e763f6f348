/** Certificates and CRLs whose time is over or soon will be, and one RSA key for two uses. */
import assert from 'node:assert/strict';
import { certificateWarnings } from '../../../services/advice/certificate-warnings.js';
import type { CertificateStores } from '../../../services/certs/stores.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { KeyHandle } from '../../../services/ports/keys.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { make, makeCrl, type Made, NOW, stores } from '../certs/pki.js';

const DAY = 86_400_000;

function config(rules: readonly string[], globals = '') {
  const text = `cert_root "CN=Root"\n${globals}\n${rules
    .map(
      (method, index) =>
        `{ label "r${String(index)}" local_addr 192.0.2.1 remote_addr 198.51.100.${String(index + 1)}
  local_id_type dn local_id "CN=gw" remote_id ""
  p1_xform { auth_method ${method} oakley_group 14 auth_alg sha256 encr_alg aes } }`,
    )
    .join('\n')}\n`;
  const { config: read, diagnostics } = parseIkeConfig(text, 'config');
  assert.ok(read, JSON.stringify(diagnostics));
  return read;
}

/** The first one is ours. */
function withKey(made: readonly Made[], crls: readonly Uint8Array[] = []): CertificateStores {
  const handle: KeyHandle = new KeyStore().put(Uint8Array.of(1));
  const all = stores(made, crls);
  return {
    ...all,
    certificates: all.certificates.map((entry, index) =>
      index === 0 ? { ...entry, privateKey: { handle, algorithm: 'rsa', bits: 1024 } } : entry,
    ),
  };
}

async function rootAndOwn(rootTo: number, ownTo: number) {
  const root = await make({ subject: 'CN=Root', authority: true, to: rootTo });
  const own = await make({ subject: 'CN=gw', issuer: root, to: ownTo });
  return { root, own };
}

describe('warnings about certificates', () => {
  it('are none while all have time', async () => {
    const { root, own } = await rootAndOwn(NOW + 400 * DAY, NOW + 31 * DAY);
    assert.deepEqual(certificateWarnings(config(['rsa_sig'], 'ignore_crls'), withKey([own, root]), NOW), []);
  });

  it('name a root that has expired, and one of ours that soon will', async () => {
    const { root, own } = await rootAndOwn(NOW - 1, NOW + 9 * DAY);
    const lines = certificateWarnings(config(['rsa_sig'], 'ignore_crls'), withKey([own, root]), NOW);
    assert.match(lines[0] ?? '', /^publickeys\/1: warning: "CN=Root" .* expired on /);
    assert.match(lines[1] ?? '', /^publickeys\/0: warning: "CN=gw" .* expires on .*, in 9 day\(s\)/);
  });

  it('name CRLs past their date, unless CRLs are ignored', async () => {
    const { root, own } = await rootAndOwn(NOW + 400 * DAY, NOW + 400 * DAY);
    const crl = await makeCrl({ issuer: root, from: NOW - 9 * DAY, to: NOW - DAY });
    const known = withKey([own, root], [crl]);
    assert.match(
      certificateWarnings(config(['rsa_sig']), known, NOW).join(),
      /^crls\/0: warning: .* ran out on/,
    );
    assert.deepEqual(certificateWarnings(config(['rsa_sig'], 'ignore_crls'), known, NOW), []);
  });

  it('name one RSA key that signs and decrypts', async () => {
    const { root, own } = await rootAndOwn(NOW + 400 * DAY, NOW + 400 * DAY);
    const known = withKey([own, root]);
    const both = certificateWarnings(config(['rsa_sig', 'rsa_encrypt'], 'ignore_crls'), known, NOW);
    assert.match(
      both.join(),
      /^config:8:\d+: warning: rule "r1": the RSA key of publickeys\/0 decrypts here and signs for rule "r0" of line 3/,
    );
    assert.deepEqual(certificateWarnings(config(['rsa_encrypt'], 'ignore_crls'), known, NOW), []);
  });

  it('are none where no rule uses certificates', async () => {
    const { root, own } = await rootAndOwn(NOW - 1, NOW - 1);
    assert.deepEqual(certificateWarnings(config(['preshared']), withKey([own, root]), NOW), []);
  });
});

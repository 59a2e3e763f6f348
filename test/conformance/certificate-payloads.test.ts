/** What RFC 2408 3.9 and 3.10 and RFC 2409 5.1 demand of messages that carry certificates and signatures. */
import assert from 'node:assert/strict';
import { parseCertificate } from '../../services/certs/certificate.js';
import { certificateRequests } from '../../services/certs/payloads.js';
import { NO_STORES } from '../../services/certs/stores.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { allOf } from '../../services/exchange/payloads-of.js';
import { CERT_ENCODING } from '../../services/isakmp/registries/cert-encodings.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { boundCrypto } from '../sim/bound-crypto.js';
import { certificatePlan } from '../sim/certificate-gateways.js';
import { authority, type Authority, ROOT_NAME } from '../sim/certificates.js';
import { failedCodes, failures } from '../sim/outcome.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { packetToWest, startPair } from '../sim/two-gateways.js';
import { opener, type OpenedMessage } from './opened-run.js';

/** Six messages of Main Mode with RSA signatures, opened. */
async function mainMode(made: Authority): Promise<readonly OpenedMessage[]> {
  const plan = (end: 'east' | 'west') => certificatePlan(end, made, { method: 'rsa_sig' });
  const pair = await startPair(1, plan('east'), plan('west'));
  pair.east.kernel.output(packetToWest());
  assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000), failures(pair));
  return opener(pair)(pair.network.sent).filter(({ header }) => header.exchangeType === EXCHANGE.mainMode);
}

function rootOf(made: Authority) {
  const root = parseCertificate(made.root);
  assert.ok(root.ok);
  return root.value;
}

describe('Main Mode with signatures', () => {
  it('brings the certificate of its sender, and asks for one under its root', async () => {
    const made = await authority();
    const messages = await mainMode(made);
    const root = rootOf(made);
    assert.equal(messages.length, 6, 'no message more than without certificates');
    const requests = messages.map(({ payloads }) => allOf(payloads, 'CERTREQ'));
    assert.deepEqual(
      requests.map((list) => list.length),
      [0, 0, 1, 1, 0, 0],
    );
    for (const { encoding, data } of requests.flat()) {
      assert.equal(encoding, CERT_ENCODING.x509Signature);
      assert.deepEqual(Buffer.from(data), Buffer.from(root.subjectDer));
    }
    const certificates = messages.map(({ payloads }) => allOf(payloads, 'CERT'));
    assert.deepEqual(
      certificates.map((list) => list.length),
      [0, 0, 0, 0, 1, 1],
    );
    const own = ['east-rsa', 'west-rsa'].map((name) => made.issued.get(name)?.der);
    certificates.flat().forEach(({ encoding, data }, index) => {
      assert.equal(encoding, CERT_ENCODING.x509Signature);
      assert.deepEqual(Buffer.from(data), Buffer.from(own[index] ?? []));
    });
    const signatures = messages.map(({ payloads }) => allOf(payloads, 'SIG').map(({ data }) => data.length));
    assert.deepEqual(signatures, [[], [], [], [], [128], [128]]);
  });

  it('fails where the signature is wrong', async () => {
    const made = await authority();
    const plan = (end: 'east' | 'west') => certificatePlan(end, made, { method: 'rsa_sig' });
    const pair = await startPair(2, plan('east'), {
      ...plan('west'),
      crypto: (crypto) => ({
        ...boundCrypto(crypto),
        // What east has signed was changed on its way.
        verifyRsa: (key, hash, signature) =>
          crypto.verifyRsa(
            key,
            hash,
            signature.map((byte, index) => (index === 5 ? byte ^ 1 : byte)),
          ),
      }),
    });
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => failedCodes(pair.west).length > 0, 60_000);
    assert.deepEqual(failedCodes(pair.west), ['bad-proof']);
    assert.equal(pair.west.engine.table.phase1Count, 0);
  });
});

describe('a request for certificates', () => {
  function requests(certRoots: string, ders: readonly Uint8Array[]) {
    const { config } = parseIkeConfig(
      `${certRoots}
{ label "peer" local_addr 192.0.2.1 remote_addr 192.0.2.2 local_id_type dn local_id "CN=east" remote_id "CN=west"
  p1_xform { auth_method rsa_sig oakley_group 2 auth_alg sha1 encr_alg 3des } }`,
      'config',
    );
    const [rule] = config?.rules ?? [];
    assert.ok(config && rule);
    const certificates = ders.map((der, index) => {
      const certificate = parseCertificate(der);
      assert.ok(certificate.ok);
      return { slot: String(index), file: '', certificate: certificate.value, privateKey: undefined };
    });
    return certificateRequests(config.globals, rule, { ...NO_STORES, certificates });
  }

  it('names no authority when it is for none in particular', () => {
    assert.deepEqual(
      requests('', []).map(({ encoding, data }) => [encoding, data.length]),
      [[CERT_ENCODING.x509Signature, 0]],
    );
  });

  it('is one for each authority', async () => {
    const made = await authority();
    const ders = [made.root, made.issued.get('east-rsa')?.der ?? new Uint8Array(0)];
    const roots = `cert_root "${ROOT_NAME}" cert_root "CN=east, O=Example"`;
    assert.equal(requests(roots, ders).length, 2);
  });
});

describe('Aggressive Mode', () => {
  it('says INITIAL-CONTACT, and any other status, only where it is encrypted', async () => {
    const made = await authority();
    const plan = (end: 'east' | 'west') =>
      certificatePlan(end, made, { method: 'rsa_sig', mode: 'aggressive' });
    const pair = await startPair(3, plan('east'), plan('west'));
    const said: (readonly [number, boolean])[] = [];
    for (const { stream } of [pair.east, pair.west]) {
      stream.subscribe((event) => {
        if (event.type !== 'message.sent' || event.message.exchange !== 'Aggressive Mode') return;
        if (event.message.payloads.includes('NOTIFY'))
          said.push([event.message.number, event.message.encrypted]);
      });
    }
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000), failures(pair));
    assert.deepEqual(said, [[3, true]]);
  });
});

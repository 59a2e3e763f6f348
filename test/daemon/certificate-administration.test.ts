import assert from 'node:assert/strict';
import {
  certificateAdministration,
  type CertificateAdministrationOptions,
} from '../../daemon/certificate-administration.js';
import type {
  CertificateAdministration,
  CertificateView,
} from '../../services/admin/certificate-administration.js';
import { type CertificateStores, NO_STORES, type StoredCertificate } from '../../services/certs/stores.js';
import { certificatePlan, type CertificateWish } from '../sim/certificate-gateways.js';
import { authority, ROOT_NAME, storesOf } from '../sim/certificates.js';
import { runUntil, type SimulatedDaemon } from '../sim/simulated-daemon.js';
import { packetToWest, type Pair, startPair } from '../sim/two-gateways.js';

const WINDOW_MS = 60_000;
const WISH: CertificateWish = { method: 'rsa_sig' };

async function gateways(): Promise<Pair> {
  const made = await authority();
  return startPair(5, certificatePlan('east', made, WISH), certificatePlan('west', made, WISH));
}

async function meet(pair: Pair): Promise<void> {
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
  assert.equal(pair.west.delivered.length, 1);
}

function administrationOf(
  { engine }: SimulatedDaemon,
  options: Partial<CertificateAdministrationOptions> = {},
): CertificateAdministration {
  return certificateAdministration(engine, {
    readCertificates: () => engine.settings.certificates,
    replaceSettings: (settings) => {
      engine.replaceSettings(settings);
    },
    flushFetched: () => undefined,
    ...options,
  });
}

function all(administration: CertificateAdministration): readonly CertificateView[] {
  const views: CertificateView[] = [];
  let from: number | undefined = 0;
  while (from !== undefined) {
    const listed = administration.certificatesFrom(from);
    if (listed !== undefined) views.push(listed.entry);
    from = listed?.next;
  }
  return views;
}

const changed = (
  { engine }: SimulatedDaemon,
  change: (stores: CertificateStores) => CertificateStores,
): void => {
  const { settings } = engine;
  engine.replaceSettings({ ...settings, certificates: change(settings.certificates) });
};

describe('the administration of certificates', () => {
  it('lists those of the files in order, with who is trusted and whose key is here', async () => {
    const { east } = await gateways();
    assert.deepEqual(all(administrationOf(east)), [
      { id: 1, subject: ROOT_NAME, issuer: ROOT_NAME, trusted: true, link: 'public' },
      { id: 2, subject: 'CN=east, O=Example', issuer: ROOT_NAME, trusted: false, link: 'available' },
    ]);
  });

  it('shows a key on a token as locked until the token is unlocked', async () => {
    const { east } = await gateways();
    changed(east, (stores) => ({ ...stores, certificates: stores.certificates.map(onToken) }));
    const links = () => all(administrationOf(east)).map(({ link }) => link);
    assert.deepEqual(links(), ['public', 'locked']);
    changed(east, (stores) => ({ ...stores, tokens: new Map([['box', 'unlocked' as const]]) }));
    assert.deepEqual(links(), ['public', 'available']);
  });

  it('lists what was fetched and what peers showed once each, and not what the files have', async () => {
    const pair = await gateways();
    const { east, keys } = { ...pair, keys: pair.east.keys };
    await meet(pair);
    const fromPeer = {
      ...{ id: 3, subject: 'CN=west, O=Example', issuer: ROOT_NAME },
      ...{ trusted: false, link: 'received' },
    };
    assert.deepEqual(all(administrationOf(east))[2], fromPeer);
    const made = await authority();
    const strangers = storesOf(made, keys, [], ['mallory-rsa', 'west-rsa', 'east-rsa']);
    const certificates = strangers.certificates.map(({ certificate }) => ({ source: 'http', certificate }));
    changed(east, (stores) => ({ ...stores, fetched: { ...stores.fetched, certificates } }));
    assert.deepEqual(
      all(administrationOf(east)).map(({ id, subject, link }) => [id, subject, link]),
      [
        [1, ROOT_NAME, 'public'],
        [2, 'CN=east, O=Example', 'available'],
        [3, 'CN=mallory, O=Example', 'received'],
        [4, 'CN=west, O=Example', 'received'],
      ],
    );
  });

  it('flushes what came from elsewhere, reads the files again, and leaves rules and SAs alone', async () => {
    const pair = await gateways();
    const { east } = pair;
    await meet(pair);
    const made = await authority();
    const tokens = new Map([['box', 'unlocked' as const]]);
    changed(east, (stores) => ({ ...stores, tokens }));
    const { config } = east.engine.settings;
    const flushed: CertificateStores[] = [];
    const administration = administrationOf(east, {
      readCertificates: () => storesOf(made, east.keys, ['east-rsa'], ['mallory-rsa']),
      flushFetched: (stores) => flushed.push(stores),
    });
    assert.equal(all(administration).length, 3);
    assert.deepEqual(await administration.flushCertificates(), { ok: true, value: undefined });
    assert.deepEqual(
      all(administration).map(({ subject }) => subject),
      [ROOT_NAME, 'CN=east, O=Example', 'CN=mallory, O=Example'],
    );
    assert.equal(flushed.length, 1);
    assert.equal(east.engine.settings.config, config, 'the rules are the same');
    assert.equal(east.engine.settings.certificates.tokens, tokens, 'tokens stay as they are');
    assert.equal(east.engine.table.phase1Count, 1);
  });

  it('has nothing to list without any', async () => {
    const { east } = await gateways();
    changed(east, () => NO_STORES);
    assert.equal(administrationOf(east).certificatesFrom(0), undefined);
  });
});

function onToken(stored: StoredCertificate): StoredCertificate {
  const { privateKey, certificate } = stored;
  if (privateKey === undefined) return stored;
  const object = { token: 'box', id: '01', label: undefined };
  return {
    ...stored,
    privateKey: { algorithm: 'rsa', bits: 1024, object, publicKey: certificate.publicKey },
  };
}

/** The certificate fetcher: what it asks for, when it asks again, and what it shows of it. */
import assert from 'node:assert/strict';
import { CertificateFetcher } from '../../daemon/certificate-fetcher.js';
import { EventStream } from '../../daemon/event-stream.js';
import type { Bytes } from '../../services/bytes.js';
import type { CertificateStores, FetchedView } from '../../services/certs/stores.js';
import type { GlobalParameters } from '../../services/policy/rule.js';
import type { DirectoryEntry } from '../../services/ports/directory.js';
import { err, ok, type Result } from '../../services/result.js';
import { globalsWith } from '../services/certs/asking.js';
import { type Made, make, makeCrl, NOW, stores } from '../services/certs/pki.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const URL = 'http://ca.example.net/root.crl';
const HOUR = 3_600_000;

describe('the certificate fetcher', () => {
  let root: Made;
  let peer: Made;
  let crl: Bytes;
  let held: CertificateStores;
  before(async () => {
    root = await make({ subject: 'C=CH, CN=Root', authority: true });
    peer = await make({
      subject: 'CN=gw',
      issuer: root,
      points: [URL],
      names: [{ type: 'email', value: 'gw@example.net' }],
    });
    crl = await makeCrl({ issuer: root, to: NOW + 20 * HOUR, from: NOW - 20 * HOUR });
    held = stores([root, peer]);
  });

  function world(answer: (asked: string) => Result<readonly Bytes[], string> = () => ok([crl])) {
    const clock = new VirtualClock(NOW);
    const asked: string[] = [];
    const views: FetchedView[] = [];
    const reply = (what: string): Promise<Result<readonly Bytes[], string>> => {
      asked.push(what);
      return Promise.resolve(answer(what));
    };
    const inWords = (entry: DirectoryEntry): string => ('dn' in entry ? entry.dn : `mail ${entry.mailbox}`);
    const fetcher = new CertificateFetcher({
      clock,
      events: new EventStream(clock),
      http: () => ({
        get: async (url) => {
          const body = await reply(url);
          return body.ok ? ok(body.value[0] ?? new Uint8Array(0)) : body;
        },
      }),
      directory: () => ({
        look: (entry, attributes) => reply(`${attributes.join('+')} of ${inWords(entry)}`),
      }),
      publish: (view) => views.push(view),
    });
    const start = (globals: Partial<GlobalParameters>): void => {
      fetcher.configure(globalsWith({ ignoreCrls: false, certRoots: ['C=CH, CN=Root'], ...globals }), held);
    };
    return { clock, asked, views, fetcher, start };
  }

  /** Lets promises settle that need no clock. */
  async function settle(): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.resolve();
  }

  it('fetches what the distribution points of stored certificates name', async () => {
    const { asked, views, start } = world();
    start({ useHttp: true });
    assert.deepEqual([...(views.at(-1)?.pending ?? [])], [URL]);
    await settle();
    assert.deepEqual(asked, [URL]);
    const view = views.at(-1);
    assert.deepEqual([view?.crls.map(({ source }) => source), view?.pending.size], [[URL], 0]);
  });

  it('asks directories for the CRL of a root by its name', async () => {
    const { asked, views, start } = world();
    start({ ldapServers: [{ host: 'ldap.example.net', port: 389 }] });
    await settle();
    assert.deepEqual(asked, ['certificateRevocationList of CN=Root, C=CH']);
    assert.equal(views.at(-1)?.crls.length, 1);
  });

  it('asks nobody without use_http and ldap_server, nor with ignore_crls', async () => {
    for (const globals of [{}, { useHttp: true, ignoreCrls: true }]) {
      const { asked, start } = world();
      start(globals);
      await settle();
      assert.deepEqual(asked, []);
    }
  });

  it('fetches anew before a list runs out, and keeps the old one when that fails', async () => {
    let good = true;
    const { clock, asked, views, start } = world(() => (good ? ok([crl]) : err('status 503')));
    start({ useHttp: true });
    await settle();
    clock.advance(18 * HOUR);
    await settle();
    assert.equal(asked.length, 1);
    good = false;
    clock.advance(HOUR);
    await settle();
    assert.equal(asked.length, 2, 'an hour before its end');
    assert.equal(views.at(-1)?.crls.length, 1);
    assert.equal(views.at(-1)?.failed.get(URL), 'status 503');
    clock.advance(60_000);
    await settle();
    clock.advance(60_000);
    await settle();
    assert.equal(asked.length, 3, 'the second retry comes later than the first');
    clock.advance(60_000);
    await settle();
    assert.equal(asked.length, 4);
  });

  it('does not take an older list than it has, nor one that cannot be read', async () => {
    const older = await makeCrl({ issuer: root, from: NOW - 100 * HOUR, to: NOW + 100 * HOUR });
    const answers = [crl, older, Buffer.from('<html>')];
    const { clock, views, start } = world(() => ok([answers.shift() ?? crl]));
    start({ useHttp: true });
    await settle();
    clock.advance(19 * HOUR);
    await settle();
    assert.match(views.at(-1)?.failed.get(URL) ?? '', /older CRL than before/);
    clock.advance(60_000);
    await settle();
    assert.match(views.at(-1)?.failed.get(URL) ?? '', /neither DER nor PEM/);
    assert.equal(views.at(-1)?.crls[0]?.crl.thisUpdate, NOW - 20 * HOUR);
  });

  it('fetches what a judgement wanted, once, however often it is wanted', async () => {
    const url = 'http://ca.example.net/other.crl';
    const wanted = [{ kind: 'crl', issuer: 'CN=Other', uris: [url] }] as const;
    const { clock, asked, fetcher, start, views } = world((what) =>
      what === url ? err('status 404') : ok([crl]),
    );
    start({ useHttp: true });
    for (let i = 0; i < 5; i++) fetcher.want(wanted);
    await settle();
    fetcher.want(wanted);
    await settle();
    assert.deepEqual(asked, [URL, url]);
    assert.equal(views.at(-1)?.failed.get(url), 'status 404');
    clock.advance(60_000);
    fetcher.want(wanted);
    await settle();
    assert.deepEqual(asked, [URL, url, url]);
  });

  it('keeps of a directory only the certificate that was asked for', async () => {
    const { asked, fetcher, start, views } = world((what) =>
      what.startsWith('user') ? ok([root.der, peer.der]) : err('none'),
    );
    start({ ldapServers: [{ host: 'ldap.example.net', port: 389 }] });
    fetcher.want([
      { kind: 'certificate', subject: 'CN=gw' },
      { kind: 'certificate', mailbox: 'gw@example.net' },
      { kind: 'certificate', mailbox: 'nobody@example.net' },
    ]);
    await settle();
    assert.deepEqual(asked.slice(1), [
      'userCertificate+cACertificate of CN=gw',
      'userCertificate+cACertificate of mail gw@example.net',
      'userCertificate+cACertificate of mail nobody@example.net',
    ]);
    const view = views.at(-1);
    assert.deepEqual(
      view?.certificates.map(({ certificate }) => certificate.serial),
      [peer.certificate.serial, peer.certificate.serial],
    );
    assert.match(
      view.failed.get('ldap: certificate of mail=nobody@example.net') ?? '',
      /no certificate with that name/,
    );
  });

  it('holds a bounded number of sources, and those of the configuration longest', async () => {
    const { fetcher, start, views } = world();
    start({ useHttp: true });
    await settle();
    for (let i = 0; i < 300; i++) {
      fetcher.want([{ kind: 'crl', issuer: 'CN=Other', uris: [`http://ca.example.net/${String(i)}`] }]);
      await settle();
    }
    const sources = views.at(-1)?.crls.map(({ source }) => source) ?? [];
    assert.equal(sources.length, 256);
    assert.ok(sources.includes(URL) && sources.includes('http://ca.example.net/299'));
  });

  it('keeps what it has at new settings, and drops it when it is flushed', async () => {
    const { asked, fetcher, start } = world();
    start({ useHttp: true });
    await settle();
    start({ useHttp: true });
    assert.equal(fetcher.view().crls.length, 1);
    await settle();
    assert.equal(asked.length, 1, 'it is not fetched again at once');
    fetcher.flush();
    assert.equal(fetcher.view().crls.length, 0);
    await settle();
    assert.equal(fetcher.view().crls.length, 1);
    assert.equal(asked.length, 2);
    start({});
    assert.equal(fetcher.view().crls.length, 0, 'the way is not allowed any more');
  });

  it('takes no answer to a question of older settings', async () => {
    const { fetcher, start, views } = world();
    start({ useHttp: true });
    fetcher.close();
    const before = views.length;
    await settle();
    assert.equal(views.length, before);
    assert.equal(fetcher.view().crls.length, 0);
  });
});

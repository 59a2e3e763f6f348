/** The page of a real daemon: open before its negotiations begin, live while they run, and without a byte of a key. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import {
  type Gateway,
  type Gateways,
  IMPATIENT,
  INSIDE_EAST,
  INSIDE_WEST,
  startGateways,
  type Wishes,
} from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { faults } from './accessibility.js';
import { launchChromium, openPage, type WatchedPage } from './chromium.js';
import { formsOf, leaks, secretsOf } from './secrets.js';

/** Nothing is repeated while a test holds one end. */
const PATIENT = 'retry_timer_init 20\nretry_timer_max 20\n';

interface Watched {
  readonly gateways: Gateways;
  /** The pages of the two. */
  readonly east: WatchedPage;
  readonly west: WatchedPage;
  readonly complaints: () => readonly string[];
  close(): Promise<void>;
}

async function urlOf({ daemon }: Gateway): Promise<string> {
  const opened = await daemon.event('its page is served', (event) => event.type === 'inspector.opened');
  return opened.url;
}

/** Two daemons that have done nothing yet, and the page of each. */
async function watch(browser: Browser, wishes: Wishes, hash = ''): Promise<Watched> {
  const scratch: Scratch = makeScratch();
  const gateways = await startGateways(scratch.folder, {
    ...wishes,
    flags: ['--inspect', '0', ...(wishes.flags ?? [])],
  });
  const open = async (gateway: Gateway, scheme: 'light' | 'dark'): Promise<WatchedPage> => {
    const view = await openPage(browser, (await urlOf(gateway)) + hash, { scheme, width: 1500, height: 950 });
    await view.page.locator('#connection').filter({ hasText: 'live' }).waitFor();
    return view;
  };
  const pages = await Promise.all([open(gateways.east, 'dark'), open(gateways.west, 'light')]);
  const [east, west] = pages;
  return {
    gateways,
    east,
    west,
    complaints: () => pages.flatMap((page) => page.complaints),
    close: async () => {
      // The pages first: they would complain of the lost connection.
      await Promise.all(pages.map(({ page }) => page.context().close()));
      await gateways.stop();
      scratch.remove();
    },
  };
}

/** Waits until the innermost lit states are these and no others. */
async function lit({ page }: WatchedPage, ...ids: readonly string[]): Promise<void> {
  const leaf = '.node.active:not(.group)';
  const others = ids.map((id) => `:not([data-node="${id}"])`).join('');
  for (const id of ids) await page.locator(`${leaf}[data-node="${id}"]`).waitFor({ state: 'attached' });
  await page.locator(`${leaf}${others}`).waitFor({ state: 'detached' });
}

async function lastEdges({ page }: WatchedPage): Promise<readonly string[]> {
  const texts = await page.locator('.edge [data-edge].last').all();
  const ids = await Promise.all(texts.map((text) => text.getAttribute('data-edge')));
  return [...new Set(ids.map((id) => id ?? ''))].sort();
}

/** States of the way that was gone, without those that group others. */
async function visited({ page }: WatchedPage, prefix: string): Promise<readonly string[]> {
  const nodes = await page.locator(`.node.visited:not(.group)[data-node^="${prefix}."]`).all();
  const ids = await Promise.all(nodes.map((node) => node.getAttribute('data-node')));
  return ids.map((id) => id?.slice(prefix.length + 1) ?? '').sort();
}

async function select({ page }: WatchedPage, id: string): Promise<void> {
  await page.locator(`#negotiations a[href="#${id}"]`).click();
  await page.locator('#details h2').filter({ hasText: id }).waitFor();
}

function ladder({ page }: WatchedPage): Promise<readonly string[]> {
  return page.locator('#ladder .label').allTextContents();
}

const MAIN = 'main-mode-initiator';
const QUICK = 'quick-mode-initiator';
const MAIN_MODE = [
  '1  SA VENDOR x6',
  '2  SA VENDOR x3',
  '3  KE NONCE NAT-D x2',
  '4  KE NONCE NAT-D x2',
  '5  ID NOTIFY HASH',
  '6  ID NOTIFY HASH',
];
const QUICK_MODE = ['1  HASH SA NONCE ID x2', '2  HASH SA NONCE ID x2', '3  HASH'];

describe('the page of a real daemon', () => {
  let browser: Browser;
  let watched: Watched | undefined;

  before(async () => {
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
  });
  afterEach(async () => {
    const complaints = watched?.complaints() ?? [];
    await watched?.close();
    watched = undefined;
    assert.deepEqual(complaints, []);
  });

  it('follows a Main Mode and a Quick Mode to their ends, at both ends', async () => {
    watched = await watch(browser, { globals: PATIENT });
    const { east, west, gateways } = watched;
    assert.ok(await east.page.locator('#no-negotiations').isVisible());

    gateways.west.daemon.signal('SIGSTOP');
    assert.equal((await gateways.east.ikeadm('packet', 'send', INSIDE_EAST, INSIDE_WEST)).stdout, 'held\n');
    await east.page.locator('#details h2').filter({ hasText: 'p1-1' }).waitFor();
    await lit(east, `${MAIN}.negotiating.protocol.awaitingChoice`, `${MAIN}.negotiating.delivery.waiting`);
    assert.deepEqual(await ladder(east), MAIN_MODE.slice(0, 1));
    await east.picture('live-1-awaiting-choice');
    await select(east, 'p1-1');
    gateways.west.daemon.signal('SIGCONT');

    await lit(east, `${MAIN}.established`);
    assert.deepEqual(await lastEdges(east), [`${MAIN}.negotiating.protocol.checkingProof#proved#0`]);
    assert.deepEqual(await visited(east, `${MAIN}.negotiating.protocol`), [
      ...['awaitingChoice', 'awaitingKeyExchange', 'awaitingProof', 'checkingProof', 'derivingKeys'],
      ...['offering', 'preparingKeyExchange', 'provingIdentity'],
    ]);
    assert.deepEqual(await ladder(east), [...MAIN_MODE, 'established']);
    assert.equal(await east.page.locator('#ladder .lock').count(), 2);
    await east.picture('live-2-established');

    await select(east, 'p2-1');
    await lit(east, `${QUICK}.installed`);
    assert.deepEqual(await lastEdges(east), [
      `${QUICK}.negotiating.protocol.installingOutbound#xstate.done.actor.0.${QUICK}.negotiating.protocol.installingOutbound#0`,
    ]);
    assert.deepEqual(await visited(east, `${QUICK}.negotiating.protocol`), [
      ...['allocatingSpi', 'awaitingAnswer', 'confirming', 'derivingKeys'],
      ...['installingInbound', 'installingOutbound'],
    ]);
    assert.deepEqual(await ladder(east), [...QUICK_MODE, 'installed']);
    await east.picture('live-3-installed');
    await select(east, 'acquire-1');
    await lit(east, 'acquire.answered');
    await east.picture('live-4-answered');

    await select(west, 'p1-1');
    await lit(west, 'main-mode-responder.established');
    assert.deepEqual(await ladder(west), [...MAIN_MODE, 'established']);
    await west.picture('live-5-responder');
    await select(west, 'p2-1');
    await lit(west, 'quick-mode-responder.installed');
    assert.deepEqual(await ladder(west), [...QUICK_MODE, 'installed']);
  });

  it('shows one that begins after its address was opened', async () => {
    watched = await watch(browser, { globals: PATIENT }, '#p1-1');
    const { east, gateways } = watched;
    gateways.west.daemon.signal('SIGSTOP');
    const asking = gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST);
    await lit(east, `${MAIN}.negotiating.protocol.awaitingChoice`, `${MAIN}.negotiating.delivery.waiting`);
    gateways.west.daemon.signal('SIGCONT');
    await lit(east, `${MAIN}.established`);
    assert.deepEqual(await ladder(east), [...MAIN_MODE, 'established']);
    const times = await east.page.locator('#journal').textContent();
    assert.match(times ?? '', /^\+0 ms/);
    assert.equal((await asking).status, 0);
  });

  it('explains that no proposal is accepted, to the end that knows it', async () => {
    watched = await watch(browser, {
      ...IMPATIENT,
      westTransform: 'p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg 3des }',
    });
    const { east, west, gateways } = watched;
    assert.equal((await gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST)).status, 1);
    await select(west, 'p1-1');
    await lit(west, 'main-mode-responder.failed');
    assert.equal(await west.page.locator('[data-node="main-mode-responder.failed"].bad').count(), 1);
    const reason = west.page.locator('.failure');
    assert.equal(await reason.locator('code').textContent(), 'no-common-phase1-proposal');
    const table = reason.locator('table').first();
    assert.match(
      (await table.locator('caption').textContent()) ?? '',
      /rule "127\.0\.0\.2 to 127\.0\.0\.1".*\/config:\d+\)$/,
    );
    assert.deepEqual(await table.locator('tr.differs th').allTextContents(), ['encr_alg', 'auth_alg']);
    await west.page.locator('#ask-why').click();
    const why = west.page.locator('#why');
    await why.getByText('Offered against accepted, nearest first').waitFor();
    await why.getByText('strongSwan, swanctl.conf').click();
    assert.match(
      (await why.locator('details[open] pre').first().textContent()) ?? '',
      /proposals = 3des-sha256-modp2048/,
    );
    assert.match((await why.locator('ol').textContent()) ?? '', /\/config:\d+/);
    await west.picture('live-6-why');
    assert.deepEqual(await faults(west), []);
    await west.page.locator('#ask-why').click();
    // The peer repeats its offer, because nobody it knows has refused it.
    assert.deepEqual((await ladder(west)).slice(0, 2), [
      '1  SA VENDOR x6',
      'failed: no-common-phase1-proposal',
    ]);
    await west.picture('live-6-no-proposal-responder');

    await select(east, 'p1-1');
    await lit(east, `${MAIN}.failed`);
    assert.match((await east.page.locator('.failure').textContent()) ?? '', /NO-PROPOSAL-CHOSEN/);
    await east.picture('live-7-no-proposal-initiator');
  });

  it('takes a message apart: the offer for everybody, what is encrypted at keymat', async () => {
    watched = await watch(browser, {});
    const { east, gateways } = watched;
    assert.equal((await gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST)).status, 0);
    await select(east, 'p1-1');
    await lit(east, `${MAIN}.established`);
    const { page } = east;
    const dialog = page.locator('#message');
    await page.getByRole('button', { name: 'Main Mode message 1' }).first().click();
    await dialog.getByText('pre-shared key (1)').first().waitFor();
    await dialog.getByText('pre-shared key (1)').first().hover();
    await dialog.locator('.bytes .lit').first().waitFor();
    assert.equal(await dialog.locator('.bytes .lit').count(), 2);
    assert.match((await dialog.locator('.detail').first().textContent()) ?? '', /bytes \d+ to \d+/);
    await east.picture('live-11-message-1');
    assert.deepEqual(await faults(east), []);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Main Mode message 5' }).first().focus();
    await page.keyboard.press('Enter');
    await dialog.getByText('decrypted,').waitFor();
    await dialog.getByText('ID_IPV4_ADDR (1)').first().waitFor();
    await east.picture('live-12-message-5');
    await dialog.getByRole('button', { name: 'Close' }).click();

    // From now on it is veiled.
    assert.equal((await gateways.east.ikeadm('set', 'priv', 'modkeys')).status, 0);
    await page.getByRole('button', { name: 'Main Mode message 5' }).first().click();
    await dialog.getByText('privilege keymat').waitFor();
    assert.equal(await dialog.getByText('decrypted,').count(), 0);
  });

  it('suspects different pre-shared keys at once, and says so in the end', async () => {
    // Long enough for a slow machine to draw the suspicion before it becomes the failure.
    watched = await watch(browser, {
      ...IMPATIENT,
      westGlobals: 'expire_timer 9\n',
      westKey: 'c0de'.repeat(12),
    });
    const { east, west, gateways } = watched;
    const asking = gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST);
    await west.page.locator('.failure.suspicion').filter({ hasText: 'pre-shared key' }).waitFor();
    await west.picture('live-8-suspicion');
    assert.equal((await asking).status, 1);
    await west.page.locator('.failure:not(.suspicion)').filter({ hasText: 'wrong-preshared-key' }).waitFor();
    await west.picture('live-9-wrong-key-responder');
    await select(east, 'p1-1');
    await lit(east, `${MAIN}.failed`);
    assert.match((await east.page.locator('.failure').textContent()) ?? '', /hold different keys/);
    await east.picture('live-10-wrong-key-initiator');

    const received = await Promise.all([east, west].map((view) => view.receivedBytes()));
    const secrets = await secretsOf(gateways);
    assert.equal(secrets.size, 2);
    assert.deepEqual(leaks(received.flat(), secrets), []);
  });

  it('receives nothing of any key', async () => {
    watched = await watch(browser, {});
    const { east, west, gateways } = watched;
    const secrets = new Map<string, string>();
    const collect = async (): Promise<void> => {
      for (const [hex, name] of await secretsOf(gateways)) secrets.set(hex, name);
    };
    for (const from of [gateways.east, gateways.west]) {
      const [source, destination] =
        from === gateways.east ? [INSIDE_EAST, INSIDE_WEST] : [INSIDE_WEST, INSIDE_EAST];
      assert.equal((await from.ikeadm('up', source, destination)).status, 0);
      assert.equal((await from.ikeadm('packet', 'send', source, destination)).stdout, 'sent\n');
      await collect();
      await from.ikeadm('flush', 'p1');
    }
    // Every negotiation, as each page shows it.
    for (const view of [east, west]) {
      const links = await view.page.locator('#negotiations a').all();
      const ids = await Promise.all(
        links.map(async (link) => (await link.getAttribute('href'))?.slice(1) ?? ''),
      );
      // The charts of established SAs come and go beside them.
      assert.equal(ids.filter((id) => /^(?:p1|p2|acquire)-/.test(id)).length, 5);
      for (const id of ids) await select(view, id);
    }
    const received = (await Promise.all([east, west].map((view) => view.receivedBytes()))).flat();

    // One pre-shared key; of each Phase 1 SA SKEYID, its three children, the cipher's key and an IV at each end; of each
    // of four IPsec SAs two keys.
    const names = [...secrets.values()].map((name) => name.replace(/ of .*/, ''));
    assert.equal(names.filter((name) => /^(?:encryption|integrity) key$/.test(name)).length, 8);
    for (const name of ['SKEYID', 'SKEYID_d', 'SKEYID_a', 'SKEYID_e', 'Encryption key']) {
      assert.equal(names.filter((candidate) => candidate === name).length, 2, name);
    }
    assert.ok(names.includes('Initialization vector'));
    assert.ok(names.includes('pre-shared key'));
    assert.deepEqual(leaks(received, secrets), []);

    // What is looked through is what came: the cookies are there, and nothing is known of a key that is put in.
    const cookies = gateways.east.daemon.events.flatMap((event) =>
      event.type === 'phase1.established' ? event.cookies.split('/') : [],
    );
    assert.equal(cookies.length, 4);
    for (const cookie of cookies)
      assert.deepEqual(leaks(received, new Map([[cookie, 'cookie']])), ['cookie as hex']);
    for (const [hex, name] of secrets) {
      for (const { form, bytes } of formsOf(hex)) {
        const canary = Buffer.concat([Buffer.from('{"x":"'), bytes, Buffer.from('"}')]);
        assert.ok(leaks([...received, canary], secrets).includes(`${name} as ${form}`), `${name} as ${form}`);
      }
    }
  });

  it('would be caught with a key that somebody made the label of a rule', async () => {
    watched = await watch(browser, { eastLabel: (key) => key });
    const { east, gateways } = watched;
    assert.equal((await gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST)).status, 0);
    await select(east, 'p1-1');
    const found = leaks(await east.receivedBytes(), await secretsOf(gateways));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^pre-shared key of \w+ as hex$/);
  });
});

/** Very many: ten thousand negotiations and SAs in the list, and five thousand events of one. Counts, no timings. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { faults } from './accessibility.js';
import { launchChromium, openPage, type WatchedPage } from './chromium.js';
import { setStage, type Stage, WRONG_KEY } from './stage.js';

const PEERS = 5000;
const LOCAL = { address: '192.0.2.1', port: 500 };
/** Far fewer than there is to be shown. */
const MOST_ELEMENTS = 2500;

describe('a page with very many', () => {
  let browser: Browser;
  let stage: Stage;
  let view: WatchedPage;

  before(async () => {
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    stage = await setStage();
  });
  afterEach(async () => {
    await view.page.context().close();
    await stage.close();
    assert.deepEqual(view.complaints, []);
  });

  function remote(peer: number) {
    return {
      address: `10.${String(peer >> 16)}.${String((peer >> 8) & 255)}.${String(peer & 255)}`,
      port: 500,
    };
  }

  /** For each peer a Main Mode that has ended, and an SA that stands. */
  function crowd(): void {
    for (let peer = 1; peer <= PEERS; peer++) {
      const negotiation = `p1-${String(peer)}`;
      const common = { local: LOCAL, remote: remote(peer), rule: `branch ${String(peer)}` };
      stage.emit({
        type: 'negotiation.started',
        negotiation,
        chart: 'main-mode-initiator',
        ...common,
        parent: undefined,
      });
      const failure = peer % 1000 === 0 ? WRONG_KEY : undefined;
      stage.emit({
        type: 'negotiation.ended',
        negotiation,
        outcome: failure === undefined ? 'established' : 'failed',
        failure,
      });
      const standing = `sa-${String(peer)}`;
      stage.emit({
        type: 'negotiation.started',
        negotiation: standing,
        chart: 'isakmp-sa',
        ...common,
        parent: negotiation,
      });
      const active = ['isakmp-sa', 'isakmp-sa.standing', 'isakmp-sa.standing.idle'];
      stage.emit({ type: 'negotiation.state', negotiation: standing, active, context: {} });
      stage.clock.advance(1);
    }
  }

  const elements = (): Promise<number> => view.page.evaluate('document.querySelectorAll("*").length');
  const rows = () => view.page.locator('#negotiations li');
  const shown = async (text: string): Promise<void> => {
    await view.page.locator('#count').filter({ hasText: text }).waitFor();
  };
  /** Ids of the rows, from top to bottom. */
  const ids = () =>
    view.page.evaluate<readonly string[]>(
      '[...document.querySelectorAll("#negotiations a")].map((link) => link.hash.slice(1))',
    );

  it('lists ten thousand with a handful of elements, found, chosen and walked by keyboard', async () => {
    crowd();
    view = await openPage(browser, stage.inspector.url, { scheme: 'light', width: 1280, height: 800 });
    const { page } = view;
    await shown('10 000');
    await page.locator('#details h2').filter({ hasText: 'p1-5000' }).waitFor();
    assert.ok((await rows().count()) < 40, 'only rows in view are elements');
    assert.ok((await elements()) < MOST_ELEMENTS);
    assert.equal(await rows().first().getAttribute('aria-setsize'), '10000');
    assert.equal(await rows().first().getAttribute('aria-posinset'), '1');
    assert.deepEqual((await ids()).slice(0, 2), ['sa-5000', 'p1-5000']);
    assert.match((await page.locator('#count-sas').textContent()) ?? '', /^5\s000$/);
    assert.equal(await page.locator('#count-failed').textContent(), '5');
    assert.deepEqual(await faults(view), []);
    await view.picture('crowd-1-all');

    // To the end and back by keyboard; who has the focus is an element, wherever the list is.
    await rows().first().locator('a').focus();
    await page.keyboard.press('End');
    await page.locator('#negotiations a[href="#p1-1"]:focus').waitFor();
    assert.equal(await page.locator('li:has(a:focus)').getAttribute('aria-posinset'), '10000');
    await page.keyboard.press('ArrowUp');
    await page.locator('#negotiations a[href="#sa-1"]:focus').waitFor();
    await page.evaluate('document.getElementById("list-pane").scrollTop = 0');
    await page.locator('#negotiations a[href="#sa-5000"]').waitFor();
    assert.equal(await page.locator('#negotiations a[href="#sa-1"]:focus').count(), 1);
    await page.keyboard.press('Enter');
    await page.locator('#details h2').filter({ hasText: 'sa-1' }).waitFor();
    assert.equal(new URL(page.url()).hash, '#sa-1');
    await page.locator('#negotiations a[href="#sa-1"][aria-current="true"]').waitFor();
    assert.ok((await rows().count()) < 40);

    // What is looked for may stand anywhere: several words, each somewhere.
    await page.locator('#filter').fill('10.0.4.210 idle');
    await shown('1 of 10 000');
    assert.deepEqual(await ids(), ['sa-1234']);
    await page.locator('#filter').fill('wrong-preshared');
    await shown('5 of 10 000');
    await page.locator('#filter').press('ArrowDown');
    await page.locator('#negotiations a[href="#p1-5000"]:focus').waitFor();
    await page.keyboard.press('PageDown');
    await page.keyboard.press('Enter');
    await page.locator('#details h2').filter({ hasText: 'p1-1000' }).waitFor();
    await page.locator('#filter').fill('nowhere');
    await page.locator('#no-match').waitFor();
    assert.equal(await rows().count(), 0);
    await page.locator('#filter').fill('');
    await page.locator('#kind-sas').click();
    await shown('5 000 of 10 000');
    assert.ok((await ids()).every((id) => id.startsWith('sa-')));
  });

  it('gets frames by time, not by what happens, and rows by what has changed', async () => {
    crowd();
    view = await openPage(browser, `${stage.inspector.url}#p1-1`, {
      scheme: 'dark',
      width: 1280,
      height: 800,
    });
    await shown('10 000');
    await view.page.locator('#details h2').filter({ hasText: 'p1-1' }).waitFor();
    const before = view.received.length;
    const states = ['doubting', 'idle', 'deleting'];
    for (const state of states) {
      for (let peer = 1; peer <= PEERS; peer++) {
        const active = ['isakmp-sa', `isakmp-sa.${state}`];
        stage.emit({ type: 'negotiation.state', negotiation: `sa-${String(peer)}`, active, context: {} });
      }
    }
    await view.page.locator('#negotiations .state').filter({ hasText: 'deleting' }).first().waitFor();
    const frames = view.received.slice(before);
    assert.ok(
      frames.length <= 4,
      `${String(frames.length)} frames for ${String(PEERS * states.length)} events`,
    );
    const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    assert.ok(bytes < PEERS * states.length * 50, `${String(bytes)} bytes`);
    // Of the one that is selected nothing has happened, and nothing was told.
    assert.ok(frames.every((frame) => !frame.includes('"type":"events"')));
  });

  it('keeps what is in view where it is when rows come above it', async () => {
    crowd();
    view = await openPage(browser, `${stage.inspector.url}#p1-2500`, {
      scheme: 'light',
      width: 1280,
      height: 800,
    });
    const chosen = view.page.locator('#negotiations a[aria-current="true"]');
    await chosen.waitFor();
    const place = await chosen.boundingBox();
    for (let more = 1; more <= 50; more++) stage.begin(`p1-new-${String(more)}`, 'more');
    await shown('10 050');
    assert.deepEqual(await chosen.boundingBox(), place);
    assert.equal(await view.page.locator('#details h2').textContent(), 'p1-2500');
  });

  it('shows five thousand events of one in a bounded number of elements, to the first of them', async () => {
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    view = await openPage(browser, `${stage.inspector.url}#p1-1`, {
      scheme: 'light',
      width: 1280,
      height: 800,
    });
    const { page } = view;
    await page.locator('#ladder .label').first().waitFor();
    for (let event = 0; event < 5000; event++) {
      stage.clock.advance(1);
      negotiation.emit({
        type: 'message.ignored',
        negotiation: 'p1-1',
        remote: remote(1),
        reason: `number ${String(event)}`,
      });
    }
    await page.locator('#ladder .label').filter({ hasText: 'number 4999' }).waitFor();
    await page.locator('#journal td').filter({ hasText: 'number 4999' }).waitFor();
    assert.ok((await elements()) < MOST_ELEMENTS + 2000, String(await elements()));
    assert.ok((await page.locator('#ladder .label').count()) < 40);
    assert.ok((await page.locator('#marks line').count()) <= 400);
    await view.picture('crowd-2-events');

    await page.evaluate('document.getElementById("ladder").scrollTop = 0');
    await page.locator('#ladder .label').filter({ hasText: 'number 0' }).waitFor();
    assert.ok((await page.locator('#ladder .label').count()) < 40);
    await page.locator('#slider').focus();
    await page.keyboard.press('Home');
    await page.locator('#moment').filter({ hasText: ', 1 of ' }).waitFor();
    await page.locator('#ladder .label').first().waitFor({ state: 'detached' });
    await page.locator('#to-live').click();
    await page.locator('#ladder .label').filter({ hasText: 'number 4999' }).waitFor();
  });
});

import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { faults } from './accessibility.js';
import { launchChromium, openPage, type WatchedPage } from './chromium.js';
import { setStage, WRONG_KEY, type Stage, type StagedNegotiation } from './stage.js';

const ROOT = 'main-mode-initiator';
const PROTOCOL = `${ROOT}.negotiating.protocol`;

/** Message 1 has gone out; the rest up to the end. */
async function finish(negotiation: StagedNegotiation, stage: Stage): Promise<void> {
  stage.clock.advance(12);
  negotiation.receive(2, ['SA', 'VENDOR']);
  stage.clock.advance(3);
  await negotiation.job();
  stage.clock.advance(9);
  negotiation.receive(4, ['KE', 'NONCE', 'NAT-D', 'NAT-D']);
  stage.clock.advance(5);
  await negotiation.job();
  stage.clock.advance(14);
  negotiation.receive(6, ['ID', 'HASH']);
  negotiation.end(undefined);
}

/** Waits until the innermost lit states are these and no others. */
async function lit(view: WatchedPage, ...ids: readonly string[]): Promise<void> {
  const leaf = '.node.active:not(.group)';
  const others = ids.map((id) => `:not([data-node="${id}"])`).join('');
  for (const id of ids) await view.page.locator(`${leaf}[data-node="${id}"]`).waitFor({ state: 'attached' });
  await view.page.locator(`${leaf}${others}`).waitFor({ state: 'detached' });
}

async function edges(view: WatchedPage, state: 'last' | 'visited'): Promise<readonly string[]> {
  const texts = await view.page.locator(`.edge [data-edge].${state}`).all();
  const ids = await Promise.all(texts.map((text) => text.getAttribute('data-edge')));
  return [...new Set(ids.map((id) => id ?? ''))].sort();
}

/** What was asked for has been drawn. */
async function frame(view: WatchedPage): Promise<void> {
  await view.page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
  );
}

async function until(view: WatchedPage, selector: string, text: string): Promise<void> {
  await view.page.locator(selector).filter({ hasText: text }).first().waitFor({ state: 'attached' });
}

describe("the inspector's page", () => {
  let browser: Browser;
  let stage: Stage;
  let opened: WatchedPage[];

  async function open(
    hash = '',
    scheme: 'light' | 'dark' = 'light',
    width = 1280,
    height = 800,
  ): Promise<WatchedPage> {
    const view = await openPage(browser, stage.inspector.url + hash, { scheme, width, height });
    opened.push(view);
    return view;
  }

  before(async () => {
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    opened = [];
    stage = await setStage();
  });
  afterEach(async () => {
    const complaints = opened.flatMap((view) => view.complaints);
    await stage.close();
    await Promise.all(opened.map((view) => view.page.context().close()));
    assert.deepEqual(complaints, []);
  });

  it('lists a negotiation the moment it begins, and follows it', async () => {
    const view = await open();
    assert.ok(await view.page.locator('#no-negotiations').isVisible());
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    await until(view, '#negotiations a', 'p1-1');
    await lit(view, `${PROTOCOL}.awaitingChoice`, `${ROOT}.negotiating.delivery.waiting`);
    await finish(negotiation, stage);
    await lit(view, `${ROOT}.established`);
    await until(view, '#negotiations .chip', 'established');
  });

  it('lights the transition last taken, and tints the way', async () => {
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    const view = await open();
    await lit(view, `${PROTOCOL}.awaitingChoice`, `${ROOT}.negotiating.delivery.waiting`);
    negotiation.receive(2, ['SA']);
    await lit(view, `${PROTOCOL}.preparingKeyExchange`, `${ROOT}.negotiating.delivery.quiet`);
    assert.deepEqual(await edges(view, 'last'), [
      `${ROOT}.negotiating.delivery.waiting#ANSWERED#0`,
      `${PROTOCOL}.awaitingChoice#message#0`,
    ]);
    const way = await edges(view, 'visited');
    assert.ok(way.includes(`${PROTOCOL}.offering#sent#0`));
    assert.ok(!way.includes(`${PROTOCOL}.awaitingChoice#message#1`), 'the branch to failure was not taken');
  });

  it('draws the chart that runs: a state added to a copy is there, and lights up', async () => {
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    const view = await open();
    await until(view, '#chart [data-node] text', 'quarantined');
    negotiation.send({ type: 'PHASE1_LOST', failure: WRONG_KEY });
    await lit(view, `${ROOT}.quarantined`);
    await until(view, '#details', 'A state that only this copy has.');
  });

  it('says of each state what it is, to the pointer and to the keyboard', async () => {
    stage.begin('p1-1', 'alpha to beta');
    const { page } = await open();
    const words = page.locator('#state-words');
    const state = page.locator(`[data-node="${PROTOCOL}.awaitingChoice"]`);
    await state.hover();
    const said = (await words.textContent()) ?? '';
    assert.match(said, /^awaitingChoice .{10,}/);
    assert.equal(await state.getAttribute('aria-label'), said.replace(' ', ': '));
    await page.locator('#filter').hover();
    await words.waitFor({ state: 'hidden' });
    // Tab comes to one state, the arrows to all.
    await page.locator('#chart').focus();
    await page.keyboard.press('Tab');
    const seen = new Set<string>();
    for (;;) {
      const now = (await words.textContent()) ?? '';
      if (seen.has(now)) break;
      seen.add(now);
      await page.keyboard.press('ArrowDown');
    }
    assert.ok(seen.has(said));
    assert.equal(seen.size, await page.locator('#chart [data-node]').count());
    assert.equal(await page.locator('#chart [data-node][tabindex="0"]').count(), 1);
  });

  it('draws the ladder as it grows, with repeats, duplicates and what was ignored', async () => {
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    const view = await open();
    stage.clock.advance(1600);
    const remote = { address: '127.0.0.2', port: 15500 };
    negotiation.receive(2, ['SA', 'VENDOR']);
    negotiation.emit({ type: 'message.duplicate', negotiation: 'p1-1', remote, answered: false });
    negotiation.emit({ type: 'message.ignored', negotiation: 'p1-1', remote, reason: 'too short' });
    await until(view, '#ladder .label', 'ignored');
    assert.deepEqual(await view.page.locator('#ladder .label').allTextContents(), [
      '1  SA VENDOR x3',
      '1  again, 1st repeat',
      '1  again, 2nd repeat',
      '2  SA VENDOR',
      'duplicate, dropped',
      'ignored: too short',
    ]);
    const times = await view.page.locator('#ladder .time').allTextContents();
    assert.deepEqual(times.slice(0, 4), ['+0 ms', '+500 ms', '+1.50 s', '+1.60 s']);
  });

  it('steps back through what happened, and on to the present', async () => {
    await finish(stage.begin('p1-1', 'alpha to beta'), stage);
    const view = await open();
    const { page } = view;
    await lit(view, `${ROOT}.established`);
    const arrows = await page.locator('#ladder .wire').count();
    assert.equal(await page.locator('#to-live').getAttribute('aria-pressed'), 'true');

    await page.locator('#slider').focus();
    await page.keyboard.press('Home');
    await page.locator('#ladder .wire').first().waitFor({ state: 'detached' });
    assert.equal(await page.locator('.node.visited').count(), 0);
    assert.equal(await page.locator('#journal tr').count(), 1);
    await until(view, '#details .chip', 'starting');

    // On, step by step: each state once, in the order of the chart.
    const way: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      const [state] = await page.locator(`.node.active:not(.group)[data-node^="${PROTOCOL}"]`).all();
      const id = (await state?.getAttribute('data-node'))?.slice(PROTOCOL.length + 1);
      if (id !== undefined && way.at(-1) !== id) way.push(id);
      if ((await page.locator('.node.active[data-node$=".established"]').count()) > 0) break;
      await page.getByLabel('One step on').click();
      await frame(view);
    }
    assert.deepEqual(
      way,
      [
        'offering',
        'awaitingChoice',
        'preparingKeyExchange',
        'awaitingKeyExchange',
        'derivingKeys',
        'provingIdentity',
        'awaitingProof',
        'checkingProof',
      ].filter((state) => way.includes(state)),
    );
    assert.ok(way.includes('awaitingChoice') && way.includes('derivingKeys'), way.join());

    await page.getByLabel('One step back').click();
    await page.getByLabel('One step back').click();
    assert.equal(await page.locator('#to-live').getAttribute('aria-pressed'), 'false');
    await page.locator('#to-live').click();
    await lit(view, `${ROOT}.established`);
    assert.equal(await page.locator('#ladder .wire').count(), arrows);
  });

  it('stays in the past while more happens, and tells how long each state took', async () => {
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    const view = await open();
    await lit(view, `${PROTOCOL}.awaitingChoice`, `${ROOT}.negotiating.delivery.waiting`);
    await view.page.getByLabel('One step back').click();
    await view.page.getByLabel('To the beginning').click();
    await until(view, '#moment', ', 1 of ');
    const before = await view.page.locator('#moment').textContent();
    stage.clock.advance(40);
    negotiation.receive(2, ['SA', 'VENDOR']);
    stage.clock.advance(7);
    await negotiation.job();
    await view.page
      .locator('#moment')
      .filter({ hasNotText: before ?? '' })
      .waitFor();
    await until(view, '#moment', ', 1 of ');
    await frame(view);
    assert.equal(await view.page.locator('.node.active').count(), 0);
    await view.page.locator('#to-live').click();
    await lit(view, `${PROTOCOL}.awaitingKeyExchange`, `${ROOT}.negotiating.delivery.waiting`);
    const spent = (state: string) =>
      view.page.locator(`[data-node="${PROTOCOL}.${state}"] > .spent`).textContent();
    assert.equal(await spent('awaitingChoice'), '40 ms');
    assert.equal(await spent('preparingKeyExchange'), '7 ms');
  });

  it('plays it again from the beginning', async () => {
    await finish(stage.begin('p1-1', 'alpha to beta'), stage);
    const view = await open();
    await lit(view, `${ROOT}.established`);
    await view.page.locator('#play').click();
    await until(view, '#play', 'Pause');
    await view.page.locator('.node.active').first().waitFor({ state: 'detached' });
    await lit(view, `${ROOT}.established`);
    await until(view, '#play', 'Play');
  });

  it('says why one failed, with what was compared', async () => {
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    negotiation.send({ type: 'OPERATOR_DELETE', failure: WRONG_KEY });
    negotiation.end(WRONG_KEY);
    const view = await open('#p1-1');
    await until(view, '.failure', WRONG_KEY.explanation);
    await until(view, '.failure', WRONG_KEY.hint);
    assert.equal(await view.page.locator('.failure tr.differs').count(), 2);
    await view.page.locator(`[data-node="${ROOT}.failed"].bad`).waitFor();
    await until(view, '#negotiations .why', WRONG_KEY.explanation);
  });

  it('shows a negotiation by its address, walks the list by keyboard, and filters it', async () => {
    for (const rule of ['alpha', 'beta', 'gamma']) stage.begin(`p1-${rule}`, rule);
    const view = await open('#p1-beta');
    await until(view, '#details h2', 'p1-beta');
    await view.page.locator('#negotiations a').first().focus();
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('ArrowDown');
    await view.page.keyboard.press('Enter');
    await until(view, '#details h2', 'p1-alpha');
    assert.equal(new URL(view.page.url()).hash, '#p1-alpha');
    await view.page.locator('#filter').fill('gam');
    assert.deepEqual(await view.page.locator('#negotiations li:visible .name').allTextContents(), [
      'p1-gamma main-mode-initiator',
    ]);
  });

  it('comes back by itself when the connection was lost', async () => {
    stage.begin('p1-1', 'alpha to beta');
    const view = await open();
    await lit(view, `${PROTOCOL}.awaitingChoice`, `${ROOT}.negotiating.delivery.waiting`);
    await stage.restart(async () => {
      await until(view, '#connection', 'lost');
    });
    await until(view, '#connection', 'live');
    stage.begin('p1-2', 'alpha to beta');
    await until(view, '#details h2', 'p1-2');
    // The browser itself complains of each attempt.
    const attempts = view.complaints.splice(0);
    assert.ok(
      attempts.every((text) => text.includes('/live')),
      attempts.join(),
    );
  });

  it('loads nothing from anywhere else', async () => {
    stage.begin('p1-1', 'alpha to beta');
    const view = await open();
    await lit(view, `${PROTOCOL}.awaitingChoice`, `${ROOT}.negotiating.delivery.waiting`);
    const origins = view.requested.map((url) => new URL(url).origin);
    assert.ok(origins.length > 5);
    assert.deepEqual([...new Set(origins)], [new URL(stage.inspector.url).origin]);
  });

  for (const width of [1280, 390]) {
    it(`fits a window ${String(width)} px wide`, async () => {
      await finish(stage.begin('p1-1', 'a rule with a rather long label'), stage);
      const view = await open('', 'light', width);
      await lit(view, `${ROOT}.established`);
      const overflow = await view.page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      assert.equal(overflow, 0);
    });
  }

  it('is pictured in test/browser/out/, and can be used by everybody', async () => {
    await finish(stage.begin('p1-1', 'alpha to beta'), stage);
    const failed = stage.begin('p1-2', 'alpha to beta');
    failed.send({ type: 'unreadable', reason: 'it cannot be decrypted', suspicion: WRONG_KEY });
    stage.clock.advance(7000);
    failed.send({ type: 'OPERATOR_DELETE', failure: WRONG_KEY });
    failed.end(WRONG_KEY);
    const live = stage.begin('p1-3', 'alpha to gamma');
    stage.clock.advance(1600);
    live.receive(2, ['SA', 'VENDOR']);
    const sizes = [
      ['desk', 1700, 1050],
      ['laptop', 1280, 800],
      ['phone', 390, 844],
    ] as const;
    for (const scheme of ['light', 'dark'] as const) {
      for (const [name, width, height] of sizes) {
        for (const id of ['p1-1', 'p1-2', 'p1-3']) {
          const view = await open(`#${id}`, scheme, width, height);
          await view.page.locator('.node.active:not(.group)').first().waitFor();
          await view.page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
          await view.picture(`${name}-${scheme}-${id}`);
          assert.deepEqual(await faults(view), [], `${name}, ${scheme}, ${id}`);
          await view.page.context().close();
        }
      }
    }
  });
});

/** A failure that was recorded, opened on the page without its daemon: stepped backwards, taken apart, explained. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { DIST } from '../cli/in.iked/daemon-process.js';
import { IMPATIENT, INSIDE_EAST, INSIDE_WEST, startGateways } from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { faults } from './accessibility.js';
import { launchChromium, openPage, type WatchedPage } from './chromium.js';

const MAIN = 'main-mode-responder';

describe('a recording on the page', () => {
  let browser: Browser;
  let scratch: Scratch;
  let file: string;
  const running: ChildProcess[] = [];

  /** `ikeadm replay ... --page`; resolves to where the page is. */
  function serve(
    ...words: readonly string[]
  ): Promise<{ readonly url: string; readonly child: ChildProcess }> {
    const child = spawn(process.execPath, [join(DIST, 'ikeadm.js'), 'replay', file, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running.push(child);
    let said = '';
    return new Promise((resolve, reject) => {
      child.stderr.on('data', (data: Buffer) => {
        said += data.toString();
        const [, url] = /^ikeadm: The recording is at (\S+) until/.exec(said) ?? [];
        if (url !== undefined) resolve({ url, child });
      });
      child.once('exit', () => {
        reject(new Error(said));
      });
    });
  }

  before(async function () {
    this.timeout(120_000);
    browser = await launchChromium();
    scratch = makeScratch();
    file = join(scratch.folder, 'failure.ikerec');
    const gateways = await startGateways(scratch.folder, {
      ...IMPATIENT,
      westTransform: 'p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg 3des }',
    });
    try {
      assert.equal((await gateways.east.ikeadm('up', INSIDE_EAST, INSIDE_WEST)).status, 1);
      const saved = await gateways.west.ikeadm('record', 'save', 'p1-1', file);
      assert.equal(saved.status, 0, saved.stderr);
    } finally {
      await gateways.stop();
    }
  });
  after(async () => {
    for (const child of running) child.kill();
    await browser.close();
    scratch.remove();
  });

  async function leaf({ page }: WatchedPage, id: string): Promise<void> {
    await page
      .locator(`.node.active:not(.group)[data-node^="${MAIN}."][data-node$=".${id}"]`)
      .waitFor({ state: 'attached' });
  }

  for (const [width, height, scheme] of [
    [1280, 800, 'light'],
    [390, 844, 'dark'],
  ] as const) {
    it(`is stepped backwards, taken apart and explained, ${String(width)} px wide`, async () => {
      const { url, child } = await serve('--page');
      const view = await openPage(browser, url, { scheme, width, height });
      const { page } = view;
      await page.locator('#connection').filter({ hasText: 'recording' }).waitFor();
      const about = page.locator('#recording');
      await about.filter({ hasText: /^Recording of p1-1, begun .*, without secrets\./ }).waitFor();
      await about.filter({ hasText: 'The replay is the same to the end.' }).waitFor();
      await page.locator('#details h2').filter({ hasText: 'p1-1' }).waitFor();
      await leaf(view, 'failed');
      await page.locator('.failure code').filter({ hasText: 'no-common-phase1-proposal' }).waitFor();
      assert.equal(await page.locator('#to-live').textContent(), 'End');
      assert.deepEqual(await faults(view), []);
      await view.picture(`recording-1-end-${String(width)}`);

      // Backwards: the failure is not yet, then nothing is.
      await page.locator('.failure').waitFor();
      const all = Number(/ of (\d+)$/.exec((await page.locator('#moment').textContent()) ?? '')?.[1]);
      assert.ok(all > 3, String(all));
      const states: string[] = [];
      for (let moment = all - 1; moment >= 1; moment--) {
        await page.getByLabel('One step back').click();
        await page
          .locator('#moment')
          .filter({ hasText: `, ${String(moment)} of ${String(all)}` })
          .waitFor();
        // The moment is told at once, the chart in the next frame.
        await page.evaluate(
          'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
        );
        const node = page.locator('.node.active:not(.group)').first();
        if ((await node.count()) > 0) states.push((await node.getAttribute('data-node')) ?? '');
        if (moment === 2) await view.picture(`recording-2-past-${String(width)}`);
      }
      assert.deepEqual([...new Set(states)], [`${MAIN}.failed`, `${MAIN}.negotiating.choosing`]);
      await page.locator('.failure').waitFor({ state: 'detached' });
      await page.locator('.node.active').first().waitFor({ state: 'detached' });
      await page.locator('#to-live').click();
      await leaf(view, 'failed');

      await page.getByRole('button', { name: 'Main Mode message 1' }).first().click();
      await page.locator('#message').getByText('pre-shared key (1)').first().waitFor();
      await page.keyboard.press('Escape');
      await page.locator('#ask-why').click();
      await page.locator('#why').getByText('Offered against accepted, nearest first').waitFor();
      await page.locator('#why').getByText('strongSwan, swanctl.conf').waitFor();
      assert.deepEqual(await faults(view), []);
      await view.picture(`recording-3-why-${String(width)}`);
      assert.deepEqual(
        [...new Set(view.requested.map((request) => new URL(request).origin))],
        [new URL(url).origin],
      );
      assert.deepEqual(view.complaints, []);
      await page.context().close();

      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      assert.equal(await ended, 0);
    });
  }

  it('with another configuration shows what would have been', async () => {
    const { url } = await serve(
      '--set',
      'p1_xform { auth_method preshared oakley_group 14 auth_alg sha1 encr_alg aes }',
      '--page',
      '0',
    );
    const view = await openPage(browser, url, { scheme: 'light', width: 1280, height: 800 });
    await view.page.locator('#recording.parted').filter({ hasText: 'The path forks' }).waitFor();
    await leaf(view, 'awaitingKeyExchange');
    assert.deepEqual(view.complaints, []);
    await view.page.context().close();
  });
});

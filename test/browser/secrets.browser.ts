/** The page of a real daemon: live while two real processes negotiate, and without a byte of key material. */
import assert from 'node:assert/strict';
import { execFileSync, type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchChromium, openPage, type WatchedPage } from './chromium.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PATIENCE_MS = 30_000;

/** The demo, left running: two daemons that have built a tunnel, each with its page. */
interface Demo {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly east: string;
  readonly west: string;
}

async function startDemo(): Promise<Demo> {
  execFileSync(process.execPath, ['tools/build.mjs'], { cwd: ROOT });
  const folder = mkdtempSync(join(tmpdir(), 'ikechart-page-'));
  const child = spawn(process.execPath, ['dist/demo.js', '--keep', folder], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pages = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the demo ended with status ${String(code)}`));
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, name, url] = /^(east|west)\s+(http:\S+)$/.exec(line) ?? [];
      if (name !== undefined && url !== undefined) pages.set(name, url);
      if (line.startsWith('Ctrl-C')) resolve();
    });
  });
  return { child, folder, east: pages.get('east') ?? '', west: pages.get('west') ?? '' };
}

function ikeadm(demo: Demo, end: 'east' | 'west', ...words: readonly string[]): string {
  return execFileSync(process.execPath, ['dist/ikeadm.js', '-R', join(demo.folder, end), ...words], {
    cwd: ROOT,
    encoding: 'utf8',
  });
}

/** Every string of hex digits that is long enough to be a key, in what the two ends say of their keys. */
function secretsOf(demo: Demo): ReadonlySet<string> {
  const secrets = new Set<string>();
  for (const end of ['east', 'west'] as const) {
    const preshared = readFileSync(join(demo.folder, end, 'etc/inet/secret/ike.preshared'), 'utf8');
    for (const [, key = ''] of preshared.matchAll(/key\s+([0-9a-f]{16,})/g)) secrets.add(key);
    const trace = readFileSync(join(demo.folder, end, 'sadb.jsonl'), 'utf8');
    for (const [, key = ''] of trace.matchAll(/"key":"([0-9a-f]{16,})"/g)) secrets.add(key);
    const phase1 = ikeadm(demo, end, '-n', 'dump', 'p1');
    for (const [, key = ''] of phase1.matchAll(/^KEY:.*: ([0-9a-f]{16,})\/\d+$/gm)) secrets.add(key);
  }
  return secrets;
}

/** The secret as hex, in either case, as base64 and as bytes. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'hex');
  return [
    secret,
    secret.toUpperCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('latin1'),
  ];
}

function leaks(received: readonly string[], secrets: ReadonlySet<string>): readonly string[] {
  const everything = received.join('\n');
  return [...secrets].filter((secret) => formsOf(secret).some((form) => everything.includes(form)));
}

async function lit(view: WatchedPage, node: string): Promise<void> {
  await view.page
    .locator(`.node.active[data-node="${node}"]`)
    .waitFor({ state: 'attached', timeout: PATIENCE_MS });
}

describe('the page of a real daemon', function () {
  this.timeout(120_000);
  let demo: Demo;
  let browser: Browser;
  let view: WatchedPage;

  before(async () => {
    demo = await startDemo();
    browser = await launchChromium();
    view = await openPage(browser, demo.east, { scheme: 'dark', width: 1500, height: 950 });
  });

  after(async () => {
    await browser.close();
    demo.child.removeAllListeners('exit');
    const ended = new Promise((resolve) => demo.child.once('exit', resolve));
    demo.child.kill('SIGINT');
    await ended;
    rmSync(demo.folder, { recursive: true, force: true });
  });

  it('shows a Quick Mode and a Main Mode live, to their ends', async () => {
    await lit(view, 'quick-mode-initiator.installed');
    ikeadm(demo, 'east', 'flush', 'p1');
    ikeadm(demo, 'east', 'up', '10.1.0.5', '10.2.0.9');
    await view.page.goto(`${demo.east}#p1-2`);
    await lit(view, 'main-mode-initiator.established');
    await view.picture('live-main-mode');
    await view.page.goto(`${demo.east}#p2-2`);
    await lit(view, 'quick-mode-initiator.installed');
    await view.picture('live-quick-mode');
    assert.deepEqual(view.complaints, []);
  });

  it('receives nothing of any key', () => {
    const secrets = secretsOf(demo);
    // The pre-shared key, two pairs of SAs with two keys each, and a Phase 1 SA with six.
    assert.ok(secrets.size >= 12, `${String(secrets.size)} secrets were found to look for`);
    assert.ok(view.received.join('').length > 10_000, 'the page received something');
    assert.deepEqual(leaks(view.received, secrets), []);
  });

  it('would have been caught with one', () => {
    const [secret = ''] = secretsOf(demo);
    for (const form of formsOf(secret)) {
      assert.deepEqual(leaks([...view.received, `{"key":"${form}"}`], new Set([secret])), [secret]);
    }
  });
});

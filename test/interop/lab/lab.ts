/** The bench: a network, a charon for the file's life, a daemon for each test, and what happened when one fails. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackground, type Background } from './background.js';
import { Charon, compileShim } from './charon.js';
import { Daemon } from './daemon.js';
import { openNetwork, type Network } from './network.js';
import type { Scenario } from './scenario.js';

export interface Pair {
  readonly daemon: Daemon;
  readonly charon: Charon;
  readonly scenario: Scenario;
}

export interface Lab {
  /** Configures charon and starts our daemon; it is stopped after the test. */
  arrange(scenario: Scenario): Promise<Pair>;
}

/** Registers the hooks of a bench in the suite that calls it. */
export function useLab(): Lab {
  let directory: string;
  let network: Network;
  let charon: Charon;
  let capture: Background;
  let daemon: Daemon | undefined;
  let count = 0;
  let keep = false;

  before(async function () {
    this.timeout(60_000);
    directory = mkdtempSync(join(tmpdir(), 'ikechart-interop-'));
    keep = true; // until everything has been seen to start
    network = await openNetwork();
    const shim = await compileShim(directory);
    capture = startBackground(
      'ip',
      [
        ...['netns', 'exec', network.ours, 'tcpdump', '-Z', 'root', '-U', '-i', 'any'],
        ...['-w', join(directory, 'packets.pcap'), 'udp or esp'],
      ],
      { stdout: join(directory, 'tcpdump.log'), stderr: join(directory, 'tcpdump.log') },
    );
    charon = await Charon.start(network, 'peers', join(directory, 'charon'), shim);
    keep = false;
  });

  afterEach(async function () {
    keep ||= this.currentTest?.state === 'failed';
    const end = await daemon?.stop();
    daemon = undefined;
    await charon.forget();
    assert.notEqual(end, 'killed', 'in.iked did not end on SIGTERM');
  });

  after(async function () {
    this.timeout(30_000);
    await charon.stop();
    await capture.stop();
    await network.close();
    if (keep) console.log(`      what happened is in ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  });

  return {
    async arrange(scenario) {
      count++;
      const root = join(directory, `daemon-${String(count)}`);
      mkdirSync(root, { mode: 0o700 });
      await charon.configure(scenario);
      daemon = await Daemon.start(network, root, scenario);
      return { daemon, charon, scenario };
    },
  };
}

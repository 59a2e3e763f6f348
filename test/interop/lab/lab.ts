/** The bench: a network, charons for the file's life, daemons for each test, and what happened when one fails. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientEnd, type Cabling } from './addresses.js';
import { Capture } from './capture.js';
import { Charon, compileShim } from './charon.js';
import { Daemon } from './daemon.js';
import { openNetwork, type Network } from './network.js';
import { type Credentials, Pki } from './pki.js';
import { forClient, type Scenario } from './scenario.js';
import type { Section } from './section.js';

export interface Pair {
  readonly daemon: Daemon;
  readonly charon: Charon;
  readonly scenario: Scenario;
}

export interface LabPlan {
  /** `cable` if not given. */
  readonly cabling?: Cabling;
  /** Further values of `charon { }` in strongswan.conf, for example `{ fragment_size: 576 }`. */
  readonly charon?: Section;
  /** Of the peer, see `CharonPlan`. */
  readonly kernel?: 'shim' | 'libipsec';
  /** Further flags of in.iked. */
  readonly flags?: readonly string[];
  /** Who makes certificates, in a folder of the lab; strongSwan's `pki` if not given. */
  readonly credentials?: (folder: string) => Promise<Credentials>;
}

export interface Lab {
  /** Configures charon and starts our daemon; it is stopped after the test. Behind a NAT: of the first client. */
  arrange(scenario: Scenario): Promise<Pair>;
  /** The same with both clients behind the NAT: one pair for each, the server in both of them. */
  arrangeClients(scenario: Scenario): Promise<readonly [Pair, Pair]>;
  /** Packets of the present test, seen by the end that is not behind a NAT. */
  readonly capture: Capture;
  readonly network: Network;
}

/** Registers the hooks of a bench in the suite that calls it. */
export function useLab({
  cabling = 'cable',
  charon: settings = {},
  kernel = 'shim',
  flags = [],
  credentials = (folder) => Pki.make(folder),
}: LabPlan = {}): Lab {
  let directory: string;
  let network: Network | undefined;
  let pki: Credentials;
  const charons: Charon[] = [];
  let capture: Capture | undefined;
  const daemons: Daemon[] = [];
  let count = 0;
  let keep = false;

  before(async function () {
    this.timeout(60_000);
    directory = mkdtempSync(join(tmpdir(), 'ikechart-interop-'));
    keep = true; // until everything has been seen to start
    network = await openNetwork(cabling);
    const shim = await compileShim(directory);
    pki = await credentials(join(directory, 'pki'));
    const watched = clientEnd(cabling) === 'ours' ? network.peers : network.ours;
    capture = Capture.start(watched[0], join(directory, 'packets.pcap'));
    for (const [index, namespace] of network.peers.entries()) {
      const place = {
        namespace,
        end: 'peers',
        directory: join(directory, `charon-${String(index)}`),
      } as const;
      charons.push(await Charon.start({ ...place, shim, pki, settings, kernel }));
    }
    keep = false;
  });

  afterEach(async function () {
    this.timeout(30_000);
    keep ||= this.currentTest?.state === 'failed';
    const ends = await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()));
    for (const charon of charons) await charon.forget();
    assert.ok(!ends.includes('killed'), 'in.iked did not end on SIGTERM');
  });

  after(async function () {
    this.timeout(30_000);
    for (const charon of charons.splice(0)) await charon.stop();
    await capture?.stop();
    await network?.close();
    if (keep) console.log(`      what happened is in ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  });

  const startDaemon = async (scenario: Scenario, index = 0): Promise<Daemon> => {
    const namespace = network?.ours[index];
    assert.ok(namespace !== undefined, `no place ${String(index)} for a daemon`);
    const root = join(directory, `daemon-${String(++count)}`);
    const daemon = await Daemon.start(namespace, root, scenario, pki, 'embedded', flags);
    daemons.push(daemon);
    return daemon;
  };
  const configureCharon = async (scenario: Scenario, index = 0): Promise<Charon> => {
    const charon = charons[index];
    assert.ok(charon !== undefined, `no charon ${String(index)}`);
    await charon.configure(scenario);
    return charon;
  };

  return {
    async arrange(scenario) {
      assert.equal(scenario.cabling, cabling, 'the scenario is for another network');
      this.capture.mark();
      const charon = await configureCharon(scenario);
      return { charon, daemon: await startDaemon(scenario), scenario };
    },
    async arrangeClients(scenario) {
      assert.equal(scenario.cabling, cabling, 'the scenario is for another network');
      this.capture.mark();
      const [first, second] = [forClient(scenario, 0), forClient(scenario, 1)];
      if (clientEnd(cabling) === 'ours') {
        const charon = await configureCharon(scenario);
        return [
          { charon, daemon: await startDaemon(first, 0), scenario: first },
          { charon, daemon: await startDaemon(second, 1), scenario: second },
        ];
      }
      const daemon = await startDaemon(scenario);
      return [
        { daemon, charon: await configureCharon(first, 0), scenario: first },
        { daemon, charon: await configureCharon(second, 1), scenario: second },
      ];
    },
    get capture() {
      assert.ok(capture !== undefined, 'the bench has not been opened yet');
      return capture;
    },
    get network() {
      assert.ok(network !== undefined, 'the bench has not been opened yet');
      return network;
    },
  };
}

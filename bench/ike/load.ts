/** The load generator: any number of peers, in a window (so many at once) or at a rate, good ones and others. */
import { WheelClock } from '../../adapters/clock/wheel-clock.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { pathsUnder } from '../../cli/in.iked/paths.js';
import { readSettings } from '../../cli/in.iked/read-settings.js';
import { EventStream } from '../../daemon/event-stream.js';
import { KeyStore } from '../../daemon/key-store.js';
import type { Address, Endpoint } from '../../services/net/address.js';
import type { Rule } from '../../services/policy/rule.js';
import { ForgetfulKernel } from './forgetful-kernel.js';
import { type Behaviour, Initiator, type Outcome, type SettledPeer } from './initiator.js';
import { peerAddress, PeerUdp } from './peer-sockets.js';
import { REFUSED, type Root } from './roots.js';
import { ShortExponentCrypto } from './short-exponents.js';

const BAD: readonly Behaviour[] = ['wrong-key', 'no-proposal', 'silent-after-1', 'silent-after-3'];

export interface LoadOptions {
  /** How many peers there are; each handshake is the next one's. */
  readonly peers: number;
  /** Of a hundred handshakes, so many are meant to fail. */
  readonly failing: number;
  /** How long peers wait for an answer, milliseconds; after each wait but the last they say the same again. */
  readonly waits?: readonly number[] | undefined;
}

/** Either so many at once, or so many a second, whatever becomes of them. */
export type Pace = { readonly window: number } | { readonly perSecond: number };

export interface Round {
  readonly established: number;
  /** Peers that failed as they were to. */
  readonly failed: number;
  /** Good peers without an SA. */
  readonly lost: number;
  readonly seconds: number;
  /** From message 1 of Main Mode to message 3 of Quick Mode, of those established, milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Of this process, milliseconds. */
  readonly generatorCpuMs: number;
}

/** As a peer that waits long and does not say anything twice: what is lost shows. */
const ONE_LONG_WAIT: readonly number[] = [10_000];

/** All peers of `root`, who talk with `daemon`. The clock is to be closed by the caller. */
function peersOf(
  root: Root,
  daemon: Endpoint,
  waits = ONE_LONG_WAIT,
): { readonly initiator: Initiator; readonly clock: WheelClock } {
  const keys = new KeyStore();
  const clock = new WheelClock({
    onError: (error) => {
      throw error;
    },
  });
  const { settings, policies } = readSettings(pathsUnder(root.folder, undefined), {
    policyFile: root.policy,
    keys,
    now: Date.now(),
    ignoreErrors: false,
  });
  const [policy] = policies;
  if (policy === undefined) throw new Error('the peers have no policy');
  const wrong = keys.put(new Uint8Array(16));
  const initiator = new Initiator({
    ports: {
      udp: new PeerUdp(),
      kernel: new ForgetfulKernel(policy),
      crypto: new ShortExponentCrypto(keys),
      keys,
      clock,
      random: new NodeRandom(),
      events: new EventStream(clock),
    },
    settings,
    wrongKey: settings.presharedKeys.map((key) => ({ ...key, key: wrong })),
    rule: ruleOf(settings.config.rules, 'peers'),
    refusedRule: ruleOf(settings.config.rules, REFUSED),
    policy,
    daemon,
    waits,
  });
  return { initiator, clock };
}

export class Load {
  readonly #initiator: Initiator;
  readonly #clock: WheelClock;
  readonly #options: LoadOptions;
  #begun = 0;

  constructor(root: Root, daemon: Endpoint, options: LoadOptions) {
    this.#options = options;
    const { initiator, clock } = peersOf(root, daemon, options.waits);
    this.#initiator = initiator;
    this.#clock = clock;
  }

  /** One handshake, of a good peer. */
  one(address: Address): Promise<Outcome> {
    return this.#initiator.run(address, 'good');
  }

  /** A peer that stays; undefined when it got no SAs. */
  settle(address: Address): Promise<SettledPeer | undefined> {
    return this.#initiator.settle(address);
  }

  async run(count: number, pace: Pace): Promise<Round> {
    const latenciesMs: number[] = [];
    const counted = { established: 0, 'as-meant': 0, lost: 0 };
    const one = async (): Promise<void> => {
      const index = this.#begun;
      this.#begun += 1;
      const begun = performance.now();
      const outcome = await this.#initiator.run(
        peerAddress(index % this.#options.peers),
        this.#behaviour(index),
      );
      counted[outcome] += 1;
      if (outcome === 'established') latenciesMs.push(performance.now() - begun);
    };
    const cpu = process.cpuUsage();
    const begun = performance.now();
    if ('window' in pace) await inWindow(count, pace.window, one);
    else await atRate(count, pace.perSecond, one);
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      established: counted.established,
      failed: counted['as-meant'],
      lost: counted.lost,
      seconds,
      latenciesMs,
      generatorCpuMs: (user + system) / 1000,
    };
  }

  close(): void {
    this.#clock.close();
  }

  /** The failing ones are spread evenly, and are of every kind in turn. */
  #behaviour(index: number): Behaviour {
    const { failing } = this.#options;
    const before = Math.floor((index * failing) / 100);
    if (Math.floor(((index + 1) * failing) / 100) === before) return 'good';
    return BAD[before % BAD.length] ?? 'good';
  }
}

function ruleOf(rules: readonly Rule[], label: string): Rule {
  const rule = rules.find((candidate) => candidate.label === label);
  if (rule === undefined) throw new Error(`the peers have no rule "${label}"`);
  return rule;
}

export async function inWindow(count: number, window: number, one: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await one();
    }
  };
  await Promise.all(Array.from({ length: Math.min(window, count) }, lane));
}

/** Those that are late are begun at once: an open loop does not wait for the daemon. */
export async function atRate(count: number, perSecond: number, one: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  const running: Promise<void>[] = [];
  while (running.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - begun) / 1000) * perSecond) + 1);
    while (running.length < due) running.push(one());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(running);
}

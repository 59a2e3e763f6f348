/**
 * One run of two daemons through a time of trouble, all of it decided by a seed: loss, duplication and reordering;
 * packets, deletes, restarts, broken crypto jobs and steps of the time of day, at either end and at any moment. Then the
 * trouble stops, and within a retry window and a probing round both ends must hold the same SAs or none.
 */
import assert from 'node:assert/strict';
import { Dice } from './dice.js';
import { failingCrypto } from './failing-crypto.js';
import { isBusy, liveSas } from './outcome.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon, startSimulated } from './simulated-daemon.js';
import { SimulatedNetwork } from './simulated-network.js';
import { otherPolicy, tunnelPacket, tunnelPolicy } from './two-gateways.js';
import { VirtualClock } from './virtual-clock.js';

/** A way to do Phase 1 and 2: the configuration of both ends. Policies, crypto and addresses are the run's. */
export interface Flavour {
  readonly name: string;
  readonly mode: 'main' | 'aggressive';
  plan(end: 'east' | 'west'): DaemonPlan;
}

/**
 * With the defaults a message is given up after 31.5 s; a peer that does not answer traffic is looked at every 30 s, asked,
 * and given up after as long.
 */
const SETTLING_MS = 31_500 + 30_000 + 31_500;
/** What goes nowhere is noticed by who sends something: until then both ends do, from time to time. */
const PACKET_EVERY_MS = 5000;
/** What the last packets began is over by then. */
const QUIET_MS = 10_000;
const LONGEST_TROUBLE_MS = 90_000;
/** Beyond `expire_timer` of the defaults and every window of the runs. */
const ALL_WINDOWS_MS = 400_000;
const LATEST_CRYPTO_MS = 200;
const KEYS_PER_PHASE1 = 5;

type End = 'east' | 'west';
const ENDS: readonly End[] = ['east', 'west'];

class World {
  readonly clock = new VirtualClock();
  readonly dice: Dice;
  readonly network: SimulatedNetwork;
  readonly ends = new Map<End, SimulatedDaemon>();
  /** Probability that a crypto job fails. */
  failing = 0;
  readonly #peers = new Map<string, SimulatedDaemon>();
  readonly #flavour: Flavour;

  constructor(seed: number, flavour: Flavour) {
    this.dice = new Dice(seed);
    this.network = new SimulatedNetwork(this.clock, this.dice);
    this.#flavour = flavour;
  }

  at(end: End): SimulatedDaemon {
    const daemon = this.ends.get(end);
    assert.ok(daemon);
    return daemon;
  }

  /** Starts it, or starts it anew after a power failure. */
  async start(end: End): Promise<void> {
    this.ends.get(end)?.crash();
    const plan: DaemonPlan = {
      ...this.#flavour.plan(end),
      policies: [tunnelPolicy(end), otherPolicy(end)],
      cryptoMs: LATEST_CRYPTO_MS,
      crypto: failingCrypto(this.dice, () => this.failing),
    };
    this.ends.set(
      end,
      await startSimulated(plan, this.network, this.clock, this.dice.below(1 << 30), this.#peers),
    );
  }

  send(end: End): void {
    this.at(end).kernel.output(tunnelPacket(end, this.dice.chance(0.7) ? 'first' : 'other'));
  }
}

type Trouble = (world: World, end: End) => void | Promise<void>;

const TROUBLES: Readonly<Record<string, Trouble>> = {
  packet: (world, end) => {
    world.send(end);
  },
  'delete of a Phase 1 SA': (world, end) => {
    const { engine } = world.at(end);
    const entries = [...engine.table.phase1()];
    if (entries.length > 0) engine.deletePhase1(world.dice.pick(entries), 'an operator deleted it');
  },
  restart: (world, end) => world.start(end),
  goodbye: (world, end) => {
    void world.at(end).engine.sayGoodbye();
  },
  'broken crypto': (world) => {
    world.failing = 0.3;
  },
  'clock step': (world, end) => {
    world.at(end).clock.stepWall((world.dice.next() - 0.5) * 10 * 86_400_000);
  },
};

export type TroubleName = keyof typeof TROUBLES;

export interface RunOptions {
  /** What may happen besides packets and bad weather. */
  readonly troubles: readonly TroubleName[];
  /** Whether Phase 1 SAs must be the same too: one of which a single end knows is found only by asking the peer. */
  readonly phase1: boolean;
}

export interface RunReport {
  /** How many pairs of SAs both hold in the end. */
  readonly pairs: number;
  readonly story: readonly string[];
}

/** Throws an `AssertionError` with the story of the run when its end is not as it must be. */
export async function randomRun(
  seed: number,
  flavour: Flavour,
  { troubles, phase1 }: RunOptions,
): Promise<RunReport> {
  const world = new World(seed, flavour);
  const { dice, network, clock } = world;
  for (const end of ENDS) await world.start(end);
  network.weather = {
    loss: dice.upTo(0.4),
    duplication: dice.upTo(0.2),
    delayMs: 1 + dice.upTo(50),
    jitterMs: dice.upTo(1000),
  };
  const story: string[] = [JSON.stringify(network.weather)];
  const calm = 1000 + dice.upTo(LONGEST_TROUBLE_MS);
  const moments = Array.from({ length: 2 + dice.below(8) }, () => dice.upTo(calm)).sort((a, b) => a - b);
  for (const moment of [0, ...moments]) {
    await runUntil(clock, () => false, moment - clock.now());
    const name = moment === 0 || dice.chance(0.5) ? 'packet' : dice.pick(troubles);
    const end = dice.pick(ENDS);
    story.push(`${(clock.now() / 1000).toFixed(2)} ${name} ${end}`);
    await TROUBLES[name]?.(world, end);
  }
  await runUntil(clock, () => false, calm - clock.now());
  story.push(`${(clock.now() / 1000).toFixed(2)} calm`);
  network.weather = { loss: 0, duplication: 0, delayMs: 5, jitterMs: 0 };
  world.failing = 0;
  for (let ms = 0; ms < SETTLING_MS; ms += PACKET_EVERY_MS) {
    for (const end of ENDS) world.send(end);
    await runUntil(clock, () => false, PACKET_EVERY_MS);
  }
  await runUntil(clock, () => false, QUIET_MS);
  try {
    assertSettled(world, phase1);
    const pairs = world.at('east').engine.table.phase2Count;
    await assertNothingLeaks(world);
    return { pairs, story };
  } catch (error) {
    if (error instanceof Error)
      error.message += `\nseed ${String(seed)}, ${flavour.name}:\n${story.join('\n')}`;
    throw error;
  }
}

function assertSettled(world: World, phase1: boolean): void {
  const [east, west] = [world.at('east'), world.at('west')];
  assert.deepEqual(liveSas(east), liveSas(west), 'the ends hold different IPsec SAs');
  if (!phase1) return;
  const cookies = ({ engine }: SimulatedDaemon) =>
    [...engine.table.phase1()].map(({ sa }) => `${sa.initiatorCookie}/${sa.responderCookie}`).sort();
  assert.deepEqual(cookies(east), cookies(west), 'the ends hold different Phase 1 SAs');
}

async function assertNothingLeaks(world: World): Promise<void> {
  await runUntil(world.clock, () => false, ALL_WINDOWS_MS);
  for (const end of ENDS) {
    const daemon = world.at(end);
    assert.equal(isBusy(daemon), false, `${end}: a negotiation is stuck`);
    const { table } = daemon.engine;
    const keys = daemon.keysAtStart + table.phase1Count * KEYS_PER_PHASE1;
    assert.equal(daemon.keys.size, keys, `${end}: keys are left`);
    assert.equal(liveSas(daemon).length, table.phase2Count * 2, `${end}: kernel and table disagree`);
    assert.deepEqual(
      daemon.events.filter(({ type }) => type === 'internal.error'),
      [],
      end,
    );
  }
  for (const end of ENDS) void world.at(end).engine.sayGoodbye();
  await runUntil(world.clock, () => false, ALL_WINDOWS_MS);
  for (const end of ENDS) {
    const daemon = world.at(end);
    assert.equal(daemon.keys.size, daemon.keysAtStart, `${end}: keys are left after the end`);
    assert.equal(daemon.clock.pending, 0, `${end}: timers are left after the end`);
    assert.equal(liveSas(daemon).length, 0, `${end}: SAs are left after the end`);
  }
}

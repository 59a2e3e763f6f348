/**
 * Fuzz target: one production engine in virtual time under spoiled datagrams, while a good peer builds a tunnel again
 * and again. The spoiled ones come of captured and of live conversations: strangers replay and vary them, rogue peers
 * with the right keys spoil what they say before and behind the encryption. A case is one datagram to the engine.
 */
import assert from 'node:assert/strict';
import { prefixRange } from '../../services/net/address.js';
import { fragmentsOf } from '../../services/isakmp/fragment.js';
import { decodeHeader } from '../../services/isakmp/header.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { CAPTURES } from '../services/isakmp/capture.js';
import { Dice } from '../sim/dice.js';
import { settle, type SimulatedDaemon, startSimulated } from '../sim/simulated-daemon.js';
import { SimulatedNetwork } from '../sim/simulated-network.js';
import { EAST, tunnelPolicy, WEST } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { mutateDatagram } from './byte-mutations.js';
import { authenticNonsense, lyingCrypto } from './rogue.js';
import { type Finding, type FuzzReport, type FuzzTarget, MOST_FINDINGS, Tally } from './target.js';

const ROGUES = ['198.51.100.1', '198.51.100.2', '198.51.100.3'] as const;
const GLOBALS =
  'retry_limit 2 retry_timer_init 0.5 expire_timer 20 p1_lifetime_secs 600 p2_lifetime_secs 600\n';
const TRANSFORM = 'p1_xform { auth_method preshared oakley_group 19 auth_alg sha1 encr_alg aes(128..128) }';
const KEY = '0123456789abcdef0123456789abcdef';

/** How much of what rogues encrypt is spoiled before. */
const LIES = 0.15;
/** Virtual milliseconds between two datagrams of strangers. */
const PACE_MS = 10;
const GOOD_EVERY = 300;
const ROGUE_EVERY = 25;
/** A good handshake in fair weather takes a few round trips; a retransmission or two are forgiven. */
const GOOD_WITHIN_MS = 4000;
/** Recent datagrams of live conversations, for strangers to vary. */
const MOST_OVERHEARD = 400;
/** Past every retry window, `expire_timer` and the repeated Deletes. */
const ALL_WINDOWS_MS = 60_000;

/** The second rogue speaks Aggressive Mode. */
function rule(label: string, local: string, remote: string): string {
  const mode = [local, remote].includes(ROGUES[1]) ? 'aggressive' : 'main';
  return `{ label "${label}" local_addr ${local} remote_addr ${remote} ike_mode ${mode} p2_pfs 0 ${TRANSFORM} }\n`;
}

function key(local: string, remote: string): string {
  return `{ localid ${local} remoteid ${remote} key ${KEY} }\n`;
}

function roguePolicy(end: 'rogue' | 'west', address: string, number: number): IpsecPolicy {
  const west = { addresses: prefixRange('10.2.0.0', 16), port: 0 };
  const rogue = { addresses: prefixRange(`10.${String(60 + number)}.0.0`, 16), port: 0 };
  return {
    ...tunnelPolicy('west'),
    selectors:
      end === 'west'
        ? { local: west, remote: rogue, protocol: 0 }
        : { local: rogue, remote: west, protocol: 0 },
    outer: end === 'west' ? { local: WEST, remote: address } : { local: address, remote: WEST },
  };
}

class Siege {
  readonly clock = new VirtualClock();
  readonly tally = new Tally();
  readonly dice: Dice;
  readonly network: SimulatedNetwork;
  readonly overheard: Uint8Array[] = CAPTURES.flatMap(({ messages }) =>
    messages.map(({ datagram }) => datagram),
  );
  /** What reached the engine last, for a finding. */
  last: Uint8Array = new Uint8Array(0);
  received = 0;
  goodBegun: number | undefined;
  goodFault: string | undefined;
  goodDone = 0;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.network = new SimulatedNetwork(this.clock, this.dice);
  }

  overhear(bytes: Uint8Array): void {
    if (this.overheard.length < MOST_OVERHEARD) this.overheard.push(bytes);
    else this.overheard[this.dice.below(MOST_OVERHEARD)] = bytes;
  }
}

export const dispatch: FuzzTarget = {
  name: 'dispatch',
  fullCount: 300_000,
  async run({ seed, count }): Promise<FuzzReport> {
    const siege = new Siege(seed);
    const findings: Finding[] = [];
    const found = (error: unknown): void => {
      findings.push({ target: 'dispatch', seed, at: siege.received, input: siege.last, error });
    };
    process.on('unhandledRejection', found);
    try {
      const world = await build(siege);
      while (siege.received < count && findings.length < MOST_FINDINGS) {
        try {
          await step(siege, world);
        } catch (error) {
          found(error);
        }
      }
      await end(siege, world);
    } catch (error) {
      found(error);
    } finally {
      process.off('unhandledRejection', found);
    }
    return { findings, reached: { ...siege.tally.counts(), 'good handshakes': siege.goodDone } };
  },
};

interface World {
  readonly west: SimulatedDaemon;
  readonly east: SimulatedDaemon;
  readonly rogues: readonly SimulatedDaemon[];
}

async function build(siege: Siege): Promise<World> {
  const { network, clock, dice } = siege;
  const peers = new Map<string, SimulatedDaemon>();
  const start = (
    address: string,
    plan: Omit<Parameters<typeof startSimulated>[0], 'address'>,
    seed: number,
  ) => startSimulated({ address, ...plan }, network, clock, seed, peers);
  const west = await start(
    WEST,
    {
      config: GLOBALS + rule('good', WEST, EAST) + ROGUES.map((rogue) => rule(rogue, WEST, rogue)).join(''),
      preshared: [EAST, ...ROGUES].map((remote) => key(WEST, remote)).join(''),
      policies: [tunnelPolicy('west'), ...ROGUES.map((rogue, number) => roguePolicy('west', rogue, number))],
      cryptoMs: 20,
    },
    dice.below(1 << 30),
  );
  const east = await start(
    EAST,
    {
      config: GLOBALS + rule('good', EAST, WEST),
      preshared: key(EAST, WEST),
      policies: [tunnelPolicy('east')],
    },
    dice.below(1 << 30),
  );
  const rogues = await Promise.all(
    ROGUES.map((rogue, number) =>
      start(
        rogue,
        {
          config: GLOBALS + rule('victim', rogue, WEST),
          preshared: key(rogue, WEST),
          policies: [roguePolicy('rogue', rogue, number)],
          crypto: lyingCrypto(dice, () => LIES),
        },
        dice.below(1 << 30),
      ),
    ),
  );
  network.filter = ({ from, to, bytes }) => {
    if (to.address !== WEST) return 'pass';
    const good = from.address === EAST;
    // What the good peer says is heard when it is over: its open messages could be forged by whoever hears them live.
    if (!good || siege.goodBegun === undefined) siege.overhear(bytes);
    siege.received += 1;
    if (good || dice.chance(0.6)) return 'pass';
    inject(siege, west, from.address, mutateDatagram(dice, bytes, dice.pick(siege.overheard)));
    return dice.chance(0.5) ? 'pass' : 'drop';
  };
  return { west, east, rogues };
}

/** Past the network, so that what the engine throws comes out here. */
function inject(siege: Siege, west: SimulatedDaemon, address: string, bytes: Uint8Array): void {
  siege.last = bytes;
  siege.received += 1;
  west.engine.receive({ local: { address: WEST, port: 500 }, remote: { address, port: 500 }, bytes });
}

async function step(siege: Siege, world: World): Promise<void> {
  const { dice, tally } = siege;
  const { west, east, rogues } = world;
  const rogue = dice.pick(rogues);
  switch (dice.below(5)) {
    case 0: {
      const nonsense = authenticNonsense(dice, rogue);
      if (nonsense !== undefined) {
        tally.add('authentic nonsense');
        inject(siege, west, rogue.address, nonsense);
      }
      break;
    }
    case 1:
      tally.add('fragments');
      sendFragments(siege, west, rogue.address);
      break;
    case 2:
      tally.add('a replay from anywhere');
      inject(siege, west, anySource(dice), dice.pick(siege.overheard));
      break;
    default:
      tally.add('a variation from anywhere');
      inject(
        siege,
        west,
        anySource(dice),
        mutateDatagram(dice, dice.pick(siege.overheard), dice.pick(siege.overheard)),
      );
  }
  if (dice.below(ROGUE_EVERY) === 0) misbehave(dice, west, rogue);
  if (siege.goodBegun === undefined && dice.below(GOOD_EVERY) === 0) beGood(siege, world);
  siege.clock.advance(PACE_MS);
  await settle();
  if (siege.goodFault !== undefined) {
    const fault = siege.goodFault;
    siege.goodFault = undefined;
    throw new Error(`the good peer's handshake failed: ${fault}`);
  }
  if (siege.goodBegun !== undefined && siege.clock.now() - siege.goodBegun > GOOD_WITHIN_MS) {
    siege.goodBegun = undefined;
    throw new Error(`the good peer's handshake took more than ${String(GOOD_WITHIN_MS)} ms`);
  }
  for (const daemon of [west, east, ...rogues]) look(daemon, tally);
  siege.network.sent.length = 0;
}

/** A datagram in pieces, some of which are missing, doubled or spoiled. */
function sendFragments(siege: Siege, west: SimulatedDaemon, address: string): void {
  const { dice } = siege;
  const message = dice.pick(siege.overheard);
  if (!decodeHeader(message).ok) return;
  for (const fragment of fragmentsOf(message, dice.below(4), 40 + dice.below(300))) {
    if (dice.chance(0.1)) continue;
    inject(siege, west, address, dice.chance(0.8) ? fragment : mutateDatagram(dice, fragment, message));
    if (dice.chance(0.1)) inject(siege, west, address, fragment);
  }
}

/** Strangers, rogues, and sometimes forged: the good peer's own address. */
function anySource(dice: Dice): string {
  if (dice.chance(0.2)) return dice.pick(ROGUES);
  if (dice.chance(0.02)) return EAST;
  return `203.0.113.${String(dice.below(256))}`;
}

function misbehave(dice: Dice, west: SimulatedDaemon, rogue: SimulatedDaemon): void {
  const inside = `10.${String(60 + ROGUES.findIndex((address) => address === rogue.address))}.0.1`;
  if (dice.chance(0.1)) void rogue.engine.sayGoodbye();
  else if (dice.chance(0.3)) void west.engine.up('10.2.0.9', inside, 0);
  else void rogue.engine.up(inside, '10.2.0.9', 0);
}

/** A tunnel from nothing: what stands between the two is deleted first. */
function beGood(siege: Siege, { east, west }: World): void {
  for (const entry of [...west.engine.table.phase1()].filter(({ sa }) => sa.remote.address === EAST)) {
    west.engine.deletePhase1(entry, 'it is to be made anew');
  }
  void east.engine.sayGoodbye();
  siege.goodBegun = siege.clock.now();
  const byWest = siege.dice.chance(0.3);
  const asked = byWest
    ? west.engine.up('10.2.0.9', '10.1.0.5', 0)
    : east.engine.up('10.1.0.5', '10.2.0.9', 0);
  void asked.then((result) => {
    siege.goodBegun = undefined;
    if (result.ok) siege.goodDone += 1;
    else siege.goodFault = `${result.error.code}: ${result.error.explanation}`;
  });
}

function look(daemon: SimulatedDaemon, tally: Tally): void {
  for (const event of daemon.events) {
    if (event.type === 'internal.error') throw new Error(`${event.where}: ${event.error}`);
    if (daemon.address !== WEST) continue;
    if (event.type === 'negotiation.ended') tally.add(`ended: ${event.failure?.code ?? event.outcome}`);
    else tally.add(event.type);
  }
  daemon.events.length = 0;
  daemon.trace.length = 0;
  daemon.delivered.length = 0;
}

/** When all is over nothing is left but the SAs of the table. */
async function end(siege: Siege, { west, east, rogues }: World): Promise<void> {
  siege.network.filter = () => 'drop';
  for (const daemon of [west, east, ...rogues]) void daemon.engine.sayGoodbye();
  for (let ms = 0; ms < ALL_WINDOWS_MS; ms += 100) {
    siege.clock.advance(100);
    await settle();
  }
  for (const daemon of [west, east, ...rogues]) {
    const { engine, keys, keysAtStart, kernel, address } = daemon;
    look(daemon, siege.tally);
    assert.equal(engine.phase1.live().next().done, true, `${address}: a Phase 1 negotiation is left`);
    assert.equal(engine.phase2.live().next().done, true, `${address}: a Quick Mode is left`);
    assert.equal(engine.table.phase1Count + engine.table.phase2Count, 0, `${address}: SAs are left`);
    assert.equal(keys.size, keysAtStart, `${address}: keys are left`);
    assert.equal(kernel.sas().length, 0, `${address}: the kernel holds SAs`);
  }
  assert.equal(siege.clock.pending, 0, 'timers are left');
}

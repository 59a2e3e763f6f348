/** The `acquire` chart under `AcquirePool`; whether a rule or a Phase 1 SA is there, and the two negotiations, are the test's. */
import assert from 'node:assert/strict';
import type { AnyMachineSnapshot } from 'xstate';
import { AcquirePool } from '../../daemon/acquire-pool.js';
import type { Phase1Entry } from '../../daemon/sa-table.js';
import { NO_STORES } from '../../services/certs/stores.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { ok } from '../../services/result.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { configText, gatewayPlan, packetToWest, startPair, tunnelPolicy } from '../sim/two-gateways.js';
import { handPorts, LOCAL, REMOTE } from './hand-ports.js';
import type { Model } from './model.js';
import { type ChartEvent, placeIn, WHY } from './subject.js';
import type { Fate, World, WorldMaker, WorldParts } from './world.js';

/** The pool looks both up at once, so that the chart is told before anything else can happen. */
const ANSWERS: readonly string[] = ['ruleFound', 'refused', 'phase1Ready', 'phase1Quiet', 'phase1Missing'];

export function isAsking(snapshot: AnyMachineSnapshot): boolean {
  const { status, jobs } = placeIn(snapshot);
  return status === 'active' && jobs.length === 0;
}

export function acquireFate(snapshot: AnyMachineSnapshot, { type }: ChartEvent): Fate {
  return ANSWERS.includes(type) === isAsking(snapshot) ? 'told' : 'impossible';
}

/** A real one: the pool hands it on and looks at nothing in it. */
async function establish(): Promise<Phase1Entry> {
  const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, 10_000);
  const [entry] = pair.east.engine.table.phase1();
  assert.ok(entry);
  return entry;
}
let established: Promise<Phase1Entry> | undefined;

export const acquireWorld: WorldMaker = async (parts) =>
  new AcquireWorld(parts, await (established ??= establish()));

class AcquireWorld implements World {
  readonly #pool: AcquirePool;
  readonly #reports: StampedEvent[] = [];
  /** Whether the question was answered with SAs; undefined while it is open. */
  #answered: boolean | undefined;

  constructor({ clock, jobs, watcher, foreseen }: WorldParts, phase1: Phase1Entry) {
    const { config } = parseIkeConfig(configText('east'), 'config');
    const { config: empty } = parseIkeConfig('', 'config');
    assert.ok(config && empty);
    const foretold = (type: string): boolean => foreseen.some((event) => event.type === type);
    this.#pool = new AcquirePool(handPorts(clock, this.#reports), watcher, {
      settings: () => ({
        config: foretold('refused') ? empty : config,
        presharedKeys: [],
        certificates: NO_STORES,
      }),
      localEndpoint: () => LOCAL,
      remoteEndpoint: () => REMOTE,
      findPhase1: () => (foretold('phase1Ready') || foretold('phase1Quiet') ? phase1 : undefined),
      isQuiet: () => foretold('phase1Quiet'),
      probe: async () => {
        await jobs.run('probe.phase1');
        return true;
      },
      prove: async () => {
        await jobs.run('prove.phase1');
        return true;
      },
      negotiatePhase1: async () => {
        await jobs.run('negotiate.phase1');
        return ok(phase1);
      },
      negotiatePhase2: async () => {
        await jobs.run('negotiate.phase2');
        return ok({ pairs: [] });
      },
    });
    void this.#pool.ask(tunnelPolicy('east')).then(({ ok: good }) => (this.#answered = good));
  }

  send({ type }: ChartEvent): void {
    if (type === 'OPERATOR_DELETE') this.#pool.withdrawAll(WHY);
    else assert.ok(ANSWERS.includes(type), `nothing sends ${type} to an acquire chart`);
  }

  check({ snapshot }: Model): void {
    const { value, status } = placeIn(snapshot);
    assert.equal(this.#answered, status === 'active' ? undefined : value === 'answered', 'the answer');
    const ends = this.#reports.filter((event) => event.type === 'negotiation.ended');
    assert.deepEqual(
      ends.map(({ outcome }) => outcome),
      status === 'active' ? [] : [value],
      'its end is told once',
    );
  }
}

import assert from 'node:assert/strict';
import { PeerWatch } from '../../daemon/peer-watch.js';
import { type Phase1Entry, type Phase2Entry, SaTable } from '../../daemon/sa-table.js';
import { SmallSet } from '../../services/collections/small-set.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';

describe('Watch over peers', () => {
  it('takes 400 Phase 1 SAs of one peer at one place: pairs of them are not gone through', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
    const model = onlyPhase1(pair.east);
    const clock = new VirtualClock();
    const table = new SaTable();
    const renewed = new Set<Phase1Entry>();
    const watch = new PeerWatch(clock, pair.east.engine.ports.kernel, table, {
      settings: () => pair.east.engine.settings,
      isUsable: () => true,
      worry: () => undefined,
      renew: (entry) => {
        renewed.add(entry);
      },
      orphaned: () => undefined,
    });
    const entries = Array.from({ length: 400 }, (_, n): Phase1Entry => {
      const initiatorCookie = n.toString(16).padStart(16, '0');
      // One that nobody uses is not renewed.
      const children = n === 300 ? model.children : new SmallSet<Phase2Entry>();
      const softAt = n === 300 ? 4000 : 1e9;
      return {
        ...model,
        id: `p1-${String(n)}`,
        sa: { ...model.sa, initiatorCookie },
        madeAt: n,
        softAt,
        children,
      };
    });
    for (const entry of entries) table.addPhase1(entry);
    watch.placeChanged(model);
    clock.advance(3900);
    await turn();
    assert.equal(renewed.size, 0);
    clock.advance(200);
    await turn();
    assert.deepEqual([...renewed], [entries[300]], 'what is due first is not missed');
  });

  it('does not look early at a fresh SA whose peer has been heard meanwhile', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
    const { engine } = pair.west;
    const { config } = engine.settings;
    const globals = { ...config.globals, dpdIntervalSeconds: 300 };
    const looked: string[] = [];
    const kernel = new Proxy(engine.ports.kernel, {
      get: (real, name) => {
        if (name === 'usage') looked.push(name);
        const value: unknown = Reflect.get(real, name);
        const bound: unknown = typeof value === 'function' ? value.bind(real) : value;
        return bound;
      },
    });
    const watched = async (heardAt: number | undefined): Promise<number> => {
      const clock = new VirtualClock();
      const table = new SaTable();
      const watch = new PeerWatch(clock, kernel, table, {
        settings: () => ({ ...engine.settings, config: { ...config, globals } }),
        isUsable: () => true,
        worry: () => undefined,
        renew: () => undefined,
        orphaned: () => undefined,
      });
      const model = onlyPhase1(pair.west);
      const children = new SmallSet<Phase2Entry>();
      const entry: Phase1Entry = { ...model, children, madeAt: 0, softAt: 1e9, heardAt: undefined };
      table.addPhase1(entry);
      for (const child of model.children) table.addPhase2({ ...child, phase1: entry });
      watch.placeChanged(entry);
      entry.heardAt = heardAt;
      looked.length = 0;
      clock.advance(299_000);
      await turn();
      return looked.length;
    };
    assert.notEqual(await watched(undefined), 0, 'nothing was heard: it is looked at');
    assert.equal(await watched(10), 0);
  });
});

/** A look asks the kernel, whose answers are microtasks. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

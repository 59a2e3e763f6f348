/** What a simulated negotiation left behind, and whether that is as it must be. */
import assert from 'node:assert/strict';
import type { SimulatedDaemon } from './simulated-daemon.js';
import type { Pair } from './two-gateways.js';

/** Keys one daemon keeps for a Phase 1 SA: SKEYID, its three children and the cipher key. */
const KEYS_PER_PHASE1 = 5;

/** The SAs in the kernel, as one line each: protocol, SPI and keys. */
export function liveSas(daemon: SimulatedDaemon): readonly string[] {
  const live = new Map<string, string>();
  for (const { op, proto, spi, enc, auth, aead } of daemon.trace) {
    const name = `${String(proto)} ${spi}`;
    if (op === 'delete') live.delete(name);
    else live.set(name, `${name} ${(enc ?? aead)?.key ?? ''} ${auth?.key ?? ''}`);
  }
  return [...live.values()].sort();
}

export function isBusy({ engine }: SimulatedDaemon): boolean {
  return engine.phase1.live().next().done !== true || engine.phase2.live().next().done !== true;
}

/** Codes of all failures, those of the questions that were refused for them too. */
export function failedCodes(daemon: SimulatedDaemon): readonly string[] {
  return daemon.events.flatMap((event) =>
    event.type === 'negotiation.ended' && event.failure !== undefined ? [event.failure.code] : [],
  );
}

/** For messages of failed assertions. */
export function failures({ east, west }: Pair): string {
  return [east, west].map((daemon) => failedCodes(daemon).join(', ')).join(' | ');
}

/** Nothing under way, no SA but those of the table, no key but those of SAs and of the configuration. */
export function assertClean(pair: Pair, where: string): void {
  for (const [name, daemon] of Object.entries({ east: pair.east, west: pair.west })) {
    const place = `${name}, ${where}`;
    assert.equal(isBusy(daemon), false, `${place}: something is still under way`);
    const { table } = daemon.engine;
    assert.equal(
      daemon.keys.size,
      daemon.keysAtStart + table.phase1Count * KEYS_PER_PHASE1,
      `${place}: keys are left`,
    );
    assert.equal(
      liveSas(daemon).length,
      [...table.phase2()].reduce((sum, { pairs }) => sum + pairs.length * 2, 0),
      `${place}: the kernel and the table disagree`,
    );
    assert.deepEqual(
      daemon.events.filter(({ type }) => type === 'internal.error'),
      [],
      place,
    );
  }
}

/** Both ends hold the same SAs, `pairs` pairs of them, and nothing else is left. */
export function assertEstablished(pair: Pair, pairs: number, where: string): void {
  assertClean(pair, where);
  assert.equal(pair.east.engine.table.phase2Count, pairs, `${where}: ${failures(pair)}`);
  assert.deepEqual(liveSas(pair.east), liveSas(pair.west), where);
}

/** No SA of any kind on either end, nor any timer. */
export function assertEmpty(pair: Pair, where: string): void {
  assertClean(pair, where);
  for (const { engine } of [pair.east, pair.west]) {
    assert.equal(engine.table.phase1Count, 0, where);
    assert.equal(engine.table.phase2Count, 0, where);
  }
  assert.equal(pair.clock.pending, 0, `${where}: timers are left`);
}

/**
 * After a run that was killed: what it left in the kernel is ours again. SAs that are there still, in pairs, for a rule and
 * a policy of now, are adopted; others of ours are taken out; what is gone is forgotten. Nothing is touched that does not
 * stand in the file.
 */
import { SmallSet } from '../services/collections/small-set.js';
import { NO_FEATURES } from '../services/exchange/peer-features.js';
import { placeOf } from '../services/exchange/same-peer.js';
import { hex } from '../services/bytes.js';
import { ruleAsItIs } from '../services/policy/select-rule.js';
import type { Clock } from '../services/ports/clock.js';
import type { IpsecPolicy, SaIdentity } from '../services/ports/kernel.js';
import type { RememberedSa } from '../services/state/remembered-sa.js';
import { type RememberedPairs, sortedPairs } from '../services/state/remembered-pairs.js';
import { saKey } from '../services/state/sa-journal.js';
import type { Engine } from './engine.js';
import type { AdoptedPairs } from './ipsec-sa-pool.js';
import type { Speaker } from './sa-table.js';
import type { SaMemory } from './sa-memory.js';
import type { Settings } from './settings.js';

/** Single SAs, not pairs. */
export interface Adopted {
  readonly adopted: number;
  readonly removed: number;
  readonly forgotten: number;
}

interface Wanted {
  readonly pairs: RememberedPairs;
  readonly speaker: Speaker;
  readonly policy: IpsecPolicy;
}

/** By what a speaker of an earlier run is known: nothing of it runs. */
const EARLIER_RUN = 'earlier-run';

/** What could not be adopted because the kernel did not answer stays remembered, and may be tried again. */
export async function adoptEarlier(engine: Engine, memory: SaMemory): Promise<Adopted> {
  const earlier = memory.earlier();
  if (earlier.length === 0) return { adopted: 0, removed: 0, forgotten: 0 };
  try {
    const counted = await adopt(engine, memory, earlier);
    engine.ports.events.emit({ type: 'kernel.note', note: words(counted) });
    return counted;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const note = `SAs of an earlier run cannot be adopted, and stay in the kernel as they are: ${why} "ikeadm doctor --fix" tries again.`;
    engine.ports.events.emit({ type: 'kernel.note', note });
    return { adopted: 0, removed: 0, forgotten: 0 };
  }
}

async function adopt(engine: Engine, memory: SaMemory, earlier: readonly RememberedSa[]): Promise<Adopted> {
  const { ports, peers } = engine;
  const { kernel } = ports;
  const { whole } = sortedPairs(earlier);
  const wanted = await wantedOf(engine, whole);
  const there = new Set((await kernel.adopt(earlier)).map((sa) => saKey(sa)));
  const kept = wanted.filter(({ pairs }) => pairs.sas.every((sa) => there.has(saKey(sa))));
  const adopted = kept.flatMap(({ pairs }) => pairs.sas);
  const names = new Set(adopted.map((sa) => saKey(sa)));
  const removed = earlier.filter((sa) => there.has(saKey(sa)) && !names.has(saKey(sa)));
  for (const sa of removed) await kernel.delete(identityOf(sa));
  memory.settle(adopted);
  for (const one of kept) peers.adopt(one.speaker, pairsOf(one, ports.clock));
  if (kept.some(({ speaker }) => speaker.sa.features.nat.local)) engine.keepalive.begin();
  return {
    adopted: adopted.length,
    removed: removed.length,
    forgotten: earlier.length - adopted.length - removed.length,
  };
}

/** Those that a restart would make again: for the others the rule or the policy went. */
async function wantedOf(
  { ports, settings }: Engine,
  all: readonly RememberedPairs[],
): Promise<readonly Wanted[]> {
  const speakers = new Map<string, Speaker>();
  const wanted: Wanted[] = [];
  for (const pairs of all) {
    const speaker = speakerOf(pairs, settings);
    if (speaker === undefined) continue;
    const [{ selectors, mode }] = pairs.sas;
    const policy = await ports.kernel.policyFor({ local: pairs.local, remote: pairs.remote }, selectors);
    if (policy?.mode !== mode) continue;
    const key = keyOf(speaker);
    const shared = speakers.get(key) ?? speaker;
    speakers.set(key, shared);
    wanted.push({ pairs, speaker: shared, policy: { ...policy, selectors } });
  }
  return wanted;
}

/** Undefined when the rule went. */
function speakerOf(
  { local, remote, sas: [{ maker }] }: RememberedPairs,
  settings: Settings,
): Speaker | undefined {
  const rule = ruleAsItIs(settings.config, { label: maker.rule });
  if (!rule.ok) return undefined;
  const { identity, port, translated } = maker.peer;
  return {
    standing: EARLIER_RUN,
    id: EARLIER_RUN,
    sa: {
      local: { address: local, port: maker.localPort },
      remote: { address: remote, port },
      rule: rule.value,
      peerIdentity: identity && { kind: 'ID', ...identity, protocol: 0, port: 0 },
      features: { ...NO_FEATURES, nat: { local: maker.translated, remote: translated } },
    },
    children: new SmallSet(),
    quickModesCreated: 0,
    quickModesDeleted: 0,
    keyUses: 0,
  };
}

/** One speaker for each peer, as it would be with a Phase 1 SA. */
function keyOf({ sa }: Speaker): string {
  const { peerIdentity } = sa;
  const identity = peerIdentity && `${String(peerIdentity.idType)} ${hex(peerIdentity.data)}`;
  return JSON.stringify([placeOf(sa), identity, sa.rule.label]);
}

function pairsOf({ pairs: { local, remote, pairs, sas }, policy }: Wanted, clock: Clock): AdoptedPairs {
  const [{ madeAt, softSeconds, hardSeconds }] = sas;
  const age = Math.max(0, clock.wallTime() - madeAt);
  return { local, remote, pairs, policy, madeAt: clock.now() - age, softSeconds, hardSeconds };
}

function identityOf({ destination, protocol, spi }: SaIdentity): SaIdentity {
  return { destination, protocol, spi };
}

function words({ adopted, removed, forgotten }: Adopted): string {
  const parts = [
    ...(adopted > 0
      ? [`${sas(adopted)} carry traffic as before, and are replaced when a Phase 1 SA with their peer stands`]
      : []),
    ...(removed > 0 ? [`${sas(removed)} without a partner, a rule or a policy were deleted`] : []),
    ...(forgotten > 0 ? [`${sas(forgotten)} are gone from the kernel and forgotten`] : []),
  ];
  return `in.iked did not end well before: of its SAs ${parts.join('; ')}.`;
}

function sas(count: number): string {
  return String(count);
}

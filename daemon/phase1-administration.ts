/** What the door may ask about Phase 1 SAs, answered from the engine's records; and `up`, which makes them. */
import type { Administration, Phase1Match, Phase1SaView } from '../services/admin/administration.js';
import type { Engine } from './engine.js';
import { inSlices } from './in-slices.js';
import { type Item, Phase1Listing } from './phase1-listing.js';
import { establishedView, negotiatingView } from './phase1-view.js';

export type Phase1Administration = Pick<
  Administration,
  'phase1From' | 'findPhase1' | 'deletePhase1' | 'flushPhase1' | 'up'
>;

export function phase1Administration(engine: Engine): Phase1Administration {
  const listing = new Phase1Listing(engine);
  const view = (item: Item, withKeys: boolean): Phase1SaView =>
    'entry' in item
      ? establishedView(
          item.entry,
          engine.peers.isakmpSas.isAsking(item.entry),
          withKeys ? { store: engine.ports.keys, presharedKeys: engine.settings.presharedKeys } : undefined,
        )
      : negotiatingView(item.record, item.lastMessage);
  const matching = (match: Phase1Match): readonly Item[] =>
    [...listing.all()].filter((item) => fits(item, match));
  const deleteAll = (items: readonly Item[]): number => {
    void inSlices(engine.ports.clock, items, (item) => {
      if ('entry' in item) engine.deletePhase1(item.entry, 'an operator deleted it');
      else item.delete();
    });
    return items.length;
  };
  return {
    phase1From: (from, withKeys) => {
      const listed = listing.from(from);
      return listed && { entry: view(listed.entry, withKeys), next: listed.next };
    },
    findPhase1: (match, withKeys) => {
      const [first] = matching(match);
      return first === undefined ? undefined : view(first, withKeys);
    },
    deletePhase1: (match) => deleteAll(matching(match)),
    flushPhase1: () => deleteAll([...listing.all()]),
    up: async ({ source, destination, protocol }) => {
      const { clock } = engine.ports;
      const begun = clock.now();
      const result = await engine.up(source, destination, protocol);
      if (!result.ok) return { outcome: 'failed', failure: result.error };
      const { phase1, pairs } = result.value;
      const { initiatorCookie, responderCookie, rule } = phase1.sa;
      return {
        outcome: 'established',
        phase1: { initiatorCookie, responderCookie },
        pairs: pairs.map((pair) => ({ ...pair, protocol: pair.protocol === 51 ? 'AH' : 'ESP' })),
        rule: rule.label,
        milliseconds: Math.round(clock.now() - begun),
      };
    },
  };
}

function fits(item: Item, match: Phase1Match): boolean {
  const sa = 'entry' in item ? item.entry.sa : item.record;
  return 'local' in match
    ? sa.local.address === match.local && sa.remote.address === match.remote
    : sa.initiatorCookie === match.initiatorCookie && sa.responderCookie === match.responderCookie;
}

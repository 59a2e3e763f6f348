/** A Phase 1 SA that begins to stand, as a record of the SA table. */
import { SmallSet } from '../services/collections/small-set.js';
import { noProbes } from '../services/exchange/dead-peer-detection.js';
import type { StandingPhase1 } from '../services/ports/recorder.js';
import type { Phase1Entry } from './sa-table.js';

/** Written out, field by field: of what is spread together V8 may make a hidden class for each. */
export function phase1Entry(known: StandingPhase1): Phase1Entry {
  return {
    standing: known.standing,
    id: known.id,
    sa: known.sa,
    createdAt: known.createdAt,
    begunAt: known.begunAt,
    madeAt: known.madeAt,
    softAt: known.softAt,
    confirmedAt: known.confirmedAt,
    heardAt: known.heardAt,
    probes: noProbes(),
    children: new SmallSet(),
    messageIds: new SmallSet(known.messageIds),
    quickModesCreated: 0,
    quickModesDeleted: 0,
    keyUses: 0,
    errors: { decrypt: 0, hash: 0, other: 0, transmit: 0 },
    due: 0,
    position: -1,
  };
}

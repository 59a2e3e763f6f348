/**
 * The policies of `--policy` in a Linux kernel: what has to change so that they, and of ours only they, stand in its SPD.
 * Computes; the two kernels do it, each in its own words.
 */
import { isDeepStrictEqual } from 'node:util';
import type { IpsecPolicy, Protection } from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { Refusal } from './default-proposals.js';
import { entriesFor } from './policy-entries.js';
import { neighbourEntries, takesNeighbours } from './neighbour-discovery.js';
import { freeRequestId, isOwnRequestId } from './request-ids.js';
import { spdKey, spdWords, type SpdEntry } from './spd-entry.js';

/**
 * Behind what an operator puts into the kernel by hand, which has priority 0 unless he says otherwise; the first policy of
 * the file has this, the next one more.
 */
export const FIRST_OWN_PRIORITY = 0x10_0000;
/** Of what lets neighbour discovery pass; nothing else here has it, so that it is known again. */
const NEIGHBOUR_PRIORITY = FIRST_OWN_PRIORITY - 1;

export interface PolicyPlan {
  /** To be made, or to be put in the place of ours with the same selectors; before anything is removed, so that there is no gap. */
  readonly put: readonly SpdEntry[];
  /** Ours that are wanted no more, as the kernel told them. */
  readonly remove: readonly SpdEntry[];
  /** What `put` and what stands already are for, by request id; with the proposals that the kernel can have. */
  readonly own: ReadonlyMap<number, IpsecPolicy>;
  /** What was left out and why, one sentence each. */
  readonly notes: readonly string[];
}

/** `held` is the whole SPD as it stands. The error is a sentence for the operator: nothing must be changed then. */
export function planPolicies(
  held: readonly SpdEntry[],
  policies: readonly IpsecPolicy[],
  refusal: Refusal,
): Result<PolicyPlan, string> {
  const byKey = new Map(held.map((entry) => [spdKey(entry), entry]));
  const notes = new Set<string>();
  const wanted = new Map<string, SpdEntry>();
  const own = new Map<number, IpsecPolicy>();
  for (const [position, policy] of policies.entries()) {
    const usable = usableProposals(policy, refusal);
    for (const note of usable.notes) notes.add(note);
    const [draft] = entriesFor(policy, 0, 0);
    if (draft === undefined) continue;
    const words = spdWords(draft);
    if (usable.proposals.length === 0) {
      return err(
        `Nothing that the policy ${words} accepts can be given to this kernel: ${usable.notes.join(' ')}`,
      );
    }
    // The first that fits decides, and the kernel holds one of a kind.
    if (wanted.has(spdKey(draft))) {
      notes.add(`A later policy for ${words} is never met, and is left out.`);
      continue;
    }
    const requestId = idOf(byKey.get(spdKey(draft))) ?? freeRequestId(taken(held, own));
    if (requestId === undefined) return err('There are more policies than request ids for them.');
    const narrowed = { ...policy, proposals: usable.proposals, origin: { requestId, acquireId: undefined } };
    own.set(requestId, narrowed);
    for (const entry of entriesFor(narrowed, requestId, FIRST_OWN_PRIORITY + position)) {
      const there = byKey.get(spdKey(entry));
      if (there !== undefined && idOf(there) === undefined) {
        return err(
          `Somebody else has a policy ${spdWords(entry)} in the kernel; take it out, or leave it out of the file.`,
        );
      }
      wanted.set(spdKey(entry), entry);
    }
  }
  for (const entry of [...own.values()].some(takesNeighbours) ? neighbourEntries(NEIGHBOUR_PRIORITY) : []) {
    const there = byKey.get(spdKey(entry));
    // One of somebody else's decides then.
    if (there === undefined || isOwn(there)) wanted.set(spdKey(entry), entry);
  }
  const put = [...wanted].filter(([key, entry]) => !isSame(byKey.get(key), entry)).map(([, entry]) => entry);
  const remove = held.filter((entry) => isOwn(entry) && !wanted.has(spdKey(entry)));
  return ok({ put, remove, own, notes: [...notes] });
}

function isOwn(entry: SpdEntry): boolean {
  return idOf(entry) !== undefined || (entry.action === 'pass' && entry.priority === NEIGHBOUR_PRIORITY);
}

/** The request id if the entry is ours. */
function idOf(entry: SpdEntry | undefined): number | undefined {
  const id = entry?.templates[0]?.requestId ?? 0;
  return isOwnRequestId(id) ? id : undefined;
}

function taken(held: readonly SpdEntry[], own: ReadonlyMap<number, unknown>): ReadonlySet<number> {
  return new Set([...own.keys(), ...held.map(idOf).filter((id) => id !== undefined)]);
}

function isSame(there: SpdEntry | undefined, entry: SpdEntry): boolean {
  return there !== undefined && isDeepStrictEqual({ ...there, index: 0 }, { ...entry, index: 0 });
}

/** Alternatives that the kernel can have, all of the protocols of the first of them. */
function usableProposals(
  { proposals }: IpsecPolicy,
  refusal: Refusal,
): { readonly proposals: readonly (readonly Protection[])[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const usable = proposals.filter((together) => {
    const reasons = together.map(refusal).filter((reason) => reason !== undefined);
    notes.push(...reasons);
    return reasons.length === 0;
  });
  const protocolsOf = (together: readonly Protection[]): string =>
    together.map(({ protocol }) => (protocol === 50 ? 'ESP' : 'AH')).join(' and ');
  const first = protocolsOf(usable[0] ?? []);
  const alike = usable.filter((together) => protocolsOf(together) === first);
  if (alike.length < usable.length) {
    notes.push(
      `A policy of Linux is of one kind: of alternatives with ${first} and others, the others are left out.`,
    );
  }
  return { proposals: alike, notes };
}

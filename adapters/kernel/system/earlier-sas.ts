/** Which SAs of an earlier run are still in the kernel, and are not somebody else's under the same name. */
import type { Clock } from '../../../services/ports/clock.js';
import type { EarlierSa, HeldSa } from '../../../services/ports/kernel.js';
import { identityOf, isSameSa, type OwnSa } from './own-sas.js';

/** Between what a kernel notes as the moment in which an SA was made and what was noted just before. */
const TOLERANCE_MS = 60_000;

export interface Recognized {
  readonly held: HeldSa;
  readonly own: OwnSa;
}

export function recognized(
  earlier: readonly EarlierSa[],
  held: readonly HeldSa[],
  clock: Clock,
): readonly Recognized[] {
  return earlier.flatMap((sa) => {
    const there = held.find((other) => isSameSa(other, sa));
    if (there === undefined || !isThatOne(sa, there, clock.wallTime())) return [];
    const hardDue =
      sa.hardSeconds === undefined
        ? undefined
        : clock.now() + sa.madeAt + sa.hardSeconds * 1000 - clock.wallTime();
    const { source, direction } = sa;
    const softTold = there.state === 'dying';
    return [
      { held: there, own: { ...identityOf(sa), source, direction, state: 'complete', hardDue, softTold } },
    ];
  });
}

/** The kernel and the daemon note the time by one clock, however that is set later. */
function isThatOne(sa: EarlierSa, there: HeldSa, wallTime: number): boolean {
  if (there.state === 'larval' || there.source !== sa.source || there.mode !== sa.mode) return false;
  if (there.ageSeconds === undefined) return true;
  return Math.abs(wallTime - there.ageSeconds * 1000 - sa.madeAt) <= TOLERANCE_MS;
}

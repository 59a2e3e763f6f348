/**
 * Our own EXPLAIN, which needs `base` only: an offer, and what would come of it.
 *
 *   EXPLAIN   { transforms: [[[type, value], ...], ...], mode?, peer?, local? }   answered by a verdict
 *
 * That is Phase 1; what is asked of Phase 2 is in `own-dry-run-phase2.ts`.
 * The client has read the offer out of whatever it stood in; the daemon sees numbers of RFC 2409 only.
 */
import type { DryOffer } from '../../explain/dry-run.js';
import type { Verdict } from '../../explain/verdict.js';
import { parseAddress } from '../../net/address.js';
import type { Transform } from '../../isakmp/payloads/transform.js';
import { attributeNumber } from '../../isakmp/payloads/attribute.js';
import { duration } from '../../proposal/phase1-suite.js';
import { isRecord, listOf, readEquivalent, readPlace, readText } from './own-explanations.js';
import { readComparisons } from './own-messages.js';

const MOST_TRANSFORMS = 256;
const MOST_ATTRIBUTES = 32;
/** KEY_IKE (RFC 2407 4.4.2.1). */
const KEY_IKE = 1;

export function dryRunRequest({ transforms, mode, peer, local }: DryOffer): object {
  return {
    transforms: transforms.slice(0, MOST_TRANSFORMS).map(({ attributes }) => attributePairs(attributes)),
    ...(mode === undefined ? {} : { mode }),
    ...(peer === undefined ? {} : { peer }),
    ...(local === undefined ? {} : { local }),
  };
}

/** Types and values. */
export function attributePairs(attributes: Transform['attributes']): readonly (readonly number[])[] {
  return attributes.map((attribute) => [attribute.type, Math.min(attributeNumber(attribute), 0xffff_ffff)]);
}

export function readDryRunRequest(value: unknown): DryOffer | undefined {
  if (!isRecord(value)) return undefined;
  const { transforms, mode, peer, local } = value;
  const read = listOf(transforms, readAttributes);
  if (read === undefined || read.length === 0 || read.length > MOST_TRANSFORMS) return undefined;
  if (mode !== undefined && mode !== 'main' && mode !== 'aggressive') return undefined;
  const from = typeof peer === 'string' ? parseAddress(peer) : undefined;
  const to = typeof local === 'string' ? parseAddress(local) : undefined;
  if ((peer !== undefined && from === undefined) || (local !== undefined && to === undefined))
    return undefined;
  return {
    transforms: read.map((attributes, index) => ({ number: index + 1, id: KEY_IKE, attributes })),
    mode,
    peer: from,
    local: to,
  };
}

export function readAttributes(value: unknown): Transform['attributes'] | undefined {
  const attributes = listOf(value, (item) => {
    if (!Array.isArray(item) || item.length !== 2) return undefined;
    const pair: readonly unknown[] = item;
    const [type, number] = pair;
    if (!isNumber(type, 0x7fff) || !isNumber(number, 0xffff_ffff)) return undefined;
    return duration(type, number);
  });
  return attributes !== undefined && attributes.length <= MOST_ATTRIBUTES ? attributes : undefined;
}

export function isNumber(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

export function readVerdict(value: unknown): Verdict | undefined {
  if (!isRecord(value)) return undefined;
  const { accepted, summary, agreed } = value;
  const places = listOf(value.places, readPlace);
  const remarks = listOf(value.remarks, readText);
  const equivalents = listOf(value.equivalents, readEquivalent);
  if (
    typeof accepted !== 'boolean' ||
    typeof summary !== 'string' ||
    typeof agreed !== 'string' ||
    places === undefined ||
    remarks === undefined ||
    equivalents === undefined
  ) {
    return undefined;
  }
  const comparisons = readComparisons(value.comparisons);
  return { accepted, summary, agreed, places, remarks, comparisons, equivalents };
}

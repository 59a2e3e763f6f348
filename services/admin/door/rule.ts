/**
 * A rule: fixed values, then lists found by 16-bit offsets from the start of the structure.
 *
 *   0  label char[256]    256  kmcookie u32    260  ike_mode u16    262  local_idtype u16
 * 264  nonce lengths, PFS group, lifetimes of Phase 2, u32 each
 * 296  count and offset of transforms, local ranges, remote ranges
 * 308  counts of included and excluded identities and their offset, local then remote    320  the lists
 */
import { concat, type Bytes } from '../../bytes.js';
import { type AddressRange, familyOf } from '../../net/address.js';
import { err, ok, type Result } from '../../result.js';
import { ADDRESS_PAIR_LENGTH, decodeAddressPair, encodeAddressPair } from './address-pair.js';
import { LABEL_LENGTH } from './label.js';
import { decodeTexts, encodeTexts, type Selection } from './packed-texts.js';
import { decodeTransform, encodeTransform, P1_XFORM, type TransformRecord } from './phase1-transform.js';
import { roundedUp, structureWithAreas, textArea, textOf } from '../../c-structure.js';

export const RULE = structureWithAreas(
  'rule',
  320,
  {
    cookie: [256, 'u32'],
    exchange: [260, 'u16'],
    localIdType: [262, 'u16'],
    phase1NonceLength: [264, 'u32'],
    phase2NonceLength: [268, 'u32'],
    pfsGroup: [272, 'u32'],
    lifetimeSeconds: [276, 'u32'],
    softlifeSeconds: [280, 'u32'],
    idletimeSeconds: [284, 'u32'],
    lifetimeKb: [288, 'u32'],
    softlifeKb: [292, 'u32'],
    transformCount: [296, 'u16'],
    transformOffset: [298, 'u16'],
    localRangeCount: [300, 'u16'],
    localRangeOffset: [302, 'u16'],
    remoteRangeCount: [304, 'u16'],
    remoteRangeOffset: [306, 'u16'],
    localIdIncluded: [308, 'u16'],
    localIdExcluded: [310, 'u16'],
    localIdOffset: [312, 'u16'],
    remoteIdIncluded: [314, 'u16'],
    remoteIdExcluded: [316, 'u16'],
    remoteIdOffset: [318, 'u16'],
  },
  { label: [0, LABEL_LENGTH] },
);

/** In the numbers of the door. Lifetimes are of Phase 2; 0 is none. */
export interface RuleRecord {
  readonly label: string;
  /** The number by which the kernel names the rule. */
  readonly cookie: number;
  /** 2 main, 4 aggressive, 240 either. */
  readonly exchange: number;
  /** SADB identity type. */
  readonly localIdType: number;
  readonly phase1NonceLength: number;
  readonly phase2NonceLength: number;
  readonly pfsGroup: number;
  readonly lifetimeSeconds: number;
  readonly softlifeSeconds: number;
  readonly idletimeSeconds: number;
  readonly lifetimeKb: number;
  readonly softlifeKb: number;
  readonly transforms: readonly TransformRecord[];
  /** Undefined: a range whose ends are of no known family, or of two. */
  readonly localRanges: readonly (AddressRange | undefined)[];
  readonly remoteRanges: readonly (AddressRange | undefined)[];
  readonly localIds: Selection;
  readonly remoteIds: Selection;
}

const MOST = 0xffff;

/**
 * The error is a sentence: what of the rule does not fit. Ranges, which take 512 bytes each, come last, because only
 * the beginning of a list must be within reach of its offset.
 */
export function encodeRule(rule: RuleRecord): Result<Bytes, string> {
  const transforms = concat(...rule.transforms.map(encodeTransform));
  const localIds = padded(encodeTexts(rule.localIds));
  const remoteIds = padded(encodeTexts(rule.remoteIds));
  const localRanges = encodeRanges(rule.localRanges);
  const remoteRanges = encodeRanges(rule.remoteRanges);
  const localIdOffset = RULE.size + transforms.length;
  const remoteIdOffset = localIdOffset + localIds.length;
  const localRangeOffset = remoteIdOffset + remoteIds.length;
  const remoteRangeOffset = localRangeOffset + localRanges.length;
  if (remoteRangeOffset > MOST || [rule.localRanges, rule.remoteRanges].some(({ length }) => length > MOST)) {
    return err(
      `Rule "${rule.label}" is too large for the door: its lists begin up to byte ${String(remoteRangeOffset)}, and offsets end at ${String(MOST)}.`,
    );
  }
  const head = RULE.encode(
    {
      ...rule,
      transformCount: rule.transforms.length,
      transformOffset: RULE.size,
      localRangeCount: rule.localRanges.length,
      localRangeOffset,
      remoteRangeCount: rule.remoteRanges.length,
      remoteRangeOffset,
      localIdIncluded: rule.localIds.includes.length,
      localIdExcluded: rule.localIds.excludes.length,
      localIdOffset,
      remoteIdIncluded: rule.remoteIds.includes.length,
      remoteIdExcluded: rule.remoteIds.excludes.length,
      remoteIdOffset,
    },
    { label: textArea(rule.label, LABEL_LENGTH) },
  );
  return ok(concat(head, transforms, localIds, remoteIds, localRanges, remoteRanges));
}

/** The error is a sentence part: what of the reply cannot be read. */
export function decodeRule(bytes: Bytes, at = 0): Result<RuleRecord, string> {
  const body = bytes.subarray(at);
  const head = RULE.read(body);
  if (head === undefined)
    return err(`a rule takes ${String(RULE.size)} bytes, only ${String(body.length)} came`);
  const number = (name: Parameters<typeof head.number>[0]): number => head.number(name);
  const transforms = list(body, number('transformOffset'), number('transformCount'), P1_XFORM.size);
  const localRanges = list(body, number('localRangeOffset'), number('localRangeCount'), ADDRESS_PAIR_LENGTH);
  const remoteRanges = list(
    body,
    number('remoteRangeOffset'),
    number('remoteRangeCount'),
    ADDRESS_PAIR_LENGTH,
  );
  const localIds = decodeTexts(
    body,
    number('localIdOffset'),
    number('localIdIncluded'),
    number('localIdExcluded'),
  );
  const remoteIds = decodeTexts(
    body,
    number('remoteIdOffset'),
    number('remoteIdIncluded'),
    number('remoteIdExcluded'),
  );
  if (!transforms || !localRanges || !remoteRanges) return err('a list of a rule reaches beyond the reply');
  if (!localIds || !remoteIds) return err('the identities of a rule reach beyond the reply');
  return ok({
    label: textOf(head.area('label')),
    cookie: number('cookie'),
    exchange: number('exchange'),
    localIdType: number('localIdType'),
    phase1NonceLength: number('phase1NonceLength'),
    phase2NonceLength: number('phase2NonceLength'),
    pfsGroup: number('pfsGroup'),
    lifetimeSeconds: number('lifetimeSeconds'),
    softlifeSeconds: number('softlifeSeconds'),
    idletimeSeconds: number('idletimeSeconds'),
    lifetimeKb: number('lifetimeKb'),
    softlifeKb: number('softlifeKb'),
    transforms: transforms.flatMap((item) => decodeTransform(item) ?? []),
    localRanges: localRanges.map(decodeRange),
    remoteRanges: remoteRanges.map(decodeRange),
    localIds,
    remoteIds,
  });
}

/** Undefined when the list reaches beyond the bytes. */
function list(body: Bytes, offset: number, count: number, size: number): readonly Bytes[] | undefined {
  if (offset + count * size > body.length) return count === 0 ? [] : undefined;
  return Array.from({ length: count }, (_, index) =>
    body.subarray(offset + index * size, offset + (index + 1) * size),
  );
}

function encodeRanges(ranges: RuleRecord['localRanges']): Bytes {
  return concat(
    ...ranges.map((range) =>
      range === undefined
        ? new Uint8Array(ADDRESS_PAIR_LENGTH)
        : encodeAddressPair({ address: range.begin, port: 0 }, { address: range.end, port: 0 }),
    ),
  );
}

function decodeRange(item: Bytes): AddressRange | undefined {
  const { local, remote } = decodeAddressPair(item) ?? {};
  if (local === undefined || remote === undefined) return undefined;
  return familyOf(local.address) === familyOf(remote.address)
    ? { begin: local.address, end: remote.address }
    : undefined;
}

function padded(bytes: Bytes): Bytes {
  return concat(bytes, new Uint8Array(roundedUp(bytes.length) - bytes.length));
}

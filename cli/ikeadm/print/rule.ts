/** `dump rule` and `get rule`: one block per rule, every line with its tag. */
import type { RuleRecord } from '../../../services/admin/door/rule.js';
import { exchangeName, identityTypeName } from './names.js';
import { inKilobytes, inSeconds } from './numbers.js';
import { printable } from './printable.js';
import { limitLines, limitsJson, transformJson, transformLines } from './transform.js';

/** Whole lines, the first of them empty. */
export function ruleText(rule: RuleRecord): string {
  const lines = [
    '',
    ...globalLines(rule),
    ...rangeLines('LOCIP', rule.localRanges),
    ...rangeLines('REMIP', rule.remoteRanges),
    ...identityLines('LOCID', rule.localIds),
    ...identityLines('REMID', rule.remoteIds),
    ...(rule.transforms.length === 0 ? [] : ['XFRMS: Available Transforms:']),
    ...rule.transforms.flatMap((transform, index) =>
      [...transformLines(transform), ...limitLines(transform)].map(
        (line) => `XF ${String(index).padStart(2)}: ${line}`,
      ),
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function globalLines(rule: RuleRecord): readonly string[] {
  const { phase1NonceLength, phase2NonceLength, pfsGroup } = rule;
  const seconds = (value: number): string => `${String(value)} seconds${inSeconds(value)}`;
  const kilobytes = (value: number): string => `${String(value)} kilobytes ${inKilobytes(value)}`.trimEnd();
  return [
    `Label '${printable(rule.label)}', key manager cookie ${String(rule.cookie)}`,
    `local_idtype=${identityTypeName(rule.localIdType)}, ike_mode=${exchangeName(rule.exchange)}`,
    `p1_nonce_len=${String(phase1NonceLength)}, p2_nonce_len=${String(phase2NonceLength)}, p2_pfs=${String(pfsGroup !== 0)} (group ${String(pfsGroup)})`,
    `p2_lifetime=${seconds(rule.lifetimeSeconds)}`,
    `p2_softlife=${seconds(rule.softlifeSeconds)}`,
    `p2_idletime=${seconds(rule.idletimeSeconds)}`,
    `p2_lifetime_kb=${kilobytes(rule.lifetimeKb)}`,
    `p2_softlife_kb=${kilobytes(rule.softlifeKb)}`,
  ].map((line) => `GLOBL: ${line}`);
}

function rangeLines(tag: string, ranges: RuleRecord['localRanges']): readonly string[] {
  if (ranges.length === 0) return [];
  return [
    `${tag}: IP address range(s):`,
    ...ranges.map((range) => {
      if (range === undefined) return `${tag} invalid address range`;
      return `${tag}: ${range.begin}${range.begin === range.end ? '' : ` - ${range.end}`}`;
    }),
  ];
}

/** Both headings stand as soon as there is any identity. */
function identityLines(tag: string, { includes, excludes }: RuleRecord['localIds']): readonly string[] {
  if (includes.length + excludes.length === 0) return [];
  return [
    'Identity descriptors:',
    'Includes:',
    ...includes.map((selector) => `   ${printable(selector)}`),
    'Excludes:',
    ...excludes.map((selector) => `   ${printable(selector)}`),
  ].map((line) => `${tag}: ${line}`);
}

export function ruleJson(rule: RuleRecord): object {
  return {
    label: rule.label,
    cookie: rule.cookie,
    localIdentityType: identityTypeName(rule.localIdType),
    mode: exchangeName(rule.exchange),
    phase1: { nonceBytes: rule.phase1NonceLength },
    phase2: {
      nonceBytes: rule.phase2NonceLength,
      pfsGroup: rule.pfsGroup === 0 ? null : rule.pfsGroup,
      lifetimeSeconds: rule.lifetimeSeconds,
      softlifeSeconds: rule.softlifeSeconds,
      idletimeSeconds: rule.idletimeSeconds,
      lifetimeKilobytes: rule.lifetimeKb,
      softlifeKilobytes: rule.softlifeKb,
    },
    localAddresses: rule.localRanges.map((range) => range ?? null),
    remoteAddresses: rule.remoteRanges.map((range) => range ?? null),
    localIdentities: rule.localIds,
    remoteIdentities: rule.remoteIds,
    transforms: rule.transforms.map((transform) => ({
      ...transformJson(transform),
      limits: limitsJson(transform),
    })),
  };
}

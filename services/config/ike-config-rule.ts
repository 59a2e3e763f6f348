/** One rule of `ike.config`: what it must say, what it inherits, and what of it this version can run. */
import { type AddressRange, familyOf } from '../net/address.js';
import { missingForGroup, missingForPhase1 } from '../policy/capabilities.js';
import type {
  CertificateSelector,
  IdTypeKeyword,
  IkeMode,
  Phase1Transform,
  Phase2Settings,
  Rule,
} from '../policy/rule.js';
import { readAddress } from './address-value.js';
import { type DiagnosticLog, formatPosition, type Place, quote } from './diagnostic.js';
import type { FileLevel } from './file-level.js';
import type { RuleBlock } from './ike-config-tree.js';
import { readTransform, type WrittenTransform } from './ike-config-transform.js';
import { readIdType, readSelector } from './identity-value.js';
import { type Checked, checkKeyword, isRepetition, listKeywords, orphanValues } from './keyword-check.js';
import { placeOf } from './lexicon.js';
import { applyPhase2, resolvePhase2, warnOfSoftLimits } from './phase2-parameters.js';
import type { Setting } from './setting.js';
import { complain, readString, readWord } from './setting-value.js';

/** The door's label field has 256 bytes, one of them the terminating zero. */
const LONGEST_LABEL = 255;

const IKE_MODES: ReadonlyMap<string, IkeMode> = new Map([
  ['main', 'main'],
  ['aggressive', 'aggressive'],
  ['both', 'both'],
]);

const IN_EVERY_RULE = ['label', 'local_addr', 'remote_addr'];
const WITH_CERTIFICATES = ['local_id_type', 'local_id', 'remote_id'];

/** What holds for a rule at its place in the file. */
export interface Inherited extends FileLevel {
  readonly transforms: readonly WrittenTransform[];
  /** Line of the rule that has a label already. */
  readonly labels: Map<string, number>;
}

interface WrittenRule {
  readonly label: string | undefined;
  readonly ikeMode: IkeMode | undefined;
  readonly local: readonly AddressRange[];
  readonly remote: readonly AddressRange[];
  readonly idType: IdTypeKeyword | undefined;
  readonly localIds: readonly CertificateSelector[];
  readonly remoteIds: readonly CertificateSelector[];
  readonly phase2: Phase2Settings;
  readonly transforms: readonly WrittenTransform[];
  /** First setting of each keyword, also of those with a wrong value. */
  readonly said: ReadonlyMap<string, Setting>;
}

/** The rule, or undefined when something about it is wrong; `log` says what. Adds its label to `inherited.labels`. */
export function readRule(block: RuleBlock, inherited: Inherited, log: DiagnosticLog): Rule | undefined {
  const start = placeOf(block.start);
  const written = readItems(block, log);
  const { label, said } = written;
  const labelSetting = said.get('label');
  if (label !== undefined && labelSetting !== undefined)
    claimLabel(label, labelSetting, inherited.labels, log);

  const transforms = written.transforms.length > 0 ? written.transforms : inherited.transforms;
  const kind = methodsOf(transforms, log);
  const inherits = (name: string): boolean => name === 'local_id_type' && inherited.localIdType !== undefined;
  const required = kind === 'certificates' ? [...IN_EVERY_RULE, ...WITH_CERTIFICATES] : IN_EVERY_RULE;
  const missing = required.filter((name) => !said.has(name) && !inherits(name));
  const orphans = orphanValues(block.items.filter((item) => item.kind === 'setting'));
  if (missing.length > orphans) {
    const rules = kind === 'certificates' ? 'a rule with certificates' : 'every rule';
    log.error(
      start,
      `the rule has no ${listKeywords(missing)}`,
      `expected ${listKeywords(required)} in ${rules}`,
    );
  }
  if (transforms.length === 0) {
    log.error(
      start,
      'the rule has no transform',
      'expected `p1_xform` in the rule, or at file level before it',
    );
  }
  const complete = transforms.map((transform) => completed(transform, inherited));
  if (label === undefined) return undefined;

  const ikeMode = written.ikeMode ?? 'main';
  // In Main Mode a pre-shared key is found by the addresses (RFC 2409 5.4), so that an identity would mean nothing.
  const anonymous = kind === 'preshared' && ikeMode === 'main';
  if (anonymous) warnOfIdentities(written, label, log);
  warnOfFamilies(written, label, log);
  const phase2 = resolvePhase2(inherited.phase2, written.phase2);
  warnOfSoftLimits(written.phase2, phase2, label, log);
  const pfs = (written.phase2.p2_pfs ?? inherited.phase2.p2_pfs)?.position;
  const runnable = keepRunnable(
    label,
    complete.filter((transform) => transform !== undefined),
    pfs === undefined ? undefined : { place: pfs, missing: pfsMissing(phase2.pfsGroup) },
    log,
  );
  const idType = written.idType ?? inherited.localIdType ?? 'ip';
  return {
    label,
    ikeMode,
    localAddresses: written.local,
    remoteAddresses: written.remote,
    localIdType: anonymous && !isAddressType(idType) ? 'ip' : idType,
    // With certificates the first local_id is used, and no other.
    localIds: anonymous ? [] : written.localIds.slice(0, 1),
    remoteIds: anonymous ? [] : written.remoteIds,
    ...runnable,
    phase2,
    position: log.position(start),
  };
}

function readItems(block: RuleBlock, log: DiagnosticLog): WrittenRule {
  let rule: WrittenRule = {
    label: undefined,
    ikeMode: undefined,
    local: [],
    remote: [],
    idType: undefined,
    localIds: [],
    remoteIds: [],
    phase2: {},
    transforms: [],
    said: new Map(),
  };
  const said = new Map<string, Setting>();
  for (const item of block.items) {
    if (item.kind === 'transform') {
      rule = { ...rule, transforms: [...rule.transforms, readTransform(item, log)] };
      continue;
    }
    const checked = checkKeyword(item, 'rule', log);
    if (checked === undefined) continue;
    const single =
      checked.name === 'label' || checked.name === 'local_id_type' || checked.name === 'ike_mode';
    if (single && isRepetition(checked, said.get(checked.name))) {
      log.error(placeOf(item.keyword), `\`${checked.name}\` is given twice in one rule`, 'expected it once');
      continue;
    }
    if (!said.has(checked.name)) said.set(checked.name, item);
    rule = applySetting(rule, item, checked);
  }
  return { ...rule, said };
}

function applySetting(rule: WrittenRule, setting: Setting, { name, log }: Checked): WrittenRule {
  const more = <T>(list: readonly T[], item: T | undefined): readonly T[] =>
    item === undefined ? list : [...list, item];
  switch (name) {
    case 'label':
      return { ...rule, label: readLabel(setting, log) };
    case 'ike_mode':
      return { ...rule, ikeMode: readWord(setting, log, 'Phase 1 mode', IKE_MODES) };
    case 'local_addr':
      return { ...rule, local: more(rule.local, readAddress(setting, log)) };
    case 'remote_addr':
      return { ...rule, remote: more(rule.remote, readAddress(setting, log)) };
    case 'local_id_type':
      return { ...rule, idType: readIdType(setting, log) };
    case 'local_id':
      return { ...rule, localIds: more(rule.localIds, readSelector(setting, log, 'someone')) };
    case 'remote_id':
      return { ...rule, remoteIds: more(rule.remoteIds, readSelector(setting, log, 'anyone')) };
    default:
      return { ...rule, phase2: applyPhase2(rule.phase2, setting, log) };
  }
}

function readLabel(setting: Setting, log: DiagnosticLog): string | undefined {
  return readString(setting, log, `a label of 1 to ${String(LONGEST_LABEL)} bytes`, (text) => {
    if (text === '') return complain('is empty');
    return Buffer.byteLength(text) > LONGEST_LABEL ? complain('is too long') : text;
  });
}

function claimLabel(label: string, setting: Setting, labels: Map<string, number>, log: DiagnosticLog): void {
  const place = placeOf(setting.argument[0] ?? setting.keyword);
  const line = labels.get(label);
  if (line === undefined) labels.set(label, place.line);
  else {
    log.error(
      place,
      `the label ${quote(label)} belongs to the rule of line ${String(line)} already`,
      'expected another label',
    );
  }
}

/** Undefined when the methods are mixed, which is logged, or none can be read. */
function methodsOf(
  transforms: readonly WrittenTransform[],
  log: DiagnosticLog,
): 'preshared' | 'certificates' | undefined {
  let kind: 'preshared' | 'certificates' | undefined;
  for (const { method, position } of transforms) {
    if (method === undefined) continue;
    const own = method === 'preshared' ? 'preshared' : 'certificates';
    if (kind !== undefined && kind !== own) {
      log.error(
        position,
        `\`${method}\` is mixed with ${own === 'preshared' ? 'methods of certificates' : '`preshared`'} in one rule`,
        'expected all transforms of a rule to be preshared, or none',
      );
      return undefined;
    }
    kind = own;
  }
  return kind;
}

function isAddressType(type: IdTypeKeyword): boolean {
  return type === 'ip' || type === 'ipv4' || type === 'ipv6';
}

/** ike.config(5) forbids identities beside `preshared`, but its own sample has them and calls them void: so do we. */
function warnOfIdentities(rule: WrittenRule, label: string, log: DiagnosticLog): void {
  for (const name of ['local_id', 'remote_id']) {
    const setting = rule.said.get(name);
    if (setting === undefined) continue;
    log.warning(
      placeOf(setting.keyword),
      `\`${name}\` has no effect with \`preshared\` in Main Mode`,
      'expected none',
      label,
    );
  }
  const type = rule.said.get('local_id_type');
  if (type !== undefined && rule.idType !== undefined && !isAddressType(rule.idType)) {
    log.warning(
      placeOf(type.keyword),
      `\`local_id_type ${rule.idType}\` has no effect with \`preshared\` in Main Mode: the address is sent`,
      'expected ip, ipv4 or ipv6',
      label,
    );
  }
}

function warnOfFamilies(rule: WrittenRule, label: string, log: DiagnosticLog): void {
  const remote = rule.said.get('remote_addr');
  if (remote === undefined || rule.local.length === 0 || rule.remote.length === 0) return;
  const families = new Set(rule.local.map((range) => familyOf(range.begin)));
  if (rule.remote.some((range) => families.has(familyOf(range.begin)))) return;
  log.warning(
    placeOf(remote.keyword),
    'no `remote_addr` is of the family of a `local_addr`, so the rule can never be used',
    'expected IPv4 or IPv6 on both sides',
    label,
  );
}

function completed(
  { method, group, hash, cipher, lifetimeSeconds, position }: WrittenTransform,
  inherited: Pick<Inherited, 'globals'>,
): Phase1Transform | undefined {
  if (method === undefined || group === undefined || hash === undefined || cipher === undefined)
    return undefined;
  return {
    method,
    group,
    hash,
    ...cipher,
    lifetimeSeconds: lifetimeSeconds ?? inherited.globals.phase1LifetimeSeconds,
    position,
  };
}

function pfsMissing(group: number): string | undefined {
  return group === 0 ? undefined : missingForGroup(group);
}

/** Leaves out, and notes, what this version cannot run; a rule of which nothing remains is unusable. */
function keepRunnable(
  label: string,
  transforms: readonly Phase1Transform[],
  pfs: { readonly place: Place; readonly missing: string | undefined } | undefined,
  log: DiagnosticLog,
): Pick<Rule, 'transforms' | 'written' | 'unusable'> {
  const written = transforms;
  if (pfs?.missing !== undefined) {
    const reason = `\`p2_pfs\`: ${pfs.missing}`;
    log.note(pfs.place, `the rule is not used: ${reason}`, label);
    return { transforms: [], written, unusable: `${reason} (${formatPosition(log.position(pfs.place))})` };
  }
  const judged = transforms.map((transform) => ({
    transform,
    missing: missingForPhase1(transform).join('; '),
  }));
  const kept = judged.filter(({ missing }) => missing === '').map(({ transform }) => transform);
  const dropped = judged.filter(({ missing }) => missing !== '');
  const first = dropped[0];
  if (first === undefined || kept.length > 0) {
    for (const { transform, missing } of dropped) {
      log.note(transform.position, `this \`p1_xform\` is left out: ${missing}`, label);
    }
    return { transforms: kept, written, unusable: undefined };
  }
  log.note(
    first.transform.position,
    `the rule is not used: ${[...new Set(dropped.map((d) => d.missing))].join('; ')}`,
    label,
  );
  const reasons = dropped.map(
    ({ transform, missing }) => `${missing} (${formatPosition(transform.position)})`,
  );
  return { transforms: [], written, unusable: reasons.join('; ') };
}

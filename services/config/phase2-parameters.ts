/** The `p2_*` parameters that a file sets and a rule overrides, and the values that follow from them. */
import type { Phase2Keyword, Phase2Parameters, Phase2Settings } from '../policy/rule.js';
import type { DiagnosticLog } from './diagnostic.js';
import { placeOf } from './lexicon.js';
import type { Setting } from './setting.js';
import { readNumber } from './setting-value.js';
import { readGroup } from './transform-value.js';

export function applyPhase2(settings: Phase2Settings, setting: Setting, log: DiagnosticLog): Phase2Settings {
  const name = nameOf(setting);
  if (name === undefined) return settings;
  const value =
    name === 'p2_pfs'
      ? readGroup(setting, log, 'or none')
      : readNumber(setting, log, { unit: name.endsWith('_kb') ? 'kilobytes' : 'seconds' });
  return value === undefined
    ? settings
    : { ...settings, [name]: { value, position: log.position(placeOf(setting.keyword)) } };
}

function nameOf(setting: Setting): Phase2Keyword | undefined {
  switch (setting.name) {
    case 'p2_lifetime_secs':
    case 'p2_softlife_secs':
    case 'p2_idletime_secs':
    case 'p2_lifetime_kb':
    case 'p2_softlife_kb':
    case 'p2_pfs':
      return setting.name;
    default:
      return undefined;
  }
}

/** The rule's own values over the inherited ones. A lifetime of 0 is one that is not set. */
export function resolvePhase2(inherited: Phase2Settings, own: Phase2Settings): Phase2Parameters {
  const value = (name: Phase2Keyword): number | undefined => {
    const said = (own[name] ?? inherited[name])?.value;
    return said === 0 ? undefined : said;
  };
  const softOf = (hardName: Phase2Keyword, softName: Phase2Keyword): number | undefined => {
    const hard = value(hardName);
    // A soft limit without a hard one is ignored.
    if (hard === undefined) return undefined;
    const byDefault = Math.max(1, Math.floor(hard * 0.9));
    const ownSoft = own[softName]?.value;
    if (ownSoft !== undefined && ownSoft !== 0) return Math.min(ownSoft, hard);
    const soft = value(softName);
    if (soft === undefined) return byDefault;
    // An inherited soft limit was meant for the inherited hard one; beyond the rule's own it makes no sense.
    return own[hardName] !== undefined && soft >= hard ? byDefault : Math.min(soft, hard);
  };
  return {
    lifetimeSeconds: value('p2_lifetime_secs'),
    softlifeSeconds: softOf('p2_lifetime_secs', 'p2_softlife_secs'),
    idletimeSeconds: value('p2_idletime_secs'),
    lifetimeKb: value('p2_lifetime_kb'),
    softlifeKb: softOf('p2_lifetime_kb', 'p2_softlife_kb'),
    pfsGroup: value('p2_pfs') ?? 0,
  };
}

/** Soft limits of a rule's own that have no effect, or not the one they seem to have. */
export function warnOfSoftLimits(
  own: Phase2Settings,
  resolved: Phase2Parameters,
  label: string,
  log: DiagnosticLog,
): void {
  const check = (soft: Phase2Keyword, hard: Phase2Keyword, hardValue: number | undefined): void => {
    const said = own[soft];
    if (said === undefined || said.value === 0) return;
    if (hardValue === undefined) {
      log.warning(
        said.position,
        `\`${soft}\` is ignored without \`${hard}\``,
        `expected \`${hard}\` too`,
        label,
      );
    } else if (said.value > hardValue) {
      log.warning(
        said.position,
        `\`${soft}\` is longer than \`${hard}\`, so there will be no soft expiry`,
        `expected at most ${String(hardValue)}`,
        label,
      );
    }
  };
  check('p2_softlife_secs', 'p2_lifetime_secs', resolved.lifetimeSeconds);
  check('p2_softlife_kb', 'p2_lifetime_kb', resolved.lifetimeKb);
}

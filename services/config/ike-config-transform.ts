/** One `p1_xform { ... }`: which elements it must have, and what it says. */
import type { AuthMethod, GroupNumber, HashAlgorithm } from '../algorithms.js';
import type { SourcePosition } from '../policy/rule.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { TransformBlock } from './ike-config-tree.js';
import { checkKeyword, isRepetition, listKeywords, orphanValues } from './keyword-check.js';
import { placeOf } from './lexicon.js';
import type { Setting } from './setting.js';
import { readNumber } from './setting-value.js';
import { type CipherValue, readCipher, readGroup, readHash, readMethod } from './transform-value.js';

const REQUIRED = ['auth_method', 'oakley_group', 'auth_alg', 'encr_alg'];

/** As written. What is undefined is missing or wrong, and logged; only the lifetime is optional. */
export interface WrittenTransform {
  readonly position: SourcePosition;
  readonly method: AuthMethod | undefined;
  readonly group: GroupNumber | undefined;
  readonly hash: HashAlgorithm | undefined;
  readonly cipher: CipherValue | undefined;
  readonly lifetimeSeconds: number | undefined;
}

export function readTransform(block: TransformBlock, log: DiagnosticLog): WrittenTransform {
  let written: WrittenTransform = {
    position: log.position(placeOf(block.start)),
    method: undefined,
    group: undefined,
    hash: undefined,
    cipher: undefined,
    lifetimeSeconds: undefined,
  };
  const seen = new Map<string, Setting>();
  for (const setting of block.items) {
    const checked = checkKeyword(setting, 'transform', log);
    if (checked === undefined) continue;
    if (REQUIRED.includes(checked.name) && isRepetition(checked, seen.get(checked.name))) {
      log.error(
        placeOf(setting.keyword),
        `\`${checked.name}\` is given twice in one \`p1_xform\``,
        'expected it once; alternatives are further `p1_xform` blocks',
      );
      continue;
    }
    seen.set(checked.name, setting);
    switch (checked.name) {
      case 'auth_method':
        written = { ...written, method: readMethod(setting, checked.log) };
        break;
      case 'oakley_group':
        written = { ...written, group: readGroup(setting, checked.log, 'required') };
        break;
      case 'auth_alg':
        written = { ...written, hash: readHash(setting, checked.log) };
        break;
      case 'encr_alg':
        written = { ...written, cipher: readCipher(setting, checked.log) };
        break;
      case 'p1_lifetime_secs':
        written = {
          ...written,
          lifetimeSeconds: readNumber(setting, checked.log, { low: 1, unit: 'seconds' }),
        };
        break;
    }
  }
  const missing = REQUIRED.filter((name) => !seen.has(name));
  if (missing.length > orphanValues(block.items) && !block.loose) {
    log.error(
      written.position,
      `\`p1_xform\` has no ${listKeywords(missing)}`,
      `expected ${listKeywords(REQUIRED)} once each`,
    );
  }
  return written;
}

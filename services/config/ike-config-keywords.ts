/** The keywords of `ike.config`: where each may stand and what shape its argument has. */
import { nearestWord } from './nearest-word.js';
import type { Shape, Vocabulary } from './setting.js';

export type Level = 'file' | 'rule' | 'transform';

interface Keyword {
  readonly levels: readonly Level[];
  readonly shape: Shape;
}

const FILE: Keyword = { levels: ['file'], shape: 'one' };
const RULE: Keyword = { levels: ['rule'], shape: 'one' };
const BOTH: Keyword = { levels: ['file', 'rule'], shape: 'one' };
const TRANSFORM: Keyword = { levels: ['transform'], shape: 'one' };

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  cert_root: FILE,
  cert_trust: FILE,
  expire_timer: FILE,
  ignore_crls: { levels: ['file'], shape: 'flag' },
  ldap_server: FILE,
  pkcs11_path: FILE,
  retry_limit: FILE,
  retry_timer_init: FILE,
  retry_timer_max: FILE,
  dpd_interval_secs: FILE,
  proxy: FILE,
  socks: FILE,
  use_http: { levels: ['file'], shape: 'flag' },
  max_certs: FILE,
  p1_lifetime_secs: { levels: ['file', 'transform'], shape: 'one' },
  p1_nonce_len: FILE,
  p2_nonce_len: FILE,
  p2_lifetime_secs: BOTH,
  p2_softlife_secs: BOTH,
  p2_idletime_secs: BOTH,
  p2_lifetime_kb: BOTH,
  p2_softlife_kb: BOTH,
  p2_pfs: BOTH,
  local_id_type: BOTH,
  p1_xform: { levels: ['file', 'rule'], shape: 'block' },
  label: RULE,
  ike_mode: RULE,
  local_addr: { levels: ['rule'], shape: 'address' },
  remote_addr: { levels: ['rule'], shape: 'address' },
  local_id: RULE,
  remote_id: RULE,
  auth_method: TRANSFORM,
  oakley_group: TRANSFORM,
  auth_alg: TRANSFORM,
  encr_alg: { levels: ['transform'], shape: 'cipher' },
};

export const KEYWORD_NAMES: readonly string[] = Object.keys(KEYWORDS);

export function keywordNamed(name: string): Keyword | undefined {
  return Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined;
}

export const IKE_CONFIG: Vocabulary = {
  shapeOf: (name) => keywordNamed(name)?.shape,
  meant: (word) => nearestWord(word, KEYWORD_NAMES),
};

export function standsAt(name: string, level: Level): boolean {
  return keywordNamed(name)?.levels.includes(level) ?? false;
}

/** Stands at this level and at no other: it tells in which block we must be. */
export function standsOnlyAt(name: string, level: Level): boolean {
  const keyword = keywordNamed(name);
  return keyword?.levels.length === 1 && keyword.levels[0] === level;
}

/** Phase 2 in the words of this host's own files: properties of ipsecconf(8), and the `p2_` keywords of ike.config(5). */
import { parseIpsecPolicies } from '../config/ipsec-policy.js';
import { IPSEC_ATTRIBUTE } from '../isakmp/registries/ipsec-attributes.js';
import type { IpsecPolicy } from '../ports/kernel.js';
import { phase2Offer } from '../proposal/phase2-offer.js';
import type { GroupNumber } from '../algorithms.js';
import { err, ok, type Result } from '../result.js';
import { groupNamed } from './algorithm-names.js';
import type { OfferFault } from './offer.js';
import type { Phase2Offer } from './phase2-offer.js';

const FORM = 'write it as in "encr_algs aes(256) encr_auth_algs sha256 p2_pfs 14"';
const HEAD = /^\s*(?:ipsec\s*\{|(?:encr_algs|encr_auth_algs|auth_algs|p2_\w+)\b)/;
const SETTING = /\b(p2_\w+)\s+(\S+)/g;

export function isPhase2Keywords(text: string): boolean {
  return HEAD.test(text);
}

export function readPhase2Keywords(text: string): Result<Phase2Offer, OfferFault> {
  const said = new Map<string, string>();
  const rest = text.replace(SETTING, (_whole, keyword: string, value: string) => {
    said.set(keyword, value);
    return '';
  });
  const terms = readTerms(said);
  if (typeof terms === 'string') return err({ where: 'the text', problem: `${terms}; ${FORM}` });
  const policy = policyOf(rest.trim());
  if (typeof policy === 'string') return err({ where: 'the text', problem: `${policy}; ${FORM}` });
  const { group, seconds, kilobytes } = terms;
  const offered = phase2Offer(
    policy,
    { mode: 'tunnel', encapsulation: 'none', group, lifetimeSeconds: seconds, lifetimeKb: kilobytes },
    () => new Uint8Array(4),
  );
  // Neither file says the mode in these words: the one of whoever is asked is taken.
  const proposals = offered.map((proposal) => ({
    ...proposal,
    transforms: proposal.transforms.map((transform) => ({
      ...transform,
      attributes: transform.attributes.filter(({ type }) => type !== IPSEC_ATTRIBUTE.encapsulationMode),
    })),
  }));
  const remarks = said.has('p2_pfs') ? [] : ['It does not say p2_pfs, so it offers no PFS.'];
  return ok({ phase: 2, proposals, traffic: undefined, peer: undefined, local: undefined, remarks });
}

interface Terms {
  readonly group: GroupNumber;
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
}

function readTerms(said: ReadonlyMap<string, string>): Terms | string {
  let group = 0;
  let seconds: number | undefined;
  let kilobytes: number | undefined;
  for (const [keyword, value] of said) {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : undefined;
    if (keyword === 'p2_pfs') {
      const named = value === '0' ? 0 : groupNamed(value.toLowerCase());
      if (named === undefined) return `"${value}" is no group of p2_pfs`;
      group = named;
    } else if (keyword === 'p2_lifetime_secs' || keyword === 'p2_lifetime_kb') {
      if (number === undefined) return `"${value}" is no value of ${keyword}`;
      if (keyword === 'p2_lifetime_secs') seconds = number === 0 ? undefined : number;
      else kilobytes = number === 0 ? undefined : number;
    } else if (!/^p2_(?:softlife_secs|softlife_kb|idletime_secs|nonce_len)$/.test(keyword)) {
      return `"${keyword}" is no keyword of Phase 2`;
    }
  }
  return { group, seconds, kilobytes };
}

/** Read as the policy file would be, so that the same words mean the same. */
function policyOf(properties: string): IpsecPolicy | string {
  if (properties === '') return 'it names no algorithm';
  const actions = properties.startsWith('ipsec') ? properties : `ipsec { ${properties} }`;
  const { policies, diagnostics } = parseIpsecPolicies(
    `{ laddr 0.0.0.0/0 raddr 0.0.0.0/0 } ${actions}`,
    'the text',
  );
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  if (fault !== undefined)
    return fault.expected === '' ? fault.problem : `${fault.problem} (${fault.expected})`;
  const [policy] = policies ?? [];
  return policy ?? 'it names no algorithm';
}

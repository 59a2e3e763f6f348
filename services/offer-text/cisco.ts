/** `crypto isakmp policy` of Cisco IOS and `crypto ikev1 policy` of the ASA, alone or within a whole configuration. */
import { METHOD_NUMBER } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { cipherNamed, groupNamed, hashNamed, methodNamed } from './algorithm-names.js';
import { type Offer, type OfferFault, type Terms, transformOf } from './offer.js';

const HEAD = /^\s*crypto\s+(?:isakmp|ikev1)\s+policy\s+(\d+)\s*$/i;
/** What IOS takes where a policy does not say. */
const IOS_DEFAULTS: Terms = {
  cipher: 1,
  keyBits: undefined,
  hash: 2,
  method: METHOD_NUMBER.rsa_sig,
  group: 1,
  lifetimeSeconds: 86_400,
};

export function isCisco(text: string): boolean {
  return text.split('\n').some((line) => HEAD.test(line));
}

interface Policy {
  readonly priority: number;
  terms: Terms;
  readonly unsaid: Set<string>;
}

/** Policies are offered in the order of their numbers. */
export function readCisco(text: string): Result<Offer, OfferFault> {
  const policies: Policy[] = [];
  let open: Policy | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, number] = HEAD.exec(line) ?? [];
    if (number !== undefined) {
      const unsaid = new Set(['encryption', 'hash', 'authentication', 'group']);
      open = { priority: Number(number), terms: IOS_DEFAULTS, unsaid };
      policies.push(open);
      continue;
    }
    const words = line.trim().toLowerCase().split(/\s+/);
    const [keyword = ''] = words;
    if (keyword === '' || keyword.startsWith('!')) {
      if (keyword.startsWith('!')) open = undefined;
      continue;
    }
    // What is not indented begins something else, except where pasting has lost the blanks.
    if (open === undefined || (!/^\s/.test(line) && !(keyword in SETTINGS))) {
      open = undefined;
      continue;
    }
    const fault = take(open, keyword, words.slice(1).join(' '));
    if (fault !== undefined) return err({ where: `line ${String(index + 1)}`, problem: fault });
  }
  const sorted = policies.toSorted((a, b) => a.priority - b.priority);
  return ok({
    phase: 1,
    transforms: sorted.map(({ terms }, index) => transformOf(index + 1, terms)),
    mode: undefined,
    peer: undefined,
    local: undefined,
    remarks: sorted
      .filter(({ unsaid }) => unsaid.size > 0)
      .map(
        ({ priority, unsaid }) =>
          `Policy ${String(priority)} does not say ${[...unsaid].join(', ')}: the values of IOS were taken (des, sha, rsa-sig, group 1).`,
      ),
  });
}

type Setting = (value: string) => Partial<Terms> | undefined;

const encryption: Setting = (value) => cipherNamed(value.replace(/^aes (?=\d)/, 'aes-'));
const SETTINGS: Readonly<Record<string, Setting>> = {
  encr: encryption,
  encryption,
  hash: (value) => one('hash', hashNamed(value)),
  authentication: (value) => one('method', methodNamed(value)),
  group: (value) => one('group', groupNamed(value)),
  lifetime: (value) => one('lifetimeSeconds', /^\d+$/.test(value) ? Number(value) : undefined),
};

function one(name: keyof Terms, value: number | undefined): Partial<Terms> | undefined {
  return value === undefined ? undefined : { [name]: value };
}

function take(policy: Policy, keyword: string, value: string): string | undefined {
  const setting = Object.hasOwn(SETTINGS, keyword) ? SETTINGS[keyword] : undefined;
  if (setting === undefined)
    return `"${keyword}" is not known in a policy; expected encr, hash, authentication, group or lifetime`;
  const read = setting(value);
  if (read === undefined) return `"${value}" is no value of ${keyword}`;
  policy.terms = { ...policy.terms, ...read };
  policy.unsaid.delete(keyword === 'encr' ? 'encryption' : keyword);
  return undefined;
}

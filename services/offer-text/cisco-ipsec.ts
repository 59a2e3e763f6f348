/**
 * Phase 2 of Cisco IOS and ASA: `crypto ipsec transform-set`, with the crypto map or profile that uses it and the access
 * list that it names; alone or within a whole configuration.
 */
import type { Address } from '../net/address.js';
import { parseAddress } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { groupNamed } from './algorithm-names.js';
import { type AccessEntry, readAccessEntry } from './cisco-access-list.js';
import type { OfferFault } from './offer.js';
import { espCipherNamed, integrityNamed } from './phase2-algorithm-names.js';
import { NOTHING_SAID, type Phase2Algorithms, type Phase2Offer, proposalsOf } from './phase2-offer.js';
import { trafficOf } from './phase2-typed.js';

const SET = /^\s*crypto\s+ipsec\s+(?:ikev1\s+)?transform-set\s+(\S+)\s+(.+?)\s*$/i;
const USER = /^\s*crypto\s+(?:map\s+(\S+)\s+(\d+)|ipsec\s+profile\s+(\S+))\s*(.*?)\s*$/i;
const LIFETIME = /^security-association\s+lifetime\s+(seconds|kilobytes)\s+(\d+)$/i;
const GLOBAL_LIFETIME = /^\s*crypto\s+ipsec\s+(security-association\s+lifetime\s+\S+\s+\d+)\s*$/i;
const LIST_HEAD = /^\s*ip\s+access-list\s+extended\s+(\S+)\s*$/i;
const LIST_LINE = /^\s*access-list\s+(\S+)\s+(?:extended\s+)?(permit\s.*)$/i;
/** What IOS takes where nothing is said. */
const IOS_LIFETIMES = { seconds: 3600, kilobytes: 4_608_000 };
/** `set pfs` without a group. */
const PFS_DEFAULT = 1;

export function isCiscoPhase2(text: string): boolean {
  return text.split('\n').some((line) => SET.test(line));
}

interface TransformSet {
  readonly name: string;
  readonly algorithms: Phase2Algorithms;
  mode: 'tunnel' | 'transport';
}

/** A crypto map entry, a profile, or what stands alone. */
interface User {
  readonly name: string;
  sets: readonly string[];
  group: number;
  seconds: number | undefined;
  kilobytes: number | undefined;
  peer: Address | undefined;
  list: string | undefined;
}

interface Configuration {
  readonly sets: Map<string, TransformSet>;
  readonly users: User[];
  readonly lists: Map<string, AccessEntry[]>;
  /** What is said for all, and settings that stand beside a transform set by themselves. */
  readonly all: User;
}

function userNamed(name: string): User {
  const nothing = { seconds: undefined, kilobytes: undefined, peer: undefined, list: undefined };
  return { name, sets: [], group: 0, ...nothing };
}

export function readCiscoPhase2(text: string): Result<Phase2Offer, OfferFault> {
  const read: Configuration = { sets: new Map(), users: [], lists: new Map(), all: userNamed('') };
  let open: TransformSet | User | string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const taken = takeLine(read, line, open);
    if ('fault' in taken) return err({ where: `line ${String(index + 1)}`, problem: taken.fault });
    open = taken.open;
  }
  return offerOf(read);
}

type Taken = { readonly open: TransformSet | User | string | undefined } | { readonly fault: string };

function takeLine(read: Configuration, line: string, open: TransformSet | User | string | undefined): Taken {
  const [, setName, transforms = ''] = SET.exec(line) ?? [];
  if (setName !== undefined) return takeSet(read, setName, transforms);
  const [, map, sequence, profile, more = ''] = USER.exec(line) ?? [];
  if (map !== undefined || profile !== undefined) {
    const name = map === undefined ? `profile ${profile ?? ''}` : `crypto map ${map} ${sequence ?? ''}`;
    let user = read.users.find((one) => one.name === name);
    if (user === undefined) read.users.push((user = userNamed(name)));
    // ASA writes each setting behind the name.
    const fault = takeSetting(user, more);
    return fault === undefined ? { open: user } : { fault };
  }
  const [, global] = GLOBAL_LIFETIME.exec(line) ?? [];
  if (global !== undefined) return after(takeSetting(read.all, `set ${global}`), undefined);
  const [, listed, entry] = LIST_LINE.exec(line) ?? [];
  if (listed !== undefined) return after(takeEntry(read, listed, entry ?? ''), undefined);
  const [, list] = LIST_HEAD.exec(line) ?? [];
  if (list !== undefined) return { open: list };
  const words = line.trim();
  if (words === '') return { open };
  if (words.startsWith('!')) return { open: undefined };
  if (typeof open === 'string') {
    if (/^(?:\d+\s+)?permit\s/i.test(words))
      return after(takeEntry(read, open, words.replace(/^\d+\s+/, '')), open);
    return { open: /^\s/.test(line) ? open : undefined };
  }
  if (open !== undefined && 'algorithms' in open) {
    const [, mode] = /^mode\s+(tunnel|transport)\b/i.exec(words) ?? [];
    if (mode !== undefined) {
      open.mode = mode.toLowerCase() === 'transport' ? 'transport' : 'tunnel';
      return { open };
    }
  }
  if (!/^(?:set|match|no\s+set)\s/i.test(words)) return { open: /^\s/.test(line) ? open : undefined };
  const user = open === undefined || 'algorithms' in open ? read.all : open;
  return after(takeSetting(user, words), open);
}

function after(fault: string | undefined, open: TransformSet | User | string | undefined): Taken {
  return fault === undefined ? { open } : { fault };
}

function takeSet(read: Configuration, name: string, transforms: string): Taken {
  const [, mode] = /^mode\s+(tunnel|transport)$/i.exec(transforms) ?? [];
  const known = read.sets.get(name);
  if (mode !== undefined && known !== undefined) {
    known.mode = mode.toLowerCase() === 'transport' ? 'transport' : 'tunnel';
    return { open: known };
  }
  const algorithms = algorithmsOf(transforms.toLowerCase());
  if (typeof algorithms === 'string') return { fault: algorithms };
  const set: TransformSet = { name, algorithms, mode: 'tunnel' };
  read.sets.set(name, set);
  return { open: set };
}

function algorithmsOf(text: string): Phase2Algorithms | string {
  let cipher: ReturnType<typeof espCipherNamed>;
  let integrity: ReturnType<typeof integrityNamed>;
  let ah: ReturnType<typeof integrityNamed>;
  const joined = text.replace(/\besp-(aes|gcm|gmac)\s+(\d{3})\b/g, 'esp-$1$2');
  for (const word of joined.split(/\s+/)) {
    const [, protocol = '', name = '', hmac] = /^(esp|ah)-([a-z0-9-]+?)(-hmac)?$/.exec(word) ?? [];
    const plain = name.replace(/-(?=\d)/, '').replace(/^(gcm|gmac)(\d*)$/, 'aes$2$1');
    if (hmac !== undefined && protocol === 'ah') ah ??= integrityNamed(plain);
    else if (hmac !== undefined) integrity ??= integrityNamed(plain);
    else if (word === 'esp-none') continue;
    else if (protocol === 'esp') cipher ??= espCipherNamed(plain);
    else if (word.startsWith('comp-')) return `"${word}" compresses, which this host does not do`;
    if (protocol === '' || (hmac === undefined ? cipher : protocol === 'ah' ? ah : integrity) === undefined)
      return `"${word}" is no transform that has a number in IKEv1`;
  }
  if (cipher === undefined && integrity !== undefined) cipher = espCipherNamed('null');
  return { esp: cipher && { cipher, integrity }, ah };
}

function takeSetting(user: User, text: string): string | undefined {
  const [verb = '', keyword = '', ...values] = text.replace(/^(set\s+)ikev1\s+/i, '$1').split(/\s+/);
  if (verb.toLowerCase() === 'match' && keyword.toLowerCase() === 'address') user.list = values[0];
  if (verb.toLowerCase() !== 'set') return undefined;
  switch (keyword.toLowerCase()) {
    case 'transform-set':
      user.sets = values;
      return undefined;
    case 'peer':
      user.peer ??= parseAddress(values[0] ?? '');
      return undefined;
    case 'pfs': {
      const [name] = values;
      const group = name === undefined ? PFS_DEFAULT : groupNamed(name.toLowerCase());
      if (group === undefined) return `"${String(name)}" is no group of set pfs`;
      user.group = group;
      return undefined;
    }
    default: {
      const [, unit = '', number] = LIFETIME.exec([keyword, ...values].join(' ')) ?? [];
      if (number !== undefined)
        user[unit.toLowerCase() === 'seconds' ? 'seconds' : 'kilobytes'] = Number(number);
      return undefined;
    }
  }
}

function takeEntry(read: Configuration, list: string, text: string): string | undefined {
  const entry = readAccessEntry(text);
  // Other lists of a whole configuration may say what no crypto map can.
  if (entry === undefined) return undefined;
  read.lists.set(list, [...(read.lists.get(list) ?? []), entry]);
  return undefined;
}

function offerOf({ sets, users, lists, all }: Configuration): Result<Phase2Offer, OfferFault> {
  const withSets = users.filter((user) => user.sets.length > 0);
  const [user = { ...all, sets: [...sets.keys()] }] = withSets;
  const remarks: string[] = [];
  if (user.name !== '') {
    const others = withSets.length === 1 ? '' : ` ${String(withSets.length - 1)} more are not looked at.`;
    remarks.push(`Read ${user.name}: transform sets ${user.sets.join(', ')}.${others}`);
  }
  const used = user.sets.map((name) => ({ name, set: sets.get(name) }));
  const missing = used.find(({ set }) => set === undefined);
  if (missing !== undefined)
    return err({ where: user.name, problem: `transform-set ${missing.name} is not in the text` });
  const group = user.group === 0 ? all.group : user.group;
  const words = {
    ...NOTHING_SAID,
    group,
    seconds: user.seconds ?? all.seconds ?? IOS_LIFETIMES.seconds,
    kilobytes: user.kilobytes ?? all.kilobytes ?? IOS_LIFETIMES.kilobytes,
  };
  const proposals = used.flatMap(({ set }, index) =>
    set === undefined ? [] : proposalsOf(index + 1, set.algorithms, { ...words, mode: set.mode }),
  );
  if (group === 0) remarks.push('Nothing says "set pfs", so it offers no PFS.');
  const entries = user.list === undefined ? [...lists.values()].flat() : (lists.get(user.list) ?? []);
  const [entry] = entries;
  if (entry !== undefined && entries.length > 1)
    remarks.push(`The access list has ${String(entries.length)} entries: the first was taken.`);
  else if (entry === undefined && user.list !== undefined)
    remarks.push(`Access list ${user.list} is not in the text, or says what is no traffic of IPsec.`);
  const traffic = entry && trafficOf(entry.source, entry.destination);
  if (typeof traffic === 'string') return err({ where: 'the access list', problem: traffic });
  return ok({ phase: 2, proposals, traffic, peer: undefined, local: user.peer, remarks });
}

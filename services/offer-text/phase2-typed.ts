/** Phase 2 as strongSwan and libreswan write it: `esp=aes128-sha1-modp2048`, alone or with the lines around it. */
import type { TrafficSelectors } from '../ports/kernel.js';
import { err, ok, type Result } from '../result.js';
import { groupNamed } from './algorithm-names.js';
import type { OfferFault } from './offer.js';
import { espCipherNamed, integrityNamed } from './phase2-algorithm-names.js';
import {
  NOTHING_SAID,
  type Phase2Algorithms,
  type Phase2Offer,
  type Phase2Words,
  proposalsOf,
} from './phase2-offer.js';
import { readTrafficSide, type TypedSide } from './traffic-text.js';

const FORM = 'write esp=cipher-integrity, as in esp=aes128-sha256, and perhaps -modp2048 for PFS';
const AH_FORM = 'write ah=integrity, as in ah=sha256, and perhaps -modp2048 for PFS';

type Key = 'esp' | 'ah' | 'mode' | 'pfs' | 'seconds' | 'theirs' | 'ours' | 'protocol';
/** What the two programs call it. The other end's own side is `local_ts` in its file. */
const KEYS: Readonly<Record<string, Key>> = {
  esp: 'esp',
  esp_proposals: 'esp',
  ah: 'ah',
  ah_proposals: 'ah',
  phase2alg: 'esp',
  phase2: 'protocol',
  mode: 'mode',
  type: 'mode',
  pfs: 'pfs',
  life_time: 'seconds',
  salifetime: 'seconds',
  lifetime: 'seconds',
  keylife: 'seconds',
  'ipsec-lifetime': 'seconds',
  local_ts: 'theirs',
  remote_ts: 'ours',
};
const PAIR = /^\s*([a-z0-9_-]+)\s*=\s*(.*?)\s*$/i;

export function isPhase2Typed(text: string): boolean {
  return text
    .split('\n')
    .some((line) => /^\s*(?:esp|esp_proposals|ah|ah_proposals|phase2alg)\s*=/i.test(line));
}

interface Reading {
  protocol: 'esp' | 'ah';
  words: Phase2Words;
  pfs: boolean | undefined;
  proposals: { readonly key: 'esp' | 'ah'; readonly text: string; readonly where: string } | undefined;
  theirs: TypedSide | undefined;
  ours: TypedSide | undefined;
  readonly passedOver: string[];
}

/** One proposal without its key, where it was said that Phase 2 is meant, is one of ESP. */
export function readPhase2Typed(text: string): Result<Phase2Offer, OfferFault> {
  const reading: Reading = {
    protocol: 'esp',
    words: NOTHING_SAID,
    pfs: undefined,
    proposals: undefined,
    theirs: undefined,
    ours: undefined,
    passedOver: [],
  };
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.replace(/#.*$/, '').trim();
    if (line === '' || /^(?:[{}]|[\w.-]+\s*\{|conn\s)/.test(line)) continue;
    const where = text.includes('\n') ? `line ${String(index + 1)}` : `"${line}"`;
    const fault = takeLine(reading, line, where);
    if (fault !== undefined) return err({ where, problem: fault });
  }
  const { proposals } = reading;
  if (proposals === undefined) return err({ where: 'the text', problem: `it names no proposal; ${FORM}` });
  return offerOf(reading, proposals);
}

function takeLine(reading: Reading, line: string, where: string): string | undefined {
  const [, name, value = ''] = PAIR.exec(line) ?? [];
  const lower = name?.toLowerCase() ?? 'esp';
  const key = Object.hasOwn(KEYS, lower) ? KEYS[lower] : undefined;
  if (key === undefined) {
    reading.passedOver.push(lower);
    return undefined;
  }
  return take(reading, key, name === undefined ? line : value, where);
}

function take(reading: Reading, key: Key, value: string, where: string): string | undefined {
  const { words } = reading;
  switch (key) {
    case 'esp':
    case 'ah':
      if (reading.proposals !== undefined) return 'it names proposals twice; ask about one at a time';
      reading.proposals = { key, text: value, where };
      return undefined;
    case 'protocol':
      if (value !== 'esp' && value !== 'ah') return `phase2 is esp or ah, not ${value}`;
      reading.protocol = value;
      return undefined;
    case 'mode':
      if (value !== 'tunnel' && value !== 'transport') return `the mode is tunnel or transport, not ${value}`;
      reading.words = { ...words, mode: value };
      return undefined;
    case 'pfs':
      if (!/^(?:yes|no)$/.test(value)) return `pfs is yes or no, not ${value}`;
      reading.pfs = value === 'yes';
      return undefined;
    case 'seconds': {
      const seconds = secondsOf(value);
      if (seconds === undefined) return `"${value}" is no lifetime; write it as in 3600s or 8h`;
      reading.words = { ...words, seconds };
      return undefined;
    }
    case 'theirs':
    case 'ours': {
      const side = readTrafficSide(value.split(',')[0] ?? '');
      if (!side.ok) return side.error;
      reading[key] = side.value;
      return undefined;
    }
  }
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

function secondsOf(value: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d{1,9})\s*([smhd]?)$/.exec(value) ?? [];
  const factor = UNITS[unit];
  return digits === '' || factor === undefined ? undefined : Number(digits) * factor;
}

function offerOf(
  reading: Reading,
  proposals: NonNullable<Reading['proposals']>,
): Result<Phase2Offer, OfferFault> {
  const { words, pfs, theirs, ours, passedOver } = reading;
  const isAh = proposals.key === 'ah' || reading.protocol === 'ah';
  const all: Phase2Offer['proposals'][number][] = [];
  let named = false;
  for (const [index, one] of proposals.text.split(',').entries()) {
    const read = readOne(one.trim().toLowerCase(), isAh);
    if (typeof read === 'string')
      return err({ where: `"${one.trim()}"`, problem: `${read}; ${isAh ? AH_FORM : FORM}` });
    named ||= read.group !== undefined;
    const group = pfs === false ? 0 : (read.group ?? 0);
    all.push(...proposalsOf(index + 1, read.algorithms, { ...words, group }));
  }
  const traffic = trafficOf(theirs, ours);
  if (typeof traffic === 'string') return err({ where: 'the text', problem: traffic });
  const remarks: string[] = [];
  if (pfs === true && !named)
    remarks.push('It says pfs=yes and no group: libreswan then takes that of Phase 1, here none was taken.');
  else if (!named && pfs !== false) remarks.push('It names no Diffie-Hellman group, so it offers no PFS.');
  if (passedOver.length > 0)
    remarks.push(`Not looked at: ${[...new Set(passedOver)].slice(0, 8).join(', ')}.`);
  return ok({ phase: 2, proposals: all, traffic, peer: undefined, local: undefined, remarks });
}

/** Undefined where not both sides are said; text is what is wrong. */
export function trafficOf(
  theirs: TypedSide | undefined,
  ours: TypedSide | undefined,
): TrafficSelectors | string | undefined {
  if (theirs === undefined && ours === undefined) return undefined;
  if (theirs === undefined || ours === undefined)
    return `it says the traffic of one side only; that of ${theirs === undefined ? 'the other end' : 'this host'} is missing`;
  if (theirs.addresses.begin.includes(':') !== ours.addresses.begin.includes(':'))
    return 'the two sides of the traffic are of different address families';
  if (theirs.protocol !== ours.protocol && theirs.protocol !== 0 && ours.protocol !== 0)
    return 'the two sides of the traffic name different IP protocols';
  return {
    local: { addresses: ours.addresses, port: ours.port },
    remote: { addresses: theirs.addresses, port: theirs.port },
    protocol: Math.max(theirs.protocol, ours.protocol),
  };
}

interface One {
  readonly algorithms: Phase2Algorithms;
  readonly group: number | undefined;
}

function readOne(text: string, isAh: boolean): One | string {
  let cipher: ReturnType<typeof espCipherNamed>;
  let integrity: ReturnType<typeof integrityNamed>;
  let noIntegrity = false;
  let group: number | undefined;
  const joined = text.replace(/sha2-(?=\d)/g, 'sha2_').replace(/\b(aes|camellia)[-](?=\d{3}\b)/g, '$1');
  for (const word of joined.split(/[-;+!\s]+/)) {
    if (word === '' || word === 'noesn') continue;
    if (!isAh && cipher === undefined && espCipherNamed(word) !== undefined) cipher = espCipherNamed(word);
    else if (!isAh && !noIntegrity && (word === 'null' || word === 'none')) noIntegrity = true;
    else if (integrity === undefined && integrityNamed(word) !== undefined) integrity = integrityNamed(word);
    else if (group === undefined && groupNamed(word) !== undefined) group = groupNamed(word);
    else if (word === 'esn') return '"esn" is for IKEv2';
    else return `"${word}" is no ${isAh ? '' : 'cipher, '}integrity algorithm or group, or one too many`;
  }
  if (isAh)
    return integrity === undefined
      ? 'it names no integrity algorithm'
      : { algorithms: { esp: undefined, ah: integrity }, group };
  if (cipher === undefined) return 'it names no cipher';
  if (integrity === undefined && !noIntegrity && !cipher.combined) return 'it names no integrity algorithm';
  return { algorithms: { esp: { cipher, integrity }, ah: undefined }, group };
}

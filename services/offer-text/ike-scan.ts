/** A line of ike-scan: `192.0.2.1 Main Mode Handshake returned SA=(Enc=3DES Hash=SHA1 Auth=PSK Group=2:modp1024 ...)`. */
import { parseAddress } from '../net/address.js';
import { METHOD_NUMBER } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { cipherNamed, groupNamed, hashNamed, methodNamed } from './algorithm-names.js';
import { type Offer, type OfferFault, type Terms, transformOf } from './offer.js';

export function isIkeScan(text: string): boolean {
  return /SA=\(\s*Enc=/i.test(text);
}

export function readIkeScan(text: string): Result<Offer, OfferFault> {
  const [, body = ''] = /SA=\(([^)]*(?:\(\d+\)[^)]*)*)\)/i.exec(text) ?? [];
  const values = new Map(
    [...body.matchAll(/([A-Za-z]+)(?:\(\d+\))?=(\S+)/g)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value.toLowerCase(),
    ]),
  );
  const terms = termsOf(values);
  if (typeof terms === 'string') return err({ where: `SA=(${body})`, problem: terms });
  const peer = parseAddress(/^\s*(\S+)/.exec(text)?.[1] ?? '');
  return ok({
    phase: 1,
    transforms: [transformOf(1, terms)],
    mode: /Aggressive Mode/i.test(text) ? 'aggressive' : /Main Mode/i.test(text) ? 'main' : undefined,
    peer,
    local: undefined,
    remarks: values.has('auth') ? [] : ['The line names no Auth: a pre-shared key was taken.'],
  });
}

function termsOf(values: ReadonlyMap<string, string>): Terms | string {
  const named = (key: string): string => values.get(key) ?? '';
  const cipher = cipherNamed(named('enc'));
  if (cipher === undefined) return `Enc=${named('enc')} is not known`;
  const hash = hashNamed(named('hash'));
  if (hash === undefined)
    return values.has('hash') ? `Hash=${named('hash')} is not known` : 'it names no Hash';
  const group = groupNamed(named('group').replace(/:.*$/, ''));
  if (group === undefined)
    return values.has('group') ? `Group=${named('group')} is not known` : 'it names no Group';
  const method = values.has('auth') ? methodNamed(named('auth')) : METHOD_NUMBER.preshared;
  if (method === undefined) return `Auth=${named('auth')} is not known here`;
  const bits = values.get('keylength');
  if (bits !== undefined && !/^\d{1,4}$/.test(bits)) return `KeyLength=${bits} is no number`;
  const life = Number(values.get('lifeduration') ?? 'NaN');
  const seconds = named('lifetype') === 'seconds' && Number.isSafeInteger(life) ? life : undefined;
  return {
    cipher: cipher.cipher,
    keyBits: bits === undefined ? cipher.keyBits : Number(bits),
    hash,
    group,
    method,
    lifetimeSeconds: seconds,
  };
}

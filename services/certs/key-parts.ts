/** The numbers that RSA and DSA keys are made of, out of their DER (RFC 3279 2.3, RFC 8017 A.1): tokens take and give numbers. */
import type { Bytes } from '../bytes.js';
import { derSequence, type DerValue, derValueAt, TAG } from './der.js';

/** What several DSA keys may have in common. */
export interface DsaDomain {
  readonly prime: Bytes;
  readonly subprime: Bytes;
  readonly base: Bytes;
}

export type PublicParts =
  | { readonly algorithm: 'rsa'; readonly modulus: Bytes; readonly publicExponent: Bytes }
  | ({ readonly algorithm: 'dsa'; readonly value: Bytes } & DsaDomain);

/** Secret: slices of the bytes that they were read from, which the caller wipes. */
export type PrivateParts =
  | {
      readonly algorithm: 'rsa';
      readonly privateExponent: Bytes;
      readonly prime1: Bytes;
      readonly prime2: Bytes;
      readonly exponent1: Bytes;
      readonly exponent2: Bytes;
      readonly coefficient: Bytes;
    }
  | { readonly algorithm: 'dsa'; readonly value: Bytes };

const OIDS: ReadonlyMap<string, 'rsa' | 'dsa'> = new Map<string, 'rsa' | 'dsa'>([
  ['2a864886f70d010101', 'rsa'],
  ['2a8648ce380401', 'dsa'],
]);

/** Of a SubjectPublicKeyInfo; undefined when it is none of RSA or DSA with its parameters. */
export function publicParts(spki: Bytes): PublicParts | undefined {
  const [algorithm, key] = derSequence(spki, 2) ?? [];
  if (algorithm === undefined || key?.tag !== TAG.bitString) return undefined;
  const bits = key.content.subarray(1);
  if (algorithmOf(algorithm) === 'rsa') {
    const [modulus, publicExponent] = magnitudes(derSequence(bits, 2), 2) ?? [];
    return modulus === undefined || publicExponent === undefined
      ? undefined
      : { algorithm: 'rsa', modulus, publicExponent };
  }
  const domain = domainOf(algorithm);
  const y = derValueAt(bits, 0);
  const [value] = magnitudes(y === undefined ? undefined : [y], 1) ?? [];
  return domain === undefined || value === undefined ? undefined : { algorithm: 'dsa', value, ...domain };
}

/** Of PKCS #8; undefined when it is none of RSA or DSA, unencrypted. */
export function privateParts(pkcs8: Bytes): PrivateParts | undefined {
  const [, algorithm, key] = derSequence(pkcs8, 8) ?? [];
  if (algorithm === undefined || key?.tag !== TAG.octetString) return undefined;
  switch (algorithmOf(algorithm)) {
    case 'rsa': {
      const numbers = magnitudes(derSequence(key.content, 9), 9) ?? [];
      const [, , , privateExponent, prime1, prime2, exponent1, exponent2, coefficient] = numbers;
      if (
        privateExponent === undefined ||
        prime1 === undefined ||
        prime2 === undefined ||
        exponent1 === undefined ||
        exponent2 === undefined ||
        coefficient === undefined
      )
        return undefined;
      return { algorithm: 'rsa', privateExponent, prime1, prime2, exponent1, exponent2, coefficient };
    }
    case 'dsa': {
      const x = derValueAt(key.content, 0);
      const [value] = magnitudes(x === undefined ? undefined : [x], 1) ?? [];
      return value === undefined ? undefined : { algorithm: 'dsa', value };
    }
    case undefined:
      return undefined;
  }
}

function algorithmOf({ whole }: DerValue): 'rsa' | 'dsa' | undefined {
  const [oid] = derSequence(whole, 2) ?? [];
  return oid?.tag === TAG.oid ? OIDS.get(Buffer.from(oid.content).toString('hex')) : undefined;
}

function domainOf(algorithm: DerValue): DsaDomain | undefined {
  const [, parameters] = derSequence(algorithm.whole, 2) ?? [];
  if (algorithmOf(algorithm) !== 'dsa' || parameters === undefined) return undefined;
  const [prime, subprime, base] = magnitudes(derSequence(parameters.whole, 3), 3) ?? [];
  return prime === undefined || subprime === undefined || base === undefined
    ? undefined
    : { prime, subprime, base };
}

/** Without the zero that keeps a number positive: tokens have no sign. Undefined unless there are `count` INTEGERs. */
function magnitudes(values: readonly DerValue[] | undefined, count: number): readonly Bytes[] | undefined {
  if (values?.length !== count || values.some(({ tag }) => tag !== TAG.integer)) return undefined;
  return values.map(({ content }) => {
    const first = content.findIndex((byte) => byte !== 0);
    return first < 0 ? content.subarray(0, 1) : content.subarray(first);
  });
}

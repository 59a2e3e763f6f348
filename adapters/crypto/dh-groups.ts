/** The Diffie-Hellman groups by their number on the wire (RFC 2409 6, RFC 3526, RFC 5114, RFC 5903). */
import { getDiffieHellman } from 'node:crypto';
import type { GroupNumber } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { fromHex } from '../../services/bytes.js';
import { SUBGROUP_NUMBERS } from './subgroups.js';

/** Integers modulo a prime. */
export interface ModpGroup {
  readonly kind: 'modp';
  readonly primeLength: number;
  /**
   * Bytes of a private exponent: twice the strength of the group or more (RFC 3526 8). A full-length exponent would
   * add nothing but time. Where there is a small subgroup, as long as its order.
   */
  readonly exponentLength: number;
  readonly prime: () => Bytes;
  readonly generator: Bytes;
  /**
   * Order of the subgroup that the generator spans, prime. Undefined where the prime is a safe one, so that no other
   * subgroup is small.
   */
  readonly order: Bytes | undefined;
}

/** A curve over a prime field. */
export interface EcpGroup {
  readonly kind: 'ecp';
  /** OpenSSL's name. */
  readonly curve: 'prime192v1' | 'secp224r1' | 'prime256v1' | 'secp384r1' | 'secp521r1';
  /** Bytes of x, of y, and of a private scalar. */
  readonly coordinateLength: number;
  /** Which bits of a scalar's first byte the order of the curve leaves free. */
  readonly topBits: number;
}

export type DhGroup = ModpGroup | EcpGroup;

// The first two are written out since asking OpenSSL for them makes it prove again, for 15 to 30 ms, that they are prime.
const PRIME_768 = fromHex(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd' +
    'ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a3620ffffffffffffffff',
);
const PRIME_1024 = fromHex(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd' +
    'ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed' +
    'ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff',
);

const GROUPS: ReadonlyMap<GroupNumber, DhGroup> = new Map<GroupNumber, DhGroup>([
  [1, safePrime(96, 32, () => PRIME_768)],
  [2, safePrime(128, 32, () => PRIME_1024)],
  [5, knownToOpenssl('modp5', 192, 32)],
  [14, knownToOpenssl('modp14', 256, 32)],
  [15, knownToOpenssl('modp15', 384, 36)],
  [16, knownToOpenssl('modp16', 512, 42)],
  [17, knownToOpenssl('modp17', 768, 48)],
  [18, knownToOpenssl('modp18', 1024, 52)],
  [19, { kind: 'ecp', curve: 'prime256v1', coordinateLength: 32, topBits: 0xff }],
  [20, { kind: 'ecp', curve: 'secp384r1', coordinateLength: 48, topBits: 0xff }],
  [21, { kind: 'ecp', curve: 'secp521r1', coordinateLength: 66, topBits: 0x01 }],
  [22, withSubgroup(22)],
  [23, withSubgroup(23)],
  [24, withSubgroup(24)],
  [25, { kind: 'ecp', curve: 'prime192v1', coordinateLength: 24, topBits: 0xff }],
  [26, { kind: 'ecp', curve: 'secp224r1', coordinateLength: 28, topBits: 0xff }],
]);

export function dhGroup(number: GroupNumber): DhGroup | undefined {
  return GROUPS.get(number);
}

/** Length of a public value on the wire. */
export function publicLength(group: DhGroup): number {
  return group.kind === 'modp' ? group.primeLength : 2 * group.coordinateLength;
}

/** Length of g^xy: as long as the prime (RFC 2409 5), or x alone (RFC 5903 7). */
export function secretLength(group: DhGroup): number {
  return group.kind === 'modp' ? group.primeLength : group.coordinateLength;
}

export function exponentLength(group: DhGroup): number {
  return group.kind === 'modp' ? group.exponentLength : group.coordinateLength;
}

function safePrime(primeLength: number, exponent: number, prime: () => Bytes): ModpGroup {
  return {
    kind: 'modp',
    primeLength,
    exponentLength: exponent,
    prime,
    generator: Uint8Array.of(2),
    order: undefined,
  };
}

function knownToOpenssl(name: string, primeLength: number, exponent: number): ModpGroup {
  return safePrime(primeLength, exponent, () => getDiffieHellman(name).getPrime());
}

function withSubgroup(number: keyof typeof SUBGROUP_NUMBERS): ModpGroup {
  const { prime, generator, order } = SUBGROUP_NUMBERS[number];
  return {
    kind: 'modp',
    primeLength: prime.length,
    exponentLength: order.length,
    prime: () => prime,
    generator,
    order,
  };
}

/**
 * The Diffie-Hellman computation itself, synchronous; it runs on the main thread and in workers alike. Private exponents
 * come from the caller, so that all randomness is the `Random` port's.
 */
import type { DiffieHellman, ECDH } from 'node:crypto';
import { createDiffieHellman, createECDH } from 'node:crypto';
import type { GroupNumber } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { concat, sameBytes } from '../../services/bytes.js';
import { PublicValueRefused } from '../../services/ports/crypto.js';
import type { DhGroup, EcpGroup, ModpGroup } from './dh-groups.js';
import { dhGroup } from './dh-groups.js';
import type { DhParameters } from './dh-key-object.js';
import { PREFERS_KEY_OBJECTS, publicValueByKey, secretByKey } from './dh-key-object.js';

const UNCOMPRESSED_POINT = Uint8Array.of(4);
const ONE = Uint8Array.of(1);

/**
 * One object per MODP group, since building one whose prime OpenSSL does not know costs a primality test. Each use sets a private exponent
 * of its own and overwrites it afterwards.
 */
const modpObjects = new Map<GroupNumber, DiffieHellman>();

/** Makes random bytes of `exponentLength` a private exponent, in place. */
export function shapeExponent(group: DhGroup, exponent: Bytes): void {
  const first = exponent[0] ?? 0;
  if (group.kind === 'ecp') {
    // Below the order.
    exponent[0] = first & group.topBits;
  } else {
    // As long as it says, whatever the generator gave. The orders begin with a one bit, so 01 is below them.
    exponent[0] = group.order === undefined ? first | 0x80 : (first & 0x3f) | 0x40;
  }
}

/** As long as `publicLength` says. Throws for an exponent that is zero or not below a curve's order. */
export function publicValueOf(number: GroupNumber, exponent: Bytes): Bytes {
  const group = known(number);
  if (group.kind === 'ecp') return Uint8Array.from(withScalar(group, exponent).getPublicKey().subarray(1));
  if (byKeyObject(number)) return padded(publicValueByKey(parametersOf(group), exponent), group.primeLength);
  return withExponent(number, group, exponent, (dh) => padded(dh.generateKeys(), group.primeLength));
}

/**
 * As long as `secretLength` says; the caller wipes it. Throws for a peer's value outside the group, and
 * `PublicValueRefused` for one outside the generator's subgroup.
 */
export function sharedSecretOf(number: GroupNumber, exponent: Bytes, peerPublicValue: Bytes): Bytes {
  const group = known(number);
  if (group.kind === 'ecp') {
    return withScalar(group, exponent).computeSecret(concat(UNCOMPRESSED_POINT, peerPublicValue));
  }
  if (group.order !== undefined && !isInSubgroup(number, group, group.order, peerPublicValue)) {
    throw new PublicValueRefused('it is not in the subgroup that the generator of the group spans');
  }
  return power(number, group, exponent, peerPublicValue);
}

function power(number: GroupNumber, group: ModpGroup, exponent: Bytes, base: Bytes): Bytes {
  if (byKeyObject(number)) return secretByKey(parametersOf(group), exponent, base);
  return withExponent(number, group, exponent, (dh) => dh.computeSecret(base));
}

/**
 * RFC 6989 2.2: y^q = 1. OpenSSL gives out no power that is 1, so this asks for y^(q+1), which is y then. Where it throws
 * the power is 1 or p - 1, and y is neither (`publicValueFault`).
 */
function isInSubgroup(number: GroupNumber, group: ModpGroup, order: Bytes, value: Bytes): boolean {
  const orderAndOne = Uint8Array.from(order);
  // No order of RFC 5114 ends in FF, so nothing is carried.
  orderAndOne.set([(order.at(-1) ?? 0) + 1], order.length - 1);
  try {
    return sameBytes(power(number, group, orderAndOne, value), value);
  } catch {
    return false;
  }
}

function parametersOf(group: ModpGroup): DhParameters {
  return { prime: group.prime(), generator: group.generator };
}

/** Groups below 14 are cheap to check; OpenSSL knows the others by their primes. */
function byKeyObject(number: GroupNumber): boolean {
  return PREFERS_KEY_OBJECTS && number >= 14;
}

function known(number: GroupNumber): DhGroup {
  const group = dhGroup(number);
  if (group === undefined) throw new Error(`Diffie-Hellman group ${String(number)} is not supported.`);
  return group;
}

function withExponent<T>(
  number: GroupNumber,
  group: ModpGroup,
  exponent: Bytes,
  compute: (dh: DiffieHellman) => T,
): T {
  let dh = modpObjects.get(number);
  if (dh === undefined) {
    dh = createDiffieHellman(group.prime(), group.generator);
    modpObjects.set(number, dh);
  }
  dh.setPrivateKey(exponent);
  try {
    return compute(dh);
  } finally {
    dh.setPrivateKey(ONE);
  }
}

/** A new object each time: it is cheap, and freed it takes the scalar with it. */
function withScalar(group: EcpGroup, scalar: Bytes): ECDH {
  const ecdh = createECDH(group.curve);
  ecdh.setPrivateKey(scalar);
  return ecdh;
}

/** OpenSSL drops leading zeros of a public value; RFC 2409 5 wants them. */
function padded(value: Bytes, length: number): Bytes {
  if (value.length === length && value.buffer.byteLength === length) return new Uint8Array(value.buffer);
  const whole = new Uint8Array(length);
  whole.set(value, length - value.length);
  return whole;
}

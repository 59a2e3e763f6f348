/**
 * The Diffie-Hellman computation itself, synchronous; it runs on the main thread and in workers alike. Private exponents
 * come from the caller, so that all randomness is the `Random` port's.
 */
import type { DiffieHellman, ECDH } from 'node:crypto';
import { createDiffieHellman, createECDH } from 'node:crypto';
import type { GroupNumber } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';
import type { DhGroup, EcpGroup, ModpGroup } from './dh-groups.js';
import { dhGroup } from './dh-groups.js';
import { PREFERS_KEY_OBJECTS, publicValueByKey, secretByKey } from './dh-key-object.js';

const UNCOMPRESSED_POINT = Uint8Array.of(4);
const ONE = Uint8Array.of(1);

/**
 * One object per MODP group, since building one of group 1 or 2 costs a primality test. Each use sets a private exponent
 * of its own and overwrites it afterwards.
 */
const modpObjects = new Map<GroupNumber, DiffieHellman>();

/** Makes random bytes of `exponentLength` a private exponent, in place. */
export function shapeExponent(group: DhGroup, exponent: Bytes): void {
  const first = exponent[0] ?? 0;
  // A MODP exponent is as long as it says whatever the generator gave; a curve's scalar must stay below the order.
  exponent[0] = group.kind === 'modp' ? first | 0x80 : first & group.topBits;
}

/** As long as `publicLength` says. Throws for an exponent that is zero or not below a curve's order. */
export function publicValueOf(number: GroupNumber, exponent: Bytes): Bytes {
  const group = known(number);
  if (group.kind === 'ecp') return Uint8Array.from(withScalar(group, exponent).getPublicKey().subarray(1));
  if (byKeyObject(number)) return padded(publicValueByKey(group.prime(), exponent), group.primeLength);
  return withExponent(number, group, exponent, (dh) => {
    dh.generateKeys();
    return padded(dh.getPublicKey(), group.primeLength);
  });
}

/** As long as `secretLength` says; the caller wipes it. Throws for a peer's value outside the group. */
export function sharedSecretOf(number: GroupNumber, exponent: Bytes, peerPublicValue: Bytes): Bytes {
  const group = known(number);
  if (group.kind === 'ecp') {
    return withScalar(group, exponent).computeSecret(concat(UNCOMPRESSED_POINT, peerPublicValue));
  }
  if (byKeyObject(number)) return secretByKey(group.prime(), exponent, peerPublicValue);
  return withExponent(number, group, exponent, (dh) => dh.computeSecret(peerPublicValue));
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
    dh = createDiffieHellman(group.prime(), Uint8Array.of(2));
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
  const whole = new Uint8Array(length);
  whole.set(value, length - value.length);
  return whole;
}

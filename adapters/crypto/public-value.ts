/** Checks of a peer's public value that must pass before anything is computed with it. */
import { ECDH } from 'node:crypto';
import type { GroupNumber } from '../../services/algorithms.js';
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';
import type { EcpGroup, ModpGroup } from './dh-groups.js';
import { dhGroup, publicLength } from './dh-groups.js';

/** Per group, p - 1: every prime is odd, so it differs in the last bit alone. */
const greatest = new Map<GroupNumber, Bytes>();

/** One clause without a full stop, or undefined where the value may be used. */
export function publicValueFault(number: GroupNumber, value: Bytes): string | undefined {
  const group = dhGroup(number);
  if (group === undefined) return `Diffie-Hellman group ${String(number)} is not supported`;
  const expected = publicLength(group);
  if (value.length !== expected) {
    return `it has ${String(value.length)} bytes where group ${String(number)} has ${String(expected)}`;
  }
  return group.kind === 'modp' ? rangeFault(number, group, value) : curveFault(group, value);
}

/**
 * RFC 6989 2.1: 1 < y < p - 1. Where the prime is a safe one, only the subgroups of order q and 2q remain beyond these,
 * which are harmless to exponents that are used once. Where it is not, `sharedSecretOf` looks at the subgroup: that
 * costs an exponentiation.
 */
function rangeFault(number: GroupNumber, group: ModpGroup, value: Bytes): string | undefined {
  let limit = greatest.get(number);
  if (limit === undefined) {
    limit = Uint8Array.from(group.prime());
    limit.set([(limit.at(-1) ?? 0) - 1], limit.length - 1);
    greatest.set(number, limit);
  }
  if (Buffer.compare(value, limit) >= 0) return 'it is not below the prime less one';
  const aboveOne = value.some((byte, index) => byte > (index === value.length - 1 ? 1 : 0));
  return aboveOne ? undefined : 'it is zero or one';
}

/** RFC 6989 2.3: both coordinates below the prime, and on the curve. */
function curveFault(group: EcpGroup, value: Bytes): string | undefined {
  try {
    ECDH.convertKey(concat(Uint8Array.of(4), value), group.curve);
    return undefined;
  } catch {
    return 'it is not a point of the curve';
  }
}

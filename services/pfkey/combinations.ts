/**
 * Combinations of algorithms: of PROPOSAL (RFC 2367 2.3.7), 72 bytes each, and of X_EPROP (illumos), 64 bytes and a list
 * of descriptors of 8.
 */
import { structure } from '../c-structure.js';
import { concat, type Bytes } from '../bytes.js';
import type { Dialect } from './dialect.js';
import type {
  AlgorithmDescriptor,
  Combination,
  CombinationLimits,
  ExtendedCombination,
} from './extension.js';

export const COMBINATION = structure('sadb_comb', 72, {
  authentication: [0, 'u8'],
  encryption: [1, 'u8'],
  flags: [2, 'u16'],
  authMin: [4, 'u16'],
  authMax: [6, 'u16'],
  encryptMin: [8, 'u16'],
  encryptMax: [10, 'u16'],
  saltBits: [12, 'u8'],
  softAllocations: [16, 'u32'],
  hardAllocations: [20, 'u32'],
  softBytes: [24, 'u64'],
  hardBytes: [32, 'u64'],
  softAddTime: [40, 'u64'],
  hardAddTime: [48, 'u64'],
  softUseTime: [56, 'u64'],
  hardUseTime: [64, 'u64'],
});

export const EXTENDED_COMBINATION = structure('sadb_x_ecomb', 64, {
  algorithms: [0, 'u8'],
  flags: [2, 'u16'],
  softAllocations: [8, 'u32'],
  hardAllocations: [12, 'u32'],
  softBytes: [16, 'u64'],
  hardBytes: [24, 'u64'],
  softAddTime: [32, 'u64'],
  hardAddTime: [40, 'u64'],
  softUseTime: [48, 'u64'],
  hardUseTime: [56, 'u64'],
});

export const DESCRIPTOR = structure('sadb_x_algdesc', 8, {
  saType: [0, 'u8'],
  algorithmType: [1, 'u8'],
  algorithm: [2, 'u8'],
  saltBits: [3, 'u8'],
  minBits: [4, 'u16'],
  maxBits: [6, 'u16'],
});

type LimitField = 'Allocations' | 'Bytes' | 'AddTime' | 'UseTime';
type LimitFields = `soft${LimitField}` | `hard${LimitField}`;

function limitNumbers(
  soft: CombinationLimits,
  hard: CombinationLimits,
): Readonly<Record<LimitFields, number>> {
  return {
    softAllocations: soft.allocations,
    hardAllocations: hard.allocations,
    softBytes: soft.bytes,
    hardBytes: hard.bytes,
    softAddTime: soft.addTime,
    hardAddTime: hard.addTime,
    softUseTime: soft.useTime,
    hardUseTime: hard.useTime,
  };
}

function limitsOf(side: 'soft' | 'hard', reader: { number(name: LimitFields): number }): CombinationLimits {
  return {
    allocations: reader.number(`${side}Allocations`),
    bytes: reader.number(`${side}Bytes`),
    addTime: reader.number(`${side}AddTime`),
    useTime: reader.number(`${side}UseTime`),
  };
}

export function encodeCombination(combination: Combination, { saltBits }: Dialect): Bytes {
  return COMBINATION.encode(
    {
      authentication: combination.authentication,
      encryption: combination.encryption,
      flags: combination.flags,
      authMin: combination.authenticationBits.low,
      authMax: combination.authenticationBits.high,
      encryptMin: combination.encryptionBits.low,
      encryptMax: combination.encryptionBits.high,
      saltBits: saltBits ? combination.encryptionSaltBits : 0,
      ...limitNumbers(combination.soft, combination.hard),
    },
    {},
  );
}

/** Undefined when fewer than 72 bytes stand at `at`. */
export function decodeCombination(bytes: Bytes, at: number, { saltBits }: Dialect): Combination | undefined {
  const read = COMBINATION.read(bytes, at);
  return (
    read && {
      authentication: read.number('authentication'),
      encryption: read.number('encryption'),
      flags: read.number('flags'),
      authenticationBits: { low: read.number('authMin'), high: read.number('authMax') },
      encryptionBits: { low: read.number('encryptMin'), high: read.number('encryptMax') },
      encryptionSaltBits: saltBits ? read.number('saltBits') : 0,
      soft: limitsOf('soft', read),
      hard: limitsOf('hard', read),
    }
  );
}

export function encodeExtendedCombination({ flags, soft, hard, algorithms }: ExtendedCombination): Bytes {
  return concat(
    EXTENDED_COMBINATION.encode({ algorithms: algorithms.length, flags, ...limitNumbers(soft, hard) }, {}),
    ...algorithms.map((algorithm) => DESCRIPTOR.encode(descriptorNumbers(algorithm), {})),
  );
}

function descriptorNumbers({
  saType,
  algorithmType,
  algorithm,
  saltBits,
  minBits,
  maxBits,
}: AlgorithmDescriptor) {
  return { saType, algorithmType, algorithm, saltBits, minBits, maxBits };
}

/** The combination and where the next one begins; undefined when it is cut short. */
export function decodeExtendedCombination(
  bytes: Bytes,
  at: number,
): { readonly combination: ExtendedCombination; readonly end: number } | undefined {
  const read = EXTENDED_COMBINATION.read(bytes, at);
  if (read === undefined) return undefined;
  const algorithms: AlgorithmDescriptor[] = [];
  let end = at + EXTENDED_COMBINATION.size;
  for (let left = read.number('algorithms'); left > 0; left--) {
    const descriptor = DESCRIPTOR.read(bytes, end);
    if (descriptor === undefined) return undefined;
    algorithms.push({
      saType: descriptor.number('saType'),
      algorithmType: descriptor.number('algorithmType'),
      algorithm: descriptor.number('algorithm'),
      saltBits: descriptor.number('saltBits'),
      minBits: descriptor.number('minBits'),
      maxBits: descriptor.number('maxBits'),
    });
    end += DESCRIPTOR.size;
  }
  const combination = {
    flags: read.number('flags'),
    soft: limitsOf('soft', read),
    hard: limitsOf('hard', read),
    algorithms,
  };
  return { combination, end };
}

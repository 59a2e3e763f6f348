/** What can be asked of a port, by number: a recording holds thousands of calls, and few kinds of them. */
import type { Crypto } from '../../services/ports/crypto.js';
import type { Kernel } from '../../services/ports/kernel.js';
import type { RecordedPort } from '../../services/record/entry.js';

const CRYPTO = [
  ...(['generateKeyPair', 'sharedSecret', 'digest', 'prf', 'mac', 'slice', 'lengthOf', 'encrypt'] as const),
  ...(['decrypt', 'signRsa', 'verifyRsa', 'signDss', 'verifyDss', 'encryptRsa', 'decryptRsa'] as const),
  ...(['phase1Children', 'ipsecKeys'] as const),
] satisfies readonly (keyof Crypto)[];
const KERNEL = [
  ...(['getSpi', 'update', 'add', 'moveRemote', 'delete', 'usage', 'policyFor', 'policyForPacket'] as const),
] satisfies readonly (keyof Kernel)[];

export type OperationName = (typeof CRYPTO)[number] | (typeof KERNEL)[number] | 'bytes';
/** Index in `OPERATIONS`. */
export type Operation = number;

export interface OperationOf {
  readonly port: RecordedPort;
  readonly op: OperationName;
}

export const OPERATIONS: readonly OperationOf[] = [
  ...CRYPTO.map((op) => ({ port: 'crypto' as const, op })),
  ...KERNEL.map((op) => ({ port: 'kernel' as const, op })),
  { port: 'random', op: 'bytes' },
];

/** The number of an operation; the names of the ports differ from each other. */
export function operation(name: OperationName): Operation {
  return OPERATIONS.findIndex(({ op }) => op === name);
}

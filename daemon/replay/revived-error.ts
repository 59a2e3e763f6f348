/** An error of a port in a recording, as the daemon knows it. */
import { PublicValueRefused } from '../../services/ports/crypto.js';
import { KernelError } from '../../services/ports/kernel.js';
import { type TokenObject, TokenRefused } from '../../services/ports/public-key.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { Json } from '../../services/record/entry.js';

const OPERATIONS = [
  'getSpi',
  'add',
  'update',
  'moveRemote',
  'delete',
  'usage',
  'policyFor',
  'policyForPacket',
  'open',
] as const;

export function revived(fields: { readonly [key: string]: Json; readonly message: string }): Error {
  const { name, message, fault, operation, object } = fields;
  if (name === 'TokenRefused' && isTokenObject(object) && isTokenFault(fault))
    return new TokenRefused(object, fault);
  if (name === 'PublicValueRefused' && typeof fault === 'string') return new PublicValueRefused(fault);
  const which = OPERATIONS.find((known) => known === operation);
  if (name === 'KernelError' && which !== undefined) return new KernelError(which, message);
  return new Error(message);
}

function isTokenObject(value: unknown): value is TokenObject {
  return typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string';
}

function isTokenFault(value: unknown): value is TokenFault {
  return typeof value === 'object' && value !== null && 'reason' in value && 'message' in value;
}

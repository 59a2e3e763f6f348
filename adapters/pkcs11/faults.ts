/** What a PKCS #11 library answers, in plain words. */
import type { TokenFault, TokenFaultReason } from '../../services/ports/token-fault.js';
import { CKR } from './numbers.js';

type Words = readonly [reason: TokenFaultReason, after: string];

const REMOVED: Words = ['lost', 'was taken away'];
const SESSION: Words = ['lost', 'has ended our session'];
const ABSENT: Words = ['absent', 'is not there'];
const UNUSABLE: Words = ['pin-unusable', 'takes no such PIN: its length or its characters are wrong'];

/** Each follows `Token "label"`. */
const WORDS: ReadonlyMap<number, Words> = new Map<number, Words>([
  [CKR.pinIncorrect, ['pin-incorrect', 'was given a wrong PIN']],
  [CKR.pinLocked, ['pin-locked', 'has locked its PIN after too many wrong ones']],
  [CKR.pinInvalid, UNUSABLE],
  [CKR.pinLengthRange, UNUSABLE],
  [CKR.pinExpired, ['pin-unusable', 'has a PIN that has expired']],
  [CKR.userPinNotInitialized, ['pin-unusable', 'has no user PIN yet']],
  [CKR.userNotLoggedIn, ['locked', 'is locked']],
  [CKR.deviceRemoved, REMOVED],
  [CKR.tokenNotPresent, REMOVED],
  [CKR.tokenNotRecognized, ['absent', 'is not recognised by its library']],
  [CKR.slotIdInvalid, ABSENT],
  [CKR.sessionClosed, SESSION],
  [CKR.sessionHandleInvalid, SESSION],
  [CKR.cryptokiNotInitialized, SESSION],
  [CKR.objectHandleInvalid, ['no-object', 'has no such object any more']],
  [CKR.deviceError, ['failed', 'reports a fault of the device']],
  [CKR.deviceMemory, ['failed', 'is full: it has no memory left']],
  [CKR.hostMemory, ['failed', 'cannot be used: there is no memory left on this host']],
  [CKR.tokenWriteProtected, ['failed', 'is write-protected']],
  [CKR.sessionReadOnly, ['failed', 'can only be read']],
  [CKR.keySizeRange, ['failed', 'does not take keys of this size']],
  [CKR.functionNotSupported, ['failed', 'cannot do this']],
  [CKR.sessionCount, ['failed', 'has too many sessions']],
  [CKR.mechanismInvalid, ['failed', 'cannot do this kind of operation']],
  [CKR.keyTypeInconsistent, ['failed', 'has a key of another kind']],
  [CKR.keyNotPermitted, ['failed', 'has a key that may not be used for this']],
]);

/** Thrown inside this folder where we find something wrong ourselves. */
export class Refusal extends Error {
  readonly fault: TokenFault;

  constructor(reason: TokenFaultReason, message: string) {
    super(message);
    this.name = 'Refusal';
    this.fault = { reason, message };
  }
}

/**
 * The return value of a failed call; undefined when the library was not even reached. Calls with a template of attributes
 * throw an error without a `code`, whose message is such as `CKR_DEVICE_MEMORY:49`.
 */
export function returnValue(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return code;
  const [, told] = /^CKR_\w+:(\d+)/.exec(error.message) ?? [];
  return told === undefined ? undefined : Number(told);
}

export function faultOf(error: unknown, label: string): TokenFault {
  if (error instanceof Refusal) return error.fault;
  const code = returnValue(error);
  const words = code === undefined ? undefined : WORDS.get(code);
  if (words !== undefined) return { reason: words[0], message: `Token "${label}" ${words[1]}.` };
  // A name such as CKR_FUNCTION_FAILED; never arguments, among which are PINs.
  const name =
    error instanceof Error ? (/^CKR_[A-Z_0-9]+/.exec(error.message)?.[0] ?? error.name) : 'no reason';
  const number = code === undefined ? '' : ` (0x${code.toString(16)})`;
  return { reason: 'failed', message: `Token "${label}" failed: its library says ${name}${number}.` };
}

/** Faults of the token itself, whatever it was given to decrypt. */
export function isTokenFault(error: unknown): boolean {
  const reason = faultOf(error, '').reason;
  const code = returnValue(error);
  return (
    reason !== 'failed' || code === CKR.deviceError || code === CKR.deviceMemory || code === CKR.hostMemory
  );
}

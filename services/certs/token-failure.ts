/** Says why a key on a token cannot be used, and what to do about it. */
import type { FailureCode } from '../failure/codes.js';
import { failure, type FailurePlace } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { TokenObject } from '../ports/public-key.js';
import type { TokenFault, TokenFaultReason } from '../ports/token-fault.js';
import type { StoredCertificate, TokenState } from './stores.js';

const HINT: Readonly<Record<TokenFaultReason, string>> = {
  'no-library': 'Install the PKCS#11 library that pkcs11_path of ike.config names, and send SIGHUP.',
  absent: 'Attach the token, or correct its name in the reference file (docs/tokens.md).',
  locked: 'Unlock it and try again.',
  'pin-incorrect': 'Unlock it with the right PIN.',
  'pin-locked': "Set a new PIN with the token's own tools.",
  'pin-unusable': "Set a new PIN with the token's own tools.",
  'no-object':
    'Correct id and label in the reference file of the key (docs/tokens.md), or put the key on the token.',
  lost: 'Attach the token, unlock it and try again.',
  failed: "Look at the token with its own tools, and at its library's log.",
};

function codeOf(reason: TokenFaultReason): FailureCode {
  if (reason === 'locked') return 'token-locked';
  return reason === 'absent' || reason === 'lost' || reason === 'no-library'
    ? 'token-absent'
    : 'token-failed';
}

/** `owner` is the certificate that the key belongs to, where it is known. */
export function tokenFailure(
  object: TokenObject,
  fault: TokenFault,
  place: FailurePlace,
  owner: StoredCertificate | undefined,
): Failure {
  const whose = owner === undefined ? 'A private key' : `The private key of certificate ${owner.slot}`;
  const hint =
    fault.reason === 'locked' ? `Unlock it: ikeadm token login "${object.token}".` : HINT[fault.reason];
  return failure(
    codeOf(fault.reason),
    place,
    'local',
    `${whose} is on PKCS#11 token "${object.token}" and cannot be used: ${fault.message}`,
    hint,
  );
}

/** Before anything is asked of the token. */
export function unavailable(
  owner: StoredCertificate,
  object: TokenObject,
  state: TokenState | undefined,
  place: FailurePlace,
): Failure {
  return tokenFailure(object, lockedFault(object.token, state), place, owner);
}

/** Why a token in this state does nothing. */
export function lockedFault(token: string, state: TokenState | undefined): TokenFault {
  if (state === 'absent') return { reason: 'absent', message: `Token "${token}" is not there.` };
  return {
    reason: 'locked',
    message:
      state === 'unlocking' ? `Token "${token}" is only being unlocked.` : `Token "${token}" is locked.`,
  };
}

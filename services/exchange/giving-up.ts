/** Explains the failures that a chart only names: silence, expiry, a job that went wrong. */
import { failure, type FailurePlace } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type Endpoint, formatEndpoint } from '../net/address.js';

export interface GivingUp {
  readonly place: FailurePlace;
  readonly remote: Endpoint;
  /** Best guess from what could not be read or was not authenticated. */
  readonly suspicion: Failure | undefined;
  /** Times the last message was sent. */
  readonly attempts: number;
}

/** What silence after each Main Mode message of ours usually means. */
const MAIN_MODE_SILENCE: Readonly<Record<number, string>> = {
  1: 'Check that the peer runs IKEv1 at this address and port, that no filter drops UDP between the two, and that the peer has a rule for us: many peers answer an unknown address or an unacceptable offer with silence.',
  3: 'The peer answered message 1 and then fell silent: suspect a filter that drops larger or later datagrams, or a peer that dislikes our Diffie-Hellman group.',
  5: "The peer stopped answering at our identity and proof. With pre-shared keys this nearly always means that the two ends hold different keys: compare the key in ike.preshared with the peer's.",
};

export function silence({ place, remote, suspicion, attempts }: GivingUp): Failure {
  if (suspicion !== undefined) return suspicion;
  const hint =
    place.exchange === 'Main Mode'
      ? (MAIN_MODE_SILENCE[place.message] ?? 'Look at the log of the peer.')
      : 'The Phase 1 SA may be stale on the peer\'s side (a restart?): delete it with "ikeadm del p1" and try again.';
  return failure(
    'peer-silent',
    place,
    'network',
    `${formatEndpoint(remote)} did not answer message ${String(place.message)} of ${place.exchange}, sent ${String(attempts)} time(s).`,
    hint,
  );
}

export function expiry({ place, remote, suspicion }: GivingUp): Failure {
  if (suspicion !== undefined) return suspicion;
  return failure(
    'expired',
    place,
    'network',
    `${place.exchange} with ${formatEndpoint(remote)} was not finished within expire_timer; it had come to message ${String(place.message)}.`,
    'The peer abandoned it. Its log says why; with pre-shared keys and nothing after message 4, suspect different keys.',
  );
}

export function jobFailed({ place, remote }: GivingUp, detail: string): Failure {
  return failure(
    'crypto-failed',
    place,
    'local',
    `${place.exchange} with ${formatEndpoint(remote)} could not go on: ${detail}.`,
    'This is a fault of this host or a defect of this program, not of the peer.',
  );
}

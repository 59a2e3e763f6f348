/** Turns the end of a chart into the failure that the operator reads. */
import type { ExchangeOutput } from '../machines/exchange.js';
import { expiry, type GivingUp, jobFailed, silence } from '../services/exchange/giving-up.js';
import { lockedFault, tokenFailure } from '../services/certs/token-failure.js';
import { type Phase1Record, placeOf } from '../services/exchange/phase1-record.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { type Address, type Endpoint, formatEndpoint } from '../services/net/address.js';

/** `output` is of a chart that did not succeed. */
export function explainEnding(output: ExchangeOutput, known: Omit<GivingUp, 'suspicion'>): Failure {
  const givingUp: GivingUp = { ...known, suspicion: output.suspicion };
  const { outcome } = output;
  if (outcome.kind !== 'failed') return jobFailed(givingUp, 'its chart ended without an outcome');
  switch (outcome.why.cause) {
    case 'described':
      return outcome.why.failure;
    case 'silence':
      return silence(givingUp);
    case 'expired':
      return expiry(givingUp);
    case 'job':
      return jobFailed(givingUp, outcome.why.detail);
  }
}

/** An operator, a refresh or the end of the daemon took a negotiation away. Without `remote`: whoever it was with. */
export function withdrawn(code: 'operator-deleted' | 'daemon-stopping', remote?: Endpoint): Failure {
  const [what, hint] =
    code === 'operator-deleted'
      ? ['An operator deleted', 'Nothing is wrong; it was asked for.']
      : ['The daemon is stopping and dropped', 'Start the daemon again.'];
  return failure(
    code,
    { exchange: '', message: 0 },
    'local',
    `${what} the negotiation${remote === undefined ? '' : ` with ${formatEndpoint(remote)}`}.`,
    hint,
  );
}

/** Why a negotiation cannot go on when this token is locked; undefined where it needs no key of it, or no longer. */
export function withoutToken(record: Phase1Record, label: string): Failure | undefined {
  const { certificate, method, signature, peerNonce } = record;
  const key = certificate?.privateKey;
  if (key === undefined || !('object' in key) || key.object.token !== label) return undefined;
  const used = method === 'rsa_encrypt' ? peerNonce : signature;
  if (method === undefined || method === 'preshared' || used.length > 0) return undefined;
  return tokenFailure(key.object, lockedFault(label, 'locked'), placeOf(record, 0), certificate);
}

/** A negotiation of a peer that had proved nothing, ended for want of room. */
export function crowdedOut(remote: Endpoint): Failure {
  return failure(
    'crowded-out',
    { exchange: '', message: 0 },
    'network',
    `The unfinished negotiation with ${formatEndpoint(remote)} made room for others: more are begun than can be kept.`,
    'A genuine peer tries again by itself. If it goes on, somebody floods this host: see which sources are dropped.',
  );
}

/** An operator asked for SAs that no policy wants. */
export function unprotected(source: Address, destination: Address): Failure {
  return failure(
    'no-policy',
    { exchange: '', message: 0 },
    'config',
    `No IPsec policy protects packets from ${source} to ${destination}.`,
    'Add a policy for this traffic, or correct the addresses.',
  );
}

/** What needed the Phase 1 SA with `remote` cannot go on. */
export function phase1Lost(remote: Endpoint): Failure {
  return failure(
    'phase1-lost',
    { exchange: 'Quick Mode', message: 0 },
    'peer',
    `The Phase 1 SA with ${formatEndpoint(remote)} went away while a Quick Mode needed it.`,
    'Try again; if it happens each time, look at the log of the peer.',
  );
}

export function peerDead(remote: Endpoint): Failure {
  return failure(
    'peer-dead',
    { exchange: 'Informational', message: 0 },
    'network',
    `${formatEndpoint(remote)} has answered no R-U-THERE, and no packet of it has come in since.`,
    'All SAs with it are gone. The next packet for it begins anew; see whether the peer runs and the path is open.',
  );
}

/** The registry of failure codes: stable names with what each one means. */
export const FAILURE_CODES = {
  'peer-silent': 'the peer did not answer within the retransmission limit',
  expired: 'the negotiation took longer than expire_timer allows',
  'no-rule': 'no rule of ike.config covers these addresses',
  'rule-unusable': 'the only rule that covers these addresses needs what this version does not have',
  'no-preshared-key': 'no entry of ike.preshared fits these addresses',
  'wrong-preshared-key': 'the two ends most probably hold different pre-shared keys',
  'no-common-phase1-proposal': 'no Phase 1 transform of the offer is accepted by a rule',
  'bad-phase1-choice': 'the peer chose a Phase 1 transform that was not offered',
  'no-common-phase2-proposal': 'no Phase 2 proposal of the offer is accepted by the policy',
  'bad-phase2-choice': 'the peer chose a Phase 2 proposal that was not offered',
  'no-policy': 'no IPsec policy covers the traffic the peer wants to protect',
  'selector-mismatch': 'the peer changed the Phase 2 identities we offered',
  'pfs-mismatch': 'the two ends disagree about perfect forward secrecy',
  'bad-public-value': 'the peer sent a Diffie-Hellman value that must not be used',
  'identity-mismatch': 'the peer proved an identity other than the one expected',
  'bad-identity': 'the peer sent an identity that cannot be read',
  'bad-proof': 'the authentication hash of the peer is wrong',
  'kernel-refused': 'the kernel did not accept a security association',
  'crypto-failed': 'a cryptographic operation failed',
  'operator-deleted': 'an operator deleted it',
  'peer-refused': 'the peer answered with an error notification',
  'phase1-lost': 'the Phase 1 SA it depended on is gone',
  'daemon-stopping': 'the daemon is shutting down',
  internal: 'a defect of this program',
} as const satisfies Readonly<Record<string, string>>;

export type FailureCode = keyof typeof FAILURE_CODES;

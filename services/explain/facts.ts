/** What is kept of a negotiation that has failed, for its explanation: nothing secret, and nothing that holds memory. */
import type { AuthMethod } from '../algorithms.js';
import { describeCertificate } from '../certs/certificate.js';
import { describeIdentity } from '../exchange/identity.js';
import type { PeerFeatures } from '../exchange/peer-features.js';
import { EXCHANGE_TITLE, type Phase1Record } from '../exchange/phase1-record.js';
import type { Phase2Record } from '../exchange/phase2-record.js';
import { describeTraffic } from '../exchange/quick-mode-traffic.js';
import type { NamedPlace } from '../failure/failure.js';
import type { Address } from '../net/address.js';
import { placeOfPreshared } from '../policy/preshared-key.js';
import type { Rule } from '../policy/rule.js';
import { rulesForResponder } from '../policy/select-rule.js';
import type { IpsecPolicy, TrafficSelectors } from '../ports/kernel.js';
import { phase1SuiteWords, phase2SuiteWords } from '../proposal/suite-words.js';

export interface NegotiationFacts {
  readonly exchange: string;
  readonly role: 'initiator' | 'responder';
  readonly local: Address;
  readonly remote: Address;
  /** The rule in use; while none is chosen, those that cover the two addresses. */
  readonly rules: readonly Rule[];
  readonly method: AuthMethod | undefined;
  /** The entry of `ike.preshared` that was used, and why. */
  readonly preshared: { readonly place: NamedPlace; readonly why: string } | undefined;
  readonly ownCertificate: string | undefined;
  readonly ownIdentity: string | undefined;
  readonly peerIdentity: string | undefined;
  readonly agreed: readonly string[];
  readonly features: PeerFeatures;
  /** Of a Quick Mode. */
  readonly traffic: { readonly words: string; readonly selectors: TrafficSelectors } | undefined;
  readonly policy: IpsecPolicy | undefined;
}

export function factsOfPhase1(record: Phase1Record): NegotiationFacts {
  const { mode, role, local, remote, rule, config, presharedKey, certificate, suite } = record;
  const covering = (): readonly Rule[] => rulesForResponder(config, local.address, remote.address).usable;
  return {
    exchange: EXCHANGE_TITLE[mode],
    role,
    local: local.address,
    remote: remote.address,
    rules: rule === undefined ? covering() : [rule],
    method: record.method,
    preshared: presharedKey && { place: placeOfPreshared(presharedKey), why: record.presharedWhy },
    ownCertificate: certificate && describeCertificate(certificate.certificate),
    ownIdentity: record.ownIdentity && describeIdentity(record.ownIdentity),
    peerIdentity: record.peerIdentity && describeIdentity(record.peerIdentity),
    agreed: suite === undefined ? [] : [phase1SuiteWords(suite)],
    features: record.features,
    traffic: undefined,
    policy: undefined,
  };
}

export function factsOfPhase2(record: Phase2Record): NegotiationFacts {
  const { phase1, selectors } = record;
  return {
    exchange: 'Quick Mode',
    role: record.role,
    local: phase1.local.address,
    remote: phase1.remote.address,
    rules: [phase1.rule],
    method: phase1.suite.method,
    preshared: undefined,
    ownCertificate: undefined,
    ownIdentity: phase1.ownIdentity && describeIdentity(phase1.ownIdentity),
    peerIdentity: phase1.peerIdentity && describeIdentity(phase1.peerIdentity),
    agreed: record.agreed.map(({ suite }) => phase2SuiteWords(suite)),
    features: phase1.features,
    traffic: { words: describeTraffic(selectors), selectors },
    policy: record.policy,
  };
}

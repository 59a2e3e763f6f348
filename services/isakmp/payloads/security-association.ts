/**
 * Security Association payload (RFC 2408 3.4) in the IPsec domain of interpretation (RFC 2407 4.6.1).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------------------------------------------------------+
 *    !              Domain of Interpretation (1: IPsec)              !
 *    +---------------------------------------------------------------+
 *    !              Situation (1: SIT_IDENTITY_ONLY)                 !
 *    +---------------------------------------------------------------+
 *    !                           Proposals                           !
 *    +---------------------------------------------------------------+
 *
 * What follows a situation with secrecy or integrity is labels, and what follows another DOI is unknown: such a payload
 * has no structure we could decode, so both are faults of decoding with codes of their own.
 */
import { fieldList, only, u32, type ValueOf } from '../fields.js';
import { payloadCodec } from '../payload-codec.js';
import { DOI, SITUATION } from '../registries/doi.js';
import { NOTIFY } from '../registries/notify-types.js';
import { PAYLOAD } from '../registries/payload-types.js';
import { PROTOCOL } from '../registries/protocols.js';
import { proposals, proposalsFault } from './proposal.js';

const FIELDS = fieldList({
  doi: only(u32, DOI.ipsec, 'unsupported-doi', 'the domain of interpretation'),
  situation: only(u32, SITUATION.identityOnly, 'unsupported-situation', 'the situation'),
  proposals,
});

export interface SaPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'SA';
}

export const SA = payloadCodec(
  'SA',
  PAYLOAD.sa,
  FIELDS,
  (raw) => ({ kind: 'SA', raw, doi: 0, situation: 0, proposals: [] }),
  ({ doi, situation, proposals: list }) => {
    if (doi !== DOI.ipsec) {
      return {
        code: 'unsupported-doi',
        explanation: `its DOI is ${String(doi)}`,
        notify: NOTIFY.doiNotSupported,
      };
    }
    if (situation !== SITUATION.identityOnly) {
      const explanation = `its situation is ${String(situation)}`;
      return { code: 'unsupported-situation', explanation, notify: NOTIFY.situationNotSupported };
    }
    let phase1 = 0;
    for (const { protocol } of list) if (protocol === PROTOCOL.isakmp) phase1 += 1;
    // RFC 2409 5: an offer is for an ISAKMP SA or for IPsec SAs, never for both; and for the former it is one proposal.
    if (phase1 > 0 && list.length > 1) {
      const explanation =
        phase1 === list.length
          ? 'it offers more than one Phase 1 proposal'
          : 'it mixes proposals of both phases';
      return { code: 'too-many', explanation, notify: NOTIFY.badProposalSyntax };
    }
    return proposalsFault(list);
  },
);

/** Why bytes are no ISAKMP message. Structure only; what a well-formed payload may say is `verify`'s. */
import { NOTIFY } from './registries/notify-types.js';

export type DecodeFaultCode =
  | 'truncated'
  | 'bad-length'
  | 'bad-version'
  | 'bad-next-payload'
  | 'count-mismatch'
  | 'trailing-bytes'
  | 'too-many'
  | 'unsupported-doi'
  | 'unsupported-situation';

export interface DecodeFault {
  readonly code: DecodeFaultCode;
  /** The structure that could not be read: `header`, `payload`, `SA`, `proposal`, `transform`, `attribute`, `KE`, ... */
  readonly payload: string;
  /** Where, in the bytes that were decoded. */
  readonly offset: number;
  /** One clause for an operator, e.g. `the KE payload needs 128 bytes where 12 are left`. */
  readonly explanation: string;
  /** Notify type that RFC 2408 5 names for it, for a caller that may answer. */
  readonly notify: number;
}

const OF_SA: ReadonlySet<string> = new Set(['SA', 'proposal', 'transform', 'attribute']);

/** RFC 2408 5.1 to 5.6: which error each kind of malformation is. */
export function notifyOf(code: DecodeFaultCode, payload: string): number {
  switch (code) {
    case 'bad-version':
      return NOTIFY.invalidMajorVersion;
    case 'unsupported-doi':
      return NOTIFY.doiNotSupported;
    case 'unsupported-situation':
      return NOTIFY.situationNotSupported;
    case 'truncated':
    case 'bad-length':
    case 'bad-next-payload':
    case 'count-mismatch':
    case 'trailing-bytes':
    case 'too-many':
      if (payload === 'header') return NOTIFY.unequalPayloadLengths;
      return OF_SA.has(payload) ? NOTIFY.badProposalSyntax : NOTIFY.payloadMalformed;
  }
}

/**
 * A payload whose type has no codec of its own: kept as it came, so that it can be told, hashed and sent again.
 *
 *    +---------------------------------------------------------------+
 *    !                             Data                              !
 *    +---------------------------------------------------------------+
 */
import { DATA, type ValueOf } from '../fields.js';

export interface UnknownPayload extends ValueOf<typeof DATA> {
  readonly kind: 'UNKNOWN';
  /** Number in Next Payload fields. */
  readonly type: number;
}

export const UNKNOWN = DATA;

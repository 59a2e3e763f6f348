/**
 * A payload whose type has no codec of its own: kept as it came, so that it can be told, hashed and sent again.
 *
 *    +---------------------------------------------------------------+
 *    !                             Data                              !
 *    +---------------------------------------------------------------+
 */
import { fieldList, rest, type ValueOf } from '../fields.js';

const FIELDS = fieldList({ data: rest });

export interface UnknownPayload extends ValueOf<typeof FIELDS> {
  readonly kind: 'UNKNOWN';
  /** Number in Next Payload fields. */
  readonly type: number;
}

export const UNKNOWN = FIELDS;

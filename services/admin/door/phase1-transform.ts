/** The transform of a Phase 1 SA with its limits, in the numbers the door uses (SADB numbers for algorithms). */
import type { Bytes } from '../../bytes.js';
import { structure } from '../../c-structure.js';

export const P1_XFORM = structure('p1_xform', 32, {
  group: [0, 'u16'],
  cipher: [2, 'u16'],
  lowBits: [4, 'u16'],
  highBits: [6, 'u16'],
  hash: [8, 'u16'],
  method: [10, 'u16'],
  prf: [12, 'u16'],
  pfsGroup: [14, 'u16'],
  maxSeconds: [16, 'u32'],
  maxKilobytes: [20, 'u32'],
  maxKeyUses: [24, 'u32'],
  reserved: [28, 'u32'],
});

export interface TransformRecord {
  readonly group: number;
  readonly cipher: number;
  /** 0 with `highBits` not 0: the negotiated size. Both 0: fixed. */
  readonly lowBits: number;
  readonly highBits: number;
  readonly hash: number;
  readonly method: number;
  /** 0 when none is named. */
  readonly prf: number;
  /** 0 is no perfect forward secrecy. */
  readonly pfsGroup: number;
  /** Limits; 0 is none. */
  readonly maxSeconds: number;
  readonly maxKilobytes: number;
  readonly maxKeyUses: number;
}

export function encodeTransform(transform: TransformRecord): Bytes {
  return P1_XFORM.encode({ ...transform, reserved: 0 }, {});
}

export function decodeTransform(bytes: Bytes, at = 0): TransformRecord | undefined {
  const xform = P1_XFORM.read(bytes, at);
  return (
    xform && {
      group: xform.number('group'),
      cipher: xform.number('cipher'),
      lowBits: xform.number('lowBits'),
      highBits: xform.number('highBits'),
      hash: xform.number('hash'),
      method: xform.number('method'),
      prf: xform.number('prf'),
      pfsGroup: xform.number('pfsGroup'),
      maxSeconds: xform.number('maxSeconds'),
      maxKilobytes: xform.number('maxKilobytes'),
      maxKeyUses: xform.number('maxKeyUses'),
    }
  );
}

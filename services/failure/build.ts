/** Short forms for the failures that exchanges report. */
import type { Wanted } from '../certs/wanted.js';
import type { FailureCode } from './codes.js';
import {
  type Blame,
  type Comparison,
  type Failure,
  type NamedPlace,
  SILENCE,
  type WireAnswer,
} from './failure.js';

export interface FailurePlace {
  readonly exchange: string;
  readonly message: number;
}

export function failure(
  code: FailureCode,
  place: FailurePlace,
  blame: Blame,
  explanation: string,
  hint: string,
  more: {
    readonly wire?: WireAnswer;
    readonly payload?: string;
    readonly comparisons?: readonly Comparison[];
    readonly wanted?: readonly Wanted[];
    readonly places?: readonly NamedPlace[];
  } = {},
): Failure {
  return { code, ...place, blame, wire: SILENCE, explanation, hint, ...more };
}

export function notify(type: number): WireAnswer {
  return { answer: 'notify', type };
}

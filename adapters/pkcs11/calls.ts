/** What the daemon and its token process say to each other. */
import type { Bytes } from '../../services/bytes.js';
import type { TokenKey } from '../../services/ports/public-key.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { TokenPlaintext } from '../../services/ports/token.js';
import type { Result } from '../../services/result.js';

export type TokenCall =
  | { readonly call: 'find'; readonly label: string }
  | { readonly call: 'login'; readonly label: string; readonly pin: Bytes }
  | { readonly call: 'logout'; readonly label: string }
  | { readonly call: 'sign'; readonly key: TokenKey; readonly data: Bytes }
  | { readonly call: 'decrypt'; readonly key: TokenKey; readonly data: Bytes };

export interface AskedCall {
  readonly id: number;
  readonly asked: TokenCall;
}

export type TokenAnswer = Result<undefined | Bytes | TokenPlaintext, TokenFault>;

export interface AnsweredCall {
  readonly id: number;
  readonly answer: TokenAnswer;
}

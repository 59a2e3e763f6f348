/** Why a well-formed payload says something it must not. */
export type VerifyFaultCode =
  | 'reserved-not-zero'
  | 'unsupported-doi'
  | 'unsupported-situation'
  | 'unsupported-type'
  | 'empty'
  | 'too-many'
  | 'bad-length'
  | 'bad-number'
  | 'bad-protocol'
  | 'bad-spi'
  | 'bad-value';

export interface VerifyFault {
  readonly code: VerifyFaultCode;
  /** Payload name, e.g. `SA`; `header` for the message header. */
  readonly payload: string;
  /** One sentence without its full stop, for an operator. */
  readonly explanation: string;
  /** Notify type that RFC 2408 5 names for it, for a caller that may answer. */
  readonly notify: number;
}

import type { TokenFault } from '../../../services/ports/token-fault.js';

/** What a token did not do, as `ikecert` says it: without the full stop, which comes with the message. */
export function faultClause({ message }: TokenFault): string {
  return message.replace(/\.$/, '');
}

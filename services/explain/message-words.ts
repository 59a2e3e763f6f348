/** What the messages of each exchange are for, so that a place means something (RFC 2409 5). */

const MESSAGES: Readonly<Record<string, readonly string[]>> = {
  'Main Mode': [
    'the offer of the initiator',
    'the choice of the responder',
    'Diffie-Hellman value of the initiator',
    'Diffie-Hellman value of the responder',
    'identity and proof of the initiator, encrypted',
    'identity and proof of the responder, encrypted',
  ],
  'Aggressive Mode': [
    'offer, Diffie-Hellman value and identity of the initiator',
    'choice, Diffie-Hellman value, identity and proof of the responder',
    'proof of the initiator',
  ],
  'Quick Mode': [
    'offer and traffic of the initiator',
    'choice of the responder',
    'the confirmation of the initiator',
  ],
};

/** `message 5 of Main Mode: ...`; empty where there is neither exchange nor message. */
export function placeInWords(exchange: string, message: number): string {
  if (exchange === '') return '';
  if (message === 0) return exchange;
  const words = MESSAGES[exchange]?.[message - 1];
  return `message ${String(message)} of ${exchange}${words === undefined ? '' : `: ${words}`}`;
}

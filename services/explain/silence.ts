/** What silence usually means: after which message of whom it began, on what kind of path. */
import type { NegotiationFacts } from './facts.js';

export interface Silence {
  readonly exchange: string;
  readonly message: number;
  /** Bytes of the last message that we sent; 0 when unknown. */
  readonly bytes: number;
  /** Whether anything of the peer has come in within this negotiation. */
  readonly heard: boolean;
}

/** IP and UDP headers and the least path MTU that can be expected: above it a message travels in pieces (RFC 8200 5). */
const SURE_TO_PASS = 1232;

export function silenceInWords(
  { exchange, message, bytes, heard }: Silence,
  facts: NegotiationFacts | undefined,
): string {
  if (bytes > SURE_TO_PASS) {
    return `Our message had ${String(bytes)} bytes, more than may pass in one packet: suspect a filter or NAT that drops IP fragments. Certificates make messages long.${facts?.features.fragmentation === true ? '' : ' The peer did not say that it takes fragments of IKE.'}`;
  }
  if (exchange === 'Quick Mode' || exchange === 'Informational') {
    return 'Phase 1 stood, so the path was open then. Usually the SA is stale: the peer was restarted and does not know it any more. Or it refuses the traffic without a word, or its kernel does.';
  }
  if (!heard) {
    return 'Nothing came back at all: a filter on the way drops UDP 500, the address or the port is wrong, no IKEv1 daemon runs there, or it has no rule for our address. Many peers answer a stranger, and an offer that they do not like, with silence.';
  }
  const nat = facts?.features.nat;
  if (message === 3) {
    return 'The peer answered message 1, so addresses and port are right: suspect its Diffie-Hellman group, or a filter that drops longer packets.';
  }
  if (nat?.local === true || nat?.remote === true) {
    return 'There is a NAT on the way, so from message 5 on UDP port 4500 is used: suspect a filter that passes UDP 500 only. Else the peer did not like our identity or proof.';
  }
  if (facts?.method === 'preshared') {
    return 'The peer fell silent when it should have read our identity: most likely it could not, because the pre-shared keys differ.';
  }
  return 'The peer fell silent at our identity and proof: most likely it did not accept them. Its log says why.';
}

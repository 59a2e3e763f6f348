/**
 * The exchanges as RFC 2409 tells them, one step a line, written without a look at the charts: what is done or waited for
 * in which order, what we send on the way into a step, and whether the peer owes an answer from then on.
 */

export interface Step {
  /** The name the state must have. */
  readonly in: string;
  /** Only where this is agreed. */
  readonly when?: 'pfs' | 'commit' | 'renewal' | 'signatures' | 'encryption';
  /** What comes here says by which method the ends prove themselves. */
  readonly decides?: true;
  /** Sent on the way in. */
  readonly sends?: string;
  /** From here on the peer owes us an answer: our last message is repeated until it comes. */
  readonly owed?: true;
  readonly waits:
    | { readonly for: 'message' }
    /** A message whose worth only the next step finds out. */
    | { readonly for: 'proof' }
    | { readonly for: 'job'; readonly job: string }
    /** CONNECTED, as the commit bit of the peer announced it (RFC 2408 3.1); we go on without it after a while. */
    | { readonly for: 'connected' }
    /** A while in which the peer reads what we sent; older SAs carry the traffic. */
    | { readonly for: 'time' }
    /** What is done at once, and the word that says it went well. Only what judges the peer can go wrong. */
    | { readonly for: 'effect'; readonly effect: string; readonly word: 'sent' | 'chosen' | 'proved' };
}

export interface Script {
  readonly phase: 1 | 2;
  readonly steps: readonly Step[];
  /** Whether the method is fixed from the start. */
  readonly fixed?: true;
  /** Whether a message can come that cannot be decrypted: not where none is encrypted. */
  readonly clear?: true;
  /** Whether it has the region that repeats: the Main Mode and Aggressive Mode responders are owed nothing. */
  readonly repeats: boolean;
  readonly end: 'established' | 'installed';
}

const MESSAGE = { for: 'message' } as const;
const PROOF = { for: 'proof' } as const;
const job = (name: string) => ({ for: 'job', job: name }) as const;
const effect = (name: string, word: 'sent' | 'chosen' | 'proved') =>
  ({ for: 'effect', effect: name, word }) as const;

export const SCRIPTS: Readonly<Record<string, Script>> = {
  'main-mode-initiator': {
    phase: 1,
    repeats: true,
    end: 'established',
    steps: [
      { in: 'offering', waits: effect('sendOffer', 'sent') },
      { in: 'awaitingChoice', owed: true, decides: true, waits: MESSAGE },
      { in: 'preparingKeyExchange', waits: job('crypto.generateKeyPair') },
      { in: 'awaitingKeyExchange', sends: 'sendKeyExchange', owed: true, waits: MESSAGE },
      { in: 'unsealing', when: 'encryption', waits: job('crypto.decrypt') },
      { in: 'derivingKeys', waits: job('crypto.sharedSecret') },
      { in: 'signingProof', when: 'signatures', waits: job('crypto.sign') },
      { in: 'provingIdentity', waits: effect('sendProof', 'sent') },
      { in: 'awaitingProof', owed: true, waits: PROOF },
      { in: 'checkingProof', waits: effect('checkProof', 'proved') },
    ],
  },
  'main-mode-responder': {
    phase: 1,
    repeats: false,
    end: 'established',
    steps: [
      { in: 'choosing', decides: true, waits: effect('chooseProposal', 'chosen') },
      { in: 'awaitingKeyExchange', sends: 'sendChoice', waits: MESSAGE },
      { in: 'unsealing', when: 'encryption', waits: job('crypto.decrypt') },
      { in: 'preparingKeyExchange', waits: job('crypto.generateKeyPair') },
      { in: 'derivingKeys', sends: 'sendKeyExchange', waits: job('crypto.sharedSecret') },
      { in: 'awaitingProof', waits: PROOF },
      { in: 'checkingProof', waits: effect('checkProof', 'proved') },
      { in: 'signingProof', when: 'signatures', waits: job('crypto.sign') },
      { in: 'provingIdentity', waits: effect('sendProof', 'sent') },
    ],
  },
  'aggressive-mode-initiator': {
    phase: 1,
    fixed: true,
    clear: true,
    repeats: true,
    end: 'established',
    steps: [
      { in: 'preparingKeyExchange', waits: job('crypto.generateKeyPair') },
      { in: 'awaitingAnswer', sends: 'sendOffer', owed: true, waits: MESSAGE },
      { in: 'unsealing', when: 'encryption', waits: job('crypto.decrypt') },
      { in: 'derivingKeys', waits: job('crypto.sharedSecret') },
      { in: 'checkingProof', waits: effect('checkProof', 'proved') },
      { in: 'signingProof', when: 'signatures', waits: job('crypto.sign') },
      { in: 'provingIdentity', waits: effect('sendProof', 'sent') },
    ],
  },
  'aggressive-mode-responder': {
    phase: 1,
    repeats: false,
    end: 'established',
    steps: [
      { in: 'choosing', decides: true, waits: effect('chooseProposal', 'chosen') },
      { in: 'unsealing', when: 'encryption', waits: job('crypto.decrypt') },
      { in: 'preparingKeyExchange', waits: job('crypto.generateKeyPair') },
      { in: 'derivingKeys', waits: job('crypto.sharedSecret') },
      { in: 'signingProof', when: 'signatures', waits: job('crypto.sign') },
      { in: 'provingIdentity', waits: effect('sendProof', 'sent') },
      { in: 'awaitingProof', waits: PROOF },
      { in: 'checkingProof', waits: effect('checkProof', 'proved') },
    ],
  },
  'quick-mode-initiator': {
    phase: 2,
    repeats: true,
    end: 'installed',
    steps: [
      { in: 'allocatingSpi', waits: job('kernel.getSpi') },
      { in: 'preparingKeyExchange', when: 'pfs', waits: job('crypto.generateKeyPair') },
      { in: 'awaitingAnswer', sends: 'sendRequest', owed: true, waits: MESSAGE },
      { in: 'derivingKeys', waits: job('crypto.keymat') },
      { in: 'installingInbound', waits: job('kernel.update') },
      { in: 'confirming', waits: effect('sendConfirmation', 'sent') },
      { in: 'awaitingConnected', when: 'commit', waits: { for: 'connected' } },
      { in: 'awaitingTakeover', when: 'renewal', waits: { for: 'time' } },
      { in: 'installingOutbound', waits: job('kernel.add') },
    ],
  },
  'quick-mode-responder': {
    phase: 2,
    repeats: true,
    end: 'installed',
    steps: [
      { in: 'matchingPolicy', waits: job('kernel.policyFor') },
      { in: 'allocatingSpi', waits: job('kernel.getSpi') },
      { in: 'preparingKeyExchange', when: 'pfs', waits: job('crypto.generateKeyPair') },
      { in: 'derivingKeys', waits: job('crypto.keymat') },
      { in: 'installingInbound', waits: job('kernel.update') },
      { in: 'awaitingConfirmation', sends: 'sendAnswer', owed: true, waits: PROOF },
      { in: 'installingOutbound', waits: job('kernel.add') },
    ],
  },
};

/**
 * The exchanges as RFC 2409 tells them, one step a line, written without a look at the charts: which effect or job
 * makes each message, which messages are waited for, and which of ours are owed an answer.
 */

/** `in` is the name the state must have. */
export type Step =
  /** Done on entering; it answers `then` or, where it judges, `refused`. */
  | {
      readonly in: string;
      readonly effect: string;
      readonly then: 'chosen' | 'sent' | 'proved';
      readonly sends?: string;
      readonly owed?: true;
    }
  /** `judged`: a refused message ends it here; otherwise the next step looks into it. */
  | { readonly in: string; readonly message: number; readonly judged: boolean; readonly answers: boolean }
  | {
      readonly in: string;
      readonly job: string;
      readonly sends?: string;
      readonly owed?: true;
      readonly pfs?: true;
    };

export interface Script {
  readonly phase: 1 | 2;
  readonly steps: readonly Step[];
  readonly end: 'established' | 'installed';
}

export const SCRIPTS: Readonly<Record<string, Script>> = {
  'main-mode-initiator': {
    phase: 1,
    end: 'established',
    steps: [
      { in: 'offering', effect: 'sendOffer', then: 'sent', owed: true },
      { in: 'awaitingChoice', message: 2, judged: true, answers: true },
      { in: 'preparingKeyExchange', job: 'crypto.generateKeyPair', sends: 'sendKeyExchange', owed: true },
      { in: 'awaitingKeyExchange', message: 4, judged: true, answers: true },
      { in: 'derivingKeys', job: 'crypto.sharedSecret' },
      { in: 'provingIdentity', effect: 'sendProof', then: 'sent', owed: true },
      { in: 'awaitingProof', message: 6, judged: false, answers: true },
      { in: 'checkingProof', effect: 'checkProof', then: 'proved' },
    ],
  },
  'main-mode-responder': {
    phase: 1,
    end: 'established',
    steps: [
      { in: 'choosing', effect: 'chooseProposal', then: 'chosen', sends: 'sendChoice' },
      { in: 'awaitingKeyExchange', message: 3, judged: true, answers: false },
      { in: 'preparingKeyExchange', job: 'crypto.generateKeyPair', sends: 'sendKeyExchange' },
      { in: 'derivingKeys', job: 'crypto.sharedSecret' },
      { in: 'awaitingProof', message: 5, judged: false, answers: false },
      { in: 'checkingProof', effect: 'checkProof', then: 'proved' },
      { in: 'provingIdentity', effect: 'sendProof', then: 'sent' },
    ],
  },
  'quick-mode-initiator': {
    phase: 2,
    end: 'installed',
    steps: [
      { in: 'allocatingSpi', job: 'kernel.getSpi' },
      { in: 'preparingKeyExchange', job: 'crypto.generateKeyPair', pfs: true },
      // The request leaves as soon as there is all that it carries.
      { in: 'awaitingAnswer', message: 2, judged: true, answers: true },
      { in: 'derivingKeys', job: 'crypto.keymat' },
      { in: 'installingInbound', job: 'kernel.update' },
      { in: 'installingOutbound', job: 'kernel.add' },
      { in: 'confirming', effect: 'sendConfirmation', then: 'sent' },
    ],
  },
};

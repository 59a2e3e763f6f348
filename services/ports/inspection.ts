/** What the inspector asks of the daemon. The daemon answers from `machine.root` and its records. */
import type { NegotiationId } from '../events/event.js';
import type { Explanation } from '../explain/explanation.js';
import type { DissectedPart } from '../isakmp/dissect.js';
import type { StampedEvent } from './events.js';

export interface ChartNode {
  /** XState's state node id, e.g. `main-mode-initiator.negotiating.protocol.offering`. */
  readonly id: string;
  readonly key: string;
  readonly parent: string | undefined;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final';
  /** Id of the initial child, for compound nodes. */
  readonly initial: string | undefined;
  readonly description: string;
  readonly tags: readonly string[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  /** Names of invoked actors: the port calls they make. */
  readonly invokes: readonly string[];
}

export interface ChartEdge {
  /** `<source id>#<event type>#<branch index>`; branches of one event differ by the index. */
  readonly id: string;
  readonly source: string;
  /** Undefined for a transition that only runs actions. */
  readonly target: string | undefined;
  /** For people: `message`, `after retryInterval`, `done: crypto.sharedSecret`, `error: ...`. */
  readonly event: string;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
}

export interface ChartDescription {
  readonly id: string;
  readonly nodes: readonly ChartNode[];
  readonly edges: readonly ChartEdge[];
}

export interface NegotiationView {
  readonly id: NegotiationId;
  readonly chart: string;
  readonly local: string;
  readonly remote: string;
  readonly rule: string | undefined;
  readonly parent: NegotiationId | undefined;
  /** `Clock.now()` of its start, milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  /** Ids of the active state nodes, leaves and ancestors. */
  readonly active: readonly string[];
  readonly outcome: string | undefined;
  /** Explanation and hint of its failure, if it failed. */
  readonly failure:
    { readonly code: string; readonly explanation: string; readonly hint: string } | undefined;
}

/** Of a recording that is shown instead of a daemon. */
export interface RecordingWords {
  /** Its negotiations, when it began, whether its secrets are in it. One sentence. */
  readonly about: string;
  /** How its replay came out, line by line. */
  readonly verdict: readonly string[];
  /** Whether something came out otherwise than recorded. */
  readonly parted: boolean;
}

export interface Inspection {
  /** Undefined: a daemon, and what it does. */
  recording(): RecordingWords | undefined;
  /** `Clock.now()`, the time base of everything below, milliseconds. */
  now(): number;
  charts(): readonly ChartDescription[];
  /** Live ones and, bounded, the latest that ended; oldest first. */
  negotiations(): readonly NegotiationView[];
  /** How many `negotiations` has. */
  size(): number;
  /** One of them; undefined when it is unknown or forgotten. */
  negotiation(id: NegotiationId): NegotiationView | undefined;
  /** Events of one negotiation still held, oldest first; bounded. */
  history(id: NegotiationId): readonly StampedEvent[];
  /** From now on whoever watches is told of everything that happens to this one. */
  follow(id: NegotiationId): void;
  /** Why it failed, or where it is and what it waits for: of ended and live ones, and of SAs that stand. */
  explanation(id: NegotiationId): Explanation | undefined;
  /**
   * The message of an event, taken apart; undefined when its bytes are not kept. Decrypted parts only at the privilege
   * keymat.
   */
  message(id: NegotiationId, sequence: number): readonly DissectedPart[] | undefined;
  /** Whether decrypted bytes may be shown. */
  showsPlaintext(): boolean;
  /**
   * What changes in a view from now on, and which negotiations are forgotten; everything about those that are followed,
   * or about all. Of views nobody is told of a state that a negotiation passes in no time. Returns what ends it.
   */
  watch(watching: {
    readonly happened: (event: StampedEvent) => void;
    readonly forgotten?: (id: NegotiationId) => void;
    /** All are followed as long as this one watches. */
    readonly everything?: boolean;
  }): () => void;
}

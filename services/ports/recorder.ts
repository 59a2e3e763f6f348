/**
 * Port: the flight recorder. It stands between a negotiation and the other ports, so that what came in through them can
 * be played again. A replay implements it too, and answers from a recording.
 */
import type { CertificateStores } from '../certs/stores.js';
import type { NegotiationId } from '../events/event.js';
import type { Phase1Sa } from '../exchange/phase1-sa.js';
import type { Failure } from '../failure/failure.js';
import type { Endpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { IkeConfig } from '../policy/rule.js';
import type { Clock } from './clock.js';
import type { Crypto } from './crypto.js';
import type { IpsecPolicy, Kernel } from './kernel.js';
import type { Random } from './random.js';
import type { Datagram, Udp } from './udp.js';

/** What a negotiation is told by the world, and says to it. */
export interface NegotiationPorts {
  readonly udp: Udp;
  readonly kernel: Kernel;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
}

/** The configuration that a negotiation began with. */
export interface RecordedSettings {
  readonly config: IkeConfig;
  readonly presharedKeys: readonly PresharedKey[];
  readonly certificates: CertificateStores;
}

/** How a negotiation begins. */
export interface Beginning {
  readonly chart: string;
  readonly settings: RecordedSettings;
  /** What asked for it. */
  readonly parent?: NegotiationId | undefined;
  /** The Phase 1 under whose SA it runs. */
  readonly under?: NegotiationId | undefined;
  /** A Phase 1 of ours: what it was begun for. */
  readonly offer?: { readonly local: Endpoint; readonly remote: Endpoint; readonly rule: string };
  /** A question for SAs: for which traffic, and beside which Phase 1 SA. */
  readonly question?: {
    readonly policy: IpsecPolicy;
    readonly near: NegotiationId | undefined;
    readonly local: Endpoint;
  };
}

/** What ends a negotiation from outside. */
export interface Withdrawal {
  readonly type: 'OPERATOR_DELETE' | 'PHASE1_LOST';
  readonly failure: Failure;
}

/** What a negotiation asks about the rest of the daemon. */
export type Circumstance = 'knowsPeer' | 'isQuiet';

/** What it asks of the peer under an SA that stands; the answer is whether the peer lives. */
export type Question = 'probe' | 'prove';

/** A Phase 1 SA as it stands: what an exchange under it begins with. */
export interface StandingPhase1 {
  /** Of the exchange that made it, and of the SA. */
  readonly id: NegotiationId;
  readonly standing: NegotiationId;
  readonly sa: Phase1Sa;
  /** `Clock.wallTime()`. */
  readonly createdAt: number;
  /** `Clock.now()`, as in the daemon's table. */
  readonly begunAt: number;
  readonly madeAt: number;
  readonly softAt: number;
  readonly confirmedAt: number | undefined;
  readonly heardAt: number | undefined;
  /** Message IDs used under it. */
  readonly messageIds: Iterable<number>;
}

export interface Recorder {
  /** Before anything else of the negotiation. */
  begin(id: NegotiationId, beginning: Beginning): void;
  /** The same ports with the recorder around them; `ports` themselves while nothing is recorded. */
  portsOf(id: NegotiationId, ports: NegotiationPorts): NegotiationPorts;
  /**
   * Something is about to begin under this SA. Where the exchange that made it is not kept any more, the SA itself is,
   * as it is now.
   */
  stands(phase1: StandingPhase1, settings: RecordedSettings): void;
  /** A datagram about this negotiation, whole, before it is looked into. */
  heard(id: NegotiationId, datagram: Datagram): void;
  withdrawn(id: NegotiationId, withdrawal: Withdrawal): void;
  /** `now`, unless this is a replay: then what was so at that time. */
  circumstance(id: NegotiationId, which: Circumstance, now: boolean): boolean;
  /** What `ask` answers, unless this is a replay: then what was answered, when it was. */
  answer(id: NegotiationId, question: Question, ask: () => Promise<boolean>): Promise<boolean>;
}

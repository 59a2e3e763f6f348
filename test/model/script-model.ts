/** What an exchange must do, worked out from its script and the rules that hold for all of them; it knows no chart. */
import type { ExchangeOutcome, FailureCause } from '../../machines/exchange.js';
import type { Failure } from '../../services/failure/failure.js';
import type { Script, Step } from './scripts.js';
import { type METHODS, TIMING, WHY } from './subject.js';

/** What can befall an exchange. `well` and `badly`: what the step waits for comes, and is good or is not. */
export type Happening =
  | 'well'
  | 'badly'
  | 'crash'
  | 'time'
  | 'unreadable'
  | 'unexpected'
  | 'warned'
  | 'OPERATOR_DELETE'
  | 'DISPLACED'
  | 'PEER_REFUSED'
  | 'PHASE1_LOST';

/** What the two ends agree on. */
export interface Agreed {
  readonly pfs: boolean;
  readonly commit: boolean;
  readonly renewal: boolean;
  readonly method: (typeof METHODS)[number];
}

function holds(when: Step['when'], { pfs, commit, renewal, method }: Agreed): boolean {
  switch (when) {
    case undefined:
      return true;
    case 'pfs':
      return pfs;
    case 'commit':
      return commit;
    case 'renewal':
      return renewal;
    case 'signatures':
      return method === 'rsa_sig';
    case 'encryption':
      return method === 'rsa_encrypt';
  }
}

/** How long a message of ours is repeated in vain, worked out by hand from `TIMING`: 500 and 800. */
const WINDOW_MS = 1300;

/** How long the peer has to read our last message: the longer of them. */
const TAKEOVER_MS = 800;

const DESCRIBED: FailureCause = { cause: 'described', failure: WHY };

export class ScriptModel {
  /** Effects in order. */
  readonly actions: string[] = [];
  outcome: ExchangeOutcome = { kind: 'unfinished' };
  suspicion: Failure | undefined;
  readonly #script: Script;
  readonly #steps: readonly Step[];
  #at = 0;
  #now = 0;
  #repeats = 0;
  #repeatDue: number | undefined;

  constructor(script: Script, agreed: Agreed) {
    this.#script = script;
    this.#steps = script.steps.filter(({ when }) => holds(when, agreed));
    this.#enter();
  }

  get over(): boolean {
    return this.outcome.kind !== 'unfinished';
  }

  get step(): Step {
    const step = this.#steps[this.#at];
    if (step === undefined) throw new Error('it is over');
    return step;
  }

  /** What the actor's value must be. */
  get value(): unknown {
    if (this.outcome.kind === 'failed') return 'failed';
    if (this.over) return this.#script.end;
    if (!this.#script.repeats) return { negotiating: this.step.in };
    const delivery = this.#repeatDue === undefined ? 'quiet' : 'waiting';
    return { negotiating: { protocol: this.step.in, delivery } };
  }

  /** How long the step waits before it is left. */
  get #window(): number | undefined {
    const wait = this.step.waits.for;
    return wait === 'connected' ? WINDOW_MS : wait === 'time' ? TAKEOVER_MS : undefined;
  }

  /** Lengths of the alarms that must be set, shortest first, milliseconds. */
  get alarms(): readonly number[] {
    if (this.over) return [];
    const window = this.#window === undefined ? [] : [this.#window];
    const repeat = this.#repeatDue === undefined ? [] : [this.#interval()];
    return [...repeat, ...window, TIMING.expireMs];
  }

  /** Length of the alarm that goes off first. */
  get nextAlarm(): number {
    if (this.#window !== undefined) return this.#window;
    const expires = this.#repeatDue === undefined || this.#repeatDue >= TIMING.expireMs;
    return expires ? TIMING.expireMs : this.#interval();
  }

  can(happening: Happening): boolean {
    const { waits } = this.step;
    const arrives = waits.for !== 'job' && waits.for !== 'effect' && waits.for !== 'time';
    const comes = waits.for !== 'connected' && waits.for !== 'time';
    switch (happening) {
      case 'badly':
        return comes && (waits.for !== 'effect' || waits.word !== 'sent');
      case 'crash':
        return waits.for === 'job';
      case 'unreadable':
        return arrives && this.#script.clear !== true;
      case 'unexpected':
        return arrives;
      case 'warned':
        return this.#script.phase === 1;
      case 'DISPLACED':
        return this.#script.phase === 1 && !this.#script.repeats;
      case 'PEER_REFUSED':
      case 'PHASE1_LOST':
        return this.#script.phase === 2;
      case 'well':
      case 'time':
      case 'OPERATOR_DELETE':
        return true;
    }
  }

  happen(happening: Happening): void {
    switch (happening) {
      case 'well':
        this.#goOn();
        break;
      case 'badly':
        if (this.step.waits.for === 'proof') this.#goOn();
        else this.#fail(DESCRIBED);
        break;
      case 'crash':
        this.#fail({ cause: 'job', detail: 'broken' });
        break;
      case 'time':
        this.#timePasses();
        break;
      case 'unexpected':
        this.actions.push('reportUnexpected');
        break;
      case 'unreadable':
        if (this.#script.phase === 1) this.#suspect();
        this.actions.push('reportUnreadable');
        break;
      case 'warned':
        this.#suspect();
        break;
      case 'OPERATOR_DELETE':
      case 'DISPLACED':
      case 'PEER_REFUSED':
      case 'PHASE1_LOST':
        this.#fail(DESCRIBED);
    }
  }

  #suspect(): void {
    this.suspicion ??= WHY;
    this.actions.push('reportSuspicion');
  }

  #goOn(): void {
    const { waits } = this.step;
    if (waits.for === 'message' || waits.for === 'proof') this.#repeatDue = undefined;
    this.#at += 1;
    if (this.#at === this.#steps.length) this.outcome = { kind: 'succeeded' };
    else this.#enter();
  }

  #enter(): void {
    const { sends, owed, waits } = this.step;
    if (sends !== undefined) this.actions.push(sends);
    if (owed === true) {
      this.#repeats = 0;
      this.#repeatDue = this.#now + this.#interval();
    }
    if (waits.for === 'effect') this.actions.push(waits.effect);
  }

  #timePasses(): void {
    if (this.#window !== undefined) {
      this.#goOn();
    } else if (this.nextAlarm === TIMING.expireMs) {
      this.#fail({ cause: 'expired' });
    } else if (this.#repeats === TIMING.retryLimit) {
      this.#fail({ cause: 'silence' });
    } else {
      this.#now = this.#repeatDue ?? this.#now;
      this.#repeats += 1;
      this.#repeatDue = this.#now + this.#interval();
      this.actions.push('resend');
    }
  }

  #interval(): number {
    return Math.min(TIMING.retryInitMs * 2 ** this.#repeats, TIMING.retryMaxMs);
  }

  #fail(why: FailureCause): void {
    this.outcome = { kind: 'failed', why };
  }
}

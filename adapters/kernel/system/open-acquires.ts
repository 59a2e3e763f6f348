/**
 * ACQUIREs that wait for their answer. A kernel asks anew when its own timer is over before a slow negotiation is: such a
 * question joins the one before, so that no second negotiation begins beside it.
 */
import type { Clock } from '../../../services/ports/clock.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';

interface OpenAcquire {
  readonly key: string;
  /** Numbers of the kernel's, oldest first; the first is the id that the daemon knows. */
  readonly sequences: number[];
  readonly begun: number;
}

/** As the embedded kernel's: longer than `expire_timer`, so that only a lost answer is mended by it. */
const LAPSE_MS = 330_000;
const ACQUIRES_IN_ALL = 256;

export class OpenAcquires {
  readonly #clock: Clock;
  readonly #byId = new Map<number, OpenAcquire>();
  readonly #byKey = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `new`: to be raised. `full`: to be refused. */
  begin({ mode, outer, selectors }: IpsecPolicy, sequence: number): 'new' | 'joined' | 'full' {
    this.#forgetOld();
    const key = JSON.stringify([mode, outer, selectors]);
    const known = this.#byId.get(this.#byKey.get(key) ?? -1);
    if (known !== undefined) {
      if (!known.sequences.includes(sequence)) known.sequences.push(sequence);
      return 'joined';
    }
    if (this.#byId.size >= ACQUIRES_IN_ALL) return 'full';
    this.#byKey.set(key, sequence);
    this.#byId.set(sequence, { key, sequences: [sequence], begun: this.#clock.now() });
    return 'new';
  }

  /** The number under which the kernel waits now; undefined when it does not. */
  latest(id: number | undefined): number | undefined {
    return id === undefined ? undefined : this.#byId.get(id)?.sequences.at(-1);
  }

  /** All numbers of the question; none for one that ended before. */
  end(id: number): readonly number[] {
    const open = this.#byId.get(id);
    if (open === undefined) return [];
    this.#byId.delete(id);
    this.#byKey.delete(open.key);
    return open.sequences;
  }

  ids(): readonly number[] {
    return [...this.#byId.keys()];
  }

  #forgetOld(): void {
    const oldest = this.#clock.now() - LAPSE_MS;
    for (const [id, { begun }] of [...this.#byId]) {
      if (begun > oldest) return;
      this.end(id);
    }
  }
}

/** After lost messages (ENOBUFS): the kernel's SAs are compared with ours, and what it would have told is told now. */
import type { Clock } from '../../../services/ports/clock.js';
import type { HeldSa, KernelListener } from '../../../services/ports/kernel.js';
import type { Result } from '../../../services/result.js';
import { identityOf, isSameSa, type OwnSas } from './own-sas.js';

/** `Fault`: why a dump failed. */
export interface ReviewOwner<Fault> {
  dump(): Promise<Result<readonly HeldSa[], Fault>>;
  listener(): KernelListener | undefined;
  failed(fault: Fault): void;
}

export class SaReview<Fault> {
  readonly #clock: Clock;
  readonly #own: OwnSas;
  readonly #owner: ReviewOwner<Fault>;
  #running = false;
  /** Reviews that were asked for; one that is asked for during a dump may not be seen by it. */
  #wanted = 0;

  constructor(clock: Clock, own: OwnSas, owner: ReviewOwner<Fault>) {
    this.#clock = clock;
    this.#own = own;
    this.#owner = owner;
  }

  begin(): void {
    this.#wanted += 1;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let done = -1; done !== this.#wanted;) {
      done = this.#wanted;
      const held = await this.#owner.dump();
      if (!held.ok) this.#owner.failed(held.error);
      else if (done === this.#wanted) this.#believe(held.value);
    }
    this.#running = false;
  }

  #believe(held: readonly HeldSa[]): void {
    const listener = this.#owner.listener();
    for (const own of this.#own.list()) {
      if (own.state === 'lapsed') continue;
      const there = held.find((other) => isSameSa(other, own));
      const sa = identityOf(own);
      if (there === undefined && own.state === 'larval') this.#own.put({ ...own, state: 'lapsed' });
      else if (there === undefined) {
        this.#own.remove(own);
        const over = own.hardDue !== undefined && own.hardDue <= this.#clock.now();
        if (over) listener?.expire({ sa, limit: 'hard' });
        else listener?.deleted(sa);
      } else if (there.state === 'dying' && !own.softTold) {
        this.#own.put({ ...own, softTold: true });
        listener?.expire({ sa, limit: 'soft' });
      }
    }
  }
}

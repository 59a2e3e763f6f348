/** The other workers, as one of them hears of them through the head. */
import type { WorkerPlace } from '../../../services/isakmp/worker-of-cookie.js';
import type { Address } from '../../../services/net/address.js';
import type { FellowNews, FellowWorkers } from '../../../services/ports/fellow-workers.js';
import type { FromWorker, StandingChange } from './messages.js';

/**
 * Changes of so many milliseconds are told in one message: each costs 70 us of processor time on its way through three
 * threads, a twentieth of a handshake. Two negotiations with one peer that end so close together are both under way before
 * either stands, whatever is told.
 */
const GATHERING_MS = 10;

export class Fellows implements FellowWorkers {
  readonly place: WorkerPlace;
  readonly #post: (message: FromWorker) => void;
  /** What the others have been told of. */
  readonly #here = new Set<string>();
  /** At how many of the others. */
  readonly #elsewhere = new Map<string, number>();
  #changes: StandingChange[] = [];
  #listener: (news: FellowNews) => void = () => undefined;

  constructor(place: WorkerPlace, post: (message: FromWorker) => void) {
    this.place = place;
    this.#post = post;
  }

  knows(local: Address, remote: Address): boolean {
    return this.#elsewhere.has(key(local, remote));
  }

  standing(local: Address, remote: Address, stands: boolean): void {
    const ends = key(local, remote);
    if (this.#here.has(ends) === stands) return;
    if (stands) this.#here.add(ends);
    else this.#here.delete(ends);
    this.#changes.push({ local, remote, stands });
    if (this.#changes.length > 1) return;
    setTimeout(() => {
      const changes = this.#changes;
      this.#changes = [];
      this.#post({ type: 'standing', changes });
    }, GATHERING_MS).unref();
  }

  tell(news: FellowNews): void {
    this.#post({ type: 'news', news });
  }

  onNews(listener: (news: FellowNews) => void): void {
    this.#listener = listener;
  }

  /** Of another worker. */
  heardStanding(changes: readonly StandingChange[]): void {
    for (const { local, remote, stands } of changes) {
      const ends = key(local, remote);
      const count = (this.#elsewhere.get(ends) ?? 0) + (stands ? 1 : -1);
      if (count > 0) this.#elsewhere.set(ends, count);
      else this.#elsewhere.delete(ends);
    }
  }

  heardNews(news: FellowNews): void {
    this.#listener(news);
  }
}

function key(local: Address, remote: Address): string {
  return `${local} ${remote}`;
}

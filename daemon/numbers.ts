/** Numbers for names of negotiations and SAs: of several workers each has numbers of its own, so that a name is said once. */
import { ONLY_WORKER, type WorkerPlace } from '../services/isakmp/worker-of-cookie.js';

export class Numbers {
  readonly #place: WorkerPlace;
  #taken = 0;

  constructor(place: WorkerPlace = ONLY_WORKER) {
    this.#place = place;
  }

  /** 1, 2, 3 and on for the only worker; every `count`-th of them for one of several. */
  next(): number {
    const { index, count } = this.#place;
    const number = this.#taken * count + index + 1;
    this.#taken += 1;
    return number;
  }
}

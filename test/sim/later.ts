import type { MaybePromise } from '../../services/ports/maybe-promise.js';

/** What answers at once as if it had answered later; what it throws is a rejection. */
export async function later<T>(ask: () => MaybePromise<T>): Promise<T> {
  return await ask();
}

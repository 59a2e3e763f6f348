/** How calls of the door reach several workers, and what their replies come to. */
import type { Bytes } from '../../bytes.js';
import type { Address } from '../../net/address.js';
import { DOOR_ERROR } from '../door/door-error.js';
import { encodeError, errorOf } from '../door/heads.js';

/** The workers of a daemon, each of which answers every call as if it were alone. */
export interface Workers {
  readonly count: number;
  /** Must not reject. The request stays the caller's. */
  ask(worker: number, request: Bytes): Promise<Bytes>;
  /** Who is to begin with the peer at this address: one with whom something stands already, if there is one. */
  workerFor(remote: Address): number;
}

export type Way = (request: Bytes, workers: Workers) => Promise<Bytes>;

/** What all know alike. */
export const first: Way = (request, workers) => workers.ask(0, request);

/** What all must do. What the first refuses, nobody does. */
export const each: Way = async (request, workers) => {
  const reply = await workers.ask(0, request);
  if (errorOf(reply) !== undefined) return reply;
  let refusal: Bytes | undefined;
  for (let worker = 1; worker < workers.count; worker++) {
    const other = await workers.ask(worker, request);
    if (errorOf(other) !== undefined) refusal ??= other;
  }
  return refusal ?? reply;
};

/** What one of them has. */
export const whoeverHasIt: Way = async (request, workers) => {
  let reply = await workers.ask(0, request);
  for (let worker = 1; worker < workers.count && hasNothing(reply); worker++)
    reply = await workers.ask(worker, request);
  return reply;
};

/** What any of them may have: all of it. */
export const allWhoHaveIt: Way = async (request, workers) => {
  const replies = await askAll(request, workers);
  const [reply] = replies;
  return replies.find((one) => !hasNothing(one)) ?? reply ?? encodeError({ name: 'NO_OBJ' });
};

export async function askAll(request: Bytes, workers: Workers): Promise<readonly Bytes[]> {
  return Promise.all(Array.from({ length: workers.count }, (_, worker) => workers.ask(worker, request)));
}

export function hasNothing(reply: Bytes): boolean {
  return errorOf(reply)?.code === DOOR_ERROR.NO_OBJ;
}

/** The first refusal among replies, or what `merge` makes of them. */
export function merged(replies: readonly Bytes[], merge: (replies: readonly Bytes[]) => Bytes): Bytes {
  return replies.find((reply) => errorOf(reply) !== undefined) ?? merge(replies);
}

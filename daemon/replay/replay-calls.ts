/**
 * Calls of ports in a replay. What the recording has is given as it was; what can be computed again, because no key is
 * missing, is computed and compared with it.
 */
import { type Bytes } from '../../services/bytes.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import type { CallOutcome, Json, RecordedPort } from '../../services/record/entry.js';
import {
  argumentsText,
  handleNumber,
  handleNumbers,
  resultText,
  sameText,
} from '../../services/record/values.js';
import type { ReplayClock } from './replay-clock.js';
import { isHandle, type ReplayKeys } from './replay-keys.js';
import { revived } from './revived-error.js';
import { callWords, effectWords, type Parting, type Track } from './track.js';

export interface ReplayWorld {
  readonly keys: ReplayKeys;
  readonly clock: ReplayClock;
  /** The real thing over `keys`. */
  readonly crypto: Crypto;
  /** Bytes that nobody recorded, because the path is another. */
  readonly fresh: (length: number) => Bytes;
  /** Replay and recording part. Returns when that is where to go on, and throws when it is the end. */
  readonly part: (parting: Omit<Parting, 'at'>) => void;
  /** Whether the recording has each HMAC of a derivation for itself, as those of versions 1 to 4. */
  readonly derivesByParts: boolean;
  readonly counts: { calls: number; datagrams: number; computed: number };
}

/** A promise of the replay that waits for its place in the recording. */
interface Waiting {
  readonly settle: (outcome: CallOutcome, secret: string | undefined) => void | Promise<void>;
}

export class ReplayCalls {
  readonly track: Track;
  readonly world: ReplayWorld;
  readonly #waiting = new Map<number, Waiting>();

  constructor(track: Track, world: ReplayWorld) {
    this.track = track;
    this.world = world;
  }

  /** The promise with this number comes to its end. */
  async settle(number: number, outcome: CallOutcome, secret: string | undefined): Promise<void> {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    await waiting?.settle(outcome, secret);
  }

  part(replayed: string, datagrams?: Parting['datagrams']): void {
    const { next } = this.track;
    this.world.part({
      by: this.track.id,
      kind: next === undefined ? 'surplus' : 'differs',
      recorded: effectWords(next),
      replayed,
      ...(datagrams === undefined ? {} : { datagrams }),
    });
  }

  /** A call that gives its result at once. */
  sync<T>(op: string, args: readonly unknown[], compute: () => T, read: (value: Json) => T | undefined): T {
    const { keys, counts } = this.world;
    const text = argumentsText('crypto', op, args, (handle) => keys.name(handle));
    const call = this.track.call('crypto', op, text);
    if (call === undefined) {
      this.part(callWords('crypto', op, text));
      return compute();
    }
    counts.calls += 1;
    const { outcome } = call;
    const recorded = outcome !== undefined && 'value' in outcome ? outcome.value : null;
    if (this.#isKnown(op, args)) {
      const value = compute();
      const handle = handleNumber(recorded);
      if (handle !== undefined && typeof value === 'number') keys.call(asHandle(value), `#${String(handle)}`);
      else if (
        !sameText(
          resultText('crypto', op, value, (name) => keys.name(name)),
          recorded,
        )
      )
        this.part(`gets another result from ${callWords('crypto', op, text)}`);
      counts.computed += 1;
      return value;
    }
    const value = read(recorded);
    if (value === undefined) return keys.miss(`the result of ${op}`);
    return value;
  }

  /** Whether all keys that the call takes are there. Public-key encryption is different each time. */
  #isKnown(op: string, args: readonly unknown[]): boolean {
    if (op === 'encryptRsa') return false;
    const { keys } = this.world;
    const handles: number[] = [];
    argumentsText('crypto', op, args, (handle) => {
      handles.push(handle);
      return '';
    });
    // Values that were made unrecognisable verify nothing any more.
    if (handles.length === 0) return false;
    return handles.every((handle) => keys.knows(asHandle(handle)));
  }

  absent = (value: Json): KeyHandle | undefined => {
    const number = handleNumber(value);
    if (number === undefined) return undefined;
    const handle = this.world.keys.absent();
    this.world.keys.call(handle, `#${String(number)}`);
    return handle;
  };

  /** A call that makes several keys; undefined for one that was not wanted. */
  derived(
    op: 'phase1Children' | 'ipsecKeys',
    args: readonly unknown[],
    compute: () => readonly (KeyHandle | undefined)[],
  ): readonly (KeyHandle | undefined)[] {
    const { keys, counts } = this.world;
    const text = argumentsText('crypto', op, args, (handle) => keys.name(handle));
    const call = this.track.call('crypto', op, text);
    if (call === undefined) {
      this.part(callWords('crypto', op, text));
      return compute();
    }
    counts.calls += 1;
    const recorded = call.outcome !== undefined && 'value' in call.outcome ? call.outcome.value : null;
    const numbers = handleNumbers(recorded) ?? keys.miss(`the result of ${op}`);
    const known = this.#isKnown(op, args);
    const made = known
      ? compute()
      : numbers.map((number) => (number === undefined ? undefined : keys.absent()));
    made.forEach((key, index) => {
      const number = numbers[index];
      if (key !== undefined && number !== undefined) keys.call(key, `#${String(number)}`);
    });
    if (known) counts.computed += 1;
    return made;
  }

  /** A call whose result comes later. `compute` is for paths that the recording does not have. */
  later<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    read: (value: Json, secret: string | undefined) => MaybePromise<T>,
    compute: () => MaybePromise<T>,
  ): MaybePromise<T> {
    const { keys, counts } = this.world;
    const text = argumentsText(port, op, args, (handle) => keys.name(handle));
    const call = this.track.call(port, op, text);
    const { number, outcome, secret } = call ?? {};
    if (outcome !== undefined) {
      counts.calls += 1;
      if ('error' in outcome) throw revived(outcome.error);
      return read(outcome.value, secret);
    }
    if (number === undefined) {
      this.part(callWords(port, op, text));
      return compute();
    }
    counts.calls += 1;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(number, {
        settle: async (settled, made) => {
          if ('error' in settled) {
            reject(revived(settled.error));
            return;
          }
          try {
            resolve(await read(settled.value, made));
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        },
      });
    });
  }

  /** As `later`, where the port always answers with a promise. */
  async promised<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    read: (value: Json, secret: string | undefined) => MaybePromise<T>,
    compute: () => MaybePromise<T>,
  ): Promise<T> {
    return await this.later<T>(port, op, args, read, compute);
  }
}

function asHandle(value: number): KeyHandle {
  if (!isHandle(value)) throw new Error(`${String(value)} is no handle`);
  return value;
}

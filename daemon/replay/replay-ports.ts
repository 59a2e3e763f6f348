/**
 * The ports of one negotiation in a replay. What the recording has is given as it was; what can be computed again, because
 * no key is missing, is computed and compared with it.
 */
import { type Bytes, hex } from '../../services/bytes.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { IpsecPolicy, Kernel, SaUsage } from '../../services/ports/kernel.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import type { NegotiationPorts, Question } from '../../services/ports/recorder.js';
import type { CallOutcome, Json, RecordedPort } from '../../services/record/entry.js';
import {
  argumentsText,
  handleNumber,
  resultText,
  sameText,
  textBytes,
} from '../../services/record/values.js';
import { muteCrypto } from './mute-crypto.js';
import { NumberedTimers, type ReplayClock } from './replay-clock.js';
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
  readonly counts: { calls: number; datagrams: number; computed: number };
}

/** A promise of the replay that waits for its place in the recording. */
interface Waiting {
  readonly settle: (outcome: CallOutcome, secret: string | undefined) => void | Promise<void>;
}

export class ReplayPorts implements NegotiationPorts {
  readonly udp: NegotiationPorts['udp'];
  readonly crypto: Crypto;
  /** For what is said under an SA that stands: on a path that nobody recorded it need not be true, only said. */
  readonly mute: Crypto;
  readonly kernel: Kernel;
  readonly random: NegotiationPorts['random'];
  readonly clock: NumberedTimers;
  readonly #track: Track;
  readonly #world: ReplayWorld;
  readonly #waiting = new Map<number, Waiting>();
  readonly #asked = new Map<Question, (value: boolean) => void>();

  constructor(track: Track, world: ReplayWorld, outside: NegotiationPorts) {
    this.#track = track;
    this.#world = world;
    this.clock = new NumberedTimers(world.clock);
    this.udp = {
      ...inert(outside.udp),
      send: (local, remote, bytes) => {
        const text = `0x${hex(bytes)}`;
        const same = track.step(
          'out',
          (next) =>
            next.bytes === text &&
            next.remote.address === remote.address &&
            next.remote.port === remote.port &&
            next.local.address === local.address,
        );
        if (same !== undefined) world.counts.datagrams += 1;
        else {
          const recorded = track.next?.kind === 'out' ? track.next.bytes.slice(2) : undefined;
          this.#part(`sends ${String(bytes.length)} bytes to ${remote.address}`, {
            recorded,
            replayed: hex(bytes),
          });
        }
      },
    };
    this.random = { bytes: (length) => this.#random(length) };
    this.crypto = this.#crypto(world.crypto);
    this.mute = this.#crypto(muteCrypto(world.crypto, world.keys, world.fresh));
    this.kernel = this.#kernel();
  }

  /** The promise with this number comes to its end. */
  async settle(number: number, outcome: CallOutcome, secret: string | undefined): Promise<void> {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    await waiting?.settle(outcome, secret);
  }

  /** Waits for its place in the recording. */
  answer(question: Question): Promise<boolean> {
    return new Promise((resolve) => {
      this.#asked.set(question, resolve);
    });
  }

  answered(question: Question, value: boolean): void {
    this.#asked.get(question)?.(value);
    this.#asked.delete(question);
  }

  circumstance(which: string, now: boolean): boolean {
    const recorded = this.#track.step('circumstance', (next) => next.which === which);
    if (recorded !== undefined) return recorded.value;
    this.#part(`asks whether it ${which}`);
    return now;
  }

  #part(replayed: string, datagrams?: Parting['datagrams']): void {
    const { next } = this.#track;
    this.#world.part({
      by: this.#track.id,
      kind: next === undefined ? 'surplus' : 'differs',
      recorded: effectWords(next),
      replayed,
      ...(datagrams === undefined ? {} : { datagrams }),
    });
  }

  #random(length: number): Bytes {
    const call = this.#track.call('random', 'bytes', [length]);
    const recorded = call?.outcome !== undefined && 'value' in call.outcome ? call.outcome.value : undefined;
    const bytes = textBytes(recorded);
    if (bytes !== undefined) return bytes;
    this.#part(callWords('random', 'bytes', [length]));
    return this.#world.fresh(length);
  }

  // Cryptography

  /** A call that gives its result at once. */
  #sync<T>(op: string, args: readonly unknown[], compute: () => T, read: (value: Json) => T | undefined): T {
    const { keys, counts } = this.#world;
    const text = argumentsText('crypto', op, args, (handle) => keys.name(handle));
    const call = this.#track.call('crypto', op, text);
    if (call === undefined) {
      this.#part(callWords('crypto', op, text));
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
        this.#part(`gets another result from ${callWords('crypto', op, text)}`);
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
    const { keys } = this.#world;
    const handles: number[] = [];
    argumentsText('crypto', op, args, (handle) => {
      handles.push(handle);
      return '';
    });
    // Values that were made unrecognisable verify nothing any more.
    if (handles.length === 0) return false;
    return handles.every((handle) => keys.knows(asHandle(handle)));
  }

  #absent = (value: Json): KeyHandle | undefined => {
    const number = handleNumber(value);
    if (number === undefined) return undefined;
    const handle = this.#world.keys.absent();
    this.#world.keys.call(handle, `#${String(number)}`);
    return handle;
  };

  /** A call whose result comes later. `compute` is for paths that the recording does not have. */
  #later<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    read: (value: Json, secret: string | undefined) => MaybePromise<T>,
    compute: () => MaybePromise<T>,
  ): MaybePromise<T> {
    const { keys, counts } = this.#world;
    const text = argumentsText(port, op, args, (handle) => keys.name(handle));
    const call = this.#track.call(port, op, text);
    const { number, outcome, secret } = call ?? {};
    if (outcome !== undefined) {
      counts.calls += 1;
      if ('error' in outcome) throw revived(outcome.error);
      return read(outcome.value, secret);
    }
    if (number === undefined) {
      this.#part(callWords(port, op, text));
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

  /** As `#later`, where the port always answers with a promise. */
  async #promised<T>(
    port: RecordedPort,
    op: string,
    args: readonly unknown[],
    read: (value: Json, secret: string | undefined) => MaybePromise<T>,
    compute: () => MaybePromise<T>,
  ): Promise<T> {
    return await this.#later<T>(port, op, args, read, compute);
  }

  #crypto(real: Crypto): Crypto {
    const { keys, counts } = this.#world;
    const bytes = (value: Json): Bytes | undefined => textBytes(value);
    const flag = (value: Json): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
    const given = (op: string) => (value: Json) => {
      const found = textBytes(value);
      if (found === undefined) return keys.miss(`the result of ${op}`);
      return found;
    };
    return {
      generateKeyPair: (group) =>
        this.#later(
          'crypto',
          'generateKeyPair',
          [group],
          (value, secret) => {
            const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
            const of = (name: string): Json => fields.find(([field]) => field === name)?.[1] ?? null;
            const privateKey =
              secret === undefined
                ? this.#absent(of('privateKey'))
                : keys.put(given('secret')(`0x${secret}`));
            const publicValue = textBytes(of('publicValue'));
            if (privateKey === undefined || publicValue === undefined) return keys.miss('a key pair');
            const number = handleNumber(of('privateKey'));
            if (number !== undefined) keys.call(privateKey, `#${String(number)}`);
            return { privateKey, publicValue };
          },
          () => real.generateKeyPair(group),
        ),
      sharedSecret: (group, privateKey, peerPublicValue) =>
        this.#later(
          'crypto',
          'sharedSecret',
          [group, privateKey, peerPublicValue],
          async (value) => {
            if (!keys.knows(privateKey)) return this.#absent(value) ?? keys.miss('a shared secret');
            const secret = await real.sharedSecret(group, privateKey, peerPublicValue);
            const number = handleNumber(value);
            if (number !== undefined) keys.call(secret, `#${String(number)}`);
            counts.computed += 1;
            return secret;
          },
          () => real.sharedSecret(group, privateKey, peerPublicValue),
        ),
      publicValueFault: (group, value) => real.publicValueFault(group, value),
      hash: (...args) => real.hash(...args),
      digest: (...args) => this.#sync('digest', args, () => real.digest(...args), bytes),
      prf: (...args) => this.#sync('prf', args, () => real.prf(...args), this.#absent),
      mac: (...args) => this.#sync('mac', args, () => real.mac(...args), bytes),
      slice: (...args) => this.#sync('slice', args, () => real.slice(...args), this.#absent),
      lengthOf: (key) =>
        this.#sync(
          'lengthOf',
          [key],
          () => real.lengthOf(key),
          (value) => (typeof value === 'number' ? value : undefined),
        ),
      encrypt: (...args) => this.#sync('encrypt', args, () => real.encrypt(...args), bytes),
      decrypt: (...args) => this.#sync('decrypt', args, () => real.decrypt(...args), bytes),
      equal: (a, b) => real.equal(a, b),
      erase: () => undefined,
      signRsa: (...args) =>
        this.#promised('crypto', 'signRsa', args, given('signRsa'), () => real.signRsa(...args)),
      verifyRsa: (...args) => this.#sync('verifyRsa', args, () => real.verifyRsa(...args), flag),
      signDss: (...args) =>
        this.#promised('crypto', 'signDss', args, given('signDss'), () => real.signDss(...args)),
      verifyDss: (...args) => this.#sync('verifyDss', args, () => real.verifyDss(...args), flag),
      encryptRsa: (...args) => this.#sync('encryptRsa', args, () => real.encryptRsa(...args), bytes),
      decryptRsa: (...args) =>
        this.#promised('crypto', 'decryptRsa', args, given('decryptRsa'), () => real.decryptRsa(...args)),
      verifySigned: (...args) => real.verifySigned(...args),
    };
  }

  // The kernel

  #kernel(): Kernel {
    const { keys } = this.#world;
    const unknown = (op: string) => async (): Promise<never> => {
      await Promise.resolve();
      return keys.miss(`what the kernel said to ${op}`);
    };
    const nothing = (): undefined => undefined;
    const call = (op: string, args: readonly unknown[]): Promise<undefined> =>
      this.#promised<undefined>('kernel', op, args, nothing, () => Promise.resolve(undefined));
    return {
      name: 'recorded',
      open: () => Promise.resolve(),
      getSpi: (...args) => this.#later('kernel', 'getSpi', args, (value) => Number(value), unknown('getSpi')),
      update: (sa) => call('update', [sa]),
      add: (sa) => call('add', [sa]),
      moveRemote: (...args) => call('moveRemote', args),
      delete: (sa) => call('delete', [sa]),
      usage: (sa) =>
        this.#promised<SaUsage | undefined>('kernel', 'usage', [sa], nothing, () =>
          Promise.resolve(undefined),
        ),
      policyFor: (...args) => this.#later('kernel', 'policyFor', args, policyIn, unknown('policyFor')),
      policyForPacket: (packet) =>
        this.#promised('kernel', 'policyForPacket', [packet], policyIn, unknown('policyForPacket')),
      answerAcquire: () => undefined,
      held: () => Promise.resolve([]),
      adopt: () => Promise.resolve([]),
      replacePolicies: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }
}

function policyIn(value: unknown): IpsecPolicy | undefined {
  return isPolicy(value) ? { ...value, ruleLabel: value.ruleLabel ?? undefined } : undefined;
}

/** As it was recorded: the form of the file has been checked as far as anything here depends on it. */
function isPolicy(value: unknown): value is IpsecPolicy {
  return typeof value === 'object' && value !== null && 'selectors' in value && 'proposals' in value;
}

function inert(udp: NegotiationPorts['udp']): NegotiationPorts['udp'] {
  return {
    send: () => undefined,
    keepalive: () => undefined,
    onDatagram: () => undefined,
    open: () => Promise.resolve(),
    endpoints: () => udp.endpoints(),
    close: () => Promise.resolve(),
  };
}

function asHandle(value: number): KeyHandle {
  if (!isHandle(value)) throw new Error(`${String(value)} is no handle`);
  return value;
}

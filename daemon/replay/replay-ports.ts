/** The ports of one negotiation in a replay. */
import { type Bytes, hex } from '../../services/bytes.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { IpsecPolicy, Kernel, SaUsage } from '../../services/ports/kernel.js';
import type { NegotiationPorts, Question } from '../../services/ports/recorder.js';
import type { CallOutcome } from '../../services/record/entry.js';
import { textBytes } from '../../services/record/values.js';
import { muteCrypto } from './mute-crypto.js';
import { ReplayCalls, type ReplayWorld } from './replay-calls.js';
import { NumberedTimers } from './replay-clock.js';
import { replayCrypto } from './replay-crypto.js';
import { callWords, type Track } from './track.js';

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
  readonly #calls: ReplayCalls;
  readonly #asked = new Map<Question, (value: boolean) => void>();

  constructor(track: Track, world: ReplayWorld, outside: NegotiationPorts) {
    this.#track = track;
    this.#world = world;
    this.#calls = new ReplayCalls(track, world);
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
          this.#calls.part(`sends ${String(bytes.length)} bytes to ${remote.address}`, {
            recorded,
            replayed: hex(bytes),
          });
        }
      },
    };
    this.random = { bytes: (length) => this.#random(length) };
    this.crypto = replayCrypto(this.#calls, world.crypto);
    this.mute = replayCrypto(this.#calls, muteCrypto(world.crypto, world.keys, world.fresh));
    this.kernel = this.#kernel();
  }

  /** The promise with this number comes to its end. */
  async settle(number: number, outcome: CallOutcome, secret: string | undefined): Promise<void> {
    await this.#calls.settle(number, outcome, secret);
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
    this.#calls.part(`asks whether it ${which}`);
    return now;
  }

  #random(length: number): Bytes {
    const call = this.#track.call('random', 'bytes', [length]);
    const recorded = call?.outcome !== undefined && 'value' in call.outcome ? call.outcome.value : undefined;
    const bytes = textBytes(recorded);
    if (bytes !== undefined) return bytes;
    this.#calls.part(callWords('random', 'bytes', [length]));
    return this.#world.fresh(length);
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
      this.#calls.promised<undefined>('kernel', op, args, nothing, () => Promise.resolve(undefined));
    return {
      name: 'recorded',
      open: () => Promise.resolve(),
      getSpi: (...args) =>
        this.#calls.later('kernel', 'getSpi', args, (value) => Number(value), unknown('getSpi')),
      update: (sa) => call('update', [sa]),
      add: (sa) => call('add', [sa]),
      moveRemote: (...args) => call('moveRemote', args),
      delete: (sa) => call('delete', [sa]),
      usage: (sa) =>
        this.#calls.promised<SaUsage | undefined>('kernel', 'usage', [sa], nothing, () =>
          Promise.resolve(undefined),
        ),
      policyFor: (...args) => this.#calls.later('kernel', 'policyFor', args, policyIn, unknown('policyFor')),
      policyForPacket: (packet) =>
        this.#calls.promised('kernel', 'policyForPacket', [packet], policyIn, unknown('policyForPacket')),
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
    endpointAt: (address) => udp.endpointAt(address),
    close: () => Promise.resolve(),
  };
}

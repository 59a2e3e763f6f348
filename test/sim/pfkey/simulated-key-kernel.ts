/**
 * A kernel that speaks PF_KEY, in virtual time: sockets, SADB and its clocks, written from the public manuals and sources
 * that services/pfkey cites. What it is sent must be right, or it answers as a kernel does and remembers the fault.
 */
import type { Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';
import { SA_STATE, type Dialect } from '../../../services/pfkey/dialect.js';
import type { LifetimeExtension, PfkeyExtension } from '../../../services/pfkey/extension.js';
import {
  decodeMessage,
  encodeMessage,
  extensionOf,
  type PfkeyMessage,
} from '../../../services/pfkey/message.js';
import { verifyMessage } from '../../../services/pfkey/verify.js';
import type { Clock, TimerHandle } from '../../../services/ports/clock.js';
import type { TrafficSelectors } from '../../../services/ports/kernel.js';
import type {
  KernelSockets,
  MessageListener,
  MessageSocket,
  SystemFault,
} from '../../../services/ports/kernel-socket.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { Dice } from '../dice.js';

export const EINVAL = 22;
export const EEXIST = 17;
export const ESRCH = 3;
export const ENOENT = 2;

export interface SimulatedSa {
  readonly saType: number;
  readonly spi: number;
  readonly source: Address;
  readonly destination: Address;
  state: number;
  /** As it was given, keys too. */
  extensions: readonly PfkeyExtension[];
  bytes: number;
  readonly addedAt: number;
  timers: TimerHandle[];
}

export interface KeySocket {
  readonly listener: MessageListener;
  readonly registered: Set<number>;
  extended: boolean;
  open: boolean;
}

export type Outcome = 'sent' | 'acquired' | 'waits' | 'passed';

/** How long a larval SA lives. */
const LARVAL_MS = 90_000;

export abstract class SimulatedKeyKernel implements KernelSockets {
  abstract readonly dialect: Dialect;
  readonly sas: SimulatedSa[] = [];
  /** What it was sent that no kernel would take. */
  readonly faults: string[] = [];
  /** Kinds of what it was sent, in order. */
  readonly asked: string[] = [];
  /** Kinds of messages that it does not answer now. */
  readonly unanswered = new Set<PfkeyMessage['kind']>();
  /** The other end of the wire: takes what goes out under an SA. */
  wire: (sa: SimulatedSa, bytes: number) => void = () => undefined;
  protected readonly clock: Clock;
  protected readonly dice: Dice;
  protected readonly sockets: KeySocket[] = [];
  #toLose = 0;

  constructor(clock: Clock, dice: Dice) {
    this.clock = clock;
    this.dice = dice;
  }

  /** A packet of this host goes out. */
  abstract output(packet: TrafficSelectors, bytes: number): Outcome;
  protected abstract handle(message: PfkeyMessage, socket: KeySocket): void;
  /** Extensions of EXPIRE beside the lifetimes. */
  protected abstract expireTo(message: PfkeyMessage): void;

  key(listener: MessageListener): Result<MessageSocket, SystemFault> {
    const socket: KeySocket = { listener, registered: new Set(), extended: false, open: true };
    this.sockets.push(socket);
    return ok({
      send: (bytes) => {
        this.#receive(bytes, socket);
        return undefined;
      },
      close: () => {
        socket.open = false;
        const at = this.sockets.indexOf(socket);
        if (at >= 0) this.sockets.splice(at, 1);
      },
    });
  }

  /** All that are open. */
  hearing(): readonly KeySocket[] {
    return this.sockets;
  }

  xfrm(): Result<MessageSocket, SystemFault> {
    return err({ code: 'EPROTONOSUPPORT', errno: 93, message: 'This kernel has no NETLINK_XFRM.' });
  }

  /** The next messages find the buffer of the daemon's socket full. */
  lose(messages: number): void {
    this.#toLose = messages;
  }

  /** The daemon's process is gone: its sockets are closed, and what it put here stays. */
  forsake(): void {
    for (const socket of this.sockets.splice(0)) socket.open = false;
  }

  /** An operator's own tool, on a socket of its own. */
  operator(message: Pick<PfkeyMessage, 'kind' | 'saType' | 'extensions'>): void {
    const opened = this.key({ message: () => undefined, overrun: () => undefined, failed: () => undefined });
    if (!opened.ok) return;
    const whole = { ...message, errno: 0, diagnostic: 0, sequence: 1, pid: 4711 };
    const encoded = encodeMessage(whole, this.dialect);
    if (encoded.ok) opened.value.send(encoded.value);
    opened.value.close();
    // Not by the daemon.
    this.asked.pop();
  }

  /** A packet arrives under an SA; false when there is none. */
  input(sa: Pick<SimulatedSa, 'saType' | 'spi' | 'destination'>, bytes: number): boolean {
    const there = this.find(sa.saType, sa.spi, sa.destination);
    if (there === undefined || there.state === SA_STATE.larval) return false;
    this.count(there, bytes);
    return true;
  }

  find(saType: number, spi: number, destination: Address): SimulatedSa | undefined {
    return this.sas.find((sa) => sa.saType === saType && sa.spi === spi && sa.destination === destination);
  }

  protected named(message: PfkeyMessage): SimulatedSa | undefined {
    const destination = extensionOf(message, 'ADDRESS_DST')?.endpoint.address ?? '';
    return this.find(message.saType, extensionOf(message, 'SA')?.spi ?? 0, destination);
  }

  protected reserve(message: PfkeyMessage): SimulatedSa | undefined {
    const range = extensionOf(message, 'SPIRANGE') ?? { min: 0x100, max: 0x0fff_ffff };
    const destination = extensionOf(message, 'ADDRESS_DST')?.endpoint.address ?? '';
    const spi = range.min + this.dice.below(range.max - range.min + 1);
    if (this.find(message.saType, spi, destination) !== undefined) return undefined;
    const sa = this.make(message, spi, SA_STATE.larval);
    sa.timers = [this.clock.setTimeout(() => this.expire(sa, 'hard'), LARVAL_MS)];
    return sa;
  }

  protected make(message: PfkeyMessage, spi: number, state: number): SimulatedSa {
    const sa: SimulatedSa = {
      saType: message.saType,
      spi,
      source: extensionOf(message, 'ADDRESS_SRC')?.endpoint.address ?? '',
      destination: extensionOf(message, 'ADDRESS_DST')?.endpoint.address ?? '',
      state,
      extensions: message.extensions,
      bytes: 0,
      addedAt: this.clock.now(),
      timers: [],
    };
    this.sas.push(sa);
    return sa;
  }

  /** Mature from now on, with the limits of the message. */
  protected complete(sa: SimulatedSa, message: PfkeyMessage): void {
    for (const timer of sa.timers.splice(0)) this.clock.clearTimeout(timer);
    sa.state = SA_STATE.mature;
    sa.extensions = message.extensions;
    for (const limit of ['soft', 'hard'] as const) {
      const seconds = this.limit(sa, limit)?.addTime ?? 0;
      if (seconds > 0) sa.timers.push(this.clock.setTimeout(() => this.expire(sa, limit), seconds * 1000));
    }
  }

  protected limit({ extensions }: SimulatedSa, which: 'soft' | 'hard'): LifetimeExtension | undefined {
    const kind = which === 'soft' ? 'LIFETIME_SOFT' : 'LIFETIME_HARD';
    return extensions.find((extension): extension is LifetimeExtension => extension.kind === kind);
  }

  protected remove(sa: SimulatedSa): void {
    for (const timer of sa.timers.splice(0)) this.clock.clearTimeout(timer);
    const at = this.sas.indexOf(sa);
    if (at >= 0) this.sas.splice(at, 1);
  }

  protected count(sa: SimulatedSa, bytes: number): void {
    sa.bytes += bytes;
    const soft = this.limit(sa, 'soft')?.bytes ?? 0;
    const hard = this.limit(sa, 'hard')?.bytes ?? 0;
    if (hard > 0 && sa.bytes >= hard) this.expire(sa, 'hard');
    else if (soft > 0 && sa.bytes >= soft && sa.state === SA_STATE.mature) this.expire(sa, 'soft');
  }

  protected expire(sa: SimulatedSa, limit: 'soft' | 'hard'): void {
    if (limit === 'hard') this.remove(sa);
    else sa.state = SA_STATE.dying;
    const lifetime = this.limit(sa, limit);
    const kind = limit === 'hard' ? 'LIFETIME_HARD' : 'LIFETIME_SOFT';
    this.expireTo({
      kind: 'EXPIRE',
      errno: 0,
      diagnostic: 0,
      saType: sa.saType,
      sequence: 0,
      pid: 0,
      extensions: [
        ...this.shown(sa).filter(
          ({ kind: shown }) => shown === 'SA' || shown === 'LIFETIME_CURRENT' || shown.startsWith('ADDRESS_'),
        ),
        lifetime ?? { kind, allocations: 0, bytes: 0, addTime: 0, useTime: 0 },
      ],
    });
  }

  /** As GET and DUMP show it, with CURRENT and with keys. */
  protected shown(sa: SimulatedSa): readonly PfkeyExtension[] {
    const given = sa.extensions.filter(({ kind }) => kind !== 'SA' && kind !== 'SPIRANGE');
    const was = sa.extensions.find((extension) => extension.kind === 'SA');
    const plain = { replayWindow: 0, authentication: 0, encryption: 0, flags: 0 };
    return [
      { ...plain, ...was, kind: 'SA', spi: sa.spi, state: sa.state },
      {
        kind: 'LIFETIME_CURRENT',
        allocations: 1,
        bytes: sa.bytes,
        addTime: Math.floor((this.clock.wallTime() - this.clock.now() + sa.addedAt) / 1000),
        useTime: 0,
      },
      ...given,
    ];
  }

  protected send(message: PfkeyMessage, to: (socket: KeySocket) => boolean): void {
    const encoded = encodeMessage(copied(message), this.dialect);
    if (!encoded.ok) throw new Error(encoded.error);
    for (const socket of this.sockets) if (to(socket)) this.deliver(socket, encoded.value);
  }

  /** From the event loop, as a socket does. */
  deliver(socket: KeySocket, bytes: Bytes): void {
    if (this.#toLose > 0 && socket === this.sockets[0]) {
      this.#toLose -= 1;
      if (this.#toLose === 0) this.clock.setTimeout(() => socket.open && socket.listener.overrun(), 0);
      return;
    }
    const copy = Uint8Array.from(bytes);
    this.clock.setTimeout(() => {
      if (socket.open) socket.listener.message(copy);
    }, 0);
  }

  protected refuse(message: PfkeyMessage, socket: KeySocket, errno: number, diagnostic = 0): void {
    this.send({ ...message, errno, diagnostic, extensions: [] }, (other) => other === socket);
  }

  #receive(bytes: Bytes, socket: KeySocket): void {
    const decoded = decodeMessage(Uint8Array.from(bytes), this.dialect);
    if (!decoded.ok) {
      this.faults.push(decoded.error.why);
      return;
    }
    this.asked.push(decoded.value.kind);
    const faults = verifyMessage(decoded.value, 'toKernel', this.dialect);
    this.faults.push(...faults.map((fault) => `${decoded.value.kind}: ${fault}`));
    if (!this.unanswered.has(decoded.value.kind)) this.handle(decoded.value, socket);
  }
}

/** The encoder wipes nothing that it is given, but listeners wipe what they read. */
function copied(message: PfkeyMessage): PfkeyMessage {
  return {
    ...message,
    extensions: message.extensions.map((extension) =>
      extension.kind === 'KEY_AUTH' || extension.kind === 'KEY_ENCRYPT'
        ? { ...extension, key: Uint8Array.from(extension.key) }
        : extension,
    ),
  };
}

/**
 * A kernel over PF_KEY (RFC 2367) behind the `Kernel` port: what both dialects have in common. Others use the same kernel:
 * its messages about their SAs pass by, FLUSH is never sent, and what we put there we take out one by one.
 */
import { type Address, type Endpoint, familyOf } from '../../../services/net/address.js';
import { SA_STATE } from '../../../services/pfkey/dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { Clock } from '../../../services/ports/clock.js';
import {
  type EarlierSa,
  type HeldSa,
  type IpsecPolicy,
  type IpsecProtocol,
  type Kernel,
  KernelError,
  type KernelListener,
  type KernelSa,
  type SaIdentity,
  type SaPurpose,
  type SaUsage,
  type TrafficSelectors,
} from '../../../services/ports/kernel.js';
import type { KernelSockets, SystemFault } from '../../../services/ports/kernel-socket.js';
import type { Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import { protocolOf, saTypeOf, type SupportedAlgorithms } from './algorithm-numbers.js';
import { KeyConversation, type KeyFault } from './conversation.js';
import { recognized } from '../system/earlier-sas.js';
import { ERRNO, faultWords, isRefusal } from './fault-words.js';
import type { KeySystem } from './key-system.js';
import { OpenAcquires } from '../system/open-acquires.js';
import { identityOf, isSameSa, OwnSas } from '../system/own-sas.js';
import { endsExtensions, saNamed, saOf } from './sa-extensions.js';
import { dumpSadb } from './sadb-dump.js';
import { SaReview } from '../system/sa-review.js';

export interface PfkeyKernelParts {
  readonly sockets: KernelSockets;
  readonly clock: Clock;
  readonly keys: Keys;
  readonly system: KeySystem;
  readonly supported: SupportedAlgorithms;
  /** Of this process. */
  readonly pid: number;
  /** Our own message numbers count from here: the half that the kernel's ACQUIREs do not use. */
  readonly firstSequence: number;
  readonly policies: readonly IpsecPolicy[];
  /** One sentence that an operator should read. */
  readonly note: (note: string) => void;
}

/** SPIs below are reserved (RFC 4303 2.1). */
const SPI_RANGE = { kind: 'SPIRANGE', min: 0x100, max: 0xffff_ffff } as const;
const SPI_ATTEMPTS = 4;
/** ETIMEDOUT is not the same number everywhere; any errno ends an ACQUIRE. */
const FAILED = ERRNO.invalid;

export class PfkeyKernel implements Kernel {
  readonly name = 'pfkey';
  readonly #parts: PfkeyKernelParts;
  readonly #conversation: KeyConversation;
  readonly #own = new OwnSas();
  readonly #acquires: OpenAcquires;
  #listener: KernelListener | undefined;
  readonly #review: SaReview<KeyFault>;

  constructor(parts: PfkeyKernelParts) {
    this.#parts = parts;
    this.#acquires = new OpenAcquires(parts.clock);
    this.#conversation = new KeyConversation({ ...parts, dialect: parts.system.dialect });
    this.#review = new SaReview(parts.clock, this.#own, {
      dump: () => this.#dump(),
      listener: () => this.#listener,
      failed: (fault) => {
        parts.note(
          `Messages of the kernel were lost, and what it holds cannot be learned: ${this.#words(fault)}`,
        );
      },
    });
  }

  async open(listener: KernelListener): Promise<void> {
    const { system, supported, policies } = this.#parts;
    const opened = this.#conversation.open({
      told: (message) => {
        this.#told(message);
      },
      overrun: () => {
        this.#review.begin();
      },
      failed: (fault) => {
        this.#failed(fault);
      },
    });
    if (!opened.ok) throw new KernelError('open', opened.error.message);
    this.#listener = listener;
    const registered = await system.register(this.#conversation, supported);
    const installed = registered.ok ? await system.replacePolicies(policies, this.#conversation) : registered;
    if (installed.ok) return;
    this.#conversation.close();
    throw new KernelError('open', installed.error);
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    for (const id of this.#acquires.ids()) this.answerAcquire(id, 'refused');
    for (const sa of this.#own.list()) {
      const deleted = await this.#delete(sa);
      // One that does not answer now will not answer for the others either.
      if (!deleted.ok && deleted.error.cause !== 'refused') break;
    }
    const removed = await this.#parts.system.replacePolicies([], this.#conversation);
    if (!removed.ok) this.#parts.note(removed.error);
    this.#conversation.close();
  }

  async getSpi(
    source: Address,
    destination: Address,
    protocol: IpsecProtocol,
    purpose: SaPurpose,
  ): Promise<number> {
    const { system } = this.#parts;
    const extensions = [
      ...endsExtensions(source, destination),
      SPI_RANGE,
      ...system.getSpiExtensions(purpose),
    ];
    let fault: KeyFault = { cause: 'silent' };
    for (let attempt = 0; attempt < SPI_ATTEMPTS; attempt++) {
      const sequence = this.#sequenceOf(purpose.origin?.acquireId);
      const answer = await this.#conversation.ask(
        { kind: 'GETSPI', saType: saTypeOf(protocol), extensions, sequence },
        { take: (message) => ({ done: extensionOf(message, 'SA')?.spi }) },
      );
      if (answer.ok && answer.value !== undefined && answer.value !== 0) {
        const sa = { source, destination, protocol, spi: answer.value, direction: 'inbound' } as const;
        this.#own.put({ ...sa, state: 'larval', hardDue: undefined, softTold: false });
        return answer.value;
      }
      if (!answer.ok) fault = answer.error;
      // The SPI that it drew is taken, or its answer was lost: it may draw again.
      if (fault.cause !== 'silent' && !isRefusal(fault, ERRNO.exists)) break;
    }
    throw this.#error('getSpi', fault);
  }

  async update(sa: KernelSa): Promise<void> {
    const lapsed = this.#own.find(sa)?.state === 'lapsed';
    await this.#install(sa, lapsed ? 'ADD' : 'UPDATE', 'update');
  }

  async add(sa: KernelSa): Promise<void> {
    await this.#install(sa, 'ADD', 'add');
  }

  async #install(sa: KernelSa, kind: 'ADD' | 'UPDATE', operation: 'add' | 'update'): Promise<void> {
    const { system, keys, clock } = this.#parts;
    const extensions = system.saExtensions(sa, keys);
    if (!extensions.ok) throw new KernelError(operation, extensions.error);
    const question = { saType: saTypeOf(sa.protocol), extensions: extensions.value };
    const sequence = this.#sequenceOf(sa.origin?.acquireId);
    const done = { take: () => ({ done: undefined }) };
    const first = await this.#conversation.ask({ ...question, kind, sequence }, done);
    // The kernel gave up the larval SA a moment ago, and its SPI is still free.
    const reserved = kind === 'UPDATE' && this.#own.find(sa) !== undefined;
    const late = reserved && !first.ok && isRefusal(first.error, ERRNO.noSuchSa);
    const asked = late
      ? await this.#conversation.ask({ ...question, kind: 'ADD', sequence: undefined }, done)
      : first;
    const installed = asked.ok ? asked : await this.#afterAll(sa, asked.error);
    if (!installed.ok) throw this.#error(operation, installed.error);
    const { hardSeconds } = sa.lifetimes;
    const hardDue = hardSeconds === undefined ? undefined : clock.now() + hardSeconds * 1000;
    const { source, direction } = sa;
    this.#own.put({ ...identityOf(sa), source, direction, state: 'complete', hardDue, softTold: false });
  }

  /** The answer was lost: was it done? */
  async #afterAll(sa: SaIdentity, fault: KeyFault): Promise<Result<undefined, KeyFault>> {
    // What was complete before was refused.
    if (fault.cause !== 'silent' || this.#own.find(sa)?.state === 'complete') return err(fault);
    const held = await this.#dump();
    // Nobody will ask for it to be taken out again.
    if (!held.ok) await this.#delete(sa);
    const there = held.ok && held.value.some((other) => isSameSa(other, sa) && other.state !== 'larval');
    return there ? ok(undefined) : err(fault);
  }

  async moveRemote(sa: SaIdentity, remote: Endpoint): Promise<void> {
    const own = this.#own.find(sa);
    if (own?.state !== 'complete') throw new KernelError('moveRemote', 'It is no SA of this daemon.');
    const moved = await this.#parts.system.moveRemote(own, remote, this.#conversation);
    if (!moved.ok) throw new KernelError('moveRemote', moved.error);
  }

  async delete(sa: SaIdentity): Promise<void> {
    const deleted = await this.#delete(sa);
    if (!deleted.ok) throw this.#error('delete', deleted.error);
  }

  async #delete(sa: SaIdentity): Promise<Result<undefined, KeyFault>> {
    const named = this.#withSource(sa);
    this.#own.remove(sa);
    const question = {
      kind: 'DELETE',
      saType: saTypeOf(sa.protocol),
      extensions: [saNamed(sa.spi), ...endsExtensions(named.source, sa.destination)],
    } as const;
    const done = { take: () => ({ done: undefined }) };
    let answer = await this.#conversation.ask(question, done);
    if (!answer.ok && answer.error.cause === 'silent') answer = await this.#conversation.ask(question, done);
    return !answer.ok && isRefusal(answer.error, ERRNO.noSuchSa) ? ok(undefined) : answer;
  }

  async usage(sa: SaIdentity): Promise<SaUsage | undefined> {
    const { source } = this.#withSource(sa);
    const answer = await this.#conversation.ask(
      {
        kind: 'GET',
        saType: saTypeOf(sa.protocol),
        extensions: [saNamed(sa.spi), ...endsExtensions(source, sa.destination)],
      },
      {
        take: (message) => {
          const larval = extensionOf(message, 'SA')?.state === SA_STATE.larval;
          const bytes = extensionOf(message, 'LIFETIME_CURRENT')?.bytes ?? 0;
          return { done: larval ? undefined : { bytes } };
        },
      },
    );
    if (answer.ok) return answer.value;
    if (isRefusal(answer.error, ERRNO.noSuchSa)) return undefined;
    throw this.#error('usage', answer.error);
  }

  async policyFor(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
  ): Promise<IpsecPolicy | undefined> {
    const found = await this.#parts.system.policyFor(outer, selectors, this.#conversation);
    if (!found.ok) throw new KernelError('policyFor', found.error);
    return found.value;
  }

  async policyForPacket(packet: TrafficSelectors): Promise<IpsecPolicy | undefined> {
    const found = await this.#parts.system.policyForPacket(packet, this.#conversation);
    if (!found.ok) throw new KernelError('policyForPacket', found.error);
    return found.value;
  }

  answerAcquire(id: number, outcome: 'answered' | 'refused'): void {
    for (const sequence of this.#acquires.end(id)) if (outcome === 'refused') this.#refuse(sequence, 0);
  }

  async held(): Promise<readonly HeldSa[]> {
    const held = await this.#dump();
    if (!held.ok) throw this.#error('held', held.error);
    return held.value;
  }

  async adopt(earlier: readonly EarlierSa[]): Promise<readonly HeldSa[]> {
    const held = await this.#dump();
    if (!held.ok) throw this.#error('adopt', held.error);
    const ours = recognized(earlier, held.value, this.#parts.clock);
    for (const { own } of ours) this.#own.put(own);
    return ours.map((one) => one.held);
  }

  async replacePolicies(policies: readonly IpsecPolicy[]): Promise<void> {
    const replaced = await this.#parts.system.replacePolicies(policies, this.#conversation);
    if (!replaced.ok) throw new KernelError('replacePolicies', replaced.error);
  }

  #dump(): Promise<Result<readonly HeldSa[], KeyFault>> {
    return dumpSadb(this.#conversation, this.#parts.system, this.#parts.clock);
  }

  // What the kernel says of itself

  #told(message: PfkeyMessage): void {
    // Somebody else's question that failed.
    if (message.errno !== 0) return;
    switch (message.kind) {
      case 'ACQUIRE':
        void this.#acquired(message);
        break;
      case 'EXPIRE':
        this.#expired(message);
        break;
      case 'DELETE':
      case 'X_DELPAIR':
        this.#deleted(message);
        break;
      case 'FLUSH':
        this.#flushed(message);
        break;
      case 'REGISTER':
        this.#parts.supported.learn(message);
        break;
      case 'X_NAT_T_NEW_MAPPING':
        this.#mapped(message);
        break;
      default:
        break;
    }
  }

  async #acquired(message: PfkeyMessage): Promise<void> {
    const { sequence, saType, pid } = message;
    // Somebody's report that an ACQUIRE failed has his process id.
    if (pid !== 0 || sequence === 0) return;
    const wanted = await this.#parts.system.wanted(message, this.#conversation);
    if (!wanted.ok) {
      this.#parts.note(wanted.error);
      this.#refuse(sequence, saType);
      return;
    }
    const { policy, packet } = wanted.value;
    const begun = this.#listener === undefined ? 'full' : this.#acquires.begin(policy, sequence);
    if (begun === 'full') this.#refuse(sequence, saType);
    if (begun === 'new') this.#listener?.acquire({ id: sequence, policy, packet });
  }

  #refuse(sequence: number, saType: number): void {
    this.#conversation.tell({ kind: 'ACQUIRE', saType, errno: FAILED, sequence });
  }

  #expired(message: PfkeyMessage): void {
    const sa = saOf(message);
    if (sa === undefined || sa.spi === 0) return;
    const own = this.#own.find(sa);
    const hard = extensionOf(message, 'LIFETIME_HARD') !== undefined;
    if (own?.state === 'larval') {
      if (hard) this.#own.put({ ...own, state: 'lapsed' });
      return;
    }
    if (hard) this.#own.remove(sa);
    // Linux tells it again after an UPDATE, such as that of `moveRemote`.
    else if (extensionOf(message, 'LIFETIME_SOFT') === undefined || own?.softTold === true) return;
    else if (own !== undefined) this.#own.put({ ...own, softTold: true });
    this.#listener?.expire({ sa: identityOf(sa), limit: hard ? 'hard' : 'soft' });
  }

  #deleted(message: PfkeyMessage): void {
    const sa = saOf(message);
    if (sa === undefined) return;
    this.#own.remove(sa);
    this.#listener?.deleted(identityOf(sa));
  }

  /** Linux names the SA by its SPI and its old source; as destination stands the new source (`net/key/af_key.c`). */
  #mapped(message: PfkeyMessage): void {
    const spi = extensionOf(message, 'SA')?.spi;
    const before = extensionOf(message, 'ADDRESS_SRC')?.endpoint.address;
    const address = extensionOf(message, 'ADDRESS_DST')?.endpoint.address;
    const port = extensionOf(message, 'X_NAT_T_DPORT')?.port;
    if (address === undefined || port === undefined) return;
    const own = this.#own
      .list(protocolOf(message.saType))
      .find((sa) => sa.direction === 'inbound' && sa.spi === spi && sa.source === before);
    if (own?.state === 'complete') this.#listener?.mapped?.(identityOf(own), { address, port });
  }

  #flushed({ saType }: PfkeyMessage): void {
    const protocol = protocolOf(saType);
    // Of a protocol that is not ours.
    if (saType !== 0 && protocol === undefined) return;
    const gone = this.#own.list(protocol);
    for (const sa of gone) this.#own.remove(sa);
    if (protocol === undefined) this.#listener?.flushed();
    else for (const sa of gone) if (sa.state === 'complete') this.#listener?.deleted(identityOf(sa));
  }

  #failed({ message }: SystemFault): void {
    this.#parts.note(`The key socket failed, and nothing is heard of the kernel any more: ${message}`);
  }

  #sequenceOf(acquireId: number | undefined): number | undefined {
    return this.#acquires.latest(acquireId);
  }

  #withSource(sa: SaIdentity): SaIdentity & { readonly source: Address } {
    const anywhere = familyOf(sa.destination) === 4 ? '0.0.0.0' : '::';
    return { ...identityOf(sa), source: this.#own.find(sa)?.source ?? anywhere };
  }

  #words(fault: KeyFault): string {
    const { system } = this.#parts;
    return faultWords(fault, system.kernelName, system.dialect);
  }

  #error(operation: KernelError['operation'], fault: KeyFault): KernelError {
    return new KernelError(operation, this.#words(fault));
  }
}

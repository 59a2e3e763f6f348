/**
 * Linux's own IPsec over NETLINK_XFRM behind the `Kernel` port. Others use the same kernel: what is told of their SAs passes
 * by, nothing is ever flushed, and what we put there we take out one by one.
 */
import type { Address, Endpoint } from '../../../services/net/address.js';
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
import type { KernelSockets } from '../../../services/ports/kernel-socket.js';
import type { Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { XfrmMessage } from '../../../services/xfrm/message.js';
import type { LinuxSpd } from '../linux/linux-spd.js';
import { Spd } from '../embedded/spd.js';
import { recognized } from '../system/earlier-sas.js';
import { OpenAcquires } from '../system/open-acquires.js';
import { identityOf, OwnSas } from '../system/own-sas.js';
import { SaReview } from '../system/sa-review.js';
import { findAbilities, refusalOf } from './abilities.js';
import { XfrmConversation, type XfrmFault } from './conversation.js';
import { ERRNO, faultWords, isRefusal } from './fault-words.js';
import { KernelNews } from './kernel-news.js';
import { moved } from './moved-sa.js';
import { getSpiMessage, heldSa, isLarval, namedBy, saId, saMessage } from './sa-messages.js';
import { packetOf } from './spd-messages.js';
import { XfrmPolicies } from './xfrm-policies.js';

export interface XfrmKernelParts {
  readonly sockets: KernelSockets;
  readonly clock: Clock;
  readonly keys: Keys;
  /** What `--policy` gave. */
  readonly policies: readonly IpsecPolicy[];
  /** One sentence that an operator should read. */
  readonly note: (note: string) => void;
}

/** FLUSHSA: all of them. */
const EVERY_PROTOCOL: ReadonlySet<number> = new Set([0, 255]);

type Told<K extends XfrmMessage['kind']> = XfrmMessage & { readonly kind: K };

export class XfrmKernel implements Kernel {
  readonly name = 'xfrm';
  readonly #parts: XfrmKernelParts;
  readonly #conversation: XfrmConversation;
  readonly #news: KernelNews;
  readonly #own = new OwnSas();
  readonly #acquires: OpenAcquires;
  readonly #policies: XfrmPolicies;
  #listener: KernelListener | undefined;
  readonly #review: SaReview<XfrmFault>;

  constructor(parts: XfrmKernelParts) {
    this.#parts = parts;
    this.#acquires = new OpenAcquires(parts.clock);
    this.#conversation = new XfrmConversation(parts.sockets, parts.clock);
    this.#policies = new XfrmPolicies(this.#conversation, parts.note);
    this.#review = new SaReview(parts.clock, this.#own, {
      dump: () => this.#dump(),
      listener: () => this.#listener,
      failed: (fault) => {
        parts.note(`News of the kernel were lost, and what it holds cannot be learned: ${faultWords(fault)}`);
      },
    });
    this.#news = new KernelNews(parts.sockets, {
      told: (message) => {
        this.#told(message);
      },
      overrun: () => {
        this.#review.begin();
      },
      failed: (why) => {
        parts.note(`Nothing is heard of the kernel any more: ${why}`);
      },
    });
  }

  async open(listener: KernelListener): Promise<void> {
    for (const socket of [this.#news, this.#conversation]) {
      const opened = socket.open();
      if (opened.ok) continue;
      this.#news.close();
      throw new KernelError('open', opened.error.message);
    }
    this.#listener = listener;
    const found = await findAbilities(this.#conversation);
    if (found.ok) this.#policies.refusal = refusalOf(found.value);
    const installed = found.ok ? await this.#policies.replace(this.#parts.policies) : found;
    if (installed.ok) return;
    this.#listener = undefined;
    this.#news.close();
    this.#conversation.close();
    throw new KernelError('open', installed.error);
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#news.close();
    for (const sa of this.#own.list()) {
      const deleted = await this.#delete(sa);
      // One that does not answer now will not answer for the others either.
      if (!deleted.ok && deleted.error.cause !== 'refused') break;
    }
    const removed = await this.#policies.replace([]);
    if (!removed.ok) this.#parts.note(removed.error);
    this.#conversation.close();
  }

  async getSpi(
    source: Address,
    destination: Address,
    protocol: IpsecProtocol,
    purpose: SaPurpose,
  ): Promise<number> {
    const message = getSpiMessage({ source, destination }, protocol, purpose);
    // An SPI whose answer was lost is given up by the kernel after its acq_expires; another is drawn.
    const asked = await this.#drawSpi(message);
    const drawn = !asked.ok && asked.error.cause === 'silent' ? await this.#drawSpi(message) : asked;
    if (!drawn.ok) throw kernelError('getSpi', drawn.error);
    const sa = { source, destination, protocol, spi: drawn.value, direction: 'inbound' } as const;
    this.#own.put({ ...sa, state: 'larval', hardDue: undefined, softTold: false });
    return drawn.value;
  }

  async #drawSpi(message: XfrmMessage): Promise<Result<number, XfrmFault>> {
    const drawn = await this.#conversation.ask({ message }, () => {
      let spi = 0;
      return {
        take: (answer) => {
          if (answer.kind === 'NEWSA') ({ spi } = answer.sa);
        },
        value: () => spi,
      };
    });
    return drawn.ok && drawn.value === 0 ? err({ cause: 'silent' }) : drawn;
  }

  async update(sa: KernelSa): Promise<void> {
    const lapsed = this.#own.find(sa)?.state === 'lapsed';
    const updated = await this.#install(sa, lapsed ? 'NEWSA' : 'UPDSA');
    // Given up by the kernel a moment ago, and its SPI is still free.
    const late = !updated.ok && updated.error.cause === 'refused' && updated.error.errno === ERRNO.noSuchSa;
    const installed = late && !lapsed ? await this.#install(sa, 'NEWSA') : updated;
    if (!installed.ok) throw kernelError('update', installed.error);
  }

  async add(sa: KernelSa): Promise<void> {
    const added = await this.#install(sa, 'NEWSA');
    if (!added.ok) throw kernelError('add', added.error);
  }

  async #install(sa: KernelSa, kind: 'NEWSA' | 'UPDSA'): Promise<Result<undefined, XfrmFault>> {
    const made = saMessage(sa, this.#parts.keys);
    if (!made.ok) throw new KernelError(kind === 'NEWSA' ? 'add' : 'update', made.error);
    const { fill, ...content } = made.value;
    const told = await this.#conversation.tell({ kind, ...content }, fill);
    const installed = told.ok ? told : await this.#afterAll(sa, told.error);
    if (!installed.ok) return installed;
    const { hardSeconds } = sa.lifetimes;
    const hardDue = hardSeconds === undefined ? undefined : this.#parts.clock.now() + hardSeconds * 1000;
    const { source, direction, destination, protocol, spi } = sa;
    const identity = { destination, protocol, spi };
    this.#own.put({ ...identity, source, direction, state: 'complete', hardDue, softTold: false });
    return ok(undefined);
  }

  /** The answer was lost: was it done? */
  async #afterAll(sa: SaIdentity, fault: XfrmFault): Promise<Result<undefined, XfrmFault>> {
    // What was complete before was refused.
    if (fault.cause !== 'silent' || this.#own.find(sa)?.state === 'complete') return err(fault);
    const usage = await this.#usage(sa);
    if (usage.ok && usage.value !== undefined) return ok(undefined);
    // Nobody will ask for it to be taken out again.
    if (!usage.ok) await this.#delete(sa);
    return err(fault);
  }

  async moveRemote(sa: SaIdentity, remote: Endpoint): Promise<void> {
    const own = this.#own.find(sa);
    if (own?.state !== 'complete') throw new KernelError('moveRemote', 'It is no SA of this daemon.');
    const now = this.#parts.clock.wallTime() / 1000;
    // First, so that the news of a deletion in between are not somebody else's deed.
    this.#own.remove(own);
    const result = await moved(this.#conversation, own, remote, now);
    if (!result.ok) {
      this.#own.put(own);
      throw kernelError('moveRemote', result.error);
    }
    const ends = own.direction === 'inbound' ? { source: remote.address } : { destination: remote.address };
    this.#own.put({ ...own, ...ends });
  }

  async delete(sa: SaIdentity): Promise<void> {
    const deleted = await this.#delete(sa);
    if (!deleted.ok) throw kernelError('delete', deleted.error);
  }

  async #delete(sa: SaIdentity): Promise<Result<undefined, XfrmFault>> {
    // First, so that the news of it are not somebody else's deed.
    this.#own.remove(sa);
    const message = { kind: 'DELSA', id: saId(sa), deleted: undefined } as const;
    let deleted = await this.#conversation.tell(message);
    if (!deleted.ok && deleted.error.cause === 'silent') deleted = await this.#conversation.tell(message);
    return !deleted.ok && isRefusal(deleted.error, ERRNO.noSuchSa) ? ok(undefined) : deleted;
  }

  async usage(sa: SaIdentity): Promise<SaUsage | undefined> {
    const usage = await this.#usage(sa);
    if (!usage.ok) throw kernelError('usage', usage.error);
    return usage.value;
  }

  async #usage(sa: SaIdentity): Promise<Result<SaUsage | undefined, XfrmFault>> {
    const message = { kind: 'GETSA', id: saId(sa) } as const;
    const asked = await this.#conversation.ask<SaUsage | undefined>({ message }, () => {
      let usage: SaUsage | undefined;
      return {
        take: (answer) => {
          if (answer.kind !== 'NEWSA' || isLarval(answer.attributes)) return;
          usage = { bytes: answer.sa.current.bytes };
        },
        value: () => usage,
      };
    });
    return !asked.ok && isRefusal(asked.error, ERRNO.noSuchSa) ? ok(undefined) : asked;
  }

  async policyFor(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
  ): Promise<IpsecPolicy | undefined> {
    return (await this.#spd('policyFor')).covering(outer, selectors);
  }

  async policyForPacket(packet: TrafficSelectors): Promise<IpsecPolicy | undefined> {
    return (await this.#spd('policyForPacket')).forecast(packet);
  }

  async #spd(operation: 'policyFor' | 'policyForPacket'): Promise<LinuxSpd> {
    const spd = await this.#policies.spd();
    if (!spd.ok) throw kernelError(operation, spd.error);
    return spd.value;
  }

  /** Netlink has no answer to an ACQUIRE: a refused one ends in the kernel after its acq_expires. */
  answerAcquire(id: number): void {
    this.#acquires.end(id);
  }

  async held(): Promise<readonly HeldSa[]> {
    const held = await this.#dump();
    if (!held.ok) throw kernelError('held', held.error);
    return held.value;
  }

  async adopt(earlier: readonly EarlierSa[]): Promise<readonly HeldSa[]> {
    const held = await this.#dump();
    if (!held.ok) throw kernelError('adopt', held.error);
    const ours = recognized(earlier, held.value, this.#parts.clock);
    for (const { own } of ours) this.#own.put(own);
    return ours.map((one) => one.held);
  }

  #dump(): Promise<Result<readonly HeldSa[], XfrmFault>> {
    const now = this.#parts.clock.wallTime() / 1000;
    return this.#conversation.ask({ dump: 'GETSA' }, () => {
      const held: HeldSa[] = [];
      return {
        take: (answer) => {
          const sa = answer.kind === 'NEWSA' ? heldSa(answer.sa, answer.attributes, now) : undefined;
          if (sa !== undefined) held.push(sa);
        },
        value: () => held,
      };
    });
  }

  async replacePolicies(policies: readonly IpsecPolicy[]): Promise<void> {
    const replaced = await this.#policies.replace(policies);
    if (!replaced.ok) throw new KernelError('replacePolicies', replaced.error);
  }

  // What the kernel says of itself

  #told(message: XfrmMessage): void {
    switch (message.kind) {
      case 'ACQUIRE':
        this.#acquired(message);
        break;
      case 'EXPIRE':
        this.#expired(message);
        break;
      case 'DELSA':
        this.#deleted(message);
        break;
      case 'FLUSHSA':
        this.#flushed(message);
        break;
      case 'MAPPING':
        this.#mapped(message);
        break;
      default:
        break;
    }
  }

  #acquired({ policy, packet, sequence }: Told<'ACQUIRE'>): void {
    const wanted = this.#policies.wanted(policy);
    if (wanted === undefined) return;
    if (!wanted.ok) {
      this.#parts.note(wanted.error);
      return;
    }
    const traffic = packetOf(packet);
    const met = new Spd([wanted.value]).forecast(traffic);
    if (met === undefined || this.#listener === undefined) return;
    const origin = { requestId: met.origin?.requestId ?? 0, acquireId: sequence };
    if (this.#acquires.begin(met, sequence) !== 'new') return;
    this.#listener.acquire({ id: sequence, policy: { ...met, origin }, packet: traffic });
  }

  #expired({ sa, hard }: Told<'EXPIRE'>): void {
    const identity = namedBy(sa);
    const own = identity && this.#own.find(identity);
    if (own === undefined) return;
    if (own.state === 'larval') {
      if (hard) this.#own.put({ ...own, state: 'lapsed' });
      return;
    }
    if (hard) this.#own.remove(own);
    // The kernel tells it again after an UPDSA, such as that of `moveRemote`.
    else if (own.softTold) return;
    else this.#own.put({ ...own, softTold: true });
    this.#listener?.expire({ sa: identityOf(own), limit: hard ? 'hard' : 'soft' });
  }

  #deleted({ id }: Told<'DELSA'>): void {
    const identity = namedBy(id);
    const own = identity && this.#own.remove(identity);
    if (own?.state === 'complete') this.#listener?.deleted(identityOf(own));
  }

  #flushed({ protocol }: Told<'FLUSHSA'>): void {
    const all = EVERY_PROTOCOL.has(protocol);
    const gone = this.#own.list().filter((sa) => all || sa.protocol === protocol);
    for (const sa of gone) this.#own.remove(sa);
    if (all) this.#listener?.flushed();
    else for (const sa of gone) if (sa.state === 'complete') this.#listener?.deleted(identityOf(sa));
  }

  #mapped({ id, now }: Told<'MAPPING'>): void {
    const identity = namedBy(id);
    const own = identity && this.#own.find(identity);
    if (own?.state === 'complete') this.#listener?.mapped?.(identityOf(own), now);
  }
}

function kernelError(operation: KernelError['operation'], fault: XfrmFault): KernelError {
  return new KernelError(operation, faultWords(fault));
}

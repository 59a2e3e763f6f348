/**
 * IPsec in this process, behind the `Kernel` port: SADB, SPD and ESP. Packets of this host come in through `output` and
 * go to the peer's daemon as ESP in UDP; what comes from there goes in through `input`.
 *
 * What a UDP socket cannot do is not done: the outer header is the socket's own, so neither DF, TTL, DSCP nor ECN cross
 * between the headers (RFC 4301 5.1.2), and the host fragments what is longer than the path's MTU. In tunnel mode the
 * inner packet travels untouched, its TTL too: it starts at this host. In transport mode the receiver writes a new IP
 * header, without options, between the addresses of the datagram.
 */
import type { Bytes } from '../../../services/bytes.js';
import { type Address, type Endpoint, familyOf } from '../../../services/net/address.js';
import type { DataPath, TooBig } from '../../../services/ports/data-path.js';
import type { Clock } from '../../../services/ports/clock.js';
import {
  type HeldSa,
  type IpsecPolicy,
  type IpsecProtocol,
  type Kernel,
  KernelError,
  type KernelListener,
  type KernelSa,
  type SaIdentity,
  type SaUsage,
  type TrafficSelectors,
} from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import type { PacketCounters } from '../../../services/ports/packet-counters.js';
import type { Random } from '../../../services/ports/random.js';
import type { MaybePromise } from '../../../services/ports/maybe-promise.js';
import type { Result } from '../../../services/result.js';
import { AcquireTable } from './acquire-table.js';
import { AH, parseAh, verify } from './ah.js';
import { espHeader, open, type EspContent } from './esp.js';
import { contentOf } from './esp-content.js';
import { ipPacket, parseIpPacket, type IpPacket } from './ip-packet.js';
import { IvReservoir } from './iv-reservoir.js';
import { KeySlots } from './key-slots.js';
import { PathMtus } from './path-mtus.js';
import type { DropReason, InboundDrop, KernelObservation, OutboundDrop } from './observation.js';
import { opened } from './opened.js';
import {
  heldOf,
  identityOf,
  isCarriedAh,
  isCarriedEsp,
  type MatureSa,
  type SaListing,
  whyNotCarried,
} from './sa-record.js';
import { Sadb, type SadbParts } from './sadb.js';
import { sealedAh, sealedEsp, type Sealed } from './sealed.js';
import { selectorsOf, trafficOf, type Traffic } from './selector-match.js';
import { Spd } from './spd.js';

export interface EmbeddedKernelParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
  readonly policies: readonly IpsecPolicy[];
  /**
   * Sends an ESP packet towards the peer, in UDP: to the port of the SA, or to the usual one where it has none. The
   * bytes are the receiver's to keep.
   */
  readonly transmit: (
    local: Address,
    remote: { readonly address: Address; readonly port: number | undefined },
    esp: Bytes,
  ) => void;
  /** Takes an IP packet that arrived protected and passed the policy check. */
  readonly deliver: (packet: Bytes) => void;
  /** One JSON line per change of the SADB, keys included; see `sadb-trace.ts`. */
  readonly trace?: (line: string) => void;
  /** Real traffic; without it packets come by hand. */
  readonly path?: DataPath;
  readonly observe?: (what: KernelObservation) => void;
  /** Which of several kernels of one daemon it is; the only one unless said. */
  readonly place?: SadbParts['place'];
  /** How long a reserved SPI waits for its SA; 60 unless said. */
  readonly larvalSeconds?: number;
}

/** What became of a packet of this host. `held`: it waits for an SA that was asked for. */
export type OutputOutcome = 'sent' | 'held' | 'bypassed' | { readonly dropped: OutboundDrop };

const LARVAL_SECONDS = 60;

export class EmbeddedKernel implements Kernel {
  readonly name = 'embedded';
  private readonly parts: EmbeddedKernelParts;
  private readonly sadb: Sadb;
  private readonly acquires: AcquireTable;
  private readonly ivs: IvReservoir;
  private readonly pathMtus: PathMtus;
  private spd: Spd;
  private listener: KernelListener | undefined;
  private readonly counted = { sent: 0, received: 0, bypassed: 0, acquires: 0 };
  private readonly dropCounts: Record<'outbound' | 'inbound', Record<string, number>> = {
    outbound: {},
    inbound: {},
  };

  constructor(parts: EmbeddedKernelParts) {
    this.parts = parts;
    this.spd = new Spd(parts.policies);
    this.ivs = new IvReservoir(parts.random);
    this.pathMtus = new PathMtus(parts.clock, (mtus) => void parts.path?.limit(mtus));
    this.acquires = new AcquireTable(parts.clock, (packets) => {
      packets.forEach(() => this.dropOutbound('acquire-lapsed'));
    });
    this.sadb = new Sadb({
      clock: parts.clock,
      random: parts.random,
      keys: parts.keys,
      slots: new KeySlots(),
      larvalSeconds: parts.larvalSeconds ?? LARVAL_SECONDS,
      place: parts.place,
      expired: (expiry) => this.listener?.expire(expiry),
      trace: parts.trace,
    });
  }

  open(listener: KernelListener): Promise<void> {
    if (this.listener !== undefined) {
      return Promise.reject(new KernelError('open', 'The embedded kernel is open already.'));
    }
    this.listener = listener;
    return this.openPath();
  }

  private async openPath(): Promise<void> {
    const { path } = this.parts;
    const opened = await path?.open(this.parts.policies, {
      packet: (packet) => {
        if (this.output(packet) === 'bypassed') path.release(packet);
      },
      esp: (local, remote, esp) => {
        this.input(local, remote, esp);
      },
      ah: (local, remote, bytes) => {
        this.inputAh(local, remote, bytes);
      },
      tooBig: (word) => {
        this.tooBig(word);
      },
    });
    if (opened?.ok === false) throw new KernelError('open', opened.error);
  }

  /** Forgets everything, keys first; packets that wait are lost. */
  close(): Promise<void> {
    this.listener = undefined;
    this.sadb.clear();
    this.acquires.clear();
    this.pathMtus.clear();
    return this.parts.path?.close() ?? Promise.resolve();
  }

  getSpi(source: Address, destination: Address, protocol: IpsecProtocol): MaybePromise<number> {
    this.mustBeOpen('getSpi');
    return done('getSpi', this.sadb.reserve(source, destination, protocol));
  }

  update(sa: KernelSa): MaybePromise<void> {
    this.mustBeOpen('update');
    done('update', this.sadb.complete(sa));
  }

  add(sa: KernelSa): MaybePromise<void> {
    this.mustBeOpen('add');
    done('add', this.sadb.add(sa));
  }

  moveRemote(sa: SaIdentity, remote: Endpoint): Promise<void> {
    return new Promise((resolve) => {
      this.mustBeOpen('moveRemote');
      done('moveRemote', this.sadb.move(sa, remote));
      resolve();
    });
  }

  delete(sa: SaIdentity): Promise<void> {
    this.sadb.delete(sa);
    return Promise.resolve();
  }

  usage(sa: SaIdentity): Promise<SaUsage | undefined> {
    return Promise.resolve(this.sadb.usage(sa));
  }

  policyFor(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
  ): MaybePromise<IpsecPolicy | undefined> {
    return this.spd.covering(outer, selectors);
  }

  policyForPacket(packet: TrafficSelectors): Promise<IpsecPolicy | undefined> {
    return Promise.resolve(this.spd.forecast(packet));
  }

  answerAcquire(id: number, outcome: 'answered' | 'refused'): void {
    for (const packet of this.acquires.end(id)) {
      if (outcome === 'refused') this.dropOutbound('acquire-refused');
      else this.sendHeld(packet);
    }
  }

  held(): Promise<readonly HeldSa[]> {
    return Promise.resolve(this.sadb.list().map(heldOf));
  }

  /** SAs of an earlier run went with its process. */
  adopt(): Promise<readonly HeldSa[]> {
    return Promise.resolve([]);
  }

  async replacePolicies(policies: readonly IpsecPolicy[]): Promise<void> {
    this.spd = new Spd(policies);
    const routed = await this.parts.path?.route(policies);
    if (routed?.ok === false) throw new KernelError('replacePolicies', routed.error);
  }

  get statistics(): PacketCounters {
    const { outbound, inbound } = this.dropCounts;
    return { ...this.counted, dropped: { outbound: { ...outbound }, inbound: { ...inbound } } };
  }

  /** All SAs, larval ones too, without keys. */
  sas(): readonly SaListing[] {
    return this.sadb.list();
  }

  /** An IP packet of this host; the caller may use the bytes again. */
  output(bytes: Bytes): OutputOutcome {
    const packet = parseIpPacket(bytes);
    if (packet === undefined) return { dropped: this.dropOutbound('malformed-packet') };
    const traffic = trafficOf(packet, 'outbound');
    const policy = this.spd.lookup(traffic);
    if (policy === 'none') {
      this.counted.bypassed += 1;
      return 'bypassed';
    }
    const outcome = policy === 'hidden' ? 'hidden-by-fragment' : this.protect(packet, traffic, policy);
    if (outcome === 'sent') return 'sent';
    if (outcome !== 'no-sa' || policy === 'hidden') return { dropped: this.dropOutbound(outcome) };
    return this.hold(packet, traffic, policy);
  }

  /**
   * An ESP packet from the UDP adapter, without the UDP header; the caller may use the bytes again. The SA is found by
   * `local` and SPI alone: where the packet comes from proves nothing, its ICV does (RFC 4301 4.1).
   */
  input(local: Address, remote: Address, esp: Bytes): void {
    const header = espHeader(esp);
    if (header === undefined) {
      this.countDrop('inbound', 'truncated-esp', undefined);
      return;
    }
    const ends = { local, remote };
    this.arrived(50, local, { ...header, length: esp.length }, (sa) =>
      isCarriedEsp(sa)
        ? opened(this.sadb, sa, ends, header.sequence, () => open(this.sadb.suite(sa), esp))
        : undefined,
    );
  }

  /** Of IPv6 the header did not come along; what AH covers of it is known. */
  private inputAh(local: Address, remote: Address, bytes: Bytes): void {
    const ah = parseAh(familyOf(local) === 4 ? bytes : ipPacket(remote, local, AH, bytes));
    if (ah === undefined) {
      this.countDrop('inbound', 'truncated-ah', undefined);
      return;
    }
    this.arrived(51, local, { ...ah, length: bytes.length }, (sa) =>
      isCarriedAh(sa, this.parts.path)
        ? opened(this.sadb, sa, { local, remote }, ah.sequence, () => verify(this.sadb.ahSuite(sa), ah))
        : undefined,
    );
  }

  /** `opens` is undefined for SAs whose packets are not carried. */
  private arrived(
    protocol: IpsecProtocol,
    local: Address,
    header: { readonly spi: number; readonly sequence: number; readonly length: number },
    opens: (sa: MatureSa) => Bytes | InboundDrop | undefined,
  ): void {
    const sa = this.sadb.inbound(local, protocol, header.spi);
    if (sa === undefined) {
      this.countDrop('inbound', 'unknown-spi', header.spi);
      return;
    }
    const packet = opens(sa);
    if (packet === undefined || typeof packet === 'string') {
      if (packet === undefined) this.tellNotCarried(sa);
      this.countDrop('inbound', packet ?? 'not-carried', header.spi);
      return;
    }
    this.counted.received += 1;
    this.parts.observe?.({
      type: 'packet.received',
      sa: identityOf(sa),
      sequence: header.sequence,
      length: packet.length,
      espLength: header.length,
    });
    this.parts.deliver(packet);
  }

  /** A router's word counts where it quotes a packet that we sent lately (RFC 4301 8.2.1). */
  private tooBig({ remote, protocol, spi, sequence, mtu: said }: TooBig): void {
    if (!this.sadb.hasSentLately({ destination: remote, protocol, spi }, sequence)) return;
    const mtu = this.pathMtus.learn(remote, said);
    if (mtu !== undefined) this.parts.observe?.({ type: 'path.limited', remote, mtu });
  }

  /** `no-sa`: the packet could be protected if there were one. An SA at its end is passed over, and gone. */
  private protect(packet: IpPacket, traffic: Traffic, policy: IpsecPolicy): 'sent' | OutboundDrop {
    const content = contentOf(packet, policy.mode);
    if (typeof content === 'string') return content;
    for (;;) {
      const sa = this.sadb.outbound(policy.outer, policy.mode, traffic);
      if (sa === undefined) return 'no-sa';
      const made = this.sealed(sa, content);
      if (made === 'spent') continue;
      if (typeof made === 'string') return made;
      const { bytes, sequence, length } = made;
      this.sadb.count(sa, length);
      this.counted.sent += 1;
      this.parts.observe?.({
        type: 'packet.sent',
        sa: identityOf(sa),
        sequence,
        length: packet.bytes.length,
        espLength: bytes.length,
      });
      const remote = { address: sa.destination, port: sa.encapsulation?.remotePort };
      if (sa.protocol === AH) this.parts.path?.sendWhole(bytes);
      else this.parts.transmit(sa.source, remote, bytes);
      return 'sent';
    }
  }

  private sealed(sa: MatureSa, content: EspContent): Sealed | 'spent' | 'too-long' | 'not-carried' {
    if (isCarriedEsp(sa)) return sealedEsp(this.sadb, this.ivs, sa, content);
    if (isCarriedAh(sa, this.parts.path)) return sealedAh(this.sadb, sa, content);
    this.tellNotCarried(sa);
    return 'not-carried';
  }

  private hold(packet: IpPacket, traffic: Traffic, policy: IpsecPolicy): OutputOutcome {
    if (this.listener === undefined) return { dropped: this.dropOutbound('no-key-manager') };
    const { held, acquire } = this.acquires.hold(policy, selectorsOf(traffic), packet.bytes);
    const outcome = held ? 'held' : { dropped: this.dropOutbound('hold-full') };
    if (acquire !== undefined) {
      this.counted.acquires += 1;
      this.listener.acquire(acquire);
    }
    return outcome;
  }

  /** Looks the policy up again, for it may have changed meanwhile; what waited to be protected never goes in the clear. */
  private sendHeld(bytes: Bytes): void {
    const packet = parseIpPacket(bytes);
    if (packet === undefined) return;
    const traffic = trafficOf(packet, 'outbound');
    const policy = this.spd.lookup(traffic);
    const outcome = typeof policy === 'string' ? 'no-sa' : this.protect(packet, traffic, policy);
    if (outcome !== 'sent') this.dropOutbound(outcome);
  }

  private mustBeOpen(operation: KernelError['operation']): void {
    if (this.listener === undefined) throw new KernelError(operation, 'The embedded kernel is not open.');
  }

  private tellNotCarried(sa: MatureSa): void {
    if (sa.toldNotCarried) return;
    sa.toldNotCarried = true;
    this.parts.observe?.({ type: 'sa.not-carried', sa: identityOf(sa), explanation: whyNotCarried(sa) });
  }

  private dropOutbound(reason: OutboundDrop): OutboundDrop {
    this.countDrop('outbound', reason, undefined);
    return reason;
  }

  private countDrop(direction: 'outbound' | 'inbound', reason: DropReason, spi: number | undefined): void {
    const counts = this.dropCounts[direction];
    counts[reason] = (counts[reason] ?? 0) + 1;
    this.parts.observe?.({ type: 'packet.dropped', direction, reason, spi });
  }
}

function done<Value>(operation: KernelError['operation'], result: Result<Value, string>): Value {
  if (!result.ok) throw new KernelError(operation, result.error);
  return result.value;
}

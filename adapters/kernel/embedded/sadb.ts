/**
 * The Security Association Database (RFC 4301 4.4.2): SAs by destination and SPI, outbound ones also by their ends,
 * their keys, and their lives: reserved, mature, dying, gone.
 */
import { readU32 } from '../../../services/bytes.js';
import { ONLY_WORKER, type WorkerPlace } from '../../../services/isakmp/worker-of-cookie.js';
import { type Address, type Endpoint, single } from '../../../services/net/address.js';
import type { Clock } from '../../../services/ports/clock.js';
import type {
  IpsecProtocol,
  KernelSa,
  Lifetimes,
  SaExpiry,
  SaIdentity,
  SaUsage,
  TrafficSelectors,
} from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import type { Random } from '../../../services/ports/random.js';
import { err, ok, type Result } from '../../../services/result.js';
import { Interned } from '../../../services/collections/interned.js';
import { NumberIndex } from '../../../services/collections/number-index.js';
import type { AhSuite } from './ah.js';
import { CbcChain } from './cbc-chain.js';
import { DeadlineQueue } from '../../../services/collections/deadline-queue.js';
import type { EspSuite } from './esp.js';
import type { KeySlots } from './key-slots.js';
import { OutboundIndex } from './outbound-index.js';
import { checkSa, LOWEST_SPI } from './sa-check.js';
import { identityOf, larvalSa, listingOf, matureSa } from './sa-record.js';
import type { CarriedAh, CarriedEsp, MatureSa, SaListing, SaRecord } from './sa-record.js';
import { deleteLine, keyedLine, type SaKeyBytes } from './sadb-trace.js';
import { compileSelectors, match, type Match, type Traffic } from './selector-match.js';

export interface SadbParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: Keys;
  readonly slots: KeySlots;
  /** How long a reserved SPI waits for its SA. */
  readonly larvalSeconds: number;
  /** Of several kernels in one daemon each has SPIs of its own, by which ESP in UDP finds it (`spreadByCookie`). */
  readonly place?: WorkerPlace | undefined;
  readonly expired: (expiry: SaExpiry) => void;
  readonly trace: ((line: string) => void) | undefined;
}

/** Random SPIs collide once in four thousand million; a generator that always collides must not hang us. */
const SPI_ATTEMPTS = 64;
/** Packets that may be on their way; a second of a fast line. */
const LATELY = 2 ** 16;
const LAST_SEQUENCE = 2 ** 32 - 1;

export class Sadb {
  private readonly parts: SadbParts;
  private readonly bySpi = new NumberIndex<SaRecord>();
  private readonly byEnds = new OutboundIndex<MatureSa>();
  private readonly deadlines: DeadlineQueue<SaRecord>;
  /** Those of a rule are the same for all its peers. */
  private readonly lifetimes = new Interned<Lifetimes>();

  constructor(parts: SadbParts) {
    this.parts = parts;
    this.deadlines = new DeadlineQueue(parts.clock, (sa) => {
      this.reachedDeadline(sa);
    });
  }

  reserve(source: Address, destination: Address, protocol: IpsecProtocol): Result<number, string> {
    const { index, count } = this.parts.place ?? ONLY_WORKER;
    for (let attempt = 0; attempt < SPI_ATTEMPTS; attempt++) {
      const random = readU32(this.parts.random.bytes(4), 0);
      const spi = random - (random % count) + index;
      if (spi >= 2 ** 32 || spi < LOWEST_SPI || this.find({ destination, protocol, spi }) !== undefined)
        continue;
      const larval = larvalSa(source, destination, protocol, spi);
      this.keep(larval);
      this.deadlines.set(larval, this.parts.clock.thisTurn() + this.parts.larvalSeconds * 1000);
      return ok(spi);
    }
    return err(
      `No free SPI for ${nameOf(protocol)} to ${destination} was found in ${String(SPI_ATTEMPTS)} attempts.`,
    );
  }

  complete(sa: KernelSa): Result<void, string> {
    const larval = this.find(sa);
    if (larval === undefined) {
      return err(
        `No SPI ${spiText(sa.spi)} is reserved for ${sa.destination}; its reservation may have lapsed.`,
      );
    }
    if (larval.state !== 'larval')
      return err(`The SA ${spiText(sa.spi)} to ${sa.destination} is complete already.`);
    return this.install('update', sa);
  }

  add(sa: KernelSa): Result<void, string> {
    if (this.find(sa) !== undefined) {
      return err(`There is an SA ${spiText(sa.spi)} to ${sa.destination} already.`);
    }
    return this.install('add', sa);
  }

  delete(identity: SaIdentity): void {
    const sa = this.find(identity);
    if (sa !== undefined) this.drop(sa);
  }

  usage(identity: SaIdentity): SaUsage | undefined {
    const sa = this.find(identity);
    return sa === undefined || sa.state === 'larval' ? undefined : { bytes: sa.bytes };
  }

  clear(): void {
    // At once, or taking ten thousand SAs out of the front of one list would take their square.
    this.byEnds.clear();
    for (const sa of this.records()) this.drop(sa);
  }

  /** The peer's end is somewhere else now; everything else of the SA stays, its traffic counts too. */
  move(identity: SaIdentity, remote: Endpoint): Result<void, string> {
    const sa = this.find(identity);
    if (sa === undefined || sa.state === 'larval') {
      return err(`There is no SA ${spiText(identity.spi)} to ${identity.destination} that could move.`);
    }
    if (sa.encapsulation === undefined) {
      return err(`The SA ${spiText(sa.spi)} does not travel in UDP, so no NAT can have moved its peer.`);
    }
    const outbound = sa.direction === 'outbound';
    const moved = { ...identity, destination: outbound ? remote.address : identity.destination };
    const inTheWay = this.find(moved);
    if (inTheWay !== undefined && inTheWay !== sa) {
      return err(`There is an SA ${spiText(sa.spi)} to ${moved.destination} already.`);
    }
    this.takeOut(sa);
    const before = outbound ? sa.destination : sa.source;
    if (outbound) sa.destination = remote.address;
    else sa.source = remote.address;
    sa.encapsulation = { ...sa.encapsulation, remotePort: remote.port };
    if (sa.mode === 'transport') sa.selectors = withRemote(sa.selectors, before, remote.address);
    sa.compiled = undefined;
    this.keep(sa);
    return ok(undefined);
  }

  inbound(destination: Address, protocol: IpsecProtocol, spi: number): MatureSa | undefined {
    const sa = this.find({ destination, protocol, spi });
    return sa === undefined || sa.state === 'larval' || sa.direction === 'outbound' ? undefined : sa;
  }

  /** Whether a packet under the SA, with that number if it is known, is among the last that went. */
  hasSentLately(identity: SaIdentity, sequence: number | undefined): boolean {
    const sa = this.find(identity);
    if (sa === undefined || sa.state === 'larval' || sa.direction === 'inbound') return false;
    return (
      sequence === undefined || (sequence <= sa.sequence && sequence > sa.sequence - LATELY && sequence > 0)
    );
  }

  /** The newest SA between these ends that may carry the traffic, and has all the others that it belongs together with. */
  outbound(
    ends: { readonly local: Address; readonly remote: Address },
    mode: 'transport' | 'tunnel',
    traffic: Traffic,
  ): MatureSa | undefined {
    const fits = (sa: MatureSa): boolean =>
      sa.mode === mode && this.isWhole(sa) && this.match(sa, traffic) === 'yes';
    return this.byEnds.newest(ends.local, ends.remote, fits);
  }

  private isWhole({ bundle, destination }: MatureSa): boolean {
    if (bundle === undefined) return true;
    return bundle.every((member) => {
      const sa = this.find({ destination, ...member });
      return sa !== undefined && sa.state !== 'larval';
    });
  }

  match(sa: MatureSa, traffic: Traffic): Match {
    sa.compiled ??= compileSelectors(sa.selectors);
    return match(sa.compiled, traffic);
  }

  /** Algorithms and keys, made with the first packet; the keys are the SADB's own bytes. */
  suite(sa: CarriedEsp): EspSuite {
    sa.suite ??= this.newSuite(sa);
    return sa.suite;
  }

  ahSuite(sa: CarriedAh): AhSuite {
    return { integrity: sa.integrity, key: this.keyBytes(sa).integrity };
  }

  private newSuite(sa: CarriedEsp): EspSuite {
    const { cipher, integrity, direction } = sa;
    const { encryption: cipherKey, integrity: integrityKey } = this.keyBytes(sa);
    const way = direction === 'outbound' ? 'encrypt' : 'decrypt';
    const chained = cipher === 'aes-cbc' || cipher === '3des';
    const chain = chained ? new CbcChain(way, cipher, cipherKey) : undefined;
    return { cipher, cipherKey, integrity, integrityKey, chain };
  }

  private keyBytes({ keySlot, cipherKeyLength, integrityKeyLength }: MatureSa): SaKeyBytes {
    const { slots } = this.parts;
    return {
      encryption: slots.view(keySlot, 0, cipherKeyLength),
      integrity: slots.view(keySlot, cipherKeyLength, integrityKeyLength),
    };
  }

  /** Whether the SA may carry so many bytes more. If not, that was its end, and it is gone (RFC 4301 4.4.2.1). */
  admits(sa: MatureSa, bytes: number): boolean {
    const { hardBytes } = sa.lifetimes;
    // The counter must not cycle (RFC 4303 3.3.3).
    const spent = sa.sequence === LAST_SEQUENCE || (hardBytes !== undefined && sa.bytes + bytes > hardBytes);
    if (spent) this.expireHard(sa);
    return !spent;
  }

  /** Counts a packet. The soft limit may be told from in here, and the listener may delete the SA. */
  count(sa: MatureSa, bytes: number): void {
    sa.bytes += bytes;
    sa.packets += 1;
    const { softBytes } = sa.lifetimes;
    if (softBytes !== undefined && sa.bytes >= softBytes) this.expireSoft(sa);
  }

  list(): SaListing[] {
    const now = this.parts.clock.thisTurn();
    return this.records().map((sa) => listingOf(sa, now));
  }

  private records(): SaRecord[] {
    return [...this.bySpi.entries()].map(([, sa]) => sa);
  }

  private install(op: 'add' | 'update', sa: KernelSa): Result<void, string> {
    const { clock, keys, slots, trace } = this.parts;
    const accepted = checkSa(sa, keys);
    if (!accepted.ok) return accepted;
    const larval = this.find(sa);
    if (larval !== undefined) {
      this.deadlines.remove(larval);
      this.takeOut(larval);
    }
    const slot = slots.put(keys, sa.encryption?.key, sa.integrity?.key);
    const record = matureSa(sa, this.lifetimes.of(sa.lifetimes), accepted.value, slot, clock.thisTurn());
    this.keep(record);
    const { softSeconds, hardSeconds } = sa.lifetimes;
    const firstLimit = softSeconds ?? hardSeconds;
    if (firstLimit !== undefined) this.deadlines.set(record, record.addedAt + firstLimit * 1000);
    trace?.(keyedLine(op, record, this.keyBytes(record), clock.wallTime()));
    return ok(undefined);
  }

  private find({ destination, protocol, spi }: SaIdentity): SaRecord | undefined {
    return this.bySpi.find(spi, (sa) => sa.destination === destination && sa.protocol === protocol);
  }

  private keep(sa: SaRecord): void {
    this.bySpi.add(sa.spi, sa);
    if (sa.state !== 'larval' && sa.direction !== 'inbound') this.byEnds.add(sa);
  }

  private drop(sa: SaRecord): void {
    const { clock, slots, trace } = this.parts;
    this.deadlines.remove(sa);
    this.takeOut(sa);
    if (sa.state === 'larval') return;
    sa.suite?.chain?.close();
    sa.suite = undefined;
    slots.wipe(sa.keySlot);
    sa.keySlot = -1;
    trace?.(deleteLine(identityOf(sa), clock.wallTime()));
  }

  /** Out of every way of finding it. */
  private takeOut(sa: SaRecord): void {
    this.bySpi.delete(sa.spi, sa);
    if (sa.state !== 'larval' && sa.direction !== 'inbound') this.byEnds.remove(sa);
  }

  private reachedDeadline(sa: SaRecord): void {
    if (sa.state === 'larval') {
      this.drop(sa);
      return;
    }
    const { softSeconds, hardSeconds } = sa.lifetimes;
    const hardDue = hardSeconds === undefined ? undefined : sa.addedAt + hardSeconds * 1000;
    if (hardDue !== undefined && (softSeconds === undefined || sa.due >= hardDue)) {
      this.expireHard(sa);
      return;
    }
    if (hardDue !== undefined) this.deadlines.set(sa, hardDue);
    this.expireSoft(sa);
  }

  /** Once in an SA's life, whichever limit comes first. */
  private expireSoft(sa: MatureSa): void {
    if (sa.state === 'dying') return;
    sa.state = 'dying';
    this.parts.expired({ sa: identityOf(sa), limit: 'soft' });
  }

  private expireHard(sa: MatureSa): void {
    this.drop(sa);
    this.parts.expired({ sa: identityOf(sa), limit: 'hard' });
  }
}

/** In transport mode the peer is the other end of the traffic itself. */
function withRemote(selectors: TrafficSelectors, before: Address, now: Address): TrafficSelectors {
  const { remote } = selectors;
  const isPeer = remote.addresses.begin === before && remote.addresses.end === before;
  return isPeer ? { ...selectors, remote: { ...remote, addresses: single(now) } } : selectors;
}

function nameOf(protocol: IpsecProtocol): string {
  return protocol === 51 ? 'AH' : 'ESP';
}

function spiText(spi: number): string {
  return `0x${spi.toString(16).padStart(8, '0')}`;
}

/** What the SADB holds. Records are lean, for there may be many: keys are a slot number, timers a place in a heap. */
import type { EspCipher, IntegrityAlgorithm } from '../../../services/algorithms.js';
import type { Address } from '../../../services/net/address.js';
import type {
  HeldSa,
  IpsecProtocol,
  KernelSa,
  Lifetimes,
  SaIdentity,
  TrafficSelectors,
  UdpEncapsulation,
} from '../../../services/ports/kernel.js';
import type { Deadline } from '../../../services/collections/deadline-queue.js';
import { type CipherName, CIPHERS, type EspSuite } from './esp.js';
import { ReplayWindow } from './replay-window.js';
import type { CompiledSelectors } from './selector-match.js';

/** An SPI that is reserved and not yet an SA. */
export interface LarvalSa extends Deadline {
  readonly state: 'larval';
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: IpsecProtocol;
  readonly spi: number;
}

export interface MatureSa extends Deadline {
  /** `dying` after the soft limit: still in use. */
  state: 'mature' | 'dying';
  /** The peer's end moves when a NAT gives it another address. */
  source: Address;
  destination: Address;
  readonly protocol: IpsecProtocol;
  readonly spi: number;
  readonly pairSpi: number;
  /** Of its direction, outermost first, itself among them; undefined where it is alone. */
  readonly bundle: KernelSa['bundle'] | undefined;
  encapsulation: UdpEncapsulation | undefined;
  readonly direction: 'inbound' | 'outbound';
  readonly mode: 'transport' | 'tunnel';
  selectors: TrafficSelectors;
  /** Made from `selectors` when the first packet comes. */
  compiled: CompiledSelectors | undefined;
  /** Undefined in AH. */
  readonly cipher: EspCipher | undefined;
  readonly cipherKeyLength: number;
  readonly integrity: IntegrityAlgorithm | undefined;
  readonly integrityKeyLength: number;
  /** Whether somebody was told that its packets are not carried. */
  toldNotCarried: boolean;
  /** Made with the first packet, gone with the keys. */
  suite: EspSuite | undefined;
  /** In `KeySlots`: cipher key, then integrity key; -1 once they are wiped. */
  keySlot: number;
  readonly lifetimes: Lifetimes;
  /** `Clock.now()` of its making, milliseconds. */
  readonly addedAt: number;
  bytes: number;
  packets: number;
  /** Last sequence number sent. */
  sequence: number;
  /** Undefined without integrity: then there is no anti-replay service either (RFC 4303 2.2). */
  readonly window: ReplayWindow | undefined;
}

export type SaRecord = LarvalSa | MatureSa;

/** An SA as people may see it: without keys. */
export interface SaListing extends SaIdentity {
  readonly state: SaRecord['state'];
  readonly source: Address;
  /** The rest is there once the SA is complete. */
  readonly complete:
    | {
        readonly direction: 'inbound' | 'outbound';
        readonly mode: 'transport' | 'tunnel';
        readonly selectors: TrafficSelectors;
        readonly encryption: EspCipher | undefined;
        readonly encryptionKeyBits: number;
        readonly integrity: IntegrityAlgorithm | undefined;
        readonly lifetimes: Lifetimes;
        readonly pairSpi: number;
        readonly bundle: KernelSa['bundle'];
        readonly encapsulation: UdpEncapsulation | undefined;
        readonly ageSeconds: number;
        readonly bytes: number;
        readonly packets: number;
      }
    | undefined;
}

export interface AcceptedAlgorithms {
  readonly cipher: EspCipher | undefined;
  readonly cipherKeyLength: number;
  readonly integrity: IntegrityAlgorithm | undefined;
  readonly integrityKeyLength: number;
}

/** SAs whose packets this kernel makes and opens itself: ESP alone, with a cipher that `esp.ts` has, or AH alone. */
export type CarriedEsp = MatureSa & { readonly cipher: CipherName };
export type CarriedAh = MatureSa & { readonly cipher: undefined; readonly integrity: IntegrityAlgorithm };

export function isCarriedEsp(sa: MatureSa): sa is CarriedEsp {
  return sa.cipher !== undefined && sa.cipher in CIPHERS && sa.bundle === undefined;
}

/** AH is an IP protocol of its own: it needs a data path. */
export function isCarriedAh(sa: MatureSa, path: unknown): sa is CarriedAh {
  return sa.protocol === 51 && sa.integrity !== undefined && sa.bundle === undefined && path !== undefined;
}

/** Why it is not carried: one sentence. */
export function whyNotCarried({ bundle, protocol, cipher, spi }: MatureSa): string {
  const name = `0x${spi.toString(16).padStart(8, '0')}`;
  const what =
    bundle !== undefined
      ? 'AH and ESP together'
      : protocol === 51
        ? 'AH without --tun'
        : `the ESP cipher ${String(cipher)}`;
  return `Packets of the SA ${name} are dropped: the embedded kernel keeps SAs with ${what}, but cannot carry their packets.`;
}

export function larvalSa(
  source: Address,
  destination: Address,
  protocol: IpsecProtocol,
  spi: number,
): LarvalSa {
  return { state: 'larval', source, destination, protocol, spi, due: 0, position: -1 };
}

export function matureSa(
  sa: KernelSa,
  lifetimes: Lifetimes,
  algorithms: AcceptedAlgorithms,
  keySlot: number,
  addedAt: number,
): MatureSa {
  return {
    state: 'mature',
    source: sa.source,
    destination: sa.destination,
    protocol: sa.protocol,
    spi: sa.spi,
    pairSpi: sa.pairSpi,
    bundle: sa.bundle.length === 1 ? undefined : sa.bundle,
    encapsulation: sa.encapsulation,
    direction: sa.direction,
    mode: sa.mode,
    selectors: sa.selectors,
    compiled: undefined,
    cipher: algorithms.cipher,
    cipherKeyLength: algorithms.cipherKeyLength,
    integrity: algorithms.integrity,
    integrityKeyLength: algorithms.integrityKeyLength,
    toldNotCarried: false,
    suite: undefined,
    keySlot,
    lifetimes,
    addedAt,
    bytes: 0,
    packets: 0,
    sequence: 0,
    window: sa.direction === 'inbound' && algorithms.integrity !== undefined ? new ReplayWindow() : undefined,
    due: 0,
    position: -1,
  };
}

export function identityOf(sa: SaRecord): SaIdentity {
  return { destination: sa.destination, protocol: sa.protocol, spi: sa.spi };
}

export function listingOf(sa: SaRecord, now: number): SaListing {
  const { destination, protocol, spi, state, source } = sa;
  if (sa.state === 'larval') return { destination, protocol, spi, state, source, complete: undefined };
  return {
    destination,
    protocol,
    spi,
    state,
    source,
    complete: {
      direction: sa.direction,
      mode: sa.mode,
      selectors: sa.selectors,
      encryption: sa.cipher,
      encryptionKeyBits: sa.cipherKeyLength * 8,
      integrity: sa.integrity,
      lifetimes: sa.lifetimes,
      pairSpi: sa.pairSpi,
      bundle: sa.bundle ?? [{ protocol: sa.protocol, spi: sa.spi }],
      encapsulation: sa.encapsulation,
      ageSeconds: Math.floor((now - sa.addedAt) / 1000),
      bytes: sa.bytes,
      packets: sa.packets,
    },
  };
}

/** What any kernel says of it. */
export function heldOf({ destination, protocol, spi, state, source, complete }: SaListing): HeldSa {
  return {
    destination,
    protocol,
    spi,
    state,
    source,
    mode: complete?.mode ?? 'transport',
    bytes: complete?.bytes ?? 0,
    ageSeconds: complete?.ageSeconds,
  };
}

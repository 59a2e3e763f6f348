/** What the SADB holds. Records are lean, for there may be many: keys are a slot number, timers a place in a heap. */
import type { EspCipher, IntegrityAlgorithm } from '../../../services/algorithms.js';
import type { Address } from '../../../services/net/address.js';
import type { KernelSa, Lifetimes, SaIdentity, TrafficSelectors } from '../../../services/ports/kernel.js';
import type { Deadline } from './deadline-queue.js';
import type { CipherName, IntegrityName } from './esp.js';
import { ReplayWindow } from './replay-window.js';
import type { CompiledSelectors } from './selector-match.js';

/** An SPI that is reserved and not yet an SA. */
export interface LarvalSa extends Deadline {
  readonly state: 'larval';
  readonly source: Address;
  readonly destination: Address;
  readonly spi: number;
}

export interface MatureSa extends Deadline {
  /** `dying` after the soft limit: still in use. */
  state: 'mature' | 'dying';
  readonly source: Address;
  readonly destination: Address;
  readonly spi: number;
  readonly pairSpi: number;
  readonly direction: 'inbound' | 'outbound';
  readonly mode: 'transport' | 'tunnel';
  readonly selectors: TrafficSelectors;
  /** Made from `selectors` when the first packet comes. */
  compiled: CompiledSelectors | undefined;
  readonly cipher: CipherName;
  readonly cipherKeyLength: number;
  readonly integrity: IntegrityName | undefined;
  readonly integrityKeyLength: number;
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
        readonly encryption: EspCipher;
        readonly encryptionKeyBits: number;
        readonly integrity: IntegrityAlgorithm | undefined;
        readonly lifetimes: Lifetimes;
        readonly pairSpi: number;
        readonly ageSeconds: number;
        readonly bytes: number;
        readonly packets: number;
      }
    | undefined;
}

export interface AcceptedAlgorithms {
  readonly cipher: CipherName;
  readonly cipherKeyLength: number;
  readonly integrity: IntegrityName | undefined;
  readonly integrityKeyLength: number;
}

export function larvalSa(source: Address, destination: Address, spi: number): LarvalSa {
  return { state: 'larval', source, destination, spi, due: 0, position: -1 };
}

export function matureSa(
  sa: KernelSa,
  algorithms: AcceptedAlgorithms,
  keySlot: number,
  addedAt: number,
): MatureSa {
  return {
    state: 'mature',
    source: sa.source,
    destination: sa.destination,
    spi: sa.spi,
    pairSpi: sa.pairSpi,
    direction: sa.direction,
    mode: sa.mode,
    selectors: sa.selectors,
    compiled: undefined,
    cipher: algorithms.cipher,
    cipherKeyLength: algorithms.cipherKeyLength,
    integrity: algorithms.integrity,
    integrityKeyLength: algorithms.integrityKeyLength,
    keySlot,
    lifetimes: sa.lifetimes,
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
  return { destination: sa.destination, protocol: 50, spi: sa.spi };
}

export function listingOf(sa: SaRecord, now: number): SaListing {
  const seen = { ...identityOf(sa), state: sa.state, source: sa.source };
  if (sa.state === 'larval') return { ...seen, complete: undefined };
  return {
    ...seen,
    complete: {
      direction: sa.direction,
      mode: sa.mode,
      selectors: sa.selectors,
      encryption: sa.cipher,
      encryptionKeyBits: sa.cipherKeyLength * 8,
      integrity: sa.integrity,
      lifetimes: sa.lifetimes,
      pairSpi: sa.pairSpi,
      ageSeconds: Math.floor((now - sa.addedAt) / 1000),
      bytes: sa.bytes,
      packets: sa.packets,
    },
  };
}

import type { EspCipher, IntegrityAlgorithm } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import type { Address, AddressRange, Endpoint } from '../net/address.js';
import type { KeyHandle } from './keys.js';
import type { MaybePromise } from './maybe-promise.js';

/** IP protocol numbers of IPsec. */
export type IpsecProtocol = 50 | 51;

/** One side of the traffic a policy or an SA covers. `protocol` 0 and `port` 0 mean any. */
export interface TrafficSide {
  readonly addresses: AddressRange;
  readonly port: number;
}

export interface TrafficSelectors {
  readonly local: TrafficSide;
  readonly remote: TrafficSide;
  /** IP protocol, 0 for any. */
  readonly protocol: number;
}

/** One protection that a policy accepts: ESP with its algorithms. Key bits as an inclusive range: 192..192 for 3DES, 0..0 for NULL. */
export interface EspProtection {
  readonly protocol: 50;
  readonly encryption: EspCipher;
  readonly keyBits: { readonly low: number; readonly high: number };
  readonly integrity: IntegrityAlgorithm | undefined;
}

export interface AhProtection {
  readonly protocol: 51;
  readonly integrity: IntegrityAlgorithm;
}

export type Protection = EspProtection | AhProtection;

/** Soft and hard limits; undefined means none. Bytes, not kilobytes. */
export interface Lifetimes {
  readonly softSeconds: number | undefined;
  readonly hardSeconds: number | undefined;
  readonly softBytes: number | undefined;
  readonly hardBytes: number | undefined;
}

/**
 * By what a kernel knows a policy and a question about it: handed back to it with the SAs made for them, and read by nobody
 * else. Linux: SAs serve a policy only under the request id (`reqid`) that its template names.
 */
export interface PolicyOrigin {
  /** 0: the policy names none. */
  readonly requestId: number;
  /** Number of the ACQUIRE that asked, of use only until it is answered; undefined when nothing asked. */
  readonly acquireId: number | undefined;
}

export interface IpsecPolicy {
  readonly selectors: TrafficSelectors;
  readonly mode: 'transport' | 'tunnel';
  /** IKE and tunnel endpoints; for transport mode the traffic's own addresses. */
  readonly outer: { readonly local: Address; readonly remote: Address };
  /** Alternatives, best first; each is a list of protections applied together (RFC 2408 4.2). */
  readonly proposals: readonly (readonly Protection[])[];
  /** Label of the `ike.config` rule the policy asks for, if it names one. */
  readonly ruleLabel: string | undefined;
  /** Absent where the kernel needs no such thing. */
  readonly origin?: PolicyOrigin;
  /** Where it is written; undefined where the kernel itself holds the policies. */
  readonly position?: { readonly file: string; readonly line: number };
}

/** The kernel wants an SA for a packet. `id` is answered through `answerAcquire`. */
export interface Acquire {
  readonly id: number;
  readonly policy: IpsecPolicy;
  /** What the packet itself was; narrower than the policy's selectors or equal to them. */
  readonly packet: TrafficSelectors;
}

export interface SaIdentity {
  readonly destination: Address;
  readonly protocol: IpsecProtocol;
  readonly spi: number;
}

/** SAs of one protocol, one in each direction. The inbound SPI is ours, the outbound one the peer's; 0 until known. */
export interface SpiPair {
  readonly protocol: IpsecProtocol;
  readonly inboundSpi: number;
  readonly outboundSpi: number;
}

/** Where the packets of an SA go in UDP (RFC 3948): ports of the two ends, this host's first. */
export interface UdpEncapsulation {
  readonly localPort: number;
  readonly remotePort: number;
  /**
   * Transport mode behind a NAT: the addresses that the two ends have themselves, by which checksums inside were made
   * (RFC 3947 5.2, RFC 3948 3.1.2). Undefined where the peer told none.
   */
  readonly original: { readonly local: Address | undefined; readonly remote: Address | undefined };
}

/** For whom an SA was made: what a later run of the daemon must know to go on with it. No key. */
export interface SaMaker {
  /** Label of the rule of `ike.config`. */
  readonly rule: string;
  /** UDP port of our IKE, and whether we speak from behind a NAT. */
  readonly localPort: number;
  readonly translated: boolean;
  readonly peer: {
    /** Type (RFC 2407 4.6.2.1) and body of the identity that it proved; undefined where it proved none. */
    readonly identity: { readonly idType: number; readonly data: Bytes } | undefined;
    /** UDP port of its IKE. */
    readonly port: number;
    /** Whether it speaks from behind one. */
    readonly translated: boolean;
  };
}

export interface KernelSa extends SaIdentity {
  readonly source: Address;
  readonly direction: 'inbound' | 'outbound';
  readonly mode: 'transport' | 'tunnel';
  readonly selectors: TrafficSelectors;
  /** Undefined in AH. Behind the key of CTR and GCM stand the 4 bytes of its nonce (RFC 3686 5.1, RFC 4106 8.1). */
  readonly encryption: { readonly algorithm: EspCipher; readonly key: KeyHandle } | undefined;
  readonly integrity: { readonly algorithm: IntegrityAlgorithm; readonly key: KeyHandle } | undefined;
  readonly lifetimes: Lifetimes;
  /** SPI of the SA of the other direction and the same protocol, made by the same Quick Mode. */
  readonly pairSpi: number;
  /**
   * All SAs of this direction that the same Quick Mode made, this one too: they are applied together. The outermost
   * header comes first, so that AH stands before ESP (RFC 4301 4.1).
   */
  readonly bundle: readonly { readonly protocol: IpsecProtocol; readonly spi: number }[];
  /** Undefined: ESP or AH travels as an IP protocol of its own. */
  readonly encapsulation: UdpEncapsulation | undefined;
  /** Of the policy it was made for. */
  readonly origin?: PolicyOrigin | undefined;
  /** Nothing for a kernel. */
  readonly maker?: SaMaker;
}

/** What a larval SA is for, as far as it is known before there are keys. */
export interface SaPurpose {
  readonly mode: 'transport' | 'tunnel';
  readonly origin: PolicyOrigin | undefined;
}

/** An SA that a kernel holds, whoever made it. No keys. */
export interface HeldSa extends SaIdentity {
  readonly source: Address;
  /** `dying`: past its soft limit. */
  readonly state: 'larval' | 'mature' | 'dying';
  readonly mode: 'transport' | 'tunnel';
  readonly bytes: number;
  /** Seconds since it was made or completed; undefined when the kernel does not say. */
  readonly ageSeconds: number | undefined;
}

/** An SA that an earlier run of this daemon put into the kernel, as exactly as it takes to know it again. */
export interface EarlierSa extends SaIdentity {
  readonly source: Address;
  readonly direction: 'inbound' | 'outbound';
  readonly mode: 'transport' | 'tunnel';
  /** Milliseconds since 1970 when it was put there. */
  readonly madeAt: number;
  /** Its life from then on; undefined without a limit in time. */
  readonly hardSeconds: number | undefined;
}

/** What an SA has carried since it was made. */
export interface SaUsage {
  /** As lifetimes count them. */
  readonly bytes: number;
}

export interface SaExpiry {
  readonly sa: SaIdentity;
  readonly limit: 'soft' | 'hard';
}

/** Rejections of kernel calls: `message` is one sentence for an operator. */
export class KernelError extends Error {
  readonly operation:
    | 'getSpi'
    | 'add'
    | 'update'
    | 'moveRemote'
    | 'delete'
    | 'usage'
    | 'policyFor'
    | 'policyForPacket'
    | 'held'
    | 'adopt'
    | 'replacePolicies'
    | 'open';

  constructor(operation: KernelError['operation'], message: string) {
    super(message);
    this.name = 'KernelError';
    this.operation = operation;
  }
}

export interface KernelListener {
  acquire(acquire: Acquire): void;
  expire(expiry: SaExpiry): void;
  /** Somebody else deleted an SA of ours: an operator with the kernel's own tools. */
  deleted(sa: SaIdentity): void;
  /** Someone flushed the SADB: our SAs in it are gone. */
  flushed(): void;
  /** An authentic packet of this inbound SA came from another address or port of the peer: a NAT gave it one. */
  mapped?(sa: SaIdentity, remote: Endpoint): void;
}

/**
 * Where SAs and policies live. Keys are handed over by handle; `add` and `update` copy the bytes before they return,
 * so that the caller may erase its handles once there is an answer. What fails rejects, or throws, with `KernelError`.
 */
export interface Kernel {
  readonly name: string;
  open(listener: KernelListener): Promise<void>;
  /** Reserves an SPI (larval SA) for SAs from `source` to `destination`, which is local. At least 256 (RFC 4303 2.1). */
  getSpi(
    source: Address,
    destination: Address,
    protocol: IpsecProtocol,
    purpose: SaPurpose,
  ): MaybePromise<number>;
  /** Completes a larval SA: the inbound one. */
  update(sa: KernelSa): MaybePromise<void>;
  /** Adds an SA whose SPI the peer chose: the outbound one. */
  add(sa: KernelSa): MaybePromise<void>;
  /**
   * The peer's end of an SA in UDP is at another address or port now, because a NAT gave it one: packets go there from
   * now on, and everything else of the SA stays. With another address an outbound SA has another identity.
   */
  moveRemote(sa: SaIdentity, remote: Endpoint): Promise<void>;
  /** Deletes an SA or a larval one. One that is gone already is no error. */
  delete(sa: SaIdentity): Promise<void>;
  /** What the SA has carried; undefined when there is no such SA, or it is not complete. */
  usage(sa: SaIdentity): Promise<SaUsage | undefined>;
  /** The inverse lookup: what we would do with this traffic. Undefined when no policy covers all of it. */
  policyFor(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
  ): MaybePromise<IpsecPolicy | undefined>;
  /** What policy a packet of this host meets, with the traffic its SAs would cover; undefined when none protects it. */
  policyForPacket(packet: TrafficSelectors): Promise<IpsecPolicy | undefined>;
  /** Ends an acquire: packets held for it are sent through the new SA, or dropped. */
  answerAcquire(id: number, outcome: 'answered' | 'refused'): void;
  /** All SAs that the kernel holds at this moment, those of others too: what is compared with what the daemon believes. */
  held(): Promise<readonly HeldSa[]>;
  /**
   * Takes SAs of an earlier run for its own, as far as they are still there: it tells of them from now on, and deletes
   * them when it is closed. Gives back those; one in whose place another stands now is left alone.
   */
  adopt(sas: readonly EarlierSa[]): Promise<readonly HeldSa[]>;
  /**
   * The policies that an operator gave to the daemon with `--policy`, instead of those given before; what others put into
   * the kernel stays. SAs and open ACQUIREs stay, too.
   */
  replacePolicies(policies: readonly IpsecPolicy[]): Promise<void>;
  /** Deletes our SAs one by one, never those of others, and takes away the policies we put there. */
  close(): Promise<void>;
}

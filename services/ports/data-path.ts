import type { Bytes } from '../bytes.js';
import type { Address } from '../net/address.js';
import type { IpsecPolicy, IpsecProtocol } from './kernel.js';
import type { Result } from '../result.js';

/** A router's word about a packet of ours that was too long for it. Nothing of it is proved. */
export interface TooBig {
  /** Where the packet went. */
  readonly remote: Address;
  readonly protocol: IpsecProtocol;
  readonly spi: number;
  /** Undefined where the router quoted too little of it. */
  readonly sequence: number | undefined;
  /** How long an IP packet may be, bytes. */
  readonly mtu: number;
}

export interface DataPathListener {
  /** An IP packet of this host, or one that it forwards, which a route of ours led here. */
  packet(bytes: Bytes): void;
  /** ESP that came as an IP protocol of its own. */
  esp(local: Address, remote: Address, esp: Bytes): void;
  /** What came as AH: of IPv4 with its IP header, of IPv6 without. */
  ah(local: Address, remote: Address, packet: Bytes): void;
  tooBig(word: TooBig): void;
}

/**
 * How real traffic comes to a kernel in this process and leaves it. Bytes that a listener gets, or a call, are its own
 * for the time of the call only.
 */
export interface DataPath {
  /** The error is one sentence for an operator; then nothing is left behind. */
  open(policies: readonly IpsecPolicy[], listener: DataPathListener): Promise<Result<void, string>>;
  /** What these policies protect comes here from now on, and nothing else. */
  route(policies: readonly IpsecPolicy[]): Promise<Result<void, string>>;
  /** How long packets to these peers may be, bytes; all that is known. What must fit into them is cut, or told its limit. */
  limit(mtus: ReadonlyMap<Address, number>): Promise<Result<void, string>>;
  /** To this host, or to be forwarded by it, as if it had come from the network. */
  deliver(packet: Bytes): void;
  /** A packet that came here and that no policy protects goes its way in the clear. */
  release(packet: Bytes): void;
  /** ESP as an IP protocol of its own. */
  sendEsp(local: Address, remote: Address, esp: Bytes): void;
  /** An IP packet that is protected, to its destination. */
  sendWhole(packet: Bytes): void;
  /** Routes and device are gone afterwards. */
  close(): Promise<void>;
}

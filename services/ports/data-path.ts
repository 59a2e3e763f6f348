import type { Bytes } from '../bytes.js';
import type { Address } from '../net/address.js';
import type { IpsecPolicy } from './kernel.js';
import type { Result } from '../result.js';

export interface DataPathListener {
  /** An IP packet of this host, or one that it forwards, which a route of ours led here. */
  packet(bytes: Bytes): void;
  /** ESP that came as an IP protocol of its own. */
  esp(local: Address, remote: Address, esp: Bytes): void;
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
  /** To this host, or to be forwarded by it, as if it had come from the network. */
  deliver(packet: Bytes): void;
  /** A packet that came here and that no policy protects goes its way in the clear. */
  release(packet: Bytes): void;
  /** ESP as an IP protocol of its own. */
  sendEsp(local: Address, remote: Address, esp: Bytes): void;
  /** Routes and device are gone afterwards. */
  close(): Promise<void>;
}

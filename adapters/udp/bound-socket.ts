/** What the sockets of IKE need of one bound UDP socket, whoever reads and writes it. */
import type { Bytes } from '../../services/bytes.js';
import type { Endpoint } from '../../services/net/address.js';

export interface BoundSocket {
  /** Sends and forgets; what cannot leave is told to the reader. `marked`: behind four zero bytes (RFC 3948 2.2). */
  send(remote: Endpoint, bytes: Bytes, marked: boolean): void;
  /** Settles when none of what was sent waits any more for the system to have room. */
  sent(): Promise<void>;
  /** What waits still is tried once more, and told to the reader if it cannot leave. */
  close(): Promise<void>;
}

export interface SocketReader {
  /** `bytes` are the callee's to keep. */
  readonly received: (remote: Endpoint, bytes: Bytes) => void;
  /** One sentence without a full stop; `remote` is whom a datagram was for that could not leave. */
  readonly failed: (error: string, remote: Endpoint | undefined) => void;
}

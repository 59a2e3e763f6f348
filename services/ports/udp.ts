import type { Bytes } from '../bytes.js';
import type { Address, Endpoint } from '../net/address.js';

export interface Datagram {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly bytes: Bytes;
}

/**
 * The IKE sockets. On the NAT-T port the adapter strips and adds the non-ESP marker (RFC 3948 2.2) and hands ESP to
 * the embedded kernel, so that here every datagram is an ISAKMP message.
 */
export interface Udp {
  /** Sends and forgets. A send that the host refuses becomes a `socket.error` event; retransmission deals with it. */
  send(local: Endpoint, remote: Endpoint, bytes: Bytes): void;
  /** One byte FF, which peers ignore, keeps a NAT's mapping of the NAT-T port open (RFC 3948 2.3, 4). */
  keepalive(local: Endpoint, remote: Endpoint): void;
  /** One listener; set before `open`. */
  onDatagram(listener: (datagram: Datagram) => void): void;
  /** Opens one socket per local address and port. Rejects with an `Error` that says what and how to mend it. */
  open(): Promise<void>;
  /** Local endpoints on which IKE is spoken now. */
  endpoints(): readonly Endpoint[];
  /** The one at an address; undefined where none is. */
  endpointAt(address: Address): Endpoint | undefined;
  close(): Promise<void>;
}

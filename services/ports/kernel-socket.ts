import type { Bytes } from '../bytes.js';
import type { Result } from '../result.js';

/** What the system said: `code` is the name of the error, such as EAFNOSUPPORT; `message` one sentence for an operator. */
export interface SystemFault {
  readonly code: string;
  readonly errno: number;
  readonly message: string;
}

export interface MessageListener {
  /** One whole datagram as the kernel sent it, which may hold several messages (netlink). The bytes are the receiver's. */
  message(bytes: Bytes): void;
  /** ENOBUFS: the kernel had more to say than the socket's buffer held. What is believed must be looked up again. */
  overrun(): void;
  /** Of no use any more, and closed. */
  failed(fault: SystemFault): void;
}

/** A socket of whole messages between a process and its kernel. */
export interface MessageSocket {
  /** Handed to the kernel before it returns; the caller may wipe the bytes then. A fault means that nothing was sent. */
  send(bytes: Bytes): SystemFault | undefined;
  /** No listener is called afterwards. Closing twice is no error. */
  close(): void;
}

/**
 * The sockets by which a daemon keys a kernel. Node has none of them: the addon has (`adapters/native/`), and tests put
 * simulated kernels in their place. Messages are delivered from the event loop, never from within a call.
 */
export interface KernelSockets {
  /** PF_KEY version 2: RFC 2367. */
  key(listener: MessageListener): Result<MessageSocket, SystemFault>;
  /** NETLINK_XFRM, a member of the multicast groups whose numbers are given (XFRMNLGRP_*, from 1). */
  xfrm(groups: readonly number[], listener: MessageListener): Result<MessageSocket, SystemFault>;
}

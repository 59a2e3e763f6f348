/** What the embedded kernel tells about packets: typed facts, so that nothing is dropped without a reason. */
import type { Address } from '../../../services/net/address.js';
import type { SaIdentity } from '../../../services/ports/kernel.js';
import type { AhFault } from './ah.js';
import type { EspFault } from './esp.js';

export type OutboundDrop =
  /** No IPv4 or IPv6 packet. */
  | 'malformed-packet'
  /** A fragment that does not show the port or protocol on which the policy depends (RFC 4301 7). */
  | 'hidden-by-fragment'
  /** Transport mode protects whole datagrams only (RFC 4303 3.3.4). */
  | 'fragment-in-transport-mode'
  /** IPv4 options and IPv6 headers for routers would have to stay outside ESP, where our UDP socket has no room. */
  | 'routed-header-in-transport-mode'
  /** Protected it would not fit into a UDP datagram. */
  | 'too-long'
  /** The SA for it has an algorithm whose packets this kernel cannot make. */
  | 'not-carried'
  /** It would have waited for an SA, but enough packets wait already. */
  | 'hold-full'
  /** An SA would have to be asked for, but nobody listens. */
  | 'no-key-manager'
  /** It waited for an SA that could not be made. */
  | 'acquire-refused'
  /** It waited for an SA, and nobody answered. */
  | 'acquire-lapsed'
  /** It waited for an SA, and the answer brought none that covers it. */
  | 'no-sa';

export type InboundDrop =
  | EspFault
  | AhFault
  | 'unknown-spi'
  /** The SA has an algorithm whose packets this kernel cannot open, or AH and ESP belong together. */
  | 'not-carried'
  | 'duplicate'
  /** Left of the replay window. */
  | 'too-old'
  /** The SA has no bytes left. */
  | 'byte-limit'
  /** A dummy packet, next header 59: nothing wrong (RFC 4303 2.6). */
  | 'dummy'
  /** Tunnel mode, and what came out is no IP packet of that version. */
  | 'wrong-next-header'
  | 'malformed-packet'
  /** A packet that this SA must not carry (RFC 4301 5.2, step 4). */
  | 'selector-mismatch';

export type DropReason = OutboundDrop | InboundDrop;

export type KernelObservation =
  | {
      readonly type: 'packet.sent' | 'packet.received';
      readonly sa: SaIdentity;
      readonly sequence: number;
      /** Length of the IP packet, bytes. */
      readonly length: number;
      /** Length of the ESP packet, bytes. */
      readonly espLength: number;
    }
  | {
      readonly type: 'packet.dropped';
      readonly direction: 'outbound' | 'inbound';
      readonly reason: DropReason;
      /** Of the ESP packet, as far as it was there. */
      readonly spi: number | undefined;
    }
  | { readonly type: 'path.limited'; readonly remote: Address; /** Bytes. */ readonly mtu: number }
  | {
      /** Once for each SA, with the first packet that is lost. */
      readonly type: 'sa.not-carried';
      readonly sa: SaIdentity;
      /** One sentence for an operator. */
      readonly explanation: string;
    };

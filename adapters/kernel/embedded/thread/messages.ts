/** What the daemon's thread and the one that carries packets say to each other. Plain values; keys are bytes here. */
import type { Bytes } from '../../../../services/bytes.js';
import type { Address, Endpoint } from '../../../../services/net/address.js';
import type {
  Acquire,
  HeldSa,
  IpsecPolicy,
  IpsecProtocol,
  KernelError,
  KernelSa,
  SaExpiry,
  SaIdentity,
  SaUsage,
  TrafficSelectors,
} from '../../../../services/ports/kernel.js';
import type { PacketCounters } from '../../../../services/ports/packet-counters.js';
import type { OutputOutcome } from '../embedded-kernel.js';

/** The bytes stand in a buffer of their own, which changes hands with the message, and whoever has it wipes it. */
type WithKeyBytes<Part> = Part extends { readonly algorithm: infer Algorithm }
  ? { readonly algorithm: Algorithm; readonly key: Bytes }
  : Part;

export type KeyedSa = Omit<KernelSa, 'encryption' | 'integrity'> & {
  readonly encryption: WithKeyBytes<KernelSa['encryption']>;
  readonly integrity: WithKeyBytes<KernelSa['integrity']>;
};

/** A call of the `Kernel` port. */
export type Call =
  | { readonly op: 'open' }
  | {
      readonly op: 'getSpi';
      readonly source: Address;
      readonly destination: Address;
      readonly protocol: IpsecProtocol;
    }
  | { readonly op: 'update' | 'add'; readonly sa: KeyedSa }
  | { readonly op: 'moveRemote'; readonly sa: SaIdentity; readonly remote: Endpoint }
  | { readonly op: 'delete' | 'usage'; readonly sa: SaIdentity }
  | { readonly op: 'policyFor'; readonly outer: IpsecPolicy['outer']; readonly selectors: TrafficSelectors }
  | { readonly op: 'policyForPacket'; readonly packet: TrafficSelectors }
  | { readonly op: 'held' }
  | { readonly op: 'replacePolicies'; readonly policies: readonly IpsecPolicy[] }
  | { readonly op: 'output'; readonly packet: Bytes }
  | { readonly op: 'counters' }
  /** Before and after the process becomes another user. */
  | { readonly op: 'keepRights' | 'takeRights' }
  | { readonly op: 'close' };

/** One alternative for each. */
type Done<Op extends Call['op']> = Op extends unknown ? { readonly op: Op } : never;

export type Answer =
  | Done<'open' | 'update' | 'add' | 'moveRemote' | 'delete' | 'replacePolicies' | 'close'>
  | { readonly op: 'getSpi'; readonly spi: number }
  | { readonly op: 'usage'; readonly usage: SaUsage | undefined }
  | { readonly op: 'policyFor'; readonly policy: IpsecPolicy | undefined }
  | { readonly op: 'policyForPacket'; readonly policy: IpsecPolicy | undefined }
  | { readonly op: 'held'; readonly sas: readonly HeldSa[] }
  | { readonly op: 'output'; readonly outcome: OutputOutcome }
  | { readonly op: 'counters'; readonly counters: PacketCounters }
  /** 0, or `errno`. */
  | { readonly op: 'keepRights'; readonly fault: number }
  | { readonly op: 'takeRights'; readonly fault: number };

/** What the thread is started with. */
export interface ThreadSettings {
  readonly device: string;
  /** Undefined: all addresses of this host. */
  readonly listen: readonly Address[] | undefined;
  readonly policies: readonly IpsecPolicy[];
  readonly larvalSeconds: number;
  /** Whether it shall say what the SADB trace writes down. */
  readonly traced: boolean;
}

export type ToThread =
  | { readonly type: 'call'; readonly id: number; readonly call: Call }
  | { readonly type: 'acquire answered'; readonly acquire: number; readonly outcome: 'answered' | 'refused' }
  /** ESP that came to IKE's socket. */
  | { readonly type: 'esp'; readonly local: Address; readonly remote: Address; readonly esp: Bytes }
  /** A socket for ESP in UDP, the thread's own from now on. */
  | { readonly type: 'socket opened'; readonly local: Address; readonly descriptor: number }
  | { readonly type: 'socket closed'; readonly local: Address };

export type FromThread =
  /** It has its device; sockets whose packets must not come there send with this mark. */
  | { readonly type: 'ready'; readonly mark: number }
  /** It cannot begin: one sentence. */
  | { readonly type: 'refused'; readonly why: string }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer }
  | {
      readonly type: 'fault';
      readonly id: number;
      readonly operation: KernelError['operation'];
      readonly message: string;
    }
  | { readonly type: 'acquire'; readonly acquire: Acquire }
  | { readonly type: 'expire'; readonly expiry: SaExpiry }
  /** One sentence for an operator. */
  | { readonly type: 'unable'; readonly explanation: string }
  | { readonly type: 'note'; readonly note: string }
  | { readonly type: 'defect'; readonly error: string }
  /** A line of the SADB trace. */
  | { readonly type: 'trace'; readonly line: string };

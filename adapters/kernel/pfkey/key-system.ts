/** What differs between the kernels that speak PF_KEY: how one registers, what an SA looks like, where policies are. */
import type { Dialect } from '../../../services/pfkey/dialect.js';
import type { PfkeyExtension } from '../../../services/pfkey/extension.js';
import type { PfkeyMessage } from '../../../services/pfkey/message.js';
import type { Address, Endpoint } from '../../../services/net/address.js';
import type {
  IpsecPolicy,
  KernelSa,
  SaIdentity,
  SaPurpose,
  TrafficSelectors,
} from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import type { Result } from '../../../services/result.js';
import type { SupportedAlgorithms } from './algorithm-numbers.js';
import type { KeyConversation } from './conversation.js';

/** What a kernel's ACQUIRE asks for. */
export interface Wanted {
  readonly policy: IpsecPolicy;
  readonly packet: TrafficSelectors;
}

/** All `string` errors are one sentence for an operator. */
export interface KeySystem {
  readonly dialect: Dialect;
  /** As operators know it. */
  readonly kernelName: string;
  /** Asks to hear ACQUIREs, and learns the algorithms. */
  register(conversation: KeyConversation, supported: SupportedAlgorithms): Promise<Result<void, string>>;
  /** Beside the addresses. */
  getSpiExtensions(purpose: SaPurpose): readonly PfkeyExtension[];
  /** Of an ADD or UPDATE, keys included: the key store's own bytes. */
  saExtensions(sa: KernelSa, keys: Keys): Result<readonly PfkeyExtension[], string>;
  /** Whether an SA from a DUMP is one of tunnel mode. */
  isTunnel(message: PfkeyMessage): boolean;
  wanted(acquire: PfkeyMessage, conversation: KeyConversation): Promise<Result<Wanted, string>>;
  policyFor(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>>;
  policyForPacket(
    packet: TrafficSelectors,
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>>;
  replacePolicies(
    policies: readonly IpsecPolicy[],
    conversation: KeyConversation,
  ): Promise<Result<void, string>>;
  /** The peer's port alone: the daemon makes new SAs with a peer that has another address. */
  moveRemote(
    sa: SaIdentity & { readonly source: Address; readonly direction: KernelSa['direction'] },
    remote: Endpoint,
    conversation: KeyConversation,
  ): Promise<Result<void, string>>;
}

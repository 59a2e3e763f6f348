/** PF_KEY of Linux: plain REGISTER, mode and request id in X_SA2, policies in the SPD of the same socket. */
import { NO_BYTES } from '../../../services/bytes.js';
import { single, type Address, type Endpoint } from '../../../services/net/address.js';
import type { PfkeyExtension } from '../../../services/pfkey/extension.js';
import { LINUX_DIALECT, LINUX_MODE } from '../../../services/pfkey/linux-dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type {
  IpsecPolicy,
  IpsecProtocol,
  KernelSa,
  Protection,
  SaIdentity,
  SaPurpose,
  TrafficSelectors,
  UdpEncapsulation,
} from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import { defaultProposals } from '../linux/default-proposals.js';
import { LinuxSpd, policyOfEntry } from '../linux/linux-spd.js';
import { planPolicies } from '../linux/own-policies.js';
import { saMode } from '../linux/policy-entries.js';
import { spdWords, type SpdEntry } from '../linux/spd-entry.js';
import { protocolOf, saTypeOf, type SupportedAlgorithms } from './algorithm-numbers.js';
import type { KeyConversation, KeyFault } from './conversation.js';
import { ERRNO, faultWords, isRefusal } from './fault-words.js';
import type { KeySystem, Wanted } from './key-system.js';
import { policyNumbered, spdEntryOf, spdExtensions } from './linux-spd-messages.js';
import { endsExtensions, keyExtensions, lifetimeExtensions, newSa, saNamed } from './sa-extensions.js';

/** The most that PF_KEY's window field makes of Linux: its bitmap has 32 places. */
const REPLAY_WINDOW = 32;
/** UDP_ENCAP_ESPINUDP of `linux/udp.h` (RFC 3948). */
const ESP_IN_UDP = 2;

export class LinuxKeySystem implements KeySystem {
  readonly dialect = LINUX_DIALECT;
  readonly kernelName = 'Linux over PF_KEY';
  readonly #supported: SupportedAlgorithms;
  readonly #note: (note: string) => void;
  #own: ReadonlyMap<number, IpsecPolicy> = new Map();
  readonly #noted = new Set<string>();

  constructor(supported: SupportedAlgorithms, note: (note: string) => void) {
    this.#supported = supported;
    this.#note = note;
  }

  async register(
    conversation: KeyConversation,
    supported: SupportedAlgorithms,
  ): Promise<Result<void, string>> {
    const faults: string[] = [];
    for (const protocol of [50, 51] as const) {
      const answer = await conversation.ask(
        { kind: 'REGISTER', saType: saTypeOf(protocol), extensions: [] },
        {
          take: (message) => {
            supported.learn(message);
            return { done: undefined };
          },
        },
      );
      if (!answer.ok) faults.push(this.#words(answer.error));
    }
    if (supported.protocols().length === 0)
      return err(`The kernel keys neither ESP nor AH. ${[...new Set(faults)].join(' ')}`);
    return ok(undefined);
  }

  /** Why PF_KEY of Linux cannot be given this. */
  readonly #refusal = (protection: Protection): string | undefined => {
    // `pfkey_supported` of the kernel's table leaves AEAD out.
    if (protection.protocol === 50 && protection.encryption === 'aes-gcm-16')
      return 'Linux takes no AES-GCM over PF_KEY; --kernel xfrm does.';
    if (protection.integrity === 'hmac-sha2-256-128')
      return 'SHA-256 is not offered: over PF_KEY Linux cuts it to 96 bits, and peers expect the 128 of RFC 4868. Use --kernel xfrm, or hmac-sha256-96 in the policies of both ends.';
    return this.#supported.missing(protection, this.kernelName);
  };

  readonly #proposalsFor = (protocols: readonly IpsecProtocol[]): readonly (readonly Protection[])[] =>
    defaultProposals(protocols, (protection) => {
      const refusal = this.#refusal(protection);
      if (refusal !== undefined) this.#noteOnce(refusal);
      return refusal;
    });

  getSpiExtensions({ mode, origin }: SaPurpose): readonly PfkeyExtension[] {
    return [modeAndRequestId(mode, origin?.requestId ?? 0)];
  }

  saExtensions(sa: KernelSa, keys: Keys): Result<readonly PfkeyExtension[], string> {
    if (sa.encryption?.algorithm === 'aes-gcm-16') return err('Linux takes no AES-GCM over PF_KEY.');
    if (sa.integrity?.algorithm === 'hmac-sha2-256-128')
      return err('Linux would cut the SHA-256 of an SA made over PF_KEY to 96 bits.');
    return ok([
      newSa(sa, REPLAY_WINDOW, 0),
      ...endsExtensions(sa.source, sa.destination),
      ...lifetimeExtensions(sa.lifetimes),
      ...keyExtensions(sa, keys, 0),
      modeAndRequestId(saMode(sa), sa.origin?.requestId ?? 0),
      ...encapsulationExtensions(sa.direction, sa.encapsulation),
    ]);
  }

  isTunnel(message: PfkeyMessage): boolean {
    return extensionOf(message, 'X_SA2')?.mode === LINUX_MODE.tunnel;
  }

  /** The kernel names the ends of the SA and the number of the policy: the rest is asked for. */
  async wanted(acquire: PfkeyMessage, conversation: KeyConversation): Promise<Result<Wanted, string>> {
    const policy = extensionOf(acquire, 'X_POLICY');
    const local = extensionOf(acquire, 'ADDRESS_SRC')?.endpoint.address;
    const remote = extensionOf(acquire, 'ADDRESS_DST')?.endpoint.address;
    const protocol = protocolOf(acquire.saType);
    if (policy === undefined || local === undefined || remote === undefined || protocol === undefined)
      return err('An ACQUIRE of the kernel cannot be understood, and is refused.');
    const found = await conversation.ask(
      { kind: 'X_SPDGET', saType: 0, extensions: [policyNumbered(policy.id, 'out')] },
      { take: (message) => ({ done: spdEntryOf(message) }) },
    );
    const entry = found.ok ? found.value : undefined;
    if (entry === undefined)
      return err(`An ACQUIRE is refused: its policy ${String(policy.id)} is not in the kernel any more.`);
    const base = policyOfEntry(entry, this.#own, this.#proposalsFor);
    if (!base.ok) return err(base.error);
    return ok(wantedFor({ ...base.value, ...ofAcquire(base.value, acquire.sequence) }, { local, remote }));
  }

  async policyFor(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>> {
    const spd = await this.#spd(conversation);
    return spd.ok ? ok(spd.value.covering(outer, selectors)) : spd;
  }

  async policyForPacket(
    packet: TrafficSelectors,
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>> {
    const spd = await this.#spd(conversation);
    return spd.ok ? ok(spd.value.forecast(packet)) : spd;
  }

  async #spd(conversation: KeyConversation): Promise<Result<LinuxSpd, string>> {
    const entries = await this.#dump(conversation);
    if (!entries.ok) return entries;
    return ok(new LinuxSpd({ entries: entries.value, own: this.#own, proposalsFor: this.#proposalsFor }));
  }

  async #dump(conversation: KeyConversation): Promise<Result<readonly SpdEntry[], string>> {
    const entries: SpdEntry[] = [];
    const answer = await conversation.ask(
      { kind: 'X_SPDDUMP', saType: 0, extensions: [] },
      {
        take: (message) => {
          const entry = spdEntryOf(message);
          if (entry !== undefined) entries.push(entry);
          return message.sequence === 0 ? { done: entries } : 'more';
        },
      },
    );
    if (answer.ok) return answer;
    return isRefusal(answer.error, ERRNO.noEntry) ? ok([]) : err(this.#words(answer.error));
  }

  async replacePolicies(
    policies: readonly IpsecPolicy[],
    conversation: KeyConversation,
  ): Promise<Result<void, string>> {
    const held = await this.#dump(conversation);
    if (!held.ok) return held;
    const plan = planPolicies(held.value, policies, this.#refusal);
    if (!plan.ok) return plan;
    for (const note of plan.value.notes) this.#noteOnce(note);
    const before = this.#own;
    // From now on: an ACQUIRE may come before the last of them stands.
    this.#own = plan.value.own;
    for (const entry of plan.value.put) {
      const put = await ask(conversation, 'X_SPDUPDATE', spdExtensions(entry));
      if (put.ok) continue;
      this.#own = new Map([...before, ...plan.value.own]);
      return err(`The policy ${spdWords(entry)} is not in the kernel: ${this.#words(put.error)}`);
    }
    for (const entry of plan.value.remove) {
      const extensions = [policyNumbered(entry.index, entry.direction)];
      const removed = await ask(conversation, 'X_SPDDELETE2', extensions);
      if (!removed.ok && !isRefusal(removed.error, ERRNO.noEntry))
        return err(`The policy ${spdWords(entry)} is still in the kernel: ${this.#words(removed.error)}`);
    }
    return ok(undefined);
  }

  /**
   * Ports alone: Linux changes those of an SA in an UPDATE, which must have its keys; the kernel tells them, and they go
   * back as they came. The address of an SA it does not change.
   */
  async moveRemote(
    sa: SaIdentity & { readonly source: Address; readonly direction: KernelSa['direction'] },
    { port }: Endpoint,
    conversation: KeyConversation,
  ): Promise<Result<void, string>> {
    const question = { saType: saTypeOf(sa.protocol) } as const;
    let updated: Promise<Result<undefined, KeyFault>> | undefined;
    const extensions = [saNamed(sa.spi), ...endsExtensions(sa.source, sa.destination)];
    const answer = await conversation.ask(
      { ...question, kind: 'GET', extensions },
      {
        take: (message) => {
          const moved = withRemotePort(message, sa.direction, port);
          if (moved !== undefined) updated = ask(conversation, 'UPDATE', moved, question.saType);
          return { done: undefined };
        },
      },
    );
    if (!answer.ok) return err(this.#words(answer.error));
    if (updated === undefined)
      return err('The SA does not travel in UDP, so no NAT can have moved its peer.');
    const done = await updated;
    return done.ok ? ok(undefined) : err(this.#words(done.error));
  }

  #noteOnce(note: string): void {
    if (this.#noted.has(note)) return;
    this.#noted.add(note);
    this.#note(note);
  }

  #words(fault: KeyFault): string {
    return faultWords(fault, this.kernelName, this.dialect);
  }
}

function ask(
  conversation: KeyConversation,
  kind: PfkeyMessage['kind'],
  extensions: readonly PfkeyExtension[],
  saType = 0,
): Promise<Result<undefined, KeyFault>> {
  return conversation.ask({ kind, saType, extensions }, { take: () => ({ done: undefined }) });
}

function modeAndRequestId(mode: 'transport' | 'tunnel', requestId: number): PfkeyExtension {
  return { kind: 'X_SA2', mode: LINUX_MODE[mode], sequence: 0, requestId };
}

function encapsulationExtensions(
  direction: KernelSa['direction'],
  encapsulation: UdpEncapsulation | undefined,
): readonly PfkeyExtension[] {
  if (encapsulation === undefined) return [];
  const { localPort, remotePort } = encapsulation;
  const [source, destination] = direction === 'outbound' ? [localPort, remotePort] : [remotePort, localPort];
  return [
    { kind: 'X_NAT_T_TYPE', type: ESP_IN_UDP },
    { kind: 'X_NAT_T_SPORT', port: source },
    { kind: 'X_NAT_T_DPORT', port: destination },
  ];
}

function ofAcquire({ origin }: IpsecPolicy, acquireId: number): Pick<IpsecPolicy, 'origin'> {
  return { origin: { requestId: origin?.requestId ?? 0, acquireId } };
}

/** In transport mode the SA is for the two hosts that the kernel names, whatever networks the policy is written for. */
function wantedFor(policy: IpsecPolicy, ends: { readonly local: Address; readonly remote: Address }): Wanted {
  if (policy.mode === 'tunnel') return { policy, packet: policy.selectors };
  const { local, remote, protocol } = policy.selectors;
  const selectors = {
    local: { addresses: single(ends.local), port: local.port },
    remote: { addresses: single(ends.remote), port: remote.port },
    protocol,
  };
  return { policy: { ...policy, outer: ends, selectors }, packet: selectors };
}

/** The SA as the kernel told it, with another port at the peer's end; undefined when it does not travel in UDP. */
function withRemotePort(
  message: PfkeyMessage,
  direction: KernelSa['direction'],
  port: number,
): readonly PfkeyExtension[] | undefined {
  if (extensionOf(message, 'X_NAT_T_TYPE') === undefined) return undefined;
  const peers = direction === 'outbound' ? 'X_NAT_T_DPORT' : 'X_NAT_T_SPORT';
  const given = message.extensions
    .filter(({ kind }) => kind !== 'LIFETIME_CURRENT' && kind !== 'X_SEC_CTX' && kind !== 'unknown')
    .map((extension) => (extension.kind === peers ? { ...extension, port } : extension));
  const hasKey = given.some(({ kind }) => kind === 'KEY_ENCRYPT');
  return hasKey ? given : [...given, NO_KEY];
}

/** The kernel tells no key of the NULL cipher, and takes no ESP without one. */
const NO_KEY: PfkeyExtension = { kind: 'KEY_ENCRYPT', bits: 0, saltBits: 0, key: NO_BYTES };

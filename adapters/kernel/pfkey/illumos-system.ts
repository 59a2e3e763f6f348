/**
 * PF_KEY of illumos: extended REGISTER and ACQUIRE, policies asked for by INVERSE_ACQUIRE, inner and outer addresses, rule
 * labels as cookies. Written from pf_key(4P) and the headers; no real illumos has seen it.
 */
import { type Address, familyOf, prefixLengthOf } from '../../../services/net/address.js';
import type { AddressExtension, PfkeyExtension } from '../../../services/pfkey/extension.js';
import { ILLUMOS_DIALECT, ILLUMOS_SA_FLAG } from '../../../services/pfkey/illumos-dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type {
  IpsecPolicy,
  KernelSa,
  SaPurpose,
  TrafficSelectors,
  TrafficSide,
} from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import { selectorsCover } from '../embedded/selector-match.js';
import { NONCE_BITS, type SupportedAlgorithms } from './algorithm-numbers.js';
import type { KeyConversation } from './conversation.js';
import { ERRNO, faultWords, isRefusal } from './fault-words.js';
import { KM_IKE, policyOfAcquire } from './illumos-acquire.js';
import type { KeySystem, Wanted } from './key-system.js';
import { addressExtension, keyExtensions, lifetimeExtensions, newSa } from './sa-extensions.js';

const REPLAY_WINDOW = 64;
const REGISTERED = [3, 2];
const IPV4_IN_IP = 4;
const IPV6_IN_IP = 41;

type Ends = IpsecPolicy['outer'];

export class IllumosKeySystem implements KeySystem {
  readonly dialect = ILLUMOS_DIALECT;
  readonly kernelName = 'illumos over PF_KEY';
  readonly #labelOf: (cookie: number) => string | undefined;

  constructor(labelOf: (cookie: number) => string | undefined) {
    this.#labelOf = labelOf;
  }

  /** One question, and one answer for each protocol: a protocol that is not there answers with an errno. */
  async register(
    conversation: KeyConversation,
    supported: SupportedAlgorithms,
  ): Promise<Result<void, string>> {
    let answers = 0;
    let fault: Result<void, string> = ok(undefined);
    const asked = await conversation.ask(
      { kind: 'REGISTER', saType: 0, extensions: [{ kind: 'X_EREG', saTypes: REGISTERED }] },
      {
        takesErrors: true,
        take: (message) => {
          const { saType, errno, diagnostic } = message;
          answers += 1;
          supported.learn(message);
          if (errno !== 0)
            fault = err(faultWords({ cause: 'refused', errno, diagnostic }, this.kernelName, this.dialect));
          // An answer about no protocol is about the whole question.
          return answers === REGISTERED.length || saType === 0 ? { done: undefined } : 'more';
        },
      },
    );
    if (supported.protocols().length > 0) return ok(undefined);
    return asked.ok ? fault : err(faultWords(asked.error, this.kernelName, this.dialect));
  }

  getSpiExtensions({ origin }: SaPurpose): readonly PfkeyExtension[] {
    return cookieExtensions(origin?.requestId);
  }

  saExtensions(sa: KernelSa, keys: Keys): Result<readonly PfkeyExtension[], string> {
    const cipher = sa.encryption?.algorithm;
    if (cipher === 'aes-ctr') return err('illumos has no AES-CTR.');
    if (sa.integrity?.algorithm === 'hmac-sha2-256-96')
      return err('illumos cuts SHA-256 to 128 bits, and cannot be told to cut it to 96.');
    const nat = natExtensions(sa);
    if (!nat.ok) return nat;
    const tunnel = sa.mode === 'tunnel';
    const flags = (tunnel ? ILLUMOS_SA_FLAG.tunnel : 0) | nat.value.flags;
    const salt = cipher === undefined ? 0 : (NONCE_BITS[cipher] ?? 0);
    return ok([
      newSa(sa, REPLAY_WINDOW, flags),
      ...lifetimeExtensions(sa.lifetimes),
      ...endsOf(sa),
      ...(tunnel ? innerOf(sa) : []),
      ...nat.value.extensions,
      ...keyExtensions(sa, keys, salt),
      // The inbound SA is there first: the outbound one ties them.
      ...(sa.direction === 'outbound' && sa.pairSpi !== 0
        ? [{ kind: 'X_PAIR', spi: sa.pairSpi } as const]
        : []),
      ...cookieExtensions(sa.origin?.requestId),
    ]);
  }

  isTunnel(message: PfkeyMessage): boolean {
    return ((extensionOf(message, 'SA')?.flags ?? 0) & ILLUMOS_SA_FLAG.tunnel) !== 0;
  }

  wanted(acquire: PfkeyMessage): Promise<Result<Wanted, string>> {
    const policy = policyOfAcquire(acquire, this.#labelOf);
    return Promise.resolve(policy.ok ? ok({ policy: policy.value, packet: policy.value.selectors }) : policy);
  }

  /**
   * Nobody says whether the peer wants transport or tunnel mode: where the traffic is that of the ends themselves, the
   * policy of transport mode is asked for first.
   */
  async policyFor(
    outer: Ends,
    selectors: TrafficSelectors,
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>> {
    const between =
      isOnly(selectors.local, outer.local) && isOnly(selectors.remote, outer.remote)
        ? await this.#inverse(transportQuestion(selectors), conversation)
        : ok(undefined);
    if (!between.ok) return between;
    if (between.value?.mode === 'transport') return ok({ ...between.value, selectors, outer });
    const found = await this.#inverse(tunnelQuestion(outer, selectors), conversation);
    if (!found.ok || found.value === undefined) return found;
    const covers = found.value.mode === 'tunnel' && selectorsCover(found.value.selectors, selectors);
    return ok(covers ? { ...found.value, selectors, outer } : undefined);
  }

  /** A tunnel's policy belongs to its interface and cannot be asked for by a packet alone. */
  policyForPacket(
    packet: TrafficSelectors,
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>> {
    return this.#inverse(transportQuestion(packet), conversation);
  }

  async #inverse(
    extensions: readonly PfkeyExtension[],
    conversation: KeyConversation,
  ): Promise<Result<IpsecPolicy | undefined, string>> {
    const answer = await conversation.ask(
      { kind: 'X_INVERSE_ACQUIRE', saType: 0, extensions },
      { take: (message) => ({ done: policyOfAcquire(message, this.#labelOf) }) },
    );
    if (answer.ok) return answer.value;
    if (isRefusal(answer.error, ERRNO.noEntry)) return ok(undefined);
    return err(faultWords(answer.error, this.kernelName, this.dialect));
  }

  replacePolicies(policies: readonly IpsecPolicy[]): Promise<Result<void, string>> {
    return Promise.resolve(
      policies.length === 0
        ? ok(undefined)
        : err('The policies of illumos are those of ipsecconf(8): give them to it, and leave out --policy.'),
    );
  }

  moveRemote(): Promise<Result<void, string>> {
    return Promise.resolve(
      err(
        'illumos does not change the addresses and ports of an SA; the peer is reached again when it is renewed.',
      ),
    );
  }
}

function cookieExtensions(cookie: number | undefined): readonly PfkeyExtension[] {
  return cookie === undefined || cookie === 0 ? [] : [{ kind: 'X_KM_COOKIE', protocol: KM_IKE, cookie }];
}

function isOnly({ addresses }: TrafficSide, address: Address): boolean {
  return addresses.begin === address && addresses.end === address;
}

function ipInIp(selectors: TrafficSelectors): number {
  return familyOf(selectors.local.addresses.begin) === 4 ? IPV4_IN_IP : IPV6_IN_IP;
}

/** Outer addresses of a tunnel say that IP is inside; in transport mode they are the traffic's own, ports too. */
function endsOf({ direction, source, destination, mode, selectors }: KernelSa): readonly PfkeyExtension[] {
  const { local, remote } = selectors;
  const [from, to] = direction === 'outbound' ? [local, remote] : [remote, local];
  const protocol = mode === 'tunnel' ? ipInIp(selectors) : selectors.protocol;
  const port = (side: TrafficSide): number => (mode === 'tunnel' ? 0 : side.port);
  return [
    addressExtension('ADDRESS_SRC', source, { protocol, port: port(from) }),
    addressExtension('ADDRESS_DST', destination, { protocol, port: port(to) }),
  ];
}

function innerOf({ direction, selectors }: KernelSa): readonly PfkeyExtension[] {
  const { local, remote, protocol } = selectors;
  const [from, to] = direction === 'outbound' ? [local, remote] : [remote, local];
  return [
    innerExtension('X_ADDRESS_INNER_SRC', from, protocol),
    innerExtension('X_ADDRESS_INNER_DST', to, protocol),
  ];
}

function innerExtension(
  kind: AddressExtension['kind'],
  { addresses, port }: TrafficSide,
  protocol: number,
): AddressExtension {
  const whole = familyOf(addresses.begin) === 4 ? 32 : 128;
  return {
    kind,
    protocol,
    prefixLength: prefixLengthOf(addresses) ?? whole,
    endpoint: { address: addresses.begin, port },
  };
}

function natExtensions({
  encapsulation,
  direction,
  source,
  destination,
}: KernelSa): Result<{ readonly flags: number; readonly extensions: readonly PfkeyExtension[] }, string> {
  if (encapsulation === undefined) return ok({ flags: 0, extensions: [] });
  if (familyOf(source) === 6) return err('illumos has no ESP in UDP over IPv6.');
  const { localPort, remotePort, original } = encapsulation;
  const [local, remote] = direction === 'outbound' ? [source, destination] : [destination, source];
  return ok({
    flags: ILLUMOS_SA_FLAG.nattLocal | ILLUMOS_SA_FLAG.nattRemote,
    extensions: [
      addressExtension('X_ADDRESS_NATT_LOC', original.local ?? local, { port: localPort }),
      addressExtension('X_ADDRESS_NATT_REM', original.remote ?? remote, { port: remotePort }),
    ],
  });
}

function transportQuestion({ local, remote, protocol }: TrafficSelectors): readonly PfkeyExtension[] {
  return [
    addressExtension('ADDRESS_SRC', local.addresses.begin, { protocol, port: local.port }),
    addressExtension('ADDRESS_DST', remote.addresses.begin, { protocol, port: remote.port }),
  ];
}

function tunnelQuestion(outer: Ends, selectors: TrafficSelectors): readonly PfkeyExtension[] {
  const protocol = ipInIp(selectors);
  return [
    addressExtension('ADDRESS_SRC', outer.local, { protocol }),
    addressExtension('ADDRESS_DST', outer.remote, { protocol }),
    innerExtension('X_ADDRESS_INNER_SRC', selectors.local, selectors.protocol),
    innerExtension('X_ADDRESS_INNER_DST', selectors.remote, selectors.protocol),
  ];
}

/** SAs of the port as netlink has them, and back. Keys are left out, and put in place where the bytes are sent. */
import { familyOf, prefixLengthOf, type Address } from '../../../services/net/address.js';
import type {
  HeldSa,
  IpsecProtocol,
  KernelSa,
  SaIdentity,
  SaPurpose,
  TrafficSide,
} from '../../../services/ports/kernel.js';
import type { KeyHandle, Keys } from '../../../services/ports/keys.js';
import { err, ok, type Result } from '../../../services/result.js';
import {
  ANY_TRAFFIC,
  familyNumber,
  type XfrmSelector,
  type XfrmSide,
} from '../../../services/xfrm/addresses.js';
import { AEAD, authOf, CRYPT } from '../../../services/xfrm/algorithms.js';
import type { XfrmMessage, XfrmSaId } from '../../../services/xfrm/message.js';
import { ESP_IN_UDP, MODE, SA_FLAG } from '../../../services/xfrm/registry.js';
import {
  NO_ATTRIBUTES,
  NO_LIMITS,
  NO_USE,
  type SaAttributes,
  type XfrmLimits,
  type XfrmSa,
} from '../../../services/xfrm/sa.js';
import { saMode } from '../linux/policy-entries.js';

/** Packets: as many as fit into two words of the bitmap (RFC 4303 3.4.3 recommends 64). */
const REPLAY_WINDOW = 64;
const NOT_REFUSED = { beforeWindow: 0, replayed: 0, unproved: 0 };

export interface SaMessage {
  readonly sa: XfrmSa;
  readonly attributes: SaAttributes;
  /** Puts the keys into a message in which their places are empty. */
  readonly fill: (sent: XfrmMessage) => void;
}

function blank(ends: { readonly source: Address; readonly destination: Address }, protocol: number): XfrmSa {
  return {
    selector: ANY_TRAFFIC,
    source: ends.source,
    destination: ends.destination,
    spi: 0,
    protocol,
    family: familyNumber(ends.destination),
    mode: MODE.transport,
    requestId: 0,
    sequence: 0,
    replayWindow: 0,
    flags: 0,
    limits: NO_LIMITS,
    current: NO_USE,
    refused: NOT_REFUSED,
  };
}

/** SPIs from here on are drawn: below stand those that people write by hand. */
const LEAST_SPI = 0x1000_0000;

export function getSpiMessage(
  ends: { readonly source: Address; readonly destination: Address },
  protocol: IpsecProtocol,
  { mode, origin }: SaPurpose,
): XfrmMessage {
  const sa = { ...blank(ends, protocol), mode: MODE[mode], requestId: origin?.requestId ?? 0 };
  return { kind: 'ALLOCSPI', sa, min: LEAST_SPI, max: 0xffff_ffff, attributes: NO_ATTRIBUTES };
}

/** The error is a sentence for an operator. */
export function saMessage(sa: KernelSa, keys: Keys): Result<SaMessage, string> {
  const { encryption, integrity } = sa;
  const inbound = sa.direction === 'inbound';
  const mode = saMode(sa);
  const crypt = encryption && CRYPT[encryption.algorithm];
  const aead = encryption && AEAD[encryption.algorithm];
  if (encryption !== undefined && crypt === undefined && aead === undefined) {
    return err(`The kernel is given no ${encryption.algorithm} by this version.`);
  }
  const room = (handle: KeyHandle): Uint8Array => new Uint8Array(keys.bytes(handle).length);
  const attributes: SaAttributes = {
    others: [],
    ...(encryption !== undefined && crypt !== undefined
      ? { crypt: { name: crypt, key: room(encryption.key) } }
      : {}),
    ...(encryption !== undefined && aead !== undefined
      ? { aead: { key: room(encryption.key), ...aead } }
      : {}),
    ...(integrity === undefined
      ? {}
      : { auth: { key: room(integrity.key), ...authOf(integrity.algorithm) } }),
    ...(sa.encapsulation === undefined
      ? {}
      : {
          encapsulation: {
            type: ESP_IN_UDP,
            ...portsOf(inbound, sa.encapsulation),
            original: familyOf(sa.destination) === 4 ? '0.0.0.0' : '::',
          },
        }),
    ...(inbound ? { replay: emptyWindow() } : {}),
  };
  return ok({
    sa: {
      ...blank(sa, sa.protocol),
      spi: sa.spi,
      mode: MODE[mode],
      requestId: sa.origin?.requestId ?? 0,
      limits: limitsOf(sa),
      ...(mode === 'tunnel' ? { flags: SA_FLAG.anyFamily } : { selector: selectorOf(sa) }),
    },
    attributes,
    fill: (sent) => {
      if (sent.kind !== 'NEWSA' && sent.kind !== 'UPDSA') return;
      const to = sent.attributes;
      if (encryption !== undefined) (to.crypt ?? to.aead)?.key.set(keys.bytes(encryption.key));
      if (integrity !== undefined) to.auth?.key.set(keys.bytes(integrity.key));
    },
  });
}

export function portsOf(
  inbound: boolean,
  { localPort, remotePort }: { readonly localPort: number; readonly remotePort: number },
): { readonly sourcePort: number; readonly destinationPort: number } {
  return inbound
    ? { sourcePort: remotePort, destinationPort: localPort }
    : { sourcePort: localPort, destinationPort: remotePort };
}

function emptyWindow() {
  const bitmap = new Uint8Array(REPLAY_WINDOW / 8);
  return { outgoing: 0, incoming: 0, outgoingHigh: 0, incomingHigh: 0, window: REPLAY_WINDOW, bitmap };
}

function limitsOf({ lifetimes }: KernelSa): XfrmLimits {
  return {
    ...NO_LIMITS,
    softBytes: lifetimes.softBytes ?? Infinity,
    hardBytes: lifetimes.hardBytes ?? Infinity,
    softAddSeconds: lifetimes.softSeconds ?? 0,
    hardAddSeconds: lifetimes.hardSeconds ?? 0,
  };
}

/** In transport mode an SA is for the traffic it was negotiated for. Behind a NAT the addresses inside are not the peer's own. */
function selectorOf({ selectors, direction, encapsulation, destination }: KernelSa): XfrmSelector {
  const { local, remote, protocol } = selectors;
  const [source, target] = direction === 'outbound' ? [local, remote] : [remote, local];
  const any = encapsulation !== undefined;
  return {
    ...ANY_TRAFFIC,
    family: familyNumber(destination),
    source: sideOf(source, any),
    destination: sideOf(target, any),
    protocol,
  };
}

function sideOf({ addresses, port }: TrafficSide, anyAddress: boolean): XfrmSide {
  const length = anyAddress ? undefined : prefixLengthOf(addresses);
  const nowhere = familyOf(addresses.begin) === 4 ? '0.0.0.0' : '::';
  return {
    address: length === undefined ? nowhere : addresses.begin,
    prefixLength: length ?? 0,
    port,
    portMask: port === 0 ? 0 : 0xffff,
  };
}

export function saId({ destination, spi, protocol }: SaIdentity): XfrmSaId {
  return { destination, spi, protocol, family: familyNumber(destination) };
}

/** The SA that a message names; undefined when it is neither ESP nor AH, or a question without an SPI yet. */
export function namedBy(sa: {
  readonly destination: Address;
  readonly spi: number;
  readonly protocol: number;
}): SaIdentity | undefined {
  const { destination, spi, protocol } = sa;
  return (protocol === 50 || protocol === 51) && spi !== 0 ? { destination, spi, protocol } : undefined;
}

/** Without algorithms it waits for its keys. */
export function isLarval({ crypt, auth, aead }: SaAttributes): boolean {
  return crypt === undefined && auth === undefined && aead === undefined;
}

/** `now` in seconds since 1970. */
export function heldSa(sa: XfrmSa, attributes: SaAttributes, now: number): HeldSa | undefined {
  const identity = namedBy(sa);
  if (identity === undefined) return undefined;
  const { destination, protocol, spi } = identity;
  const { softBytes, softAddSeconds } = sa.limits;
  const { bytes, addTime } = sa.current;
  const age = addTime === 0 ? undefined : Math.max(0, Math.floor(now - addTime));
  const dying = bytes >= softBytes || (softAddSeconds !== 0 && (age ?? 0) >= softAddSeconds);
  return {
    destination,
    protocol,
    spi,
    source: sa.source,
    state: isLarval(attributes) ? 'larval' : dying ? 'dying' : 'mature',
    mode: sa.mode === MODE.tunnel ? 'tunnel' : 'transport',
    bytes,
    ageSeconds: age,
  };
}

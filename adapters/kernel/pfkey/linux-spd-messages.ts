/** Entries of the SPD of Linux as X_SPD* messages (`net/key/af_key.c`). */
import { familyOf, prefixLengthOf, prefixRange } from '../../../services/net/address.js';
import type {
  AddressExtension,
  PfkeyExtension,
  PolicyExtension,
  PolicyRequest,
} from '../../../services/pfkey/extension.js';
import { LINUX_MODE } from '../../../services/pfkey/linux-dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { TrafficSide } from '../../../services/ports/kernel.js';
import type { SpdEntry, SpdTemplate } from '../linux/spd-entry.js';

const DIRECTION = { in: 1, out: 2, forward: 3 } as const;
const POLICY_TYPE = { drop: 0, pass: 1, protect: 2 } as const;
const LEVEL = { use: 1, require: 2, unique: 3 } as const;
/** What stands for any protocol in an address. */
const ANY_PROTOCOL = 255;

/** Undefined for an entry of a socket, which is in none of the three directions, and for what makes no sense. */
export function spdEntryOf(message: PfkeyMessage): SpdEntry | undefined {
  const policy = extensionOf(message, 'X_POLICY');
  const source = extensionOf(message, 'ADDRESS_SRC');
  const destination = extensionOf(message, 'ADDRESS_DST');
  if (policy === undefined || source === undefined || destination === undefined) return undefined;
  const direction = directionOf(policy.direction);
  if (direction === undefined) return undefined;
  return {
    direction,
    index: policy.id,
    priority: policy.priority,
    action:
      policy.type === POLICY_TYPE.protect ? 'protect' : policy.type === POLICY_TYPE.drop ? 'drop' : 'pass',
    source: sideOf(source),
    destination: sideOf(destination),
    protocol: source.protocol === ANY_PROTOCOL ? 0 : source.protocol,
    templates: policy.requests.map(templateOf),
  };
}

function directionOf(number: number): SpdEntry['direction'] | undefined {
  return number === DIRECTION.in
    ? 'in'
    : number === DIRECTION.out
      ? 'out'
      : number === DIRECTION.forward
        ? 'forward'
        : undefined;
}

function sideOf({ endpoint, prefixLength }: AddressExtension): TrafficSide {
  return { addresses: prefixRange(endpoint.address, prefixLength), port: endpoint.port };
}

function templateOf({ protocol, mode, level, requestId, tunnel }: PolicyRequest): SpdTemplate {
  return {
    protocol,
    mode: mode === LINUX_MODE.transport ? 'transport' : mode === LINUX_MODE.tunnel ? 'tunnel' : 'other',
    ends: tunnel && { source: tunnel.source.address, destination: tunnel.destination.address },
    requestId,
    optional: level === LEVEL.use,
  };
}

/** Of SPDADD and SPDUPDATE. */
export function spdExtensions(entry: SpdEntry): readonly PfkeyExtension[] {
  return [
    sideExtension('ADDRESS_SRC', entry.source, entry.protocol),
    sideExtension('ADDRESS_DST', entry.destination, entry.protocol),
    policyNamed(entry, entry.templates.map(requestOf)),
  ];
}

/** The entry by the kernel's own number. */
export function policyNumbered(index: number, direction: SpdEntry['direction']): PolicyExtension {
  return {
    kind: 'X_POLICY',
    type: POLICY_TYPE.protect,
    direction: DIRECTION[direction],
    id: index,
    priority: 0,
    requests: [],
  };
}

function policyNamed(
  { direction, priority, action }: SpdEntry,
  requests: readonly PolicyRequest[],
): PolicyExtension {
  return {
    kind: 'X_POLICY',
    type: POLICY_TYPE[action],
    direction: DIRECTION[direction],
    id: 0,
    priority,
    requests,
  };
}

function sideExtension(
  kind: AddressExtension['kind'],
  { addresses, port }: TrafficSide,
  protocol: number,
): AddressExtension {
  const whole = familyOf(addresses.begin) === 4 ? 32 : 128;
  return {
    kind,
    protocol: protocol === 0 ? ANY_PROTOCOL : protocol,
    prefixLength: prefixLengthOf(addresses) ?? whole,
    endpoint: { address: addresses.begin, port },
  };
}

/** Only with the level `unique` does Linux take the request id. */
function requestOf({ protocol, mode, ends, requestId, optional }: SpdTemplate): PolicyRequest {
  return {
    protocol,
    mode: mode === 'tunnel' ? LINUX_MODE.tunnel : LINUX_MODE.transport,
    level: optional ? LEVEL.use : requestId === 0 ? LEVEL.require : LEVEL.unique,
    requestId,
    tunnel: ends && {
      source: { address: ends.source, port: 0 },
      destination: { address: ends.destination, port: 0 },
    },
  };
}

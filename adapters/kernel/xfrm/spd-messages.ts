/** Entries of the SPD as netlink has them. */
import { familyOf, formatRange, prefixLengthOf, prefixRange } from '../../../services/net/address.js';
import type { TrafficSelectors, TrafficSide } from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import {
  ANY_TRAFFIC,
  familyNumber,
  type XfrmSelector,
  type XfrmSide,
} from '../../../services/xfrm/addresses.js';
import type { XfrmPolicy, XfrmTemplate } from '../../../services/xfrm/policy.js';
import { ACTION, DIRECTION, MODE } from '../../../services/xfrm/registry.js';
import type { SpdEntry, SpdTemplate } from '../linux/spd-entry.js';

const EXACT = 0xffff;
const ICMP: ReadonlySet<number> = new Set([1, 58]);

/** The error is a sentence for an operator. */
export function policyMessage(entry: SpdEntry): Result<XfrmPolicy, string> {
  const selector = selectorOf(entry);
  if (!selector.ok) return selector;
  return ok({
    selector: selector.value,
    priority: entry.priority,
    index: 0,
    direction: DIRECTION[entry.direction],
    action: entry.action === 'drop' ? ACTION.block : ACTION.allow,
    flags: 0,
    share: 0,
    templates: entry.templates.map((template) => templateOf(template, selector.value.family)),
  });
}

function selectorOf({ source, destination, protocol }: SpdEntry): Result<XfrmSelector, string> {
  const sides = [sideOf(source), sideOf(destination)] as const;
  for (const side of sides) if (!side.ok) return side;
  const [from, to] = sides;
  if (!from.ok || !to.ok) return err('unreachable');
  const family = familyNumber(source.addresses.begin);
  return ok({ ...ANY_TRAFFIC, family, source: from.value, destination: to.value, protocol });
}

function sideOf({ addresses, port }: TrafficSide): Result<XfrmSide, string> {
  const prefixLength = prefixLengthOf(addresses);
  if (prefixLength === undefined) {
    return err(`Linux has policies of prefixes only, and ${formatRange(addresses)} is none.`);
  }
  return ok({ address: addresses.begin, prefixLength, port, portMask: port === 0 ? 0 : EXACT });
}

function templateOf(
  { protocol, mode, ends, requestId, optional }: SpdTemplate,
  family: number,
): XfrmTemplate {
  const nowhere = family === familyNumber('::') ? '::' : '0.0.0.0';
  return {
    protocol,
    spi: 0,
    family: ends === undefined ? family : familyNumber(ends.source),
    source: ends?.source ?? nowhere,
    destination: ends?.destination ?? nowhere,
    requestId,
    mode: mode === 'tunnel' ? MODE.tunnel : MODE.transport,
    optional,
  };
}

/** Undefined: the policy of a socket, or one for a range of ports, which we have no words for and leave alone. */
export function spdEntry({ selector, ...policy }: XfrmPolicy): SpdEntry | undefined {
  const direction = policy.direction === DIRECTION.in ? 'in' : undefined;
  const named =
    direction ??
    (policy.direction === DIRECTION.out
      ? 'out'
      : policy.direction === DIRECTION.forward
        ? 'forward'
        : undefined);
  const source = trafficSide(selector.source);
  const destination = trafficSide(selector.destination);
  if (named === undefined || source === undefined || destination === undefined) return undefined;
  const templates = policy.templates.map(spdTemplate);
  return {
    direction: named,
    index: policy.index,
    priority: policy.priority,
    action: policy.action === ACTION.block ? 'drop' : templates.length === 0 ? 'pass' : 'protect',
    source,
    destination,
    protocol: selector.protocol,
    templates,
  };
}

function trafficSide({ address, prefixLength, port, portMask }: XfrmSide): TrafficSide | undefined {
  if (portMask !== 0 && portMask !== EXACT) return undefined;
  return { addresses: prefixRange(address, prefixLength), port: portMask === 0 ? 0 : port };
}

function spdTemplate({
  protocol,
  mode,
  source,
  destination,
  requestId,
  optional,
}: XfrmTemplate): SpdTemplate {
  const tunnel = mode === MODE.tunnel;
  return {
    protocol,
    mode: tunnel ? 'tunnel' : mode === MODE.transport ? 'transport' : 'other',
    ends: tunnel ? { source, destination } : undefined,
    requestId,
    optional,
  };
}

/** What the packet of an ACQUIRE was. Where ports would be, those of ICMP have a type and a code, which decide nothing. */
export function packetOf({ source, destination, protocol }: XfrmSelector): TrafficSelectors {
  const side = ({ address, prefixLength, port }: XfrmSide): TrafficSide => ({
    addresses: prefixRange(address, prefixLength || (familyOf(address) === 4 ? 32 : 128)),
    port: ICMP.has(protocol) ? 0 : port,
  });
  return { local: side(source), remote: side(destination), protocol };
}

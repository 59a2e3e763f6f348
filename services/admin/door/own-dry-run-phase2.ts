/**
 * Our own EXPLAIN for a Phase 2 offer, which needs `base` only:
 *
 *   EXPLAIN   { phase: 2, proposals: [{ number, protocol, transforms: [{ number, id, attributes: [[type, value], ...] }] }],
 *               traffic?: { local: { begin, end, port }, remote: { ... }, protocol }, peer?, local? }   answered by a verdict
 */
import type { Phase2DryOffer } from '../../explain/dry-run-phase2.js';
import type { Proposal } from '../../isakmp/payloads/proposal.js';
import type { Transform } from '../../isakmp/payloads/transform.js';
import { type Address, compareAddresses, familyOf, parseAddress } from '../../net/address.js';
import type { TrafficSelectors, TrafficSide } from '../../ports/kernel.js';
import { attributePairs, isNumber, readAttributes } from './own-dry-run.js';
import { isRecord, listOf } from './own-explanations.js';

const MOST_PROPOSALS = 64;
const MOST_TRANSFORMS = 256;

export function phase2DryRunRequest({ proposals, traffic, peer, local }: Phase2DryOffer): object {
  return {
    phase: 2,
    proposals: proposals.slice(0, MOST_PROPOSALS).map(({ number, protocol, transforms }) => ({
      number,
      protocol,
      transforms: transforms.slice(0, MOST_TRANSFORMS).map(({ number: place, id, attributes }) => ({
        number: place,
        id,
        attributes: attributePairs(attributes),
      })),
    })),
    ...(traffic === undefined
      ? {}
      : {
          traffic: {
            local: sideValue(traffic.local),
            remote: sideValue(traffic.remote),
            protocol: traffic.protocol,
          },
        }),
    ...(peer === undefined ? {} : { peer }),
    ...(local === undefined ? {} : { local }),
  };
}

function sideValue({ addresses: { begin, end }, port }: TrafficSide): object {
  return { begin, end, port };
}

export function isPhase2Request(value: unknown): boolean {
  return isRecord(value) && value.phase === 2;
}

export function readPhase2DryRunRequest(value: unknown): Phase2DryOffer | undefined {
  if (!isRecord(value)) return undefined;
  const proposals = listOf(value.proposals, readProposal);
  if (proposals === undefined || proposals.length === 0 || proposals.length > MOST_PROPOSALS)
    return undefined;
  const peer = readAddress(value.peer);
  const local = readAddress(value.local);
  const traffic = value.traffic === undefined ? undefined : readTraffic(value.traffic);
  if (peer === false || local === false || (value.traffic !== undefined && traffic === undefined))
    return undefined;
  return { proposals, traffic, peer, local };
}

/** False: it is none. */
function readAddress(value: unknown): Address | undefined | false {
  if (value === undefined) return undefined;
  return typeof value === 'string' && (parseAddress(value) ?? false);
}

function readProposal(value: unknown): Proposal | undefined {
  if (!isRecord(value)) return undefined;
  const { number, protocol } = value;
  const transforms = listOf(value.transforms, readTransform);
  if (!isNumber(number, 0xff) || !isNumber(protocol, 0xff) || transforms === undefined) return undefined;
  if (transforms.length === 0 || transforms.length > MOST_TRANSFORMS) return undefined;
  // Nobody is told the SPI.
  return { number, protocol, spi: new Uint8Array(4), transforms };
}

function readTransform(value: unknown): Transform | undefined {
  if (!isRecord(value)) return undefined;
  const { number, id } = value;
  const attributes = readAttributes(value.attributes);
  return isNumber(number, 0xff) && isNumber(id, 0xff) && attributes !== undefined
    ? { number, id, attributes }
    : undefined;
}

function readTraffic(value: unknown): TrafficSelectors | undefined {
  if (!isRecord(value)) return undefined;
  const [local, remote] = [readSide(value.local), readSide(value.remote)];
  const { protocol } = value;
  if (local === undefined || remote === undefined || !isNumber(protocol, 0xff)) return undefined;
  return familyOf(local.addresses.begin) === familyOf(remote.addresses.begin)
    ? { local, remote, protocol }
    : undefined;
}

function readSide(value: unknown): TrafficSide | undefined {
  if (!isRecord(value)) return undefined;
  const [begin, end] = [readAddress(value.begin), readAddress(value.end)];
  const { port } = value;
  if (typeof begin !== 'string' || typeof end !== 'string' || !isNumber(port, 0xffff)) return undefined;
  if (familyOf(begin) !== familyOf(end) || compareAddresses(begin, end) > 0) return undefined;
  return { addresses: { begin, end }, port };
}

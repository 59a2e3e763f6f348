/** Where a certificate says that its CRL is (RFC 5280 4.2.1.13). */
import type { Bytes } from '../bytes.js';
import { derSequence, derValues } from './der.js';
import { type GeneralName, readChoice } from './general-name.js';

export interface DistributionPoint {
  /** Addresses of one and the same CRL. */
  readonly uris: readonly string[];
  /** Names a CRL signed by somebody else than the certificate's issuer, which nothing here accepts. */
  readonly indirect: boolean;
}

const MOST_POINTS = 16;
const MOST_NAMES = 16;

/** Context tags of DistributionPoint and, inside its first member, of DistributionPointName. */
const POINT = { name: 0xa0, issuer: 0xa2 } as const;
const FULL_NAME = 0xa0;

export function readDistributionPoints(der: Bytes): readonly DistributionPoint[] | undefined {
  const points: DistributionPoint[] = [];
  for (const { whole } of derSequence(der, MOST_POINTS) ?? []) {
    const members = derSequence(whole, 3);
    if (members === undefined) return undefined;
    const name = members.find(({ tag }) => tag === POINT.name);
    points.push({
      uris: name === undefined ? [] : urisOf(fullNames(name.content)),
      indirect: members.some(({ tag }) => tag === POINT.issuer),
    });
  }
  return points;
}

/** The full names of a DistributionPointName. */
export function fullNames(pointName: Bytes): readonly GeneralName[] {
  const choice = derValues(pointName, 1)?.[0];
  if (choice?.tag !== FULL_NAME) return [];
  return (derValues(choice.content, MOST_NAMES) ?? []).map(readChoice);
}

function urisOf(names: readonly GeneralName[]): readonly string[] {
  return names.flatMap((name) => (name.kind === 'uri' ? [name.text] : []));
}

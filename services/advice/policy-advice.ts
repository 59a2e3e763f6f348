/** What is weak or useless in the policy file, though it is valid. */
import type { Diagnostic } from '../config/diagnostic.js';
import { familyOf, rangeContains } from '../net/address.js';
import { EndsIndex } from '../policy/range-index.js';
import type { IpsecPolicy, Protection, TrafficSelectors, TrafficSide } from '../ports/kernel.js';
import { warning } from './warning.js';

/** In the order of the file. */
export function policyAdvice(policies: readonly IpsecPolicy[]): readonly Diagnostic[] {
  const ends = new EndsIndex(
    policies.map((policy, index) => ({ policy, index })),
    ({ policy }) => [policy.selectors.local.addresses],
    ({ policy }) => [policy.selectors.remote.addresses],
  );
  return policies.flatMap((policy, index) => {
    const { local, remote } = policy.selectors;
    const earlier = ends
      .covering(local.addresses.begin, remote.addresses.begin)
      .filter((other) => other.index < index)
      .map((other) => other.policy);
    return [...shadowAdvice(policy, earlier), ...policy.proposals.flat().flatMap((one) => weak(policy, one))];
  });
}

function shadowAdvice(policy: IpsecPolicy, earlier: readonly IpsecPolicy[]): readonly Diagnostic[] {
  const shadow = earlier.find(({ selectors }) => covers(selectors, policy.selectors));
  if (shadow === undefined) return [];
  const line = String(shadow.position?.line ?? 0);
  return [
    warning(
      placeOf(policy),
      `no packet ever meets this policy: that of line ${line} covers all of its traffic and comes first`,
      'put it before that one, or remove it',
    ),
  ];
}

function covers(outer: TrafficSelectors, inner: TrafficSelectors): boolean {
  const side = (wide: TrafficSide, narrow: TrafficSide): boolean =>
    familyOf(wide.addresses.begin) === familyOf(narrow.addresses.begin) &&
    rangeContains(wide.addresses, narrow.addresses) &&
    (wide.port === 0 || wide.port === narrow.port);
  return (
    (outer.protocol === 0 || outer.protocol === inner.protocol) &&
    side(outer.local, inner.local) &&
    side(outer.remote, inner.remote)
  );
}

function weak(policy: IpsecPolicy, protection: Protection): readonly Diagnostic[] {
  const place = placeOf(policy);
  return [
    ...(protection.protocol === 50 && protection.encryption === 'des'
      ? [warning(place, 'DES can be broken by trying all its keys', 'use aes')]
      : []),
    ...(protection.integrity === 'hmac-md5-96'
      ? [
          warning(
            place,
            'MD5 is broken as a hash',
            'use sha256 or better, or sha1 where the peer has no better',
          ),
        ]
      : []),
  ];
}

function placeOf({ position }: IpsecPolicy): Diagnostic['position'] {
  return { file: position?.file ?? '', line: position?.line ?? 0, column: 1 };
}

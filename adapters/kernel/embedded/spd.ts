/** The Security Policy Database (RFC 4301 4.4.1): what must be protected, in file order, the first that fits decides. */
import { single, type Address } from '../../../services/net/address.js';
import { EndsIndex } from '../../../services/policy/range-index.js';
import type { IpsecPolicy, TrafficSelectors } from '../../../services/ports/kernel.js';
import {
  compileSelectors,
  match,
  selectorsCover,
  trafficLike,
  type CompiledSelectors,
  type Traffic,
} from './selector-match.js';

interface Ends {
  readonly local: Address;
  readonly remote: Address;
}

interface Entry {
  readonly policy: IpsecPolicy;
  readonly compiled: CompiledSelectors;
}

/** So many are gone through as quickly as an index tells which of them to look at. */
const FEW = 64;

export class Spd {
  private readonly entries: readonly Entry[];
  /** Undefined of few. */
  private readonly index: EndsIndex<Entry> | undefined;

  constructor(policies: readonly IpsecPolicy[]) {
    this.entries = policies.map((policy) => ({ policy, compiled: compileSelectors(policy.selectors) }));
    if (policies.length > FEW) {
      this.index = new EndsIndex(
        this.entries,
        ({ policy }) => [policy.selectors.local.addresses],
        ({ policy }) => [policy.selectors.remote.addresses],
      );
    }
  }

  /**
   * The policy for a packet, as this packet needs it (`forTraffic`); `none` when it may pass in the clear; `hidden` when
   * a fragment does not show what decides: it must not pass then, for it might be what a policy protects.
   */
  lookup(traffic: Traffic): IpsecPolicy | 'none' | 'hidden' {
    for (const { policy, compiled } of this.near(traffic)) {
      const answer = match(compiled, traffic);
      if (answer === 'hidden') return 'hidden';
      if (answer === 'yes') return forTraffic(policy, traffic);
    }
    return 'none';
  }

  /**
   * As `lookup`, for a packet described by an operator: the first policy it may meet. What he leaves open (protocol 0,
   * port 0) decides nothing; the policy's own stands there.
   */
  forecast(packet: TrafficSelectors): IpsecPolicy | undefined {
    const traffic = trafficLike(packet);
    const met = this.near(traffic).find(({ compiled }) => match(compiled, traffic) !== 'no');
    return met === undefined ? undefined : forTraffic(met.policy, traffic);
  }

  /**
   * The inverse lookup: the first policy between these ends that covers all of the selectors, with the selectors asked
   * for, and in transport mode the ends asked for, in place of its own.
   */
  covering(outer: Ends, selectors: TrafficSelectors): IpsecPolicy | undefined {
    const { local, remote } = selectors;
    for (const { policy } of this.index?.meeting(local.addresses, remote.addresses) ?? this.entries) {
      if (!selectorsCover(policy.selectors, selectors)) continue;
      if (policy.mode === 'tunnel' ? sameEnds(policy.outer, outer) : areEndpoints(selectors, outer)) {
        return { ...policy, selectors, outer };
      }
    }
    return undefined;
  }

  /** In file order; all others have another address at one end or the other. */
  private near({ local, remote }: Traffic): readonly Entry[] {
    return this.index?.covering(local.end.address, remote.end.address) ?? this.entries;
  }
}

function sameEnds(a: Ends, b: Ends): boolean {
  return a.local === b.local && a.remote === b.remote;
}

/** In transport mode the traffic is that of the two ends themselves (RFC 4301 4.1). */
function areEndpoints(selectors: TrafficSelectors, ends: Ends): boolean {
  return isOnly(selectors.local.addresses, ends.local) && isOnly(selectors.remote.addresses, ends.remote);
}

function isOnly(range: { readonly begin: Address; readonly end: Address }, address: Address): boolean {
  return range.begin === address && range.end === address;
}

/**
 * A transport policy may be written for prefixes, but its SAs go from host to host: ends and addresses become the
 * packet's. Protocol and ports stay the policy's, so that one SA serves all traffic of the policy between two hosts.
 */
function forTraffic(policy: IpsecPolicy, traffic: Traffic): IpsecPolicy {
  if (policy.mode === 'tunnel') return policy;
  const { local, remote, protocol } = policy.selectors;
  return {
    ...policy,
    outer: { local: traffic.local.end.address, remote: traffic.remote.end.address },
    selectors: {
      local: { addresses: single(traffic.local.end.address), port: local.port },
      remote: { addresses: single(traffic.remote.end.address), port: remote.port },
      protocol,
    },
  };
}

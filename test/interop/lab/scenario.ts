/** What a test wants of the two ends, in words that both can be configured from. */
import { OTHER_END, PLACES, clientEnd, type Cabling, type End, type Place } from './addresses.js';
import type { Identity, IdentityKind } from './identity.js';
import type { CertificateKind } from './pki.js';
import type { Section } from './section.js';

/** Different at each end where they must differ, and the same otherwise. */
export type Ends<T> = Readonly<Record<End, T>>;

/** A protocol and its ports at both ends; port 0 is any. */
export interface PortSelector {
  readonly protocol: 'udp' | 'tcp';
  readonly ours: number;
  readonly peers: number;
}

export interface Traffic {
  /** Name of charon's child. */
  readonly name: string;
  readonly ours: string;
  readonly peers: string;
  /** One address of each side: what `ikeadm up` is asked for. */
  readonly from: string;
  readonly to: string;
  readonly ports?: PortSelector;
  /** Of its own, instead of the scenario's. `sha256_96` is SHA-256 cut to 96 bits. */
  readonly suite?: string;
}

/** Lines or values beyond those that a scenario makes by itself; they come last and win. */
export interface MoreSettings {
  /** Items of ike.config before the rule, for example `p2_idletime_secs 3`. */
  readonly global?: readonly string[];
  /** Items of the rule itself. */
  readonly rule?: readonly string[];
  /** Values of charon's connection, for example `{ dpd_delay: '1s' }`. */
  readonly connection?: Section;
  /** Values of each of charon's children. */
  readonly child?: Section;
}

/** With `checked`, an end has the CRLs and insists on them; with `missing` it insists and has none. */
export type Revocation = 'checked' | 'missing' | 'ignored';

export interface Scenario {
  readonly cabling: Cabling;
  readonly family: 4 | 6;
  readonly place: Ends<Place>;
  readonly exchange: 'main' | 'aggressive';
  readonly auth: 'psk' | 'rsa';
  readonly identity: Ends<Identity>;
  /** Who each end thinks that the other one is. */
  readonly expected: Ends<Identity | 'anybody'>;
  /** Which certificate each end has, where `auth` is `rsa`. */
  readonly certificate: Ends<CertificateKind>;
  readonly revocation: Ends<Revocation>;
  readonly protocol: 'esp' | 'ah';
  readonly mode: 'tunnel' | 'transport';
  /** Suites in order of preference, in charon's notation: `aes128-sha1-modp2048`. */
  readonly phase1: Ends<readonly string[]>;
  /** Suites in order of preference without a group: `aes128-sha1`, or `sha1` for AH. */
  readonly phase2: Ends<readonly string[]>;
  /** Group of perfect forward secrecy, or undefined. */
  readonly pfs: string | undefined;
  /** Hex. */
  readonly presharedKey: Ends<string>;
  readonly traffic: readonly [Traffic, ...Traffic[]];
  /** Seconds until an unfinished Phase 1 is given up. */
  readonly expireTimer: number;
  readonly more: MoreSettings;
}

const KEY = '5b8e0c1f9d2a4e67b3c04f7a1d6e9258c07b3fa1';

const NETWORKS: Readonly<Record<4 | 6, readonly [Traffic, ...Traffic[]]>> = {
  4: [
    { name: 'first', ours: '10.1.1.0/24', peers: '10.1.2.0/24', from: '10.1.1.1', to: '10.1.2.1' },
    { name: 'second', ours: '10.2.1.0/24', peers: '10.2.2.0/24', from: '10.2.1.1', to: '10.2.2.1' },
    { name: 'third', ours: '10.3.1.0/24', peers: '10.3.2.0/24', from: '10.3.1.1', to: '10.3.2.1' },
  ],
  6: [
    {
      name: 'first',
      ours: '2001:db8:1::/48',
      peers: '2001:db8:2::/48',
      from: '2001:db8:1::1',
      to: '2001:db8:2::1',
    },
  ],
};

export interface Wishes {
  /** `cable` if not given; the laboratory must have been opened with the same. */
  readonly cabling?: Cabling;
  readonly family?: 4 | 6;
  readonly exchange?: 'main' | 'aggressive';
  readonly auth?: 'psk' | 'rsa';
  /** Kind of both ends' identities, or all of both: `address` if not given. We are `east`, the peer is `west`. */
  readonly identity?: IdentityKind | Ends<Identity>;
  /** If not given, what the other end says. */
  readonly expected?: Partial<Ends<Identity | 'anybody'>>;
  readonly certificate?: Partial<Ends<CertificateKind>>;
  readonly revocation?: Revocation | Ends<Revocation>;
  readonly protocol?: 'esp' | 'ah';
  readonly mode?: 'tunnel' | 'transport';
  /** One list for both ends, or one for each. */
  readonly phase1?: string | Ends<readonly string[]>;
  readonly phase2?: string | Ends<readonly string[]>;
  readonly pfs?: string;
  readonly presharedKey?: Ends<string>;
  /** How many pairs of networks; 1 if not given. Transport mode has one pair of hosts. */
  readonly networks?: 1 | 2 | 3;
  /** A suite for each pair of networks, instead of `phase2`; there are as many pairs as suites. */
  readonly suites?: readonly [string, string, string];
  /** Narrows the traffic of transport mode. */
  readonly ports?: PortSelector;
  readonly expireTimer?: number;
  readonly more?: MoreSettings;
}

export function scenario(wishes: Wishes): Scenario {
  const { cabling = 'cable', family = 4, mode = 'tunnel', ports, suites } = wishes;
  const networks = suites?.length ?? wishes.networks ?? 1;
  const place = { ours: PLACES[cabling].ours[0], peers: PLACES[cabling].peers[0] };
  const [first, ...rest] = NETWORKS[family];
  const identity = bothIdentities(wishes.identity ?? 'address');
  return {
    cabling,
    family,
    place,
    exchange: wishes.exchange ?? 'main',
    auth: wishes.auth ?? 'psk',
    identity,
    expected: { ours: identity.peers, peers: identity.ours, ...wishes.expected },
    certificate: { ours: 'good', peers: 'good', ...wishes.certificate },
    revocation: bothRevocations(wishes.revocation ?? 'checked'),
    protocol: wishes.protocol ?? 'esp',
    mode,
    phase1: bothEnds(wishes.phase1 ?? 'aes128-sha1-modp1024'),
    phase2: bothEnds(wishes.phase2 ?? (wishes.protocol === 'ah' ? 'sha1' : 'aes128-sha1')),
    pfs: wishes.pfs,
    presharedKey: wishes.presharedKey ?? { ours: KEY, peers: KEY },
    traffic:
      mode === 'transport'
        ? [hostTraffic(place, family, ports)]
        : [
            withSuite(first, suites?.[0]),
            ...rest.slice(0, networks - 1).map((traffic, index) => withSuite(traffic, suites?.[index + 1])),
          ],
    expireTimer: wishes.expireTimer ?? 20,
    more: wishes.more ?? {},
  };
}

/** The scenario as the client number `index` behind the NAT sees it: its own place, name and network. */
export function forClient(whole: Scenario, index: number): Scenario {
  const client = clientEnd(whole.cabling);
  const place = client && PLACES[whole.cabling][client][index];
  const traffic = whole.traffic[index];
  if (client === undefined || place === undefined || traffic === undefined)
    throw new Error(`no client ${String(index)} in ${whole.cabling}, or no traffic of its own`);
  const identity = { ...whole.identity[client] };
  if (index > 0) identity.name += String(index + 1);
  return {
    ...whole,
    place: { ...whole.place, [client]: place },
    identity: { ...whole.identity, [client]: identity },
    expected: { ...whole.expected, [OTHER_END[client]]: identity },
    traffic: [traffic],
  };
}

function hostTraffic(place: Ends<Place>, family: 4 | 6, ports: PortSelector | undefined): Traffic {
  const [ours, peers] = [place.ours.own[family], place.peers.seenAs[family]];
  return { name: 'first', ours, peers, from: ours, to: peers, ...(ports && { ports }) };
}

function withSuite(traffic: Traffic, suite: string | undefined): Traffic {
  return suite === undefined ? traffic : { ...traffic, suite };
}

function bothEnds(wish: string | Ends<readonly string[]>): Ends<readonly string[]> {
  return typeof wish === 'string' ? { ours: [wish], peers: [wish] } : wish;
}

function bothIdentities(wish: IdentityKind | Ends<Identity>): Ends<Identity> {
  if (typeof wish !== 'string') return wish;
  return { ours: { name: 'east', kind: wish }, peers: { name: 'west', kind: wish } };
}

function bothRevocations(wish: Revocation | Ends<Revocation>): Ends<Revocation> {
  return typeof wish === 'string' ? { ours: wish, peers: wish } : wish;
}

/** What a test wants of the two ends, in words that both can be configured from. */
import { ADDRESS, type End } from './network.js';

/** Different at each end where they must differ, and the same otherwise. */
type Ends<T> = Readonly<Record<End, T>>;

export interface Traffic {
  /** Name of charon's child. */
  readonly name: string;
  readonly ours: string;
  readonly peers: string;
  /** One address of each side: what `ikeadm up` is asked for. */
  readonly from: string;
  readonly to: string;
}

export interface Scenario {
  readonly family: 4 | 6;
  readonly mode: 'tunnel' | 'transport';
  /** Suites in order of preference, in charon's notation: `aes128-sha1-modp2048`. */
  readonly phase1: Ends<readonly string[]>;
  /** Suites in order of preference without a group: `aes128-sha1`. */
  readonly phase2: Ends<readonly string[]>;
  /** Group of perfect forward secrecy, or undefined. */
  readonly pfs: string | undefined;
  /** Hex. */
  readonly presharedKey: Ends<string>;
  readonly traffic: readonly [Traffic, ...Traffic[]];
  /** Seconds until an unfinished Phase 1 is given up. */
  readonly expireTimer: number;
}

const KEY = '5b8e0c1f9d2a4e67b3c04f7a1d6e9258c07b3fa1';

const NETWORKS: Readonly<Record<4 | 6, readonly [Traffic, ...Traffic[]]>> = {
  4: [
    { name: 'first', ours: '10.1.1.0/24', peers: '10.1.2.0/24', from: '10.1.1.1', to: '10.1.2.1' },
    { name: 'second', ours: '10.2.1.0/24', peers: '10.2.2.0/24', from: '10.2.1.1', to: '10.2.2.1' },
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

function hostTraffic(family: 4 | 6): Traffic {
  const [ours, peers] = [ADDRESS.ours[family], ADDRESS.peers[family]];
  return { name: 'first', ours, peers, from: ours, to: peers };
}

export interface Wishes {
  readonly family?: 4 | 6;
  readonly mode?: 'tunnel' | 'transport';
  /** One list for both ends, or one for each. */
  readonly phase1?: string | Ends<readonly string[]>;
  readonly phase2?: string | Ends<readonly string[]>;
  readonly pfs?: string;
  readonly presharedKey?: Ends<string>;
  /** How many pairs of networks; 1 if not given. Transport mode has one pair of hosts. */
  readonly networks?: 1 | 2;
  readonly expireTimer?: number;
}

export function scenario(wishes: Wishes): Scenario {
  const { family = 4, mode = 'tunnel', networks = 1 } = wishes;
  const [first, ...rest] = NETWORKS[family];
  return {
    family,
    mode,
    phase1: bothEnds(wishes.phase1 ?? 'aes128-sha1-modp1024'),
    phase2: bothEnds(wishes.phase2 ?? 'aes128-sha1'),
    pfs: wishes.pfs,
    presharedKey: wishes.presharedKey ?? { ours: KEY, peers: KEY },
    traffic: mode === 'transport' ? [hostTraffic(family)] : [first, ...rest.slice(0, networks - 1)],
    expireTimer: wishes.expireTimer ?? 20,
  };
}

function bothEnds(wish: string | Ends<readonly string[]>): Ends<readonly string[]> {
  return typeof wish === 'string' ? { ours: [wish], peers: [wish] } : wish;
}

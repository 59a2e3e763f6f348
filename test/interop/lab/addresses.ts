/** Where the ends stand: who has which address, and what a NAT makes of it. */

export type End = 'ours' | 'peers';
export const OTHER_END = { ours: 'peers', peers: 'ours' } as const;

/**
 * `cable`: the ends meet on one cable. `routers`: two routers stand between, and the cable between them takes short packets
 * only. Behind a NAT stand two clients, `[0]` and `[1]`; the other end is one server.
 */
export type Cabling = 'cable' | 'routers' | 'ours-behind-nat' | 'peers-behind-nat';

export type AddressPair = Readonly<Record<4 | 6, string>>;

/** On a cable. Of a NAT's two sides, the outer one has the IPv4 addresses of the same network. */
export const ADDRESS = {
  ours: { 4: '10.99.0.1', 6: '2001:db8:99::1' },
  peers: { 4: '10.99.0.2', 6: '2001:db8:99::2' },
} as const;

/** Beyond the routers: the peer, and each router towards the end that is near it. */
const BEYOND = { 4: '10.99.1.2', 6: '2001:db8:98::2' } as const;
export const ROUTER = {
  ours: { 4: '10.99.0.254', 6: '2001:db8:99::fe' },
  peers: { 4: '10.99.1.254', 6: '2001:db8:98::fe' },
} as const;

export const NAT = { outside: '10.99.0.1', inside: '192.168.77.1' } as const;
const SERVER = '10.99.0.2';
const CLIENTS = ['192.168.77.2', '192.168.77.3'] as const;

/** One end's place in the network. */
export interface Place {
  /** Addresses of its interface. */
  readonly own: AddressPair;
  /** What the other end sees as the source of its packets. */
  readonly seenAs: AddressPair;
}

function plain(own: AddressPair): Place {
  return { own, seenAs: own };
}

/** Behind a NAT there is IPv4 only. */
function ipv4(own: string, seenAs: string): Place {
  return { own: { 4: own, 6: '' }, seenAs: { 4: seenAs, 6: '' } };
}

const BEHIND_NAT = [ipv4(CLIENTS[0], NAT.outside), ipv4(CLIENTS[1], NAT.outside)] as const;
const BEFORE_NAT = [ipv4(SERVER, SERVER)] as const;

type Places = readonly [Place, ...Place[]];

export const PLACES: Readonly<Record<Cabling, Readonly<Record<End, Places>>>> = {
  cable: { ours: [plain(ADDRESS.ours)], peers: [plain(ADDRESS.peers)] },
  routers: { ours: [plain(ADDRESS.ours)], peers: [plain(BEYOND)] },
  'ours-behind-nat': { ours: BEHIND_NAT, peers: BEFORE_NAT },
  'peers-behind-nat': { ours: BEFORE_NAT, peers: BEHIND_NAT },
};

/** The end behind the NAT, if there is one. */
export function clientEnd(cabling: Cabling): End | undefined {
  if (cabling === 'cable' || cabling === 'routers') return undefined;
  return cabling === 'ours-behind-nat' ? 'ours' : 'peers';
}

/** An address as it is known outside: of a client behind the NAT, the NAT's. */
export function outsideAddress(address: string): string {
  return CLIENTS.some((client) => client === address) ? NAT.outside : address;
}

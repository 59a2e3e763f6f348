/** Two simulated gateways with a network between them: the plan most simulations start from. */
import { prefixRange } from '../../services/net/address.js';
import type { EspProtection, IpsecPolicy } from '../../services/ports/kernel.js';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { Dice } from './dice.js';
import { type DaemonPlan, type SimulatedDaemon, startSimulated } from './simulated-daemon.js';
import { SimulatedNetwork } from './simulated-network.js';
import { VirtualClock } from './virtual-clock.js';

export const EAST = '192.0.2.1';
export const WEST = '192.0.2.2';
const EAST_NET = prefixRange('10.1.0.0', 16);
const WEST_NET = prefixRange('10.2.0.0', 16);

export const AES128_SHA1: EspProtection = {
  protocol: 50,
  encryption: 'aes-cbc',
  keyBits: { low: 128, high: 128 },
  integrity: 'hmac-sha1-96',
};

export function tunnelPolicy(
  end: 'east' | 'west',
  proposals: readonly EspProtection[] = [AES128_SHA1],
): IpsecPolicy {
  const east = { addresses: EAST_NET, port: 0 };
  const west = { addresses: WEST_NET, port: 0 };
  const here = end === 'east';
  return {
    selectors: { local: here ? east : west, remote: here ? west : east, protocol: 0 },
    mode: 'tunnel',
    outer: here ? { local: EAST, remote: WEST } : { local: WEST, remote: EAST },
    proposals: proposals.map((protection) => [protection]),
    ruleLabel: undefined,
  };
}

/** The tunnel between other networks behind the same gateways: 10.3.0.0/16 and 10.4.0.0/16. */
export function otherPolicy(end: 'east' | 'west'): IpsecPolicy {
  const east = { addresses: prefixRange('10.3.0.0', 16), port: 0 };
  const west = { addresses: prefixRange('10.4.0.0', 16), port: 0 };
  const selectors =
    end === 'east' ? { local: east, remote: west, protocol: 0 } : { local: west, remote: east, protocol: 0 };
  return { ...tunnelPolicy(end), selectors };
}

export interface ConfigWords {
  readonly globals?: string;
  readonly transform?: string;
  readonly pfs?: number;
  /** More settings of the rule. */
  readonly rule?: string;
}

export function configText(end: 'east' | 'west', words: ConfigWords = {}): string {
  const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
  return `${words.globals ?? ''}
{ label "peer" local_addr ${local} remote_addr ${remote} p2_pfs ${String(words.pfs ?? 0)} ${words.rule ?? ''}
  p1_xform { ${words.transform ?? 'auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128)'} } }
`;
}

export function presharedText(end: 'east' | 'west', key = '0123456789abcdef0123456789abcdef'): string {
  const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
  return `{ localidtype IP localid ${local} remoteidtype IP remoteid ${remote} key ${key} }\n`;
}

export function gatewayPlan(
  end: 'east' | 'west',
  changes: Partial<DaemonPlan> & { readonly words?: ConfigWords } = {},
): DaemonPlan {
  const { words, ...rest } = changes;
  return {
    address: end === 'east' ? EAST : WEST,
    config: configText(end, words),
    preshared: presharedText(end),
    policies: [tunnelPolicy(end)],
    ...rest,
  };
}

export interface Pair {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly east: SimulatedDaemon;
  readonly west: SimulatedDaemon;
}

export async function startPair(seed: number, eastPlan: DaemonPlan, westPlan: DaemonPlan): Promise<Pair> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new Dice(seed));
  const peers = new Map<string, SimulatedDaemon>();
  const east = await startSimulated(eastPlan, network, clock, seed * 2 + 1, peers);
  const west = await startSimulated(westPlan, network, clock, seed * 2 + 2, peers);
  return { clock, network, east, west };
}

/** A packet from behind `end` into one of the two tunnels. */
export function tunnelPacket(end: 'east' | 'west', tunnel: 'first' | 'other', text = 'hello'): Uint8Array {
  const [east, west] = tunnel === 'first' ? ['10.1.0.5', '10.2.0.9'] : ['10.3.0.1', '10.4.0.1'];
  const [from, to] = end === 'east' ? [east, west] : [west, east];
  return udpPacket(from, to, 4000, 4001, new TextEncoder().encode(text));
}

/** A packet of the eastern network to the western one. */
export function packetToWest(text = 'hello'): Uint8Array {
  return tunnelPacket('east', 'first', text);
}

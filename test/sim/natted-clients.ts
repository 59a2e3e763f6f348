/** Clients behind one NAT box, and the gateway that all of them speak with. */
import { prefixRange, single } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { Dice } from './dice.js';
import { NatBox } from './nat-box.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon, startSimulated } from './simulated-daemon.js';
import { SimulatedNetwork } from './simulated-network.js';
import { AES128_SHA1, WEST } from './two-gateways.js';
import { VirtualClock } from './virtual-clock.js';

export const OUTER = '203.0.113.1';
export const CLIENT = '10.9.0.1';
const OTHER = '10.9.0.2';
const WEST_NET = prefixRange('10.2.0.0', 16);
const KEY = '0123456789abcdef0123456789abcdef';
const WINDOW_MS = 60_000;

export function natPlan(local: string, remote: string, inners: readonly string[], rule = ''): DaemonPlan {
  const client = local !== WEST;
  const policies = inners.map((inner): IpsecPolicy => {
    const clientSide = { addresses: single(inner), port: 0 };
    const westSide = { addresses: WEST_NET, port: 0 };
    return {
      selectors: {
        local: client ? clientSide : westSide,
        remote: client ? westSide : clientSide,
        protocol: 0,
      },
      mode: 'tunnel',
      outer: { local, remote },
      proposals: [[AES128_SHA1]],
      ruleLabel: undefined,
    };
  });
  return {
    address: local,
    config: `{ label "peer" local_addr ${local} remote_addr ${remote} ${rule}
      p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128) } }`,
    preshared: `{ localidtype IP localid ${local} remoteidtype IP remoteid ${remote} key ${KEY} }\n`,
    policies,
  };
}

export interface NatWorld {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly nat: NatBox;
  readonly west: SimulatedDaemon;
  readonly clients: readonly SimulatedDaemon[];
}

/** Clients behind one box, each with one inner address that west's policy knows. */
export async function startBehindNat(
  rule: string,
  inners: readonly string[],
  changes: readonly Partial<DaemonPlan>[] = [],
): Promise<NatWorld> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new Dice(4));
  const nat = new NatBox(clock, { address: OUTER, idleMs: 30_000 });
  const peers = new Map<string, SimulatedDaemon>();
  const clients: SimulatedDaemon[] = [];
  for (const [index, inner] of inners.entries()) {
    const address = index === 0 ? CLIENT : OTHER;
    network.putBehind(nat, address);
    const plan = { ...natPlan(address, WEST, [inner], rule), ...changes[index] };
    clients.push(await startSimulated(plan, network, clock, 11 + index, peers));
  }
  const west = await startSimulated(natPlan(WEST, OUTER, inners, rule), network, clock, 20, peers);
  return { clock, network, nat, west, clients };
}

export async function bringUp({ clock }: NatWorld, client: SimulatedDaemon, inner: string): Promise<void> {
  client.kernel.output(udpPacket(inner, '10.2.0.9', 4000, 4001, new TextEncoder().encode('hello')));
  await runUntil(clock, () => client.engine.table.phase2Count > 0, WINDOW_MS);
  await runUntil(clock, () => false, 2000);
}

/** What RFC 3947 6, 7 and RFC 3948 5 demand of an end with several clients behind one NAT, in virtual time. */
import assert from 'node:assert/strict';
import { prefixRange, single } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { Dice } from '../sim/dice.js';
import { NatBox } from '../sim/nat-box.js';
import { liveSas } from '../sim/outcome.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon, startSimulated } from '../sim/simulated-daemon.js';
import { SimulatedNetwork } from '../sim/simulated-network.js';
import { AES128_SHA1, presharedText, WEST } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const OUTER = '203.0.113.1';
const CLIENTS = [
  { address: '10.9.0.1', inner: '10.1.0.5' },
  { address: '10.9.0.2', inner: '10.1.0.6' },
] as const;
const WEST_NET = prefixRange('10.2.0.0', 16);
const BEHIND_WEST = '10.2.0.9';

function policy(inner: string, local: string, remote: string): IpsecPolicy {
  const clientSide = { addresses: single(inner), port: 0 };
  const westSide = { addresses: WEST_NET, port: 0 };
  const [here, there] = local === WEST ? [westSide, clientSide] : [clientSide, westSide];
  return {
    selectors: { local: here, remote: there, protocol: 0 },
    mode: 'tunnel',
    outer: { local, remote },
    proposals: [[AES128_SHA1]],
    ruleLabel: undefined,
  };
}

function plan(local: string, remote: string, inners: readonly string[]): DaemonPlan {
  const keys = presharedText('east')
    .replace(/localid \S+/, `localid ${local}`)
    .replace(/remoteid \S+/, `remoteid ${remote}`);
  return {
    address: local,
    config: `{ label "peer" local_addr ${local} remote_addr ${remote}
      p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128) } }`,
    preshared: keys,
    policies: inners.map((inner) => policy(inner, local, remote)),
  };
}

interface World {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly nat: NatBox;
  readonly west: SimulatedDaemon;
  readonly clients: readonly SimulatedDaemon[];
}

async function up({ clock }: World, daemon: SimulatedDaemon, from: string, to: string): Promise<void> {
  const question = daemon.engine.up(from, to, 17);
  await runUntil(clock, () => false, 3000);
  const answer = await Promise.race([question, Promise.resolve(undefined)]);
  assert.ok(answer?.ok === true, answer?.ok === false ? answer.error.explanation : 'no answer');
}

/** Two clients behind one box, one after the other, each with a pair of SAs. */
async function connected(): Promise<World> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new Dice(4));
  const nat = new NatBox(clock, { address: OUTER, idleMs: 30_000 });
  const peers = new Map<string, SimulatedDaemon>();
  const clients: SimulatedDaemon[] = [];
  for (const [index, { address, inner }] of CLIENTS.entries()) {
    network.putBehind(nat, address);
    clients.push(await startSimulated(plan(address, WEST, [inner]), network, clock, 11 + index, peers));
  }
  const inners = CLIENTS.map(({ inner }) => inner);
  const west = await startSimulated(plan(WEST, OUTER, inners), network, clock, 20, peers);
  const world = { clock, network, nat, west, clients };
  for (const [index, client] of clients.entries()) await up(world, client, inners[index] ?? '', BEHIND_WEST);
  return world;
}

function portsOf({ west }: World): readonly number[] {
  return [...west.engine.table.phase1()].map(({ sa }) => sa.remote.port);
}

describe('two clients behind one NAT', () => {
  it('are told apart by their ports: the INITIAL-CONTACT of one leaves the SAs of the other', async () => {
    const world = await connected();
    assert.equal(new Set(portsOf(world)).size, 2);
    assert.equal(world.west.engine.table.phase2Count, 2);
    assert.deepEqual(world.clients.flatMap(liveSas).sort(), liveSas(world.west));
  });
});

describe('a client whose NAT gives it another port', () => {
  it('is followed there when an authentic message comes from it, and not for noise', async () => {
    const world = await connected();
    const { network, nat, west, clients } = world;
    const [client] = clients;
    const cookie = [...(client?.engine.table.phase1() ?? [])][0]?.sa.initiatorCookie ?? '';
    const entry = [...west.engine.table.phase1()].find(({ sa }) => sa.initiatorCookie === cookie);
    assert.ok(client && entry);
    const was = entry.sa.remote.port;
    nat.rebind();
    const last = network.sent.findLast(
      ({ from, bytes }) => from.address === client.address && bytes.length > 60,
    );
    assert.ok(last);
    west.engine.receive({
      local: { address: WEST, port: 4500 },
      remote: { address: OUTER, port: 6666 },
      bytes: last.bytes.map((byte, index) => (index > 40 ? byte ^ 0x5a : byte)),
    });
    assert.equal(entry.sa.remote.port, was);
    const before = network.sent.length;
    await up(world, client, CLIENTS[0].inner, BEHIND_WEST);
    assert.notEqual(entry.sa.remote.port, was);
    const answers = network.sent.slice(before).filter(({ from }) => from.address === WEST);
    assert.ok(answers.length > 0 && answers.every(({ to }) => to.port === entry.sa.remote.port));
  });
});

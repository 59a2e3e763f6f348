/** What RFC 3947 and RFC 3948 demand of two ends with a NAT between them, in virtual time. */
import assert from 'node:assert/strict';
import { probe } from '../../services/exchange/dead-peer-detection.js';
import { allOf } from '../../services/exchange/payloads-of.js';
import { attributeNumber } from '../../services/isakmp/payloads/attribute.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { ENCAPSULATION_MODE, IPSEC_ATTRIBUTE } from '../../services/isakmp/registries/ipsec-attributes.js';
import { isVendorId, VENDOR_ID } from '../../services/isakmp/registries/vendor-ids.js';
import { addressFromBytes, prefixRange, single } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { onlyPhase1, protectedMessage } from '../sim/informational-message.js';
import { Dice } from '../sim/dice.js';
import { NatBox } from '../sim/nat-box.js';
import { liveSas } from '../sim/outcome.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon, startSimulated } from '../sim/simulated-daemon.js';
import { SimulatedNetwork } from '../sim/simulated-network.js';
import { AES128_SHA1, presharedText, WEST } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { opener, type OpenedMessage } from './opened-run.js';

const OUTER = '203.0.113.1';
const CLIENT = '10.9.0.1';
const INNER = '10.1.0.5';
/** Holds port 4500 of the box, so that the client gets another. */
const NEIGHBOUR = '10.9.0.2';
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

function plan(local: string, remote: string, wanted: IpsecPolicy): DaemonPlan {
  const keys = presharedText('east')
    .replace(/localid \S+/, `localid ${local}`)
    .replace(/remoteid \S+/, `remoteid ${remote}`);
  return {
    address: local,
    config: `{ label "peer" local_addr ${local} remote_addr ${remote}
      p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128) } }`,
    preshared: keys,
    policies: [wanted],
  };
}

interface World {
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly west: SimulatedDaemon;
  readonly client: SimulatedDaemon;
}

/** A client behind a box, and west outside. */
async function behindBox(wanted: (local: string, remote: string) => IpsecPolicy): Promise<World> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new Dice(4));
  const nat = new NatBox(clock, { address: OUTER, idleMs: 30_000 });
  nat.outward({ address: NEIGHBOUR, port: 4500 }, { address: WEST, port: 4500 });
  const peers = new Map<string, SimulatedDaemon>();
  network.putBehind(nat, CLIENT);
  const client = await startSimulated(plan(CLIENT, WEST, wanted(CLIENT, WEST)), network, clock, 11, peers);
  const west = await startSimulated(plan(WEST, OUTER, wanted(WEST, OUTER)), network, clock, 20, peers);
  return { clock, network, west, client };
}

/** With a pair of SAs between the networks behind them. */
async function connected(): Promise<World> {
  const world = await behindBox((local, remote) => policy(INNER, local, remote));
  await up(world, world.client, INNER, BEHIND_WEST);
  return world;
}

async function up({ clock }: World, daemon: SimulatedDaemon, from: string, to: string): Promise<void> {
  const question = daemon.engine.up(from, to, 17);
  await runUntil(clock, () => false, 2000);
  const answer = await question;
  assert.ok(answer.ok, answer.ok ? '' : answer.error.explanation);
}

describe('through a NAT', () => {
  let world: World;
  let messages: readonly OpenedMessage[] = [];

  before(async () => {
    world = await connected();
    messages = opener({ ...world, east: world.client })(world.network.sent);
    assert.equal(messages.length, 9);
  });

  const quickModes = (): readonly OpenedMessage[] =>
    messages.filter(({ header }) => header.exchangeType === EXCHANGE.quickMode);

  it('both ends have said the vendor ID in their first messages', () => {
    for (const { payloads } of messages.slice(0, 2))
      assert.ok(allOf(payloads, 'VENDOR').some(({ data }) => isVendorId(VENDOR_ID.natT, data)));
  });

  it('identities of Phase 1 name no port', () => {
    const ids = messages.slice(4, 6).flatMap(({ payloads }) => allOf(payloads, 'ID'));
    assert.deepEqual(
      ids.map(({ port }) => port),
      [0, 0],
    );
  });

  it('SAs are offered in UDP and in no other way', () => {
    const modes = quickModes().flatMap(({ payloads }) =>
      allOf(payloads, 'SA').flatMap(({ proposals }) =>
        proposals.flatMap(({ transforms }) =>
          transforms.map(({ attributes }) => {
            const found = attributes.find(({ type }) => type === IPSEC_ATTRIBUTE.encapsulationMode);
            return found === undefined ? undefined : attributeNumber(found);
          }),
        ),
      ),
    );
    assert.deepEqual(modes, [ENCAPSULATION_MODE.udpTunnel, ENCAPSULATION_MODE.udpTunnel]);
  });

  it('tunnel mode tells no original addresses', () => {
    for (const { payloads } of quickModes())
      assert.deepEqual(
        payloads.filter(({ kind }) => kind === 'NAT-OA' || kind === 'NAT-OA-DRAFT'),
        [],
      );
  });

  it('what the responder begins goes from port 4500 to the port that was used last', async () => {
    const before = world.network.sent.length;
    const [entry] = [...world.west.engine.table.phase1()];
    assert.ok(entry);
    assert.notEqual(entry.sa.remote.port, 4500);
    await up(world, world.west, BEHIND_WEST, INNER);
    const sent = world.network.sent.slice(before).filter(({ from }) => from.address === WEST);
    assert.ok(sent.length > 0);
    for (const { from, to } of sent) {
      assert.equal(from.port, 4500);
      assert.deepEqual(to, { address: OUTER, port: entry.sa.remote.port });
    }
    assert.equal(world.client.engine.table.phase2Count, 2);
    assert.deepEqual(liveSas(world.client), liveSas(world.west));
  });

  it('the end behind it stays with the place of the other, wherever a message seems to come from', () => {
    const { west, client } = world;
    const entry = onlyPhase1(client);
    const before = entry.sa.remote;
    const bytes = protectedMessage(west, [probe(onlyPhase1(west).sa, 5)], 7);
    client.engine.receive({
      local: { address: CLIENT, port: 4500 },
      remote: { address: WEST, port: 6666 },
      bytes,
    });
    assert.equal(client.engine.drops.total, 0);
    assert.deepEqual(onlyPhase1(client).sa.remote, before);
  });
});

describe('transport mode through a NAT', () => {
  it('tells both original addresses in messages 1 and 2 of Quick Mode', async () => {
    const hosts = (local: string, remote: string): IpsecPolicy => ({
      ...policy(INNER, local, remote),
      mode: 'transport',
      selectors: {
        local: { addresses: single(local), port: 0 },
        remote: { addresses: single(remote), port: 0 },
        protocol: 0,
      },
    });
    const { client, west, clock, network } = await behindBox(hosts);
    const question = client.engine.up(CLIENT, WEST, 17);
    await runUntil(clock, () => false, 2000);
    const answer = await question;
    assert.ok(answer.ok, answer.ok ? '' : answer.error.explanation);
    const messages = opener({ clock, network, west, east: client })(network.sent);
    const quickMode = messages.filter(({ header }) => header.exchangeType === EXCHANGE.quickMode);
    const told = quickMode.map(({ payloads }) =>
      allOf(payloads, 'NAT-OA').map(({ address }) => addressFromBytes(address)),
    );
    // The client has its own address and west's; west sees the box.
    assert.deepEqual(told, [[CLIENT, WEST], [OUTER, WEST], []]);
  });
});

describe('a Main Mode that begins on port 4500', () => {
  it('is answered there', async () => {
    const { client, west, clock, network } = await behindBox((local, remote) => policy(INNER, local, remote));
    void client.engine.up(INNER, BEHIND_WEST, 17);
    await runUntil(clock, () => network.sent.length > 0, 2000);
    const [offer] = network.sent;
    assert.ok(offer);
    network.filter = () => 'drop';
    const remote = { address: OUTER, port: 7777 };
    west.engine.receive({ local: { address: WEST, port: 4500 }, remote, bytes: offer.bytes });
    await runUntil(clock, () => false, 100);
    const [answer] = network.sent.filter(({ from }) => from.address === WEST);
    assert.deepEqual([answer?.from.port, answer?.to], [4500, remote]);
  });
});

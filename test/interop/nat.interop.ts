/** NAT traversal: forced by a peer that pretends, and through a NAT that really masquerades. */
import assert from 'node:assert/strict';
import { clientEnd, type Cabling } from './lab/addresses.js';
import { useLab, type Lab, type Pair } from './lab/lab.js';
import { assertEstablishes, establish, ROLES, type Role } from './lab/roles.js';
import { assertSameSas } from './lab/same-sas.js';
import { deletedSpis, installedSas, type SaLine } from './lab/sa-log.js';
import { scenario, type Wishes } from './lab/scenario.js';
import { eventually } from './lab/shell.js';

const METHODS: Readonly<Record<string, Wishes>> = {
  'main RSA': { auth: 'rsa', identity: 'fqdn' },
  'aggressive PSK': { exchange: 'aggressive', identity: 'fqdn' },
};

/** Ports of the UDP encapsulation of what was installed; `-` for an SA without. */
function encapsulation(lines: readonly SaLine[]): readonly string[] {
  return lines
    .filter((line) => line.op !== 'delete' && line.enc !== undefined)
    .map((line) => line.encap?.join(' ') ?? '-');
}

/** After the first two messages, all of IKE goes between these ports. */
async function assertFloated(lab: Lab): Promise<void> {
  const moved = await lab.capture.rows('udpencap && isakmp', 'udp.srcport', 'udp.dstport');
  assert.ok(moved.length >= 4, 'the end of Phase 1 and Quick Mode float');
}

describe('NAT traversal, forced by the peer', () => {
  const lab = useLab();
  const forced: Readonly<Record<string, Wishes>> = {
    ...METHODS,
    'main PSK': {},
    'main PSK, transport': { mode: 'transport' },
    'aggressive RSA': { exchange: 'aggressive', auth: 'rsa', identity: 'dn' },
  };
  for (const role of ROLES) {
    for (const [name, wishes] of Object.entries(forced)) {
      it(`${role}: ${name}`, async () => {
        const pair = await lab.arrange(scenario({ ...wishes, more: { connection: { encap: 'yes' } } }));
        await assertEstablishes(role, pair);
        await assertFloated(lab);
        assert.deepEqual(encapsulation(pair.charon.saLines()), ['2 4500 4500', '2 4500 4500']);
      });
    }
  }

  for (const role of ROLES) {
    it(`${role}: without a NAT nothing floats`, async () => {
      const pair = await lab.arrange(scenario({}));
      await assertEstablishes(role, pair);
      assert.deepEqual(await lab.capture.rows('udpencap && isakmp', 'udp.srcport'), []);
      assert.deepEqual(encapsulation(pair.charon.saLines()), ['-', '-']);
    });
  }
});

/** Through a NAT the end behind it begins. */
const SIDES: Readonly<Record<Role, Cabling>> = {
  initiator: 'ours-behind-nat',
  responder: 'peers-behind-nat',
};

for (const role of ROLES) {
  const cabling = SIDES[role];
  const other: Role = role === 'initiator' ? 'responder' : 'initiator';

  describe(`a NAT in front of ${role === 'initiator' ? 'us' : 'the peer'}`, () => {
    const lab = useLab({ cabling, charon: { keep_alive: 1 } });

    for (const [name, wishes] of Object.entries(METHODS)) {
      it(`${role}: ${name}`, async () => {
        const pair = await lab.arrange(scenario({ cabling, ...wishes }));
        await assertEstablishes(role, pair);
        await assertFloated(lab);
      });

      it(`${role}: ${name}, transport`, async () => {
        const pair = await lab.arrange(scenario({ cabling, mode: 'transport', ...wishes }));
        await assertEstablishes(role, pair);
        await assertFloated(lab);
      });

      it(`${role}: ${name}, the NAT gives another port, and both ends can begin afterwards`, async () => {
        const pair = await lab.arrange(scenario({ cabling, networks: 3, ...wishes }));
        const [first, second, third] = pair.scenario.traffic;
        assert.ok(second !== undefined && third !== undefined);
        await establish(role, pair, first);
        await assertSameSas(pair.daemon, pair.charon);
        const before = await clientPorts(lab, pair);
        await lab.network.rebind();
        await establish(role, pair, second);
        await assertSameSas(pair.daemon, pair.charon, 2);
        const after = await clientPorts(lab, pair);
        assert.notDeepEqual(after, before, 'the NAT gave another port');
        // The server reaches the client where it is now.
        await establish(other, pair, third);
        await assertSameSas(pair.daemon, pair.charon, 3);
        assert.equal(await pair.daemon.phase1Held(), 1);
      });
    }

    it(`${role}: keepalives`, async () => {
      const pair = await lab.arrange(scenario({ cabling, auth: 'rsa', identity: 'fqdn' }));
      await assertEstablishes(role, pair);
      // Ours come every 20 s.
      const [keepalive] = await eventually('a keepalive', 30, async () => {
        const rows = await lab.capture.rows('udpencap.nat_keepalive', 'ip.dst');
        return rows.length > 0 ? rows : undefined;
      });
      const server = clientEnd(cabling) === 'ours' ? pair.scenario.place.peers : pair.scenario.place.ours;
      assert.deepEqual(keepalive, [server.own[4]]);
    });

    it(`${role}: two clients at once`, async () => {
      const wishes = { auth: 'rsa', identity: 'dn', networks: 2 } as const;
      const expected: Wishes['expected'] =
        clientEnd(cabling) === 'ours' ? { peers: 'anybody' } : { ours: 'anybody' };
      const pairs = await lab.arrangeClients(scenario({ cabling, ...wishes, expected }));
      for (const pair of pairs) await establish(role, pair, pair.scenario.traffic[0]);
      const [{ daemon, charon }, second] = pairs;
      const clients =
        clientEnd(cabling) === 'ours'
          ? ([daemon, second.daemon] as const)
          : ([charon, second.charon] as const);
      const server = clientEnd(cabling) === 'ours' ? charon : daemon;
      // Whoever answers installs its outbound SA after the last message.
      await eventually('two pairs of SAs at the server', 5, () =>
        installedSas(server.saLines()).length >= 4 ? true : undefined,
      );
      const held = clients.flatMap((client) => installedSas(client.saLines()));
      assert.deepEqual(
        installedSas(server.saLines()),
        held.sort((a, b) => a.spi.localeCompare(b.spi)),
      );
      const phase1s = async (): Promise<number> =>
        server === charon ? (await charon.held()).phase1 : daemon.phase1Held();
      assert.equal(await phase1s(), 2);

      // One leaves; the server takes down what was its own, and nothing else.
      if (clientEnd(cabling) === 'ours') await second.daemon.stop();
      else await second.charon.terminate();
      await eventually('the server has followed', 5, async () =>
        (await phase1s()) === 1 ? true : undefined,
      );
      const itsOwn = installedSas(clients[1].saLines()).map((sa) => sa.spi);
      assert.deepEqual([...deletedSpis(server.saLines())].sort(), itsOwn);
    });
  });
}

/** The ports from which the server has seen the client's NAT-T packets. */
async function clientPorts(lab: Lab, { scenario: { place, cabling } }: Pair): Promise<string> {
  const client = place[clientEnd(cabling) ?? 'ours'].seenAs[4];
  const rows = await lab.capture.rows(`udpencap && isakmp && ip.src == ${client}`, 'udp.srcport');
  return rows.at(-1)?.[0] ?? '';
}

/** ESP in UDP 4500 by the kernel itself, through a NAT that masquerades: traffic, and a NAT that gives another port. */
import assert from 'node:assert/strict';
import { clientEnd, OTHER_END, type Cabling } from '../interop/lab/addresses.js';
import { scenario, type Wishes } from '../interop/lab/scenario.js';
import { eventually } from '../interop/lab/shell.js';
import { assertCarries } from './lab/assert-carries.js';
import { onBench, useBench, type Bench, type PeerKind } from './lab/bench.js';
import { spis } from './lab/held-sas.js';
import { KERNELS, type KernelName } from './lab/kernels.js';

/** The ends know each other by name: an address is not the same on both sides of a NAT. */
const NAMED = { exchange: 'aggressive', identity: 'fqdn' } as const satisfies Wishes;

/** The port at which the server reaches the client, by both SAs. */
async function clientPorts(bench: Bench, cabling: Cabling): Promise<readonly number[]> {
  const client = clientEnd(cabling) ?? 'ours';
  const address = bench.scenario.place[client].seenAs[4];
  const sas = await bench.held(OTHER_END[client]);
  return sas.flatMap(({ source, ports }) => {
    if (ports === undefined) return [];
    return source === address ? [ports[0]] : [ports[1]];
  });
}

function throughNat(kernel: KernelName, peer: PeerKind, cabling: Cabling): void {
  const client = clientEnd(cabling) ?? 'ours';
  const server = OTHER_END[client];
  const who = client === 'ours' ? 'we are behind it' : `${peer} is behind it`;

  describe(`--kernel ${kernel}: through a NAT, with ${peer}; ${who}`, () => {
    const bench = useBench({ kernel, peer, scenario: scenario({ ...NAMED, cabling }), trap: true });

    it('ping and TCP travel as ESP in UDP', async () => {
      await bench().untilPing(client);
      await assertCarries(bench(), 'esp-in-udp');
    });

    it('the NAT gives another port: the server follows, SAs and traffic stay', async () => {
      const before = await clientPorts(bench(), cabling);
      const held = spis(await bench().held(server));
      await bench().network.rebind();
      // The kernel of the server hears the client's packets from elsewhere, and tells its daemon.
      await bench().untilPing(client);
      const after = await eventually('both SAs of the server go to the new port', 15, async () => {
        const ports = await clientPorts(bench(), cabling);
        return new Set([...ports, ...before]).size === 2 && ports[0] !== before[0] ? ports : undefined;
      });
      assert.equal(after.length, 2);
      assert.deepEqual(spis(await bench().held(server)), held);
      await assertCarries(bench(), 'esp-in-udp');
    });
  });
}

for (const kernel of KERNELS) {
  throughNat(kernel, 'charon', 'peers-behind-nat');
  throughNat(kernel, 'in.iked', 'ours-behind-nat');

  describe(`--kernel ${kernel}: through a NAT in transport mode`, () => {
    it('with charon: checksums over addresses that the NAT changed do not matter (RFC 3948 3.1.2)', async () => {
      const plan = scenario({ ...NAMED, cabling: 'ours-behind-nat', mode: 'transport' });
      await onBench({ kernel, peer: 'charon', scenario: plan }, async (bench) => {
        await bench.untilPing();
        await assertCarries(bench, 'esp-in-udp');
      });
    });
  });
}

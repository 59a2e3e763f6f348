/** The bench itself: what is asked of our daemon is something that charon does with another charon. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cabling, End } from './lab/addresses.js';
import { Capture } from './lab/capture.js';
import { Charon, compileShim } from './lab/charon.js';
import { openNetwork, type Network } from './lab/network.js';
import { Pki } from './lab/pki.js';
import { deletedSpis, installedSas, type SaFacts } from './lab/sa-log.js';
import { forClient, scenario, type Scenario, type Wishes } from './lab/scenario.js';
import { assertSameSas } from './lab/same-sas.js';
import { eventually } from './lab/shell.js';

interface Bench {
  /** One for each place of the end. */
  charons(end: End): readonly Charon[];
  readonly network: Network;
  readonly capture: Capture;
  /** Configures the first charon of each end. */
  configure(wanted: Scenario): Promise<readonly [ours: Charon, peers: Charon]>;
}

/** Charon at every place of a network. */
function useBench(cabling: Cabling): Bench {
  let directory: string;
  let network: Network;
  let capture: Capture;
  const charons: Record<End, Charon[]> = { ours: [], peers: [] };

  before(async function () {
    this.timeout(60_000);
    directory = mkdtempSync(join(tmpdir(), 'ikechart-interop-'));
    network = await openNetwork(cabling);
    const shim = await compileShim(directory);
    const pki = await Pki.make(join(directory, 'pki'));
    const settings = { fragment_size: 576, keep_alive: 1 };
    const server = cabling === 'ours-behind-nat' ? network.peers : network.ours;
    capture = Capture.start(server[0], join(directory, 'packets.pcap'));
    for (const end of ['ours', 'peers'] as const) {
      for (const [index, namespace] of network[end].entries()) {
        const files = join(directory, `${end}-${String(index)}`);
        charons[end].push(await Charon.start({ namespace, end, directory: files, shim, pki, settings }));
      }
    }
  });

  afterEach(async () => {
    for (const charon of [...charons.ours, ...charons.peers]) await charon.forget();
  });

  after(async function () {
    this.timeout(30_000);
    for (const charon of [...charons.ours, ...charons.peers]) await charon.stop();
    await capture.stop();
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  });

  return {
    charons: (end) => charons[end],
    get network() {
      return network;
    },
    get capture() {
      return capture;
    },
    async configure(wanted) {
      const [ours, peers] = [charons.ours[0], charons.peers[0]];
      assert.ok(ours !== undefined && peers !== undefined, 'the bench has not been opened yet');
      capture.mark();
      await ours.configure(wanted);
      await peers.configure(wanted);
      return [ours, peers];
    },
  };
}

describe('the bench, charon at both ends', () => {
  const bench = useBench('cable');

  const cases: readonly (Wishes & { readonly name: string })[] = [
    { name: 'transport', mode: 'transport', phase1: '3des-md5-modp1024', phase2: '3des-md5' },
    { name: 'PFS', phase1: 'aes256-sha384-ecp384', phase2: 'aes256-sha384', pfs: 'ecp384' },
    { name: 'NULL', phase1: 'aes128-sha256-modp768', phase2: 'null-sha1' },
    { name: 'IPv6', family: 6, phase1: 'aes192-sha512-ecp521', phase2: 'aes192-sha512', pfs: 'modp2048' },
    { name: 'AH, group 22', protocol: 'ah', phase1: 'aes128-sha1-modp1024s160', phase2: 'sha256' },
    {
      name: 'AH, transport, group 23',
      protocol: 'ah',
      mode: 'transport',
      phase1: 'aes128-sha1-modp2048s224',
    },
    { name: 'AES-GCM, group 24', phase1: 'aes128-sha1-modp2048s256', phase2: 'aes256gcm16' },
    {
      name: 'AES-CTR, transport with ports',
      mode: 'transport',
      phase2: 'aes128ctr-sha1',
      ports: { protocol: 'udp', ours: 0, peers: 1701 },
    },
    { name: 'Blowfish', phase2: 'blowfish128-sha1' },
    { name: 'aggressive PSK, address', exchange: 'aggressive' },
    { name: 'aggressive PSK, FQDN', exchange: 'aggressive', identity: 'fqdn' },
    { name: 'aggressive PSK, user FQDN', exchange: 'aggressive', identity: 'user_fqdn' },
    { name: 'aggressive RSA, DN', exchange: 'aggressive', auth: 'rsa', identity: 'dn' },
    { name: 'main RSA, DN', auth: 'rsa', identity: 'dn' },
    { name: 'main RSA, FQDN', auth: 'rsa', identity: 'fqdn' },
    { name: 'main RSA, user FQDN', auth: 'rsa', identity: 'user_fqdn' },
    { name: 'main RSA, address', auth: 'rsa', identity: 'address' },
    { name: 'main RSA, CRLs ignored', auth: 'rsa', identity: 'dn', revocation: 'ignored' },
  ];
  for (const { name, ...wishes } of cases) {
    it(name, async () => {
      const wanted = scenario(wishes);
      const [ours, peers] = await bench.configure(wanted);
      assert.equal(await ours.initiate('first'), true);
      const sas = await assertSameSas(ours, peers);
      assert.ok(sas.every((sa) => sa.mode === wanted.mode && sa.proto === (wishes.protocol ? 51 : 50)));
      assert.deepEqual(await peers.held(), { phase1: 1, children: 1 });

      await ours.terminate();
      const spis = sas.map((sa) => sa.spi);
      await eventually(
        'both SAs deleted',
        3,
        () => spis.every((spi) => deletedSpis(peers.saLines()).has(spi)) || undefined,
      );
      assert.deepEqual(await peers.held(), { phase1: 0, children: 0 });
    });
  }

  it('sees a key that differs in one digit', async () => {
    const [ours, peers] = await bench.configure(scenario({}));
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    const flipped = {
      saLines: () =>
        peers.saLines().map((line) => {
          if (line.auth === undefined) return line;
          const { alg, key } = line.auth;
          return { ...line, auth: { alg, key: key.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) } };
        }),
    };
    await assert.rejects(assertSameSas(ours, flipped), assert.AssertionError);
  });

  const rsa = { auth: 'rsa', identity: 'dn' } as const;
  const refusals: Readonly<Record<string, Wishes>> = {
    'another pre-shared key': { presharedKey: { ours: '00112233', peers: '44556677' } },
    'a revoked certificate': { ...rsa, certificate: { ours: 'revoked' } },
    'a revoked certificate of the responder': { ...rsa, certificate: { peers: 'revoked' } },
    'an expired certificate': { ...rsa, certificate: { ours: 'expired' } },
    "a stranger's certificate": { ...rsa, certificate: { ours: 'strange' } },
    'no CRL where one is demanded': { ...rsa, revocation: 'missing' },
    'another identity': { ...rsa, expected: { peers: { name: 'north', kind: 'dn' } } },
  };
  for (const [name, wishes] of Object.entries(refusals)) {
    it(`sees a refusal: ${name}`, async () => {
      const [ours, peers] = await bench.configure(scenario(wishes));
      assert.equal(await ours.initiate('first'), false);
      assert.deepEqual(installedSas(ours.saLines()), []);
      assert.deepEqual(installedSas(peers.saLines()), []);
    });
  }

  it('a revoked certificate passes where CRLs are ignored', async () => {
    const wishes = { ...rsa, certificate: { ours: 'revoked' }, revocation: 'ignored' } as const;
    const [ours, peers] = await bench.configure(scenario(wishes));
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
  });

  it('a chain of certificates in fragments of 576 bytes, both ways', async () => {
    const wishes = { ...rsa, certificate: { ours: 'chained', peers: 'chained' } } as const;
    const wanted = scenario({ ...wishes, more: { connection: { fragmentation: 'force' } } });
    const [ours, peers] = await bench.configure(wanted);
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    const fragments = await bench.capture.rows('isakmp.nextpayload == 132', 'ip.src', 'ip.len');
    assert.deepEqual([...new Set(fragments.map(([from]) => from))].sort(), [
      wanted.place.ours.own[4],
      wanted.place.peers.own[4],
    ]);
    assert.ok(fragments.every(([, length]) => Number(length) <= 576));
  });

  it('forced UDP encapsulation', async () => {
    const [ours, peers] = await bench.configure(scenario({ more: { connection: { encap: 'yes' } } }));
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    assert.deepEqual([...encapsulations(ours), ...encapsulations(peers)], ['2', '2', '2', '2']);
    const moved = await bench.capture.rows('udpencap && isakmp', 'udp.srcport', 'udp.dstport');
    assert.ok(moved.length > 0 && moved.every((ports) => ports.join() === '4500,4500'));
  });

  it('a silenced peer is found dead', async () => {
    const [ours, peers] = await bench.configure(
      scenario({ more: { connection: { dpd_delay: '1s', dpd_timeout: '3s' } } }),
    );
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    const [namespace] = bench.network.peers;
    await bench.network.silence(namespace, true);
    try {
      await eventually('the dead peer is cleared', 15, async () =>
        (await ours.held()).phase1 === 0 ? true : undefined,
      );
    } finally {
      await bench.network.silence(namespace, false);
    }
  });

  it('renews a child and a Phase 1 when told to', async () => {
    const [ours, peers] = await bench.configure(scenario({}));
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    await ours.rekeyChild('first');
    await assertSameSas(ours, peers, 2);
    await ours.rekeyPhase1();
    await eventually('another Phase 1', 5, () =>
      (ours.log().match(/IKE_SA ours\[\d+\] established/g)?.length ?? 0) >= 2 ? true : undefined,
    );
  });
});

/** Types of the UDP encapsulation of what was installed. */
function encapsulations(charon: Charon): readonly string[] {
  return charon
    .saLines()
    .filter((line) => line.enc !== undefined)
    .map((line) => String(line.encap?.[0]));
}

describe('the bench behind a NAT, charon at every place', () => {
  const bench = useBench('ours-behind-nat');

  const cases: Readonly<Record<string, Wishes>> = {
    'main RSA': { auth: 'rsa', identity: 'fqdn' },
    'aggressive PSK': { exchange: 'aggressive', identity: 'fqdn' },
  };
  for (const [name, wishes] of Object.entries(cases)) {
    it(`${name}: another port after the mapping is lost, and the server follows`, async () => {
      const wanted = scenario({ cabling: 'ours-behind-nat', networks: 3, ...wishes });
      const [ours, peers] = await bench.configure(wanted);
      assert.equal(await ours.initiate('first'), true);
      await assertSameSas(ours, peers);
      assert.deepEqual(encapsulations(ours), ['2', '2']);
      const [before] = encapsulationPorts(peers);

      await bench.network.rebind();
      assert.equal(await ours.initiate('second'), true);
      await assertSameSas(ours, peers, 2);
      const after = encapsulationPorts(peers).at(-1);
      assert.notEqual(after, before, 'the NAT gave another port');
      assert.equal(await peers.initiate('third'), true, 'the server reaches the client by its new port');
      await assertSameSas(ours, peers, 3);
    });
  }

  it('keepalives', async () => {
    const [ours, peers] = await bench.configure(
      scenario({ cabling: 'ours-behind-nat', auth: 'rsa', identity: 'fqdn' }),
    );
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    await eventually('a keepalive', 5, async () =>
      (await bench.capture.rows('udpencap.nat_keepalive', 'udp.dstport')).length > 0 ? true : undefined,
    );
  });

  it('two clients at once', async () => {
    const whole = scenario({
      cabling: 'ours-behind-nat',
      networks: 2,
      auth: 'rsa',
      identity: 'dn',
      expected: { peers: 'anybody' },
    });
    const [server] = bench.charons('peers');
    assert.ok(server !== undefined);
    await server.configure(whole);
    const sas: SaFacts[] = [];
    for (const [index, client] of bench.charons('ours').entries()) {
      const wanted = forClient(whole, index);
      await client.configure(wanted);
      assert.equal(await client.initiate(wanted.traffic[0].name), true);
      sas.push(...installedSas(client.saLines()));
    }
    assert.deepEqual(await server.held(), { phase1: 2, children: 2 });
    assert.deepEqual(
      installedSas(server.saLines()),
      sas.sort((a, b) => a.spi.localeCompare(b.spi)),
    );
  });
});

/** Of the peer, as the server sees them. */
function encapsulationPorts(charon: Charon): readonly number[] {
  return charon
    .saLines()
    .flatMap((line) => (line.encap ? line.encap.slice(1) : []))
    .filter((port) => port !== 4500);
}

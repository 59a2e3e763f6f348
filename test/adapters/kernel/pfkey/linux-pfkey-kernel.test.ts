/** PF_KEY of Linux behind the kernel port, with a simulated kernel: what it is asked, and what is believed of it. */
import assert from 'node:assert/strict';
import { linuxPfkeyKernel } from '../../../../adapters/kernel/pfkey/pfkey-kernels.js';
import type { PfkeyKernel } from '../../../../adapters/kernel/pfkey/pfkey-kernel.js';
import { KeyStore } from '../../../../daemon/key-store.js';
import type { EspCipher } from '../../../../services/algorithms.js';
import type { PfkeyExtension } from '../../../../services/pfkey/extension.js';
import type { Acquire, IpsecPolicy, KernelSa, SaIdentity } from '../../../../services/ports/kernel.js';
import { Dice } from '../../../sim/dice.js';
import { finished } from '../../../sim/pfkey/key-gateways.js';
import { packetBetween, SimulatedLinuxKernel } from '../../../sim/pfkey/simulated-linux-kernel.js';
import type { SimulatedSa } from '../../../sim/pfkey/simulated-key-kernel.js';
import { tunnelPolicy } from '../../../sim/two-gateways.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';

const [US, PEER] = ['192.0.2.1', '192.0.2.2'];
const IN_UDP = { localPort: 4500, remotePort: 61000, original: { local: undefined, remote: undefined } };

describe('the PF_KEY kernel of Linux', () => {
  let clock: VirtualClock;
  let simulated: SimulatedLinuxKernel;
  let keys: KeyStore;
  let kernel: PfkeyKernel;
  let news: string[];
  let notes: string[];
  let acquires: Acquire[];

  const words = (sa: SaIdentity): string => `${sa.destination}/${String(sa.protocol)}/${sa.spi.toString(16)}`;

  async function open(policies: readonly IpsecPolicy[]): Promise<void> {
    kernel = linuxPfkeyKernel({
      ...{ sockets: simulated, clock, keys, policies, pid: 1000 },
      note: (note) => void notes.push(note),
    });
    const opening = kernel.open({
      acquire: (acquire) => void acquires.push(acquire),
      expire: ({ sa, limit }) => void news.push(`${limit} ${words(sa)}`),
      deleted: (sa) => void news.push(`deleted ${words(sa)}`),
      flushed: () => void news.push('flushed'),
      mapped: (sa, { address, port }) => void news.push(`mapped ${words(sa)} ${address}:${String(port)}`),
    });
    await finished(clock, opening);
  }

  beforeEach(() => {
    clock = new VirtualClock();
    simulated = new SimulatedLinuxKernel(clock, new Dice(1));
    keys = new KeyStore();
    [news, notes, acquires] = [[], [], []];
  });

  function sa(direction: KernelSa['direction'], spi: number, more: Partial<KernelSa> = {}): KernelSa {
    const ends =
      direction === 'inbound' ? { source: PEER, destination: US } : { source: US, destination: PEER };
    return {
      ...ends,
      ...{ direction, spi, protocol: 50, mode: 'tunnel', pairSpi: 0, bundle: [{ protocol: 50, spi }] },
      selectors: tunnelPolicy('east').selectors,
      encryption: { algorithm: 'aes-cbc', key: keys.put(Uint8Array.from({ length: 16 }, () => 0xe1)) },
      integrity: { algorithm: 'hmac-sha1-96', key: keys.put(Uint8Array.from({ length: 20 }, () => 0xa1)) },
      lifetimes: { softSeconds: 50, hardSeconds: 100, softBytes: undefined, hardBytes: undefined },
      encapsulation: IN_UDP,
      ...more,
    };
  }

  async function pair(encryption?: {
    algorithm: EspCipher;
    key: Uint8Array;
  }): Promise<{ readonly inbound: SimulatedSa; readonly outbound: SimulatedSa }> {
    const purpose = { mode: 'tunnel', origin: undefined } as const;
    const spi = await finished(clock, kernel.getSpi(PEER, US, 50, purpose));
    const cipher =
      encryption === undefined ? {} : { encryption: { ...encryption, key: keys.put(encryption.key) } };
    await finished(clock, kernel.update(sa('inbound', spi, cipher)));
    await finished(clock, kernel.add(sa('outbound', 0x2000, cipher)));
    const [inbound, outbound] = [simulated.find(3, spi, US), simulated.find(3, 0x2000, PEER)];
    assert.ok(inbound && outbound);
    return { inbound, outbound };
  }

  const identity = ({ spi, destination }: SimulatedSa): SaIdentity => ({ spi, destination, protocol: 50 });
  const portOf = ({ extensions }: SimulatedSa, kind: PfkeyExtension['kind']): number | undefined =>
    extensions.flatMap((extension) =>
      extension.kind === kind && 'port' in extension ? [extension.port] : [],
    )[0];

  it('tells where authentic packets of a peer come from now (X_NAT_T_NEW_MAPPING)', async () => {
    await open([]);
    const { inbound } = await pair();
    simulated.mapping(inbound, { address: PEER, port: 7777 });
    simulated.mapping({ ...inbound, spi: 0x9999 }, { address: PEER, port: 7778 });
    clock.advance(1);
    assert.deepEqual(news, [`mapped ${words(identity(inbound))} ${PEER}:7777`]);
    assert.deepEqual(simulated.faults, []);
  });

  it('changes the port of a peer in both SAs, keys and all, and sends none away', async () => {
    await open([]);
    const { inbound, outbound } = await pair();
    for (const each of [inbound, outbound])
      await finished(clock, kernel.moveRemote(identity(each), { address: PEER, port: 7777 }));
    assert.deepEqual([portOf(inbound, 'X_NAT_T_SPORT'), portOf(inbound, 'X_NAT_T_DPORT')], [7777, 4500]);
    assert.deepEqual([portOf(outbound, 'X_NAT_T_SPORT'), portOf(outbound, 'X_NAT_T_DPORT')], [4500, 7777]);
    for (const { extensions } of [inbound, outbound]) {
      const held = extensions.flatMap((extension) => ('key' in extension ? [extension.key[0]] : []));
      assert.deepEqual(held.sort(), [0xa1, 0xe1]);
    }
    assert.deepEqual(simulated.faults, []);
  });

  it('changes the port of an SA with the NULL cipher, of which the kernel tells no key', async () => {
    await open([]);
    const { outbound } = await pair({ algorithm: 'null', key: new Uint8Array(0) });
    await finished(clock, kernel.moveRemote(identity(outbound), { address: PEER, port: 7777 }));
    assert.equal(portOf(outbound, 'X_NAT_T_DPORT'), 7777);
  });

  it('tells a soft limit once, though the kernel tells it again after a move', async () => {
    await open([]);
    const { outbound } = await pair();
    clock.advance(50_000);
    clock.advance(1);
    assert.equal(news.filter((told) => told === `soft ${words(identity(outbound))}`).length, 1);
    await finished(clock, kernel.moveRemote(identity(outbound), { address: PEER, port: 7777 }));
    clock.advance(50_000);
    clock.advance(1);
    assert.equal(news.filter((told) => told === `soft ${words(identity(outbound))}`).length, 1);
  });

  it('says in a sentence that an SA outside of UDP cannot have moved', async () => {
    await open([]);
    await finished(clock, kernel.add(sa('outbound', 0x2000, { encapsulation: undefined })));
    const moving = kernel.moveRemote(
      { destination: PEER, protocol: 50, spi: 0x2000 },
      { address: PEER, port: 1 },
    );
    await assert.rejects(finished(clock, moving), /does not travel in UDP/);
  });

  it('adds an SA whose larval one the kernel gave up, told or not', async () => {
    await open([]);
    for (const told of [true, false]) {
      const purpose = { mode: 'tunnel', origin: undefined } as const;
      const spi = await finished(clock, kernel.getSpi(PEER, US, 50, purpose));
      if (told) clock.advance(100_000);
      else simulated.sas.length = 0;
      await finished(clock, kernel.update(sa('inbound', spi)));
      assert.equal(simulated.find(3, spi, US)?.state, 1);
      assert.deepEqual(simulated.asked.slice(-1), ['ADD']);
    }
    assert.deepEqual(news, []);
  });

  it('leaves no SA where nothing says whether it was added, and takes one that was there for none of its own', async () => {
    await open([]);
    simulated.lose(2);
    await assert.rejects(finished(clock, kernel.add(sa('outbound', 0x2000))));
    assert.equal(simulated.find(3, 0x2000, PEER), undefined);
    await pair();
    simulated.lose(1);
    await assert.rejects(finished(clock, kernel.add(sa('outbound', 0x2000))));
    assert.ok(simulated.find(3, 0x2000, PEER));
  });

  it('offers what the kernel has, and says why SHA-256 and AES-GCM are not among it', async () => {
    await open([]);
    // An operator's own policy names no algorithms.
    const { selectors, outer } = tunnelPolicy('east');
    simulated.spd.push({
      ...{ direction: 'out', index: 8, priority: 0, action: 'protect', protocol: 0 },
      ...{ source: selectors.local, destination: selectors.remote },
      templates: [
        {
          ...{ protocol: 50, mode: 'tunnel', requestId: 0, optional: false },
          ends: { source: outer.local, destination: outer.remote },
        },
      ],
    });
    assert.equal(simulated.output(packetBetween('10.1.0.5', '10.2.0.9'), 100), 'acquired');
    await finished(clock, Promise.resolve());
    clock.advance(1);
    await finished(clock, Promise.resolve());
    const offered = acquires.flatMap(({ policy }) => policy.proposals).flat();
    assert.ok(offered.length > 0);
    for (const protection of offered) {
      assert.notEqual(protection.integrity, 'hmac-sha2-256-128');
      assert.ok(protection.protocol === 51 || protection.encryption !== 'aes-gcm-16');
    }
    assert.ok(notes.some((note) => /SHA-256 is not offered: .*96 bits/.test(note)));
    assert.ok(notes.some((note) => note.includes('no AES-GCM over PF_KEY')));
  });
});

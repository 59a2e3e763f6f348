/** Linux's IPsec over netlink, with a simulated kernel: what it is asked, what it says, and what is believed of it. */
import assert from 'node:assert/strict';
import { XfrmKernel } from '../../../../adapters/kernel/xfrm/xfrm-kernel.js';
import { KeyStore } from '../../../../daemon/key-store.js';
import type { Endpoint } from '../../../../services/net/address.js';
import { single } from '../../../../services/net/address.js';
import {
  KernelError,
  type Acquire,
  type IpsecPolicy,
  type KernelSa,
  type SaExpiry,
  type SaIdentity,
} from '../../../../services/ports/kernel.js';
import { ANY_TRAFFIC } from '../../../../services/xfrm/addresses.js';
import type { XfrmSaId } from '../../../../services/xfrm/message.js';
import { NO_ATTRIBUTES, type XfrmSa } from '../../../../services/xfrm/sa.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { SimulatedXfrm } from './simulated-xfrm.js';

const [US, PEER] = ['10.0.0.1', '10.0.0.2'];
const ESP_KEY = Uint8Array.from({ length: 16 }, () => 0xe1);
const AUTH_KEY = Uint8Array.from({ length: 32 }, () => 0xa1);
const PURPOSE = { mode: 'tunnel', origin: { requestId: 7, acquireId: undefined } } as const;
const SELECTORS = {
  local: { addresses: { begin: '10.1.0.0', end: '10.1.255.255' }, port: 0 },
  remote: { addresses: { begin: '10.2.0.0', end: '10.2.255.255' }, port: 0 },
  protocol: 0,
};
const POLICY: IpsecPolicy = {
  selectors: SELECTORS,
  mode: 'tunnel',
  outer: { local: US, remote: PEER },
  proposals: [
    [
      {
        protocol: 50,
        encryption: 'aes-cbc',
        keyBits: { low: 128, high: 128 },
        integrity: 'hmac-sha2-256-128',
      },
    ],
  ],
  ruleLabel: undefined,
};

describe('the XFRM kernel', () => {
  let simulated: SimulatedXfrm;
  let clock: VirtualClock;
  let keys: KeyStore;
  let kernel: XfrmKernel;
  let news: string[];
  let acquires: Acquire[];
  let notes: string[];

  const words = (sa: SaIdentity): string => `${sa.destination}/${String(sa.protocol)}/${sa.spi.toString(16)}`;

  async function open(policies: readonly IpsecPolicy[] = []): Promise<void> {
    kernel = new XfrmKernel({
      sockets: simulated.sockets,
      clock,
      keys,
      policies,
      note: (note) => void notes.push(note),
    });
    await kernel.open({
      acquire: (acquire) => void acquires.push(acquire),
      expire: ({ sa, limit }: SaExpiry) => void news.push(`${limit} ${words(sa)}`),
      deleted: (sa) => void news.push(`deleted ${words(sa)}`),
      flushed: () => void news.push('flushed'),
      mapped: (sa, { address, port }: Endpoint) =>
        void news.push(`mapped ${words(sa)} ${address}:${String(port)}`),
    });
    simulated.requests.length = 0;
  }

  beforeEach(async () => {
    simulated = new SimulatedXfrm();
    clock = new VirtualClock();
    keys = new KeyStore();
    news = [];
    acquires = [];
    notes = [];
    await open();
  });

  function outbound(more: Partial<KernelSa> = {}): KernelSa {
    return {
      source: US,
      destination: PEER,
      protocol: 50,
      spi: 0x2000,
      pairSpi: 0x3000,
      direction: 'outbound',
      mode: 'tunnel',
      selectors: SELECTORS,
      encryption: { algorithm: 'aes-cbc', key: keys.put(ESP_KEY) },
      integrity: { algorithm: 'hmac-sha2-256-128', key: keys.put(AUTH_KEY) },
      lifetimes: { softSeconds: 90, hardSeconds: 100, softBytes: undefined, hardBytes: 5000 },
      bundle: [{ protocol: 50, spi: 0x2000 }],
      encapsulation: undefined,
      origin: { requestId: 7, acquireId: undefined },
      ...more,
    };
  }

  const inbound = (spi: number, more: Partial<KernelSa> = {}): KernelSa =>
    outbound({
      source: PEER,
      destination: US,
      direction: 'inbound',
      spi,
      bundle: [{ protocol: 50, spi }],
      ...more,
    });

  async function pair(): Promise<{ readonly own: SaIdentity; readonly theirs: SaIdentity }> {
    const spi = await kernel.getSpi(PEER, US, 50, PURPOSE);
    await kernel.update(inbound(spi));
    await kernel.add(outbound());
    const own = { destination: US, protocol: 50, spi } as const;
    return { own, theirs: { destination: PEER, protocol: 50, spi: 0x2000 } };
  }

  const id = ({ destination, spi, protocol }: SaIdentity): XfrmSaId => ({
    destination,
    spi,
    protocol,
    family: 2,
  });

  it('completes a larval SA and adds the other, with algorithms, truncation, window and limits', async () => {
    const { own, theirs } = await pair();
    const there = simulated.find(theirs);
    assert.deepEqual(there?.attributes.crypt, { name: 'cbc(aes)', key: ESP_KEY });
    assert.deepEqual(there.attributes.auth, { name: 'hmac(sha256)', key: AUTH_KEY, truncatedBits: 128 });
    assert.equal(there.attributes.replay, undefined);
    assert.deepEqual([there.sa.mode, there.sa.requestId, there.sa.limits.hardAddSeconds], [1, 7, 100]);
    assert.deepEqual([there.sa.limits.hardBytes, there.sa.limits.softBytes], [5000, Infinity]);
    assert.equal(simulated.find(own)?.attributes.replay?.window, 64);
    assert.ok(own.spi >= 0x1000_0000);
  });

  it('leaves no key in what it has sent', async () => {
    await pair();
    for (const bytes of simulated.sent) assert.ok(bytes.every((byte) => byte === 0));
  });

  it('gives AES-GCM its salt as part of one key', async () => {
    const key = Uint8Array.from({ length: 20 }, () => 0x55);
    await kernel.add(
      outbound({ encryption: { algorithm: 'aes-gcm-16', key: keys.put(key) }, integrity: undefined }),
    );
    const { attributes } = simulated.find({ destination: PEER, protocol: 50, spi: 0x2000 }) ?? {};
    assert.deepEqual(attributes?.aead, { name: 'rfc4106(gcm(aes))', key, icvBits: 128 });
    assert.equal(attributes.auth, undefined);
  });

  it('has the ports of each direction in UDP', async () => {
    const encapsulation = {
      localPort: 4500,
      remotePort: 61000,
      original: { local: undefined, remote: undefined },
    };
    const spi = await kernel.getSpi(PEER, US, 50, PURPOSE);
    await kernel.update(inbound(spi, { encapsulation }));
    await kernel.add(outbound({ encapsulation }));
    const ports = [...simulated.sas.values()].map(({ attributes: { encapsulation: e } }) => [
      e?.sourcePort,
      e?.destinationPort,
    ]);
    assert.deepEqual(ports, [
      [61000, 4500],
      [4500, 61000],
    ]);
  });

  it('says in a sentence what the kernel refuses', async () => {
    await kernel.add(outbound());
    await assert.rejects(kernel.add(outbound()), (error: unknown) => {
      assert.ok(error instanceof KernelError && error.operation === 'add');
      return error.message.includes('EEXIST');
    });
  });

  it('adds an SA whose larval one the kernel gave up, told or not', async () => {
    for (const told of [true, false]) {
      const spi = await kernel.getSpi(PEER, US, 50, PURPOSE);
      const larval = simulated.find({ destination: US, protocol: 50, spi });
      assert.ok(larval);
      simulated.sas.delete(`${US} 50 ${String(spi)}`);
      if (told) simulated.tell({ kind: 'EXPIRE', sa: larval.sa, hard: true });
      await kernel.update(inbound(spi));
      assert.equal(simulated.find({ destination: US, protocol: 50, spi })?.sa.spi, spi);
    }
    assert.deepEqual(news, []);
  });

  it('looks for an SA whose answer was lost', async () => {
    simulated.lose = 1;
    const added = kernel.add(outbound());
    await settled();
    clock.advance(10_000);
    await added;
    await kernel.delete({ destination: PEER, protocol: 50, spi: 0x2000 });
    assert.equal(simulated.sas.size, 0);
  });

  it('ends a question that is never answered, and leaves no SA where it may have been done', async () => {
    simulated.lose = 9;
    const added = assert.rejects(kernel.add(outbound()), /did not answer/);
    for (let turn = 0; turn < 6; turn++) {
      await settled();
      clock.advance(10_000);
    }
    await added;
    assert.equal(simulated.sas.size, 0);
  });

  it('takes an SA that was there before for none that it has added, whatever answer was lost', async () => {
    const { theirs } = await pair();
    simulated.lose = 1;
    const added = assert.rejects(kernel.add(outbound()), /did not answer/);
    await settled();
    clock.advance(10_000);
    await added;
    assert.ok(simulated.find(theirs));
  });

  it('passes expiries of its own SAs on, and those of nobody else', async () => {
    const { own } = await pair();
    const sa = simulated.find(own)?.sa;
    assert.ok(sa);
    simulated.tell({ kind: 'EXPIRE', sa, hard: false });
    simulated.tell({ kind: 'EXPIRE', sa: { ...sa, spi: 0x9999 }, hard: true });
    simulated.tell({ kind: 'EXPIRE', sa, hard: true });
    assert.deepEqual(news, [`soft ${words(own)}`, `hard ${words(own)}`]);
  });

  it('tells a soft limit once, though the kernel tells it again after a move', async () => {
    const { own } = await pair();
    const sa = simulated.find(own)?.sa;
    assert.ok(sa);
    simulated.tell({ kind: 'EXPIRE', sa, hard: false });
    simulated.tell({ kind: 'EXPIRE', sa, hard: false });
    assert.deepEqual(news, [`soft ${words(own)}`]);
  });

  it('tells of an SA that somebody else deleted, not of those it deletes itself', async () => {
    const { own, theirs } = await pair();
    await kernel.delete(theirs);
    assert.deepEqual(news, []);
    simulated.remove(id(own));
    assert.deepEqual(news, [`deleted ${words(own)}`]);
    await kernel.delete(own);
  });

  it('obeys a flush, of one protocol or of all', async () => {
    const { own, theirs } = await pair();
    simulated.tell({ kind: 'FLUSHSA', protocol: 51 });
    assert.equal(news.length, 0);
    simulated.tell({ kind: 'FLUSHSA', protocol: 50 });
    assert.deepEqual(news.sort(), [`deleted ${words(own)}`, `deleted ${words(theirs)}`].sort());
    simulated.tell({ kind: 'FLUSHSA', protocol: 0 });
    assert.equal(news.at(-1), 'flushed');
  });

  it('finds out by a dump what it missed when news were lost', async () => {
    const { own, theirs } = await pair();
    simulated.sas.delete(`${US} 50 ${String(own.spi)}`);
    const there = simulated.find(theirs);
    assert.ok(there);
    there.sa = {
      ...there.sa,
      limits: { ...there.sa.limits, softBytes: 10 },
      current: { ...there.sa.current, bytes: 11 },
    };
    simulated.interrupt = 1;
    simulated.overrun();
    await settled();
    assert.deepEqual(news.sort(), [`deleted ${words(own)}`, `soft ${words(theirs)}`].sort());
  });

  it('lists what the kernel holds, larval SAs too', async () => {
    await pair();
    await kernel.getSpi(PEER, US, 50, PURPOSE);
    const held = await kernel.held();
    assert.deepEqual(held.map(({ state }) => state).sort(), ['larval', 'mature', 'mature']);
  });

  it('changes the port of a peer in place, and makes another SA for another address', async () => {
    const encapsulation = {
      localPort: 4500,
      remotePort: 4500,
      original: { local: undefined, remote: undefined },
    };
    await kernel.add(outbound({ encapsulation }));
    const sa = { destination: PEER, protocol: 50, spi: 0x2000 } as const;
    await kernel.moveRemote(sa, { address: PEER, port: 61000 });
    assert.equal(simulated.find(sa)?.attributes.encapsulation?.destinationPort, 61000);
    assert.equal(simulated.requests.at(-1)?.kind, 'UPDSA');
    await kernel.moveRemote(sa, { address: '10.0.0.3', port: 61001 });
    const moved = simulated.find({ ...sa, destination: '10.0.0.3' });
    assert.deepEqual(moved?.attributes.crypt?.key, ESP_KEY);
    assert.equal(moved.attributes.encapsulation?.destinationPort, 61001);
    assert.equal(simulated.find(sa), undefined);
    assert.deepEqual(news, []);
    for (const bytes of simulated.sent) assert.ok(bytes.every((byte) => byte === 0));
  });

  it('tells where authentic packets of a peer come from now', async () => {
    const { own } = await pair();
    const before = { address: PEER, port: 4500 };
    simulated.tell({
      kind: 'MAPPING',
      id: id(own),
      requestId: 7,
      before,
      now: { address: PEER, port: 7777 },
    });
    assert.deepEqual(news, [`mapped ${words(own)} ${PEER}:7777`]);
  });

  it('puts policies into the kernel, finds them again, asks for their SAs, and takes them out at the end', async () => {
    await open([POLICY]);
    assert.deepEqual(simulated.policies.map(({ direction }) => direction).sort(), [0, 1, 2]);
    const found = await kernel.policyFor(POLICY.outer, SELECTORS);
    assert.deepEqual(found?.proposals, POLICY.proposals);
    const policy = simulated.policies.find(({ direction }) => direction === 1);
    assert.ok(policy);
    const packet = {
      ...ANY_TRAFFIC,
      family: 2,
      source: { address: '10.1.0.9', prefixLength: 32, port: 8, portMask: 0xffff },
      destination: { address: '10.2.0.9', prefixLength: 32, port: 0, portMask: 0xffff },
      protocol: 1,
    };
    const acquire = {
      kind: 'ACQUIRE',
      id: { destination: PEER, spi: 0, protocol: 50 },
      source: US,
      packet,
      policy,
    } as const;
    simulated.tell({ ...acquire, sequence: 5 });
    // The kernel asks anew while the first is under way.
    simulated.tell({ ...acquire, sequence: 6 });
    assert.equal(acquires.length, 1);
    assert.deepEqual(acquires[0]?.policy.origin, { requestId: found.origin?.requestId, acquireId: 5 });
    assert.deepEqual(acquires[0].packet.local, { addresses: single('10.1.0.9'), port: 0 });
    await kernel.close();
    assert.equal(simulated.policies.length, 0);
  });

  it('takes its own SAs out at the end, one by one, and leaves those of others', async () => {
    const foreign: XfrmSa = { ...blankSa(), spi: 0x777 };
    simulated.sas.set('foreign', { sa: foreign, attributes: NO_ATTRIBUTES });
    await pair();
    await kernel.close();
    assert.deepEqual([...simulated.sas.keys()], ['foreign']);
    assert.ok(simulated.requests.every(({ kind }) => kind !== 'FLUSHSA' && kind !== 'FLUSHPOLICY'));
    assert.ok(simulated.closed);
    assert.deepEqual(notes, []);
  });

  function blankSa(): XfrmSa {
    return {
      selector: ANY_TRAFFIC,
      source: US,
      destination: '10.9.9.9',
      spi: 1,
      protocol: 50,
      family: 2,
      mode: 0,
      requestId: 0,
      sequence: 0,
      replayWindow: 0,
      flags: 0,
      limits: {
        softBytes: Infinity,
        hardBytes: Infinity,
        softPackets: Infinity,
        hardPackets: Infinity,
        softAddSeconds: 0,
        hardAddSeconds: 0,
        softUseSeconds: 0,
        hardUseSeconds: 0,
      },
      current: { bytes: 0, packets: 0, addTime: 0, useTime: 0 },
      refused: { beforeWindow: 0, replayed: 0, unproved: 0 },
    };
  }
});

/** Everything that waits for nothing but its turn has had it. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

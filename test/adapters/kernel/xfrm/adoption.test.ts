/** Linux's IPsec over netlink after a run that was killed: which of the SAs that it left are our own again. */
import assert from 'node:assert/strict';
import { XfrmKernel } from '../../../../adapters/kernel/xfrm/xfrm-kernel.js';
import { KeyStore } from '../../../../daemon/key-store.js';
import { KernelError, type EarlierSa, type SaIdentity } from '../../../../services/ports/kernel.js';
import { ANY_TRAFFIC } from '../../../../services/xfrm/addresses.js';
import { MODE } from '../../../../services/xfrm/registry.js';
import { NO_ATTRIBUTES, type SaAttributes, type XfrmSa } from '../../../../services/xfrm/sa.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { SimulatedXfrm } from './simulated-xfrm.js';

const [US, PEER] = ['10.0.0.1', '10.0.0.2'];
const CRYPT: SaAttributes = {
  ...NO_ATTRIBUTES,
  crypt: { name: 'cbc(aes)', key: new Uint8Array(16) },
};

describe('adoption from the XFRM kernel', () => {
  let simulated: SimulatedXfrm;
  let clock: VirtualClock;
  let kernel: XfrmKernel;
  let news: string[];
  let inbound: EarlierSa;
  let outbound: EarlierSa;

  const words = (sa: SaIdentity): string => `${sa.destination} ${String(sa.protocol)} ${String(sa.spi)}`;

  beforeEach(async () => {
    simulated = new SimulatedXfrm();
    clock = new VirtualClock();
    news = [];
    kernel = new XfrmKernel({
      ...{ sockets: simulated.sockets, clock, keys: new KeyStore(), policies: [] },
      note: (note) => assert.fail(note),
    });
    await kernel.open({
      acquire: () => assert.fail('nobody sends'),
      expire: ({ sa, limit }) => void news.push(`${limit} ${words(sa)}`),
      deleted: (sa) => void news.push(`deleted ${words(sa)}`),
      flushed: () => void news.push('flushed'),
    });
    const life = { protocol: 50, mode: 'tunnel', madeAt: clock.wallTime(), hardSeconds: 100 } as const;
    inbound = { ...life, source: PEER, destination: US, spi: 0x1000, direction: 'inbound' };
    outbound = { ...life, source: US, destination: PEER, spi: 0x2000, direction: 'outbound' };
    put(inbound);
    put(outbound);
    clock.advance(30_000);
  });

  /** Into the kernel, as a run before this one had done. */
  function put(
    { source, destination, spi, madeAt }: EarlierSa,
    more: Partial<XfrmSa> = {},
    attributes = CRYPT,
  ): XfrmSa {
    const none = { softBytes: Infinity, hardBytes: Infinity, softPackets: Infinity, hardPackets: Infinity };
    const seconds = { softAddSeconds: 90, hardAddSeconds: 100, softUseSeconds: 0, hardUseSeconds: 0 };
    const sa: XfrmSa = {
      ...{ selector: ANY_TRAFFIC, source, destination, spi, protocol: 50, family: 2, mode: MODE.tunnel },
      ...{ requestId: 12288, sequence: 0, replayWindow: 0, flags: 0 },
      limits: { ...none, ...seconds },
      current: { bytes: 0, packets: 0, addTime: madeAt / 1000, useTime: 0 },
      refused: { beforeWindow: 0, replayed: 0, unproved: 0 },
      ...more,
    };
    simulated.sas.set(`${destination} 50 ${String(spi)}`, { sa, attributes });
    return sa;
  }

  async function adopted(): Promise<readonly string[]> {
    return (await kernel.adopt([inbound, outbound])).map(words);
  }

  it('passes news of them on from then on, and changes nothing in the kernel', async () => {
    const expired = put(outbound);
    simulated.tell({ kind: 'EXPIRE', sa: expired, hard: false });
    assert.deepEqual(news, [], 'before, they are not ours');
    simulated.requests.length = 0;
    assert.deepEqual(await adopted(), [words(inbound), words(outbound)]);
    assert.deepEqual(simulated.requests, []);
    simulated.tell({ kind: 'EXPIRE', sa: expired, hard: false });
    simulated.remove({ destination: US, spi: inbound.spi, protocol: 50, family: 2 });
    assert.deepEqual(news, [`soft ${words(outbound)}`, `deleted ${words(inbound)}`]);
  });

  it('takes them out at the end, one by one, and leaves those of others', async () => {
    put({ ...outbound, spi: 0x7777 });
    await adopted();
    await kernel.close();
    assert.deepEqual([...simulated.sas.keys()], [`${PEER} 50 ${String(0x7777)}`]);
    assert.ok(simulated.requests.every(({ kind }) => kind !== 'FLUSHSA'));
  });

  it('does not tell a soft limit again that was over when they were adopted', async () => {
    clock.advance(65_000);
    await adopted();
    simulated.tell({ kind: 'EXPIRE', sa: put(outbound), hard: false });
    assert.deepEqual(news, []);
    simulated.tell({ kind: 'EXPIRE', sa: put(outbound), hard: true });
    assert.deepEqual(news, [`hard ${words(outbound)}`]);
  });

  it('finds out by a dump which of them went while news were lost', async () => {
    await adopted();
    simulated.sas.delete(words(inbound));
    simulated.overrun();
    await settled();
    assert.deepEqual(news, [`deleted ${words(inbound)}`]);
  });

  it('leaves what is gone, or another SA under the same name: younger, of another source or mode, or larval', async () => {
    simulated.sas.delete(words(inbound));
    const others: readonly (() => void)[] = [
      () => put({ ...outbound, madeAt: outbound.madeAt + 90_000 }),
      () => put({ ...outbound, source: '10.0.0.9' }),
      () => put(outbound, { mode: MODE.transport }),
      () => put(outbound, {}, NO_ATTRIBUTES),
    ];
    clock.advance(60_000);
    for (const other of others) {
      other();
      assert.deepEqual(await adopted(), []);
    }
    await kernel.close();
    assert.ok(simulated.find(outbound), 'it is not taken out either');
  });

  it('rejects when the kernel does not answer, and may be asked again', async () => {
    simulated.lose = 9;
    const failed = assert.rejects(kernel.adopt([inbound, outbound]), KernelError);
    for (let turn = 0; turn < 3; turn++) {
      await settled();
      clock.advance(10_000);
    }
    await failed;
    simulated.lose = 0;
    assert.deepEqual(await adopted(), [words(inbound), words(outbound)]);
  });
});

/** Everything that waits for nothing but its turn has had it. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** An embedded kernel behind messages: it does what one in the same thread does, and keys are nowhere afterwards. */
import assert from 'node:assert/strict';
import { MessageChannel } from 'node:worker_threads';
import { EmbeddedKernel } from '../../../../../adapters/kernel/embedded/embedded-kernel.js';
import { KernelInThread } from '../../../../../adapters/kernel/embedded/thread/kernel-in-thread.js';
import type { FromThread, ToThread } from '../../../../../adapters/kernel/embedded/thread/messages.js';
import { serveKernel } from '../../../../../adapters/kernel/embedded/thread/serve-kernel.js';
import { NodeRandom } from '../../../../../adapters/random/node-random.js';
import { KeyStore } from '../../../../../daemon/key-store.js';
import { hex, type Bytes } from '../../../../../services/bytes.js';
import {
  KernelError,
  type Acquire,
  type KernelSa,
  type SaExpiry,
} from '../../../../../services/ports/kernel.js';
import { VirtualClock } from '../../../../sim/virtual-clock.js';
import { NO_LIMITS, PACKET, TUNNEL, WEST, EAST } from '../two-kernels.js';

class Pair {
  readonly clock = new VirtualClock();
  readonly keys = new KeyStore();
  readonly threadKeys = new KeyStore();
  readonly sent: Bytes[] = [];
  readonly acquires: Acquire[] = [];
  readonly expiries: SaExpiry[] = [];
  readonly traced: string[] = [];
  readonly sockets: (readonly [string, number | undefined])[] = [];
  readonly messages: ToThread[] = [];
  readonly rights: string[] = [];
  flushes = 0;
  readonly kernel: KernelInThread;
  readonly #channel = new MessageChannel();

  constructor() {
    const { port1, port2 } = this.#channel;
    this.kernel = new KernelInThread({
      keys: this.keys,
      post: (message, transfer) => {
        this.messages.push(message);
        port1.postMessage(message, [...transfer]);
      },
      unable: (text) => assert.fail(text),
      note: (text) => assert.fail(text),
      defect: (text) => assert.fail(text),
      trace: (line) => this.traced.push(line),
    });
    port1.on('message', (message: FromThread) => {
      this.kernel.heard(message);
    });
    const served = new EmbeddedKernel({
      clock: this.clock,
      random: new NodeRandom(),
      keys: this.threadKeys,
      policies: [TUNNEL],
      transmit: (_local, _remote, esp) => this.sent.push(esp),
      deliver: () => undefined,
      trace: (line) => {
        port2.postMessage({ type: 'trace', line } satisfies FromThread);
      },
    });
    const heard = serveKernel({
      rights: {
        keep: () => {
          this.rights.push('kept');
          return 0;
        },
        take: () => {
          this.rights.push('taken');
          return 1;
        },
      },
      kernel: served,
      keys: this.threadKeys,
      post: (message) => {
        port2.postMessage(message);
      },
      socket: (local, descriptor) => this.sockets.push([local, descriptor]),
    });
    port2.on('message', (message: ToThread) => {
      heard(message);
    });
  }

  async open(): Promise<this> {
    await this.kernel.open({
      acquire: (acquire) => this.acquires.push(acquire),
      expire: (expiry) => this.expiries.push(expiry),
      deleted: () => undefined,
      flushed: () => (this.flushes += 1),
    });
    return this;
  }

  /** An outbound SA with keys of ones and twos. */
  sa(spi = 0x1234): KernelSa {
    return {
      ...{ source: WEST, destination: EAST, protocol: 50, spi, pairSpi: 0, bundle: [{ protocol: 50, spi }] },
      ...{ direction: 'outbound', mode: 'tunnel', selectors: TUNNEL.selectors, encapsulation: undefined },
      encryption: { algorithm: 'aes-cbc', key: this.keys.put(new Uint8Array(16).fill(1)) },
      integrity: { algorithm: 'hmac-sha1-96', key: this.keys.put(new Uint8Array(20).fill(2)) },
      lifetimes: { ...NO_LIMITS, softSeconds: 10, hardSeconds: 20 },
    };
  }

  end(): void {
    this.#channel.port1.close();
  }
}

describe('a kernel in a thread', () => {
  const pairs: Pair[] = [];
  const open = async (): Promise<Pair> => {
    const pair = new Pair();
    pairs.push(pair);
    return pair.open();
  };
  afterEach(() => {
    for (const pair of pairs.splice(0)) pair.end();
  });

  it('asks for an SA, sends what waited through it, and tells of its end', async () => {
    const pair = await open();
    assert.equal(await pair.kernel.output(PACKET), 'held');
    const [acquire] = pair.acquires;
    assert.ok(acquire !== undefined);
    assert.deepEqual(acquire.policy, TUNNEL);
    await pair.kernel.add(pair.sa());
    pair.kernel.answerAcquire(acquire.id, 'answered');
    const usage = await pair.kernel.usage({ destination: EAST, protocol: 50, spi: 0x1234 });
    assert.equal(pair.sent.length, 1);
    assert.ok(usage !== undefined && usage.bytes > PACKET.length);
    assert.deepEqual(
      (await pair.kernel.held()).map(({ spi, mode, state }) => [spi, mode, state]),
      [[0x1234, 'tunnel', 'mature']],
    );
    pair.clock.advance(20_000);
    assert.equal(await pair.kernel.usage({ destination: EAST, protocol: 50, spi: 0x1234 }), undefined);
    assert.deepEqual(
      pair.expiries.map(({ limit }) => limit),
      ['soft', 'hard'],
    );
  });

  it('reserves, completes, moves, deletes and looks up, and says in the same words what it refuses', async () => {
    const pair = await open();
    const spi = await pair.kernel.getSpi(EAST, WEST, 50);
    const inbound = { ...pair.sa(spi), source: EAST, destination: WEST, direction: 'inbound' } as const;
    await pair.kernel.update(inbound);
    await assert.rejects(pair.kernel.update(inbound), (error) => {
      assert.ok(error instanceof KernelError);
      assert.equal(error.operation, 'update');
      assert.match(error.message, /complete already/);
      return true;
    });
    await assert.rejects(
      pair.kernel.moveRemote(inbound, { address: '192.0.2.9', port: 4500 }),
      /does not travel in UDP/,
    );
    await pair.kernel.delete(inbound);
    assert.deepEqual(await pair.kernel.held(), []);
    assert.deepEqual(await pair.kernel.policyFor(TUNNEL.outer, TUNNEL.selectors), TUNNEL);
    assert.deepEqual(await pair.kernel.policyForPacket(TUNNEL.selectors), TUNNEL);
    await pair.kernel.replacePolicies([]);
    assert.equal(await pair.kernel.policyForPacket(TUNNEL.selectors), undefined);
  });

  it('tells the counters of its packets, by direction and reason', async () => {
    const pair = await open();
    await pair.kernel.add(pair.sa());
    await pair.kernel.output(PACKET);
    pair.kernel.input(WEST, EAST, Uint8Array.of(0, 0, 1, 0, 0, 0, 0, 1));
    pair.kernel.input(WEST, EAST, Uint8Array.of(1));
    assert.deepEqual(await pair.kernel.counters(), {
      ...{ sent: 1, received: 0, bypassed: 0, acquires: 0 },
      dropped: { outbound: {}, inbound: { 'unknown-spi': 1, 'truncated-esp': 1 } },
    });
  });

  it('keeps and takes its rights when it is told to, and says what came of it', async () => {
    const pair = await open();
    assert.deepEqual([await pair.kernel.keepRights(), await pair.kernel.takeRights()], [0, 1]);
    assert.deepEqual(pair.rights, ['kept', 'taken']);
  });

  it('takes the keys along: erased at once here, and wiped in the message there', async () => {
    const pair = await open();
    const sa = pair.sa();
    const added = pair.kernel.add(sa);
    for (const part of [sa.encryption, sa.integrity]) if (part !== undefined) pair.keys.erase(part.key);
    await added;
    assert.equal(pair.threadKeys.size, 0);
    const message = pair.messages.find((one) => one.type === 'call' && one.call.op === 'add');
    assert.ok(message?.type === 'call' && message.call.op === 'add');
    // A buffer that has changed hands has no bytes left.
    assert.equal(message.call.sa.encryption?.key.length, 0);
    assert.equal(message.call.sa.integrity?.key.length, 0);
    // The kernel has them: it writes them down.
    assert.match(pair.traced.join('\n'), new RegExp(hex(new Uint8Array(20).fill(2))));
    assert.equal(await pair.kernel.output(PACKET), 'sent');
  });

  it('hands over sockets, and takes them back', async () => {
    const pair = await open();
    pair.kernel.socketOpened(WEST, 7);
    pair.kernel.socketClosed(WEST);
    await pair.kernel.held();
    assert.deepEqual(pair.sockets, [
      [WEST, 7],
      [WEST, undefined],
    ]);
  });

  it('that is lost refuses what waits and what comes, says that all SAs are gone, and closes', async () => {
    const pair = await open();
    const waiting = pair.kernel.held();
    pair.kernel.lose('It is gone.');
    pair.kernel.lose('It is gone once more.');
    await assert.rejects(waiting, /^KernelError: It is gone\.$/);
    await assert.rejects(pair.kernel.getSpi(EAST, WEST, 50), /It is gone\.$/);
    assert.equal(pair.flushes, 1);
    pair.kernel.answerAcquire(1, 'refused');
    await pair.kernel.delete({ destination: EAST, protocol: 50, spi: 0x1234 });
    await pair.kernel.close();
  });
});

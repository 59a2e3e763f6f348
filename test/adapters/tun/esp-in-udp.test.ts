/** ESP in UDP and IKE on one port: each gets its own, through the sockets that the daemon opens. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { loadNative } from '../../../adapters/native/load-native.js';
import { udpDescriptors } from '../../../adapters/native/udp-descriptors.js';
import { EspInUdp } from '../../../adapters/tun/esp-in-udp.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const HERE = '127.0.0.1';
const ESP = Uint8Array.of(0, 0, 0x12, 0x34, 0, 0, 0, 1, 9, 9);
const MARKED = Uint8Array.of(0, 0, 0, 0, 1, 2, 3);
const KEEPALIVE = Uint8Array.of(0xff);

describe('ESP in UDP beside IKE', () => {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  const addon = native.value;
  /** Some other port than those of sockets that find their own. */
  const port = 20_000 + (process.pid % 10_000);

  async function both(
    run: (parts: {
      readonly ike: Uint8Array[];
      readonly esp: (readonly [string, string, Uint8Array])[];
      readonly udp: EspInUdp;
      readonly sender: ReturnType<typeof createSocket>;
    }) => Promise<void>,
  ): Promise<void> {
    const ike: Uint8Array[] = [];
    const esp: (readonly [string, string, Uint8Array])[] = [];
    const udp = new EspInUdp(
      { calls: addon, clock: new VirtualClock(), note: (note: string) => assert.fail(note) },
      (local, remote, bytes) => esp.push([local, remote, bytes.slice()]),
    );
    const open = udpDescriptors(addon, {
      takesEsp: () => false,
      espReader: () => (descriptor) => {
        udp.add(HERE, descriptor);
      },
      mark: () => undefined,
      notBypassed: () => undefined,
      notEncapsulated: () => undefined,
    });
    const opened = open({ address: HERE, port });
    assert.ok(opened.ok, opened.ok ? '' : opened.error.message);
    const socket = createSocket('udp4');
    const sender = createSocket('udp4');
    try {
      // It listens at once.
      socket.bind({ fd: opened.value.descriptor });
      opened.value.adopted();
      socket.on('message', (message) => ike.push(message));
      sender.bind(0, HERE);
      await once(sender, 'listening');
      await run({ ike, esp, udp, sender });
    } finally {
      sender.close();
      socket.close();
      udp.close();
    }
  }

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('each gets what is its own, and keepalives go to IKE', async () => {
    await both(async ({ ike, esp, sender }) => {
      for (const bytes of [ESP, MARKED, ESP, KEEPALIVE]) sender.send(bytes, port, HERE);
      await until(() => ike.length === 2 && esp.length === 2);
      assert.deepEqual(
        ike.map((bytes) => bytes.length),
        [MARKED.length, KEEPALIVE.length],
      );
      assert.deepEqual(esp, [
        [HERE, HERE, ESP],
        [HERE, HERE, ESP],
      ]);
    });
  });

  it('without a reader of ESP everything comes to IKE, which hands it on', async () => {
    await both(async ({ ike, esp, udp, sender }) => {
      udp.remove(HERE);
      sender.send(ESP, port, HERE);
      await until(() => ike.length === 1);
      assert.deepEqual(esp, []);
    });
  });

  it('sends from that port, and says when there is none', async () => {
    await both(async ({ udp, sender }) => {
      const got = new Promise<readonly [Uint8Array, number]>((resolve) =>
        sender.on('message', (bytes, { port: from }) => resolve([new Uint8Array(bytes), from])),
      );
      assert.ok(udp.send(HERE, HERE, sender.address().port, ESP));
      assert.deepEqual(await got, [ESP, port]);
      assert.equal(udp.send('127.0.0.9', HERE, 9, ESP), false);
    });
  });
});

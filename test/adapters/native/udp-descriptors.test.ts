/** UDP sockets that the addon makes, in the hands of the daemon's own sockets. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { loadNative, type Native } from '../../../adapters/native/load-native.js';
import {
  sharedUdpDescriptors,
  udpDescriptors,
  type UdpDescriptorsOptions,
} from '../../../adapters/native/udp-descriptors.js';
import { UdpSockets } from '../../../adapters/udp/udp-sockets.js';
import type { Endpoint } from '../../../services/net/address.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const HERE = '127.0.0.1';
const { EPERM, ENOPROTOOPT, EINVAL, EBADF, EADDRINUSE } = constants.errno;

function addon(): Native {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  return native.value;
}

const quiet: UdpDescriptorsOptions = {
  takesEsp: () => false,
  mark: () => undefined,
  notBypassed: () => undefined,
  notEncapsulated: () => undefined,
};

async function freePort(host: string): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

describe('UDP sockets beside the IPsec of a kernel', () => {
  const native = addon();

  for (const host of [HERE, '::1']) {
    it(`receive and send as Node's own do: ${host}`, async () => {
      const [ikePort, nattPort] = [await freePort(host), await freePort(host)];
      const udp = new UdpSockets({
        clock: new VirtualClock(),
        listen: [host],
        ikePort,
        nattPort,
        openBound: udpDescriptors(native, quiet),
        onEsp: () => undefined,
        onChange: () => undefined,
        onError: (_local, _remote, error) => assert.fail(error),
      });
      const arrived = new Promise<string>((resolve) =>
        udp.onDatagram(({ bytes }) => resolve(Buffer.from(bytes).toString('hex'))),
      );
      await udp.open();
      const peer = createSocket(host === HERE ? 'udp4' : 'udp6').bind(0, host);
      await once(peer, 'listening');
      try {
        const answer = once(peer, 'message');
        udp.send(
          { address: host, port: nattPort },
          { address: host, port: peer.address().port },
          Uint8Array.of(1),
        );
        const bytes: unknown = (await answer)[0];
        assert.deepEqual(bytes, Buffer.of(0, 0, 0, 0, 1));
        peer.send(Buffer.of(0, 0, 0, 0, 7), nattPort, host);
        assert.equal(await arrived, '07');
      } finally {
        await new Promise<void>((resolve) => peer.close(() => resolve()));
        await udp.close();
      }
    });
  }

  it('let nobody bind the same port beside them, once Node has them', async () => {
    const port = await freePort(HERE);
    const made = udpDescriptors(native, quiet)({ address: HERE, port });
    assert.ok(made.ok);
    const ours = createSocket('udp4').bind({ fd: made.value.descriptor });
    made.value.adopted();
    const thief = createSocket({ type: 'udp4', reuseAddr: true }).bind(port, HERE);
    const fault: unknown = (await once(thief, 'error'))[0];
    assert.ok(fault instanceof Error && 'code' in fault);
    assert.equal(fault.code, 'EADDRINUSE');
    for (const socket of [thief, ours]) await new Promise<void>((resolve) => socket.close(() => resolve()));
  });

  it('say which port is in use, in the words for any bind', async () => {
    const first = createSocket('udp4').bind(0, HERE);
    await once(first, 'listening');
    const { port } = first.address();
    const udp = new UdpSockets({
      clock: new VirtualClock(),
      listen: [HERE],
      ikePort: port,
      nattPort: port + 1,
      openBound: udpDescriptors(native, quiet),
      onEsp: () => undefined,
      onChange: () => undefined,
      onError: () => undefined,
    });
    await assert.rejects(
      udp.open(),
      new RegExp(`^Error: UDP 127.0.0.1:${String(port)} is in use by another program`),
    );
    const again = udpDescriptors(native, quiet)({ address: HERE, port });
    assert.ok(!again.ok);
    assert.equal(again.error.errno, EADDRINUSE);
    await new Promise<void>((resolve) => first.close(() => resolve()));
  });

  /** Opens sockets on a host whose kernel answers like this. */
  function opened(answers: Partial<Native>, options: Partial<UdpDescriptorsOptions>, count = 1): void {
    const open = udpDescriptors({ ...native, ...answers }, { ...quiet, ...options });
    for (let i = 0; i < count; i++) {
      const made = open({ address: HERE, port: 0 });
      assert.ok(made.ok);
      closeSync(made.value.descriptor);
    }
  }

  const refusals: readonly (readonly [number, RegExp])[] = [
    [EPERM, /this user may not exempt them: run as root, or with CAP_NET_ADMIN/],
    [ENOPROTOOPT, /has no IPsec policies/],
    [EINVAL, /apply to the packets of IKE, too: EINVAL/],
  ];
  for (const [errno, words] of refusals) {
    it(`go on without the bypass, and say so once: ${String(errno)}`, () => {
      const told: string[] = [];
      opened({ bypassIpsec: () => -errno }, { notBypassed: (explanation) => told.push(explanation) }, 2);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', words);
    });
  }

  it('say where the kernel does not take ESP out of UDP, and ask it only where it shall', () => {
    const told: string[] = [];
    const asked: number[] = [];
    const answers = { encapsulateEsp: (descriptor: number) => asked.push(descriptor) * 0 - ENOPROTOOPT };
    const notEncapsulated = (local: Endpoint, why: string): number => told.push(`${local.address} ${why}`);
    opened(answers, { notEncapsulated });
    assert.deepEqual([asked.length, told], [0, []]);
    opened(answers, { takesEsp: () => true, notEncapsulated });
    assert.equal(asked.length, 1);
    assert.deepEqual(told, ['127.0.0.1 the kernel does not take ESP out of UDP here: ENOPROTOOPT']);
  });

  /** Each datagram from another peer, so that the kernel's own choice, by addresses, would scatter them. */
  async function readersOf(
    host: string,
    isMarked: boolean,
    datagrams: readonly Buffer[],
    count: number,
  ): Promise<readonly number[]> {
    const port = await freePort(host);
    const made = sharedUdpDescriptors(native, { ...quiet, count, isMarked: () => isMarked })({
      address: host,
      port,
    });
    assert.ok(made.ok, made.ok ? '' : made.error.message);
    const type = host === HERE ? 'udp4' : 'udp6';
    const readers = made.value.map((fd) => createSocket(type).bind({ fd }));
    const arrived = new Map<string, number>();
    const all = new Promise<void>((resolve) => {
      readers.forEach((reader, index) => {
        reader.on('message', (bytes) => {
          arrived.set(bytes.toString('hex'), index);
          if (arrived.size === datagrams.length) resolve();
        });
      });
    });
    for (const datagram of datagrams) {
      const peer = createSocket(type);
      await new Promise<void>((resolve) => peer.send(datagram, port, host, () => resolve()));
      await new Promise<void>((resolve) => peer.close(() => resolve()));
    }
    await all;
    for (const reader of readers) await new Promise<void>((resolve) => reader.close(() => resolve()));
    return datagrams.map((bytes) => arrived.get(bytes.toString('hex')) ?? -1);
  }

  for (const host of [HERE, '::1']) {
    it(`of several workers share a port by initiator cookie: ${host}`, async () => {
      const cookies = [0, 1, 2, 3, 4, 5, 0xff_ff_ff_ff, 0x80_00_00_00].map((number) => {
        const message = Buffer.alloc(28, number & 0xff);
        message.writeUInt32BE(number);
        return message;
      });
      const words = cookies.map((cookie) => cookie.readUInt32BE());
      assert.deepEqual(await readersOf(host, false, [...cookies, Buffer.of(7)], 3), [
        ...words.map((word) => word % 3),
        0,
      ]);
      const marked = cookies.map((cookie) => Buffer.concat([Buffer.alloc(4), cookie]));
      // ESP, which begins with its SPI, and a keepalive.
      const others = [Buffer.of(0, 0, 1, 1, 9, 9, 9, 9), Buffer.of(0xff)];
      assert.deepEqual(await readersOf(host, true, [...marked, ...others], 3), [
        ...words.map((word) => word % 3),
        0x101 % 3,
        0,
      ]);
    });
  }

  it('of several workers are refused a port that another daemon has, even one that would share it', async () => {
    const port = await freePort(HERE);
    const share = sharedUdpDescriptors(native, { ...quiet, count: 2, isMarked: () => false });
    const first = share({ address: HERE, port });
    assert.ok(first.ok);
    const second = share({ address: HERE, port });
    assert.ok(!second.ok);
    assert.equal(second.error.errno, EADDRINUSE);
    for (const descriptor of first.value) closeSync(descriptor);
  });

  it('leave none open behind where the kernel cannot spread them', async () => {
    const port = await freePort(HERE);
    const made: number[] = [];
    const counting: Native = {
      ...native,
      udpSocket: (version) => {
        const descriptor = native.udpSocket(version);
        made.push(descriptor);
        return descriptor;
      },
      spreadByCookie: () => -ENOPROTOOPT,
    };
    const refused = sharedUdpDescriptors(counting, { ...quiet, count: 2, isMarked: () => false })({
      address: HERE,
      port,
    });
    assert.ok(!refused.ok);
    assert.equal(refused.error.errno, ENOPROTOOPT);
    for (const descriptor of made) assert.throws(() => closeSync(descriptor), /EBADF/);
  });

  it('are refused what is no descriptor, version or address', () => {
    assert.throws(() => Reflect.apply(native.udpSocket, undefined, [5]), /udpSocket takes 4 or 6/);
    assert.throws(() => native.bindTo(0, new Uint8Array(5), 500), /bindTo takes/);
    assert.throws(() => native.bindTo(0, new Uint8Array(4), 65_536), /bindTo takes/);
    assert.throws(() => Reflect.apply(native.bypassIpsec, undefined, [0]), /bypassIpsec takes/);
    assert.throws(() => Reflect.apply(native.encapsulateEsp, undefined, ['']), /encapsulateEsp takes/);
    assert.throws(() => Reflect.apply(native.keepPort, undefined, []), /keepPort takes/);
    assert.throws(() => native.spreadByCookie(0, 0, 0), /spreadByCookie takes/);
    assert.throws(() => native.spreadByCookie(0, 257, 0), /spreadByCookie takes/);
    assert.throws(() => Reflect.apply(native.spreadByCookie, undefined, [0, 2, 2]), /spreadByCookie takes/);
    for (const fault of [
      native.keepPort(-1),
      native.spreadByCookie(-1, 2, 0),
      native.bypassIpsec(-1, 4),
      native.bypassIpsec(-1, 6),
    ])
      assert.equal(fault, -EBADF);
  });
});

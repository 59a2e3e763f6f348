/** What stands on the wire of the two ports, on the loopback (RFC 3948 2.1 to 2.3). */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { constants } from 'node:os';
import { loadNative } from '../../../adapters/native/load-native.js';
import { udpDescriptors } from '../../../adapters/native/udp-descriptors.js';
import type { UdpCalls } from '../../../adapters/udp/calls.js';
import { UdpSockets, type UdpSocketsOptions } from '../../../adapters/udp/udp-sockets.js';
import type { Datagram } from '../../../services/ports/udp.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const HERE = '127.0.0.1';

type Sockets = Pick<UdpSocketsOptions, 'openBound' | 'calls'>;

/** Bound, read and written by the addon, some of whose functions are others. */
function addonSockets(others: Partial<UdpCalls> = {}): Sockets {
  const native = loadNative();
  assert.ok(native.ok, native.ok ? '' : native.error);
  return {
    openBound: udpDescriptors(native.value, {
      takesEsp: () => false,
      mark: () => undefined,
      notBypassed: () => undefined,
      notEncapsulated: (_local, explanation) => assert.fail(explanation),
    }),
    calls: { ...native.value, ...others },
  };
}

const KINDS: readonly (readonly [string, () => Sockets])[] = [
  ["Node's own", () => ({})],
  ["the addon's", addonSockets],
];

async function boundSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, HERE);
  await once(socket, 'listening');
  return socket;
}

/** Two ports that were free a moment ago. */
async function freePorts(): Promise<readonly [number, number]> {
  const sockets = [await boundSocket(), await boundSocket()];
  const [ike = 0, natt = 0] = sockets.map((socket) => socket.address().port);
  await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  return [ike, natt];
}

for (const [kind, sockets] of KINDS)
  describe(`the sockets of IKE and NAT-T, ${kind}`, () => {
    let peer: Socket;
    let udp: UdpSockets;
    let ports: readonly [number, number];
    const datagrams: Datagram[] = [];
    const esp: Uint8Array[] = [];
    const faults: string[] = [];
    const arrived: { readonly port: number; readonly bytes: string }[] = [];

    before(async () => {
      ports = await freePorts();
      udp = new UdpSockets({
        ...sockets(),
        clock: new VirtualClock(),
        listen: [HERE],
        ikePort: ports[0],
        nattPort: ports[1],
        onEsp: (_local, _remote, packet) => esp.push(Uint8Array.from(packet)),
        onChange: () => undefined,
        onError: (local, remote, error) =>
          faults.push(`${String(local.port)} ${remote?.address ?? 'nobody'} ${error}`),
      });
      udp.onDatagram((datagram) => datagrams.push({ ...datagram, bytes: Uint8Array.from(datagram.bytes) }));
      await udp.open();
      peer = await boundSocket();
      peer.on('message', (bytes, from) => arrived.push({ port: from.port, bytes: bytes.toString('hex') }));
    });

    after(async () => {
      await udp.close();
      peer.close();
    });

    async function until(done: () => boolean): Promise<void> {
      while (!done()) await new Promise((resolve) => setImmediate(resolve));
    }

    const there = () => ({ address: HERE, port: peer.address().port });

    it('send IKE as it is from the one, and behind four zeros from the other, with ESP and keepalives beside it', async () => {
      const bytes = Uint8Array.of(1, 2, 3);
      udp.send({ address: HERE, port: ports[0] }, there(), bytes);
      await until(() => arrived.length === 1);
      udp.send({ address: HERE, port: ports[1] }, there(), bytes);
      await until(() => arrived.length === 2);
      udp.sendEsp(HERE, there(), Uint8Array.of(0, 0, 1, 0, 9));
      await until(() => arrived.length === 3);
      udp.keepalive({ address: HERE, port: ports[1] }, there());
      await until(() => arrived.length === 4);
      assert.deepEqual(arrived, [
        { port: ports[0], bytes: '010203' },
        { port: ports[1], bytes: '00000000010203' },
        { port: ports[1], bytes: '0000010009' },
        { port: ports[1], bytes: 'ff' },
      ]);
    });

    it('name the one of IKE at an address, and none where there is none', () => {
      assert.deepEqual(udp.endpointAt(HERE), { address: HERE, port: ports[0] });
      assert.equal(udp.endpointAt('127.0.0.2'), undefined);
    });

    it('say what could not be sent, and to whom, and go on', async () => {
      const told = (index: number): string => faults[index] ?? '';
      assert.equal(faults.length, 0);
      const local = { address: HERE, port: ports[0] };
      // More than UDP can carry.
      udp.send(local, there(), new Uint8Array(70_000));
      await udp.sent();
      assert.equal(faults.length, 1);
      assert.match(told(0), new RegExp(`^${String(ports[0])} ${HERE} send EMSGSIZE`));
      udp.send({ address: '192.0.2.1', port: 500 }, there(), Uint8Array.of(1));
      assert.match(told(1), /^500 127\.0\.0\.1 no socket is open on this address$/);
      const before = arrived.length;
      udp.send(local, there(), Uint8Array.of(4));
      await until(() => arrived.length === before + 1);
      assert.equal(arrived.at(-1)?.bytes, '04');
    });

    it('tell IKE, ESP and keepalives apart, and ignore the last', async () => {
      const natt = ports[1];
      for (const hex of ['ff', '0000010007', '00000000040506'])
        peer.send(Buffer.from(hex, 'hex'), natt, HERE);
      peer.send(Buffer.from('0708', 'hex'), ports[0], HERE);
      await until(() => datagrams.length === 2 && esp.length === 1);
      assert.deepEqual(
        datagrams
          .map(({ local, remote, bytes }) => [local.port, remote.port, Buffer.from(bytes).toString('hex')])
          .sort(([a], [b]) => Number(a === natt) - Number(b === natt)),
        [
          [ports[0], there().port, '0708'],
          [natt, there().port, '040506'],
        ],
      );
      assert.deepEqual(
        esp.map((packet) => Buffer.from(packet).toString('hex')),
        ['0000010007'],
      );
    });
  });

describe("the addon's sockets", () => {
  interface Opened {
    readonly clock: VirtualClock;
    readonly udp: UdpSockets;
    readonly port: number;
    readonly peer: Socket;
    readonly said: string[];
    readonly heard: Datagram[];
  }

  async function opened(others: Partial<UdpCalls>, host = HERE): Promise<Opened> {
    const [port, nattPort] = await freePorts();
    const said: string[] = [];
    const heard: Datagram[] = [];
    const clock = new VirtualClock();
    const udp = new UdpSockets({
      ...addonSockets(others),
      clock,
      listen: [host],
      ikePort: port,
      nattPort,
      onEsp: () => undefined,
      onChange: () => undefined,
      onError: (_local, _remote, error) => said.push(error),
    });
    udp.onDatagram((datagram) => heard.push(datagram));
    await udp.open();
    const peer = createSocket(host === HERE ? 'udp4' : 'udp6').bind(0, host);
    await once(peer, 'listening');
    return { clock, udp, port, peer, said, heard };
  }

  async function closed({ udp, peer }: Opened): Promise<void> {
    await new Promise<void>((resolve) => peer.close(() => resolve()));
    await udp.close();
  }

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  async function until(done: () => boolean): Promise<void> {
    while (!done()) await turn();
  }

  const firstBytes = (datagrams: readonly Datagram[]) => datagrams.map(({ bytes }) => bytes[0]);

  for (const host of [HERE, '::1']) {
    it(`hear more datagrams than one call takes, in their order, and give memory that stays: ${host}`, async () => {
      const ends = await opened({}, host);
      const count = 100;
      for (let n = 0; n < count; n++) ends.peer.send(Buffer.alloc(n * 100, n), ends.port, host);
      await until(() => ends.heard.length === count);
      ends.heard.forEach(({ remote, bytes }, n) => {
        assert.deepEqual(remote, { address: host, port: ends.peer.address().port });
        assert.deepEqual(Buffer.from(bytes), Buffer.alloc(n * 100, n));
      });
      await closed(ends);
    });
  }

  it('send what one turn answers when it is over, and not all of it later', async () => {
    const native = loadNative();
    assert.ok(native.ok);
    const { sendDatagram } = native.value;
    let sent = 0;
    const ends = await opened({
      sendDatagram: (descriptor, room) => {
        sent += 1;
        return sendDatagram(descriptor, room);
      },
    });
    const arrived: number[] = [];
    ends.peer.on('message', (bytes) => arrived.push(bytes[0] ?? 0));
    const there = { address: HERE, port: ends.peer.address().port };
    const all = Array.from({ length: 100 }, (_, n) => n);
    for (const n of all) {
      ends.udp.send({ address: HERE, port: ends.port }, there, Uint8Array.of(n));
      if (n < 63) assert.equal(sent, 0);
    }
    assert.equal(sent, 64, 'so many are not kept back');
    await ends.udp.sent();
    assert.equal(sent, 100);
    await until(() => arrived.length === 100);
    assert.deepEqual(arrived, all);
    await closed(ends);
  });

  it('keep what the system has no room for, and send it in its order', async () => {
    const native = loadNative();
    assert.ok(native.ok);
    const { sendDatagram } = native.value;
    let refusals = 3;
    const ends = await opened({
      sendDatagram: (descriptor, room) =>
        refusals-- > 0 ? -constants.errno.EAGAIN : sendDatagram(descriptor, room),
    });
    const arrived: number[] = [];
    ends.peer.on('message', (bytes) => arrived.push(bytes[0] ?? 0));
    const there = { address: HERE, port: ends.peer.address().port };
    for (const n of [1, 2, 3]) ends.udp.send({ address: HERE, port: ends.port }, there, Uint8Array.of(n));
    await until(() => arrived.length === 3);
    assert.deepEqual(arrived, [1, 2, 3]);
    assert.deepEqual(ends.said, []);
    await closed(ends);
  });

  it('refuse what is beyond the room for datagrams that wait', async () => {
    const ends = await opened({ sendDatagram: () => -constants.errno.EAGAIN });
    const there = { address: HERE, port: ends.peer.address().port };
    for (let n = 0; n < 1025; n++) ends.udp.send({ address: HERE, port: ends.port }, there, Uint8Array.of(1));
    assert.deepEqual(ends.said, [`send EAGAIN ${HERE}:${String(there.port)}`]);
    await closed(ends);
  });

  /** The system has room for nothing, or for all but what begins with one of these. */
  function tightSystem(): {
    readonly calls: Pick<UdpCalls, 'sendDatagram'>;
    refused: 'all' | readonly number[];
  } {
    const native = loadNative();
    assert.ok(native.ok);
    const { sendDatagram } = native.value;
    const system: ReturnType<typeof tightSystem> = {
      calls: {
        sendDatagram: (descriptor, room) =>
          system.refused === 'all' || system.refused.includes(room[28] ?? 0)
            ? -constants.errno.EAGAIN
            : sendDatagram(descriptor, room),
      },
      refused: 'all',
    };
    return system;
  }

  it('say when nothing waits any more: a daemon that ended took the Deletes with it that waited', async () => {
    const system = tightSystem();
    const ends = await opened(system.calls);
    const arrived: number[] = [];
    ends.peer.on('message', (bytes) => arrived.push(bytes[0] ?? 0));
    const there = { address: HERE, port: ends.peer.address().port };
    await ends.udp.sent();
    for (const n of [1, 2]) ends.udp.send({ address: HERE, port: ends.port }, there, Uint8Array.of(n));
    let isSent = false;
    const sent = ends.udp.sent().then(() => {
      isSent = true;
    });
    await turn();
    assert.equal(isSent, false);
    system.refused = [];
    await sent;
    await until(() => arrived.length === 2);
    assert.deepEqual(ends.said, []);
    await closed(ends);
  });

  it('try once more what waits when they are closed, and say what is lost: it went without a word', async () => {
    const system = tightSystem();
    const ends = await opened(system.calls);
    const arrived: number[] = [];
    ends.peer.on('message', (bytes) => arrived.push(bytes[0] ?? 0));
    const there = { address: HERE, port: ends.peer.address().port };
    for (const n of [1, 2, 3]) ends.udp.send({ address: HERE, port: ends.port }, there, Uint8Array.of(n));
    system.refused = [2];
    const sent = ends.udp.sent();
    await ends.udp.close();
    await sent;
    assert.deepEqual(ends.said, [`send EAGAIN ${HERE}:${String(there.port)}`]);
    await until(() => arrived.length === 2);
    assert.deepEqual(arrived, [1, 3]);
    await closed(ends);
  });

  it('go on after an error that nothing explains: they were deaf and mute for good', async () => {
    const native = loadNative();
    assert.ok(native.ok);
    const system = tightSystem();
    /** As if the loop said it of each socket. */
    const events: ((events: number) => void)[] = [];
    class Polled extends native.value.Polled {
      constructor(descriptor: number, onReady: (events: number) => void) {
        super(descriptor, onReady);
        events.push((told) => {
          if (told === 0) this.want(0);
          onReady(told);
        });
      }
    }
    const ends = await opened({ ...system.calls, Polled });
    const [tell = () => assert.fail()] = events;
    const arrived: number[] = [];
    ends.peer.on('message', (bytes) => arrived.push(bytes[0] ?? 0));
    const there = { address: HERE, port: ends.peer.address().port };
    const send = (n: number): void => {
      ends.udp.send({ address: HERE, port: ends.port }, there, Uint8Array.of(n));
    };
    send(1);
    await turn();
    tell(0);
    send(2);
    const UNEXPLAINED = 'the socket is in error, and nothing says why';
    assert.deepEqual(ends.said, [UNEXPLAINED]);
    ends.clock.advance(999);
    system.refused = [];
    await turn();
    assert.deepEqual(arrived, [], 'it rests');
    ends.clock.advance(1);
    await until(() => arrived.length === 2);
    assert.deepEqual(arrived, [1, 2]);
    // The loop says it once more: at the same rate, and it is no news.
    tell(0);
    assert.equal(ends.clock.pending, 1);
    ends.clock.advance(1000);
    assert.deepEqual(ends.said, [UNEXPLAINED]);
    ends.peer.send(Buffer.of(9), ends.port, HERE);
    await until(() => ends.heard.length === 1);
    // Now it is.
    tell(0);
    assert.deepEqual(ends.said, [UNEXPLAINED, UNEXPLAINED]);
    await closed(ends);
    assert.equal(ends.clock.pending, 0);
  });

  it('say what reading told, and go on', async () => {
    const native = loadNative();
    assert.ok(native.ok);
    const { receiveDatagrams } = native.value;
    let isBroken = true;
    const ends = await opened({
      receiveDatagrams: (descriptor, room) => {
        if (!isBroken) return receiveDatagrams(descriptor, room);
        isBroken = false;
        room.fill(0, 0, 28);
        room[3] = constants.errno.ENOBUFS;
        return 1;
      },
    });
    ends.peer.send(Buffer.of(9), ends.port, HERE);
    await until(() => ends.heard.length === 1);
    assert.deepEqual(ends.said, ['receive ENOBUFS']);
    assert.deepEqual(firstBytes(ends.heard), [9]);
    await closed(ends);
  });
});

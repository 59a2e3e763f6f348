/** What stands on the wire of the two ports, on the loopback (RFC 3948 2.1 to 2.3). */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { UdpSockets } from '../../../adapters/udp/udp-sockets.js';
import type { Datagram } from '../../../services/ports/udp.js';

const HERE = '127.0.0.1';

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

describe('the sockets of IKE and NAT-T', () => {
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

  it('say what could not be sent, and to whom, and go on', async () => {
    const told = (index: number): string => faults[index] ?? '';
    assert.equal(faults.length, 0);
    const local = { address: HERE, port: ports[0] };
    // More than UDP can carry.
    udp.send(local, there(), new Uint8Array(70_000));
    await until(() => faults.length === 1);
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
    for (const hex of ['ff', '0000010007', '00000000040506']) peer.send(Buffer.from(hex, 'hex'), natt, HERE);
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

/**
 * A bound UDP socket of Node's own, for where the addon was not built. A datagram that goes out makes no promise: the
 * socket has one function that hears what could not leave.
 */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { closeSync } from 'node:fs';
import { type Bytes, concat } from '../../services/bytes.js';
import { type Endpoint, familyOf, parseAddress } from '../../services/net/address.js';
import { err, ok, type Result } from '../../services/result.js';
import type { BoundSocket, SocketReader } from './bound-socket.js';

const NON_ESP_MARKER = new Uint8Array(4);
const RECEIVE_BUFFER = 4 << 20;

export class NodeSocket implements BoundSocket {
  readonly #socket: Socket;
  /** Told by Node when a datagram has left, or could not. */
  readonly #left: (error: Error | null) => void;
  #leaving = 0;
  #whenSent: (() => void)[] = [];

  /** `descriptor`: of a socket that was made and bound elsewhere, and has the buffer it shall have; it is closed here. */
  static async open(
    local: Endpoint,
    descriptor: number | undefined,
    reader: SocketReader,
  ): Promise<Result<NodeSocket, unknown>> {
    const v6 = familyOf(local.address) === 6;
    const socket = createSocket({
      type: v6 ? 'udp6' : 'udp4',
      ipv6Only: v6,
      lookup: alreadyAnAddress,
      ...(descriptor === undefined ? { recvBufferSize: RECEIVE_BUFFER } : {}),
    });
    const opened = new NodeSocket(socket, v6, reader);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        const where = descriptor === undefined ? local : { fd: descriptor };
        socket.bind({ ...where, exclusive: true }, () => {
          socket.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      await opened.close();
      return err(error);
    }
    socket.on('error', (error) => {
      reader.failed(error.message, undefined);
    });
    return ok(opened);
  }

  private constructor(socket: Socket, v6: boolean, reader: SocketReader) {
    this.#socket = socket;
    this.#left = (error) => {
      if (error !== null) reader.failed(error.message, whither(error));
      this.#leaving -= 1;
      if (this.#leaving > 0) return;
      const settled = this.#whenSent;
      this.#whenSent = [];
      for (const settle of settled) settle();
    };
    socket.on('message', (message, from) => {
      // Of IPv4 the system has one spelling, which is ours.
      const address = v6 ? (parseAddress(from.address) ?? from.address) : from.address;
      // The buffer is the receiver's own; a view is enough.
      const bytes = new Uint8Array(message.buffer, message.byteOffset, message.length);
      reader.received({ address, port: from.port }, bytes);
    });
  }

  send(remote: Endpoint, bytes: Bytes, marked: boolean): void {
    const whole = marked ? concat(NON_ESP_MARKER, bytes) : bytes;
    const buffer = Buffer.from(whole.buffer, whole.byteOffset, whole.length);
    this.#socket.send(buffer, remote.port, remote.address, this.#left);
    this.#leaving += 1;
  }

  sent(): Promise<void> {
    if (this.#leaving === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenSent.push(resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      try {
        this.#socket.close(resolve);
      } catch {
        // It never was open, or is not any more.
        resolve();
      }
    });
  }
}

/** Node would look up every address that a datagram goes to, in a later turn. */
const alreadyAnAddress: NonNullable<SocketOptions['lookup']> = (address, _options, callback) => {
  callback(null, address, address.includes(':') ? 6 : 4);
};

/** Where a datagram was to go that could not leave: Node says so in fields of the error. */
function whither(error: Error): Endpoint | undefined {
  if (!('address' in error && 'port' in error)) return undefined;
  const { address, port } = error;
  return typeof address === 'string' && typeof port === 'number' ? { address, port } : undefined;
}

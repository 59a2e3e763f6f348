/** The client's end of the door. */
import { connect, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Bytes } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';
import { callFault, openFault, type DoorFault } from './door-fault.js';
import { frame, FrameReader } from './frames.js';
import { type Passing, PassingStream, passingStream } from './passing-stream.js';

/** Bounds what a reply may make the client hold, bytes. */
const LONGEST_REPLY = 8 * 1024 * 1024;

export interface Door {
  /** Whether this end can send open files with a call. What the other end can, ABOUT_DOOR says. */
  readonly passesFiles: boolean;
  /**
   * One request, one reply; call again only after the reply. Waits as long as the daemon takes. `files` are descriptors
   * of this process, for a door that passes them; they stay open here.
   */
  call(request: Bytes, files?: readonly number[]): Promise<Result<Bytes, DoorFault>>;
  close(): void;
}

export interface DoorClientOptions {
  /**
   * The door to try when this user may not open the first: it takes the commands on tokens. When neither opens, the fault
   * is that of the first.
   */
  readonly tokenPath?: string;
  /** Where it is there, this end can send open files. */
  readonly passing?: Passing | undefined;
}

export async function connectDoor(
  path: string,
  { tokenPath, passing }: DoorClientOptions = {},
): Promise<Result<Door, DoorFault>> {
  const opened = await connectTo(path);
  if (opened instanceof Socket) return ok(doorOn(opened, passing));
  if (tokenPath !== undefined && (opened.code === 'EACCES' || opened.code === 'EPERM')) {
    const tokens = await connectTo(tokenPath);
    if (tokens instanceof Socket) return ok(doorOn(tokens, undefined));
  }
  return err(openFault(path, opened));
}

function connectTo(path: string): Promise<Socket | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    // Not read yet: what reads it first may be ours.
    const socket = connect(path).pause();
    socket.once('error', resolve);
    socket.once('connect', () => {
      resolve(socket);
    });
  });
}

function doorOn(socket: Socket, passing: Passing | undefined): Door {
  socket.removeAllListeners('error');
  return doorOver((passing && passingStream(socket, passing)) ?? socket);
}

function doorOver(stream: Duplex): Door {
  const reader = new FrameReader(LONGEST_REPLY);
  let fault: DoorFault | undefined;
  let waiting: ((reply: Result<Bytes, DoorFault>) => void) | undefined;

  const settle = (reply: Result<Bytes, DoorFault>): void => {
    const resolve = waiting;
    waiting = undefined;
    resolve?.(reply);
  };
  const fail = (reason: string): void => {
    fault ??= callFault(reason);
    stream.destroy();
    settle(err(fault));
  };
  stream.on('error', (error) => {
    fail(error.message);
  });
  stream.on('close', () => {
    fail('Connection closed by in.iked');
  });
  stream.on('data', (chunk: Bytes) => {
    reader.push(chunk);
    const reply = reader.next();
    if (reply === 'too-long') fail('Reply too long');
    else if (reply !== 'incomplete') settle(ok(reply));
  });
  stream.resume();

  const call = (request: Bytes, files: readonly number[] = []): Promise<Result<Bytes, DoorFault>> =>
    new Promise((resolve) => {
      if (fault !== undefined) {
        resolve(err(fault));
        return;
      }
      waiting = resolve;
      // It may hold keys, or a PIN.
      const framed = frame(request);
      const wipe = (): void => {
        framed.fill(0);
      };
      if (stream instanceof PassingStream) stream.writeWith(framed, files, wipe);
      else stream.write(framed, wipe);
    });

  return {
    passesFiles: stream instanceof PassingStream,
    call,
    close() {
      stream.destroy();
    },
  };
}

/** The client's end of the door. */
import { connect, Socket } from 'node:net';
import type { Bytes } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';
import { callFault, openFault, type DoorFault } from './door-fault.js';
import { frame, FrameReader } from './frames.js';

/** Bounds what a reply may make the client hold, bytes. */
const LONGEST_REPLY = 1024 * 1024;

export interface Door {
  /** Whether open files can go with a call. Where not, what is in them must, as text. */
  readonly passesFiles: boolean;
  /**
   * One request, one reply; call again only after the reply. Waits as long as the daemon takes. `files` are descriptors
   * of this process, for a door that passes them; they stay open here.
   */
  call(request: Bytes, files?: readonly number[]): Promise<Result<Bytes, DoorFault>>;
  close(): void;
}

/**
 * `tokenPath`: the door to try when this user may not open `path`: it takes the commands on tokens. When neither opens,
 * the fault is that of `path`.
 */
export async function connectDoor(path: string, tokenPath?: string): Promise<Result<Door, DoorFault>> {
  const opened = await connectTo(path);
  if (opened instanceof Socket) return ok(doorOver(opened));
  if (tokenPath !== undefined && (opened.code === 'EACCES' || opened.code === 'EPERM')) {
    const tokens = await connectTo(tokenPath);
    if (tokens instanceof Socket) return ok(doorOver(tokens));
  }
  return err(openFault(path, opened));
}

function connectTo(path: string): Promise<Socket | NodeJS.ErrnoException> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('error', resolve);
    socket.once('connect', () => {
      resolve(socket);
    });
  });
}

function doorOver(socket: Socket): Door {
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
    socket.destroy();
    settle(err(fault));
  };
  socket.removeAllListeners('error');
  socket.on('error', (error) => {
    fail(error.message);
  });
  socket.on('close', () => {
    fail('Connection closed by in.iked');
  });
  socket.on('data', (chunk) => {
    reader.push(chunk);
    const reply = reader.next();
    if (reply === 'too-long') fail('Reply too long');
    else if (reply !== 'incomplete') settle(ok(reply));
  });
  return {
    passesFiles: false,
    call(request) {
      return new Promise((resolve) => {
        if (fault !== undefined) {
          resolve(err(fault));
          return;
        }
        waiting = resolve;
        socket.write(frame(request));
      });
    },
    close() {
      socket.destroy();
    },
  };
}

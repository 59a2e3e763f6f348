/**
 * The daemon's end of the door: a Unix socket in place of a Solaris door, which Node cannot open. Whoever may open the
 * file may do everything, so it is made with mode 0600.
 */
import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Bytes } from '../../services/bytes.js';
import { ownCall, type DoorCall } from '../../services/admin/door-call.js';
import { encodeError } from '../../services/admin/door/heads.js';
import { frame, FrameReader } from './frames.js';

/** The longest request, bytes. */
export const LONGEST_REQUEST = 64 * 1024;

/** The longest path that fits into a `sockaddr_un` with its NUL on every system we run on, bytes. */
const LONGEST_PATH = 103;

export type HandleCall = (call: DoorCall) => Promise<Bytes>;

export interface OpenDoor {
  /** Ends all connections and removes the file. */
  close(): Promise<void>;
}

export interface DoorLimits {
  readonly connections: number;
  /** A connection without a request in progress is ended after this long, milliseconds. */
  readonly idleMs: number;
}

const LIMITS: DoorLimits = { connections: 32, idleMs: 60_000 };

/**
 * Makes the parent folder when it is missing and replaces the file of a daemon that died. Rejects with an `Error` of one
 * sentence when another daemon answers there or the file cannot be made. Call it from the main thread: it sets the umask
 * for a moment. `handle` must not reject.
 */
export async function openDoor(
  path: string,
  handle: HandleCall,
  limits: DoorLimits = LIMITS,
): Promise<OpenDoor> {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new Error(
      `The door ${path} cannot be made: its path is longer than ${String(LONGEST_PATH)} bytes; choose a shorter root with -R.`,
    );
  }
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw new Error(
      `The folder of the door ${path} cannot be made: ${wordsOf(error)}; check its permissions.`,
    );
  });
  await removeStale(path);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket, handle, limits.idleMs);
  });
  server.maxConnections = limits.connections;
  await listen(server, path);
  return {
    close() {
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      });
    },
  };
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new Error(`The door ${path} cannot be made: a file that is no socket is in its place; remove it.`);
  }
  if (await answers(path)) {
    throw new Error(
      `Another in.iked answers at ${path}: stop it first, or run this one under another root with -R.`,
    );
  }
  await unlink(path).catch((error: unknown) => {
    throw new Error(`The door ${path} of a daemon that ended cannot be removed: ${wordsOf(error)}.`);
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      // Refused is what a dead daemon's file does; anything else may hide a live one.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new Error(
          `The door ${path} cannot be opened: ${error.message}; check the permissions of its folder.`,
        ),
      );
    });
    server.once('listening', () => {
      server.removeAllListeners('error');
      // An error of a single accept (out of descriptors) must not end the daemon.
      server.on('error', () => undefined);
      resolve();
    });
    // `listen` binds before it returns, so the file is never there with wider permissions.
    const before = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  });
}

function serve(socket: Socket, handle: HandleCall, idleMs: number): void {
  const reader = new FrameReader(LONGEST_REQUEST);
  let busy = false;

  const answerNext = (): void => {
    if (busy || socket.destroyed) return;
    const request = reader.next();
    if (request === 'incomplete') {
      socket.setTimeout(idleMs);
      socket.resume();
    } else if (request === 'too-long') {
      socket.pause();
      socket.end(frame(encodeError({ name: 'REQ_INVALID' })), () => socket.destroy());
    } else {
      busy = true;
      socket.setTimeout(0);
      // A client cannot make us hold more than one request and one chunk.
      socket.pause();
      void handle(ownCall(request)).then(
        (reply) => {
          busy = false;
          // Either may have held keys, or a PIN.
          const framed = frame(reply);
          request.fill(0);
          reply.fill(0);
          if (socket.destroyed) return;
          socket.setTimeout(idleMs);
          socket.write(framed, () => {
            framed.fill(0);
            answerNext();
          });
        },
        () => socket.destroy(),
      );
    }
  };
  socket.on('error', () => socket.destroy());
  socket.on('timeout', () => socket.destroy());
  socket.on('data', (chunk) => {
    reader.push(chunk);
    answerNext();
  });
  socket.setTimeout(idleMs);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The daemon's end of the door where there are no Solaris doors: a Unix socket. */
import { lstat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Caller } from '../../services/admin/door-call.js';
import {
  anotherAnswers,
  callerOf,
  type DoorAccess,
  makeFolderOf,
  type OpenDoor,
  openToGroup,
  OWNER_ONLY,
  wordsOf,
} from './door-access.js';
import { type HandleCall, serve } from './door-connection.js';
import { descriptorOf, type Passing, passingStream } from './passing-stream.js';

/** The longest path that fits into a `sockaddr_un` with its NUL on every system we run on, bytes. */
const LONGEST_PATH = 103;

export interface DoorLimits {
  readonly connections: number;
  /** A connection without a request in progress is ended after this long, milliseconds. */
  readonly idleMs: number;
}

export interface DoorOptions {
  readonly limits?: DoorLimits;
  readonly access?: DoorAccess;
  /** Where it is there, open files may come with a call. */
  readonly passing?: Passing | undefined;
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
  { limits = LIMITS, access = OWNER_ONLY, passing }: DoorOptions = {},
): Promise<OpenDoor> {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new Error(
      `The door ${path} cannot be made: its path is longer than ${String(LONGEST_PATH)} bytes; choose a shorter root with -R.`,
    );
  }
  await makeFolderOf(path);
  await removeStale(path);
  const connections = new Set<Duplex>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    if (connections.size >= limits.connections) {
      socket.destroy();
      return;
    }
    const caller = callerOn(socket, access);
    const stream = passing && passingStream(socket, passing);
    const connection = stream ?? socket;
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    const descriptors = stream && passing;
    serve(connection, { handle, idleMs: limits.idleMs, caller, descriptors });
  });
  await listen(server, path);
  if (access.group !== undefined) {
    await openToGroup(path, access.group).catch((error: unknown) => {
      server.close();
      throw error;
    });
  }
  return {
    close() {
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const connection of connections) connection.destroy();
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
    throw anotherAnswers(path);
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

function callerOn(socket: Socket, access: DoorAccess): Caller | undefined {
  const { peerUid } = access;
  const descriptor = descriptorOf(socket);
  return callerOf(
    peerUid === undefined || descriptor === undefined ? undefined : peerUid(descriptor),
    access,
  );
}

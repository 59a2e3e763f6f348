/**
 * The daemon's end of the door: a Unix socket in place of a Solaris door, which Node cannot open. The file's mode lets
 * in whom it is for: 0600, its owner, or 0660, a group that may use tokens. Where the host tells who calls, the door for
 * everything looks again: it serves the daemon's own user and root.
 */
import { chmod, chown, lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Caller } from '../../services/admin/door-call.js';
import { type HandleCall, serve } from './door-connection.js';
import { descriptorOf, type Passing, passingStream } from './passing-stream.js';

/** The longest path that fits into a `sockaddr_un` with its NUL on every system we run on, bytes. */
const LONGEST_PATH = 103;

export interface OpenDoor {
  /** Ends all connections and removes the file. */
  close(): Promise<void>;
}

export interface DoorAccess {
  readonly rights: Caller['rights'];
  /** The group that may open the file; undefined for its owner alone. */
  readonly group: number | undefined;
  /** The user at the other end of a connected socket, or minus `errno`; undefined where the host cannot tell. */
  readonly peerUid: ((descriptor: number) => number) | undefined;
}

const OWNER_ONLY: DoorAccess = { rights: 'all', group: undefined, peerUid: undefined };

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
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw new Error(
      `The folder of the door ${path} cannot be made: ${wordsOf(error)}; check its permissions.`,
    );
  });
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
    const appendTo = stream && passing.appendTo;
    serve(connection, { handle, idleMs: limits.idleMs, caller, appendTo });
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

/** The file belongs to the group before the group may open it. */
async function openToGroup(path: string, group: number): Promise<void> {
  try {
    await chown(path, -1, group);
    await chmod(path, 0o660);
  } catch (error) {
    throw new Error(
      `The door ${path} cannot be given to group ${String(group)}: ${wordsOf(error)}; name a group that in.iked is in with --token-group.`,
      { cause: error },
    );
  }
}

/** Undefined for someone whom the file's mode should not have let in. */
function callerOn(socket: Socket, { rights, peerUid }: DoorAccess): Caller | undefined {
  const descriptor = descriptorOf(socket);
  const uid = peerUid === undefined || descriptor === undefined ? undefined : peerUid(descriptor);
  if (uid === undefined) return { uid, rights };
  // A peer that has gone, or that the host does not know, has no rights.
  if (uid < 0) return undefined;
  const isOwner = uid === 0 || uid === process.geteuid?.();
  return rights === 'token' || isOwner ? { uid, rights } : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Whom a door is for, whichever kind it is. The file's mode lets them in: 0600, its owner, or 0660, a group that may use
 * tokens. Where the host tells who calls, the door for everything looks again: it serves the daemon's own user and root.
 * On illumos everybody may call the door for tokens, and authorizations decide.
 */
import { chmod, chown, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Caller } from '../../services/admin/door-call.js';

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
  /** Whether a user has an authorization of illumos, which decides then about the commands of `token`. */
  readonly isAuthorised?: (uid: number, authorization: string) => boolean;
}

/** in.iked(8), ikeadm(8). */
const AUTHORIZATIONS = {
  login: 'solaris.network.ipsec.ike.token.login',
  logout: 'solaris.network.ipsec.ike.token.logout',
} as const;

export const OWNER_ONLY: DoorAccess = { rights: 'all', group: undefined, peerUid: undefined };

/** Undefined for someone whom the file's mode should not have let in. `uid` undefined: the host does not tell. */
export function callerOf(uid: number | undefined, { rights, isAuthorised }: DoorAccess): Caller | undefined {
  if (uid === undefined) return { uid, rights };
  // A peer that has gone, or that the host does not know, has no rights.
  if (uid < 0) return undefined;
  if (uid === 0 || uid === process.geteuid?.()) return { uid, rights };
  if (rights === 'all') return undefined;
  if (isAuthorised === undefined) return { uid, rights };
  const mayLogIn = isAuthorised(uid, AUTHORIZATIONS.login);
  const mayLogOut = isAuthorised(uid, AUTHORIZATIONS.logout);
  if (mayLogIn && mayLogOut) return { uid, rights: 'token' };
  if (mayLogIn) return { uid, rights: 'token.login' };
  return mayLogOut ? { uid, rights: 'token.logout' } : undefined;
}

export async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw new Error(
      `The folder of the door ${path} cannot be made: ${wordsOf(error)}; check its permissions.`,
    );
  });
}

/** The file belongs to the group before the group may open it. */
export async function openToGroup(path: string, group: number): Promise<void> {
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

/** Authorizations decide what callers may. */
export async function openToAll(path: string): Promise<void> {
  // Whoever may read the file of a door may call it.
  await chmod(path, 0o644);
}

export function anotherAnswers(path: string): Error {
  return new Error(
    `Another in.iked answers at ${path}: stop it first, or run this one under another root with -R.`,
  );
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

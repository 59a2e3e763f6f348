/**
 * `--user`: whom the daemon becomes when its sockets, its log and its door are open. Its files are read as that user from the
 * beginning, so that what can be read at the start can be read at every refresh.
 */
import { readFileSync } from 'node:fs';
import { chown, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { constants } from 'node:os';
import { InvalidArgumentError } from 'commander';
import type { Native } from '../../adapters/native/load-native.js';
import { groupNumber, groupsWith } from './group-number.js';

const { ENOSYS } = constants.errno;

export interface RunAs {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** That one, and those the user is a member of. */
  readonly groups: readonly number[];
}

/** What the addon does for a thread: 0, or `errno`. */
export interface Rights {
  /** The thread may ask for its rights back after it has become somebody else. */
  readonly keepRights: () => number | Promise<number>;
  /** Of what was kept: what the thread needs, no more. */
  readonly takeRights: () => number | Promise<number>;
  /** What it means when there are none: the rest of a sentence. */
  readonly lost: string;
}

/** Of the main thread: privileged ports and the kernel's SAs; without the addon none. */
export function mainRights(native: Pick<Native, 'keepRights' | 'takeRights'> | undefined): Rights {
  return {
    keepRights: () => native?.keepRights() ?? ENOSYS,
    takeRights: () => native?.takeRights() ?? ENOSYS,
    lost: 'in.iked has no rights over the network left: it cannot listen on ports below 1024 of addresses that come later',
  };
}

/** `USER` or `USER:GROUP`, by name or number; throws commander's error, which says what to write. */
export function runAs(text: string, passwd = '/etc/passwd', group = '/etc/group'): RunAs {
  const [user = '', wanted] = text.split(':', 2);
  const entry = entriesOf(passwd).find(({ name, uid }) => name === user || String(uid) === user);
  if (entry === undefined) {
    throw new InvalidArgumentError(
      `There is no user "${user}" in ${passwd}: name one that is there, or make it.`,
    );
  }
  if (entry.uid === 0)
    throw new InvalidArgumentError('That is root, who has all privileges: leave out --user.');
  const { name, uid } = entry;
  const gid = wanted === undefined ? entry.gid : groupNumber(wanted, group);
  return { name, uid, gid, groups: [gid, ...groupsWith(name, group)] };
}

function entriesOf(file: string): readonly Omit<RunAs, 'groups'>[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name = '', , uid = '', gid = ''] = line.split(':');
    const isEntry = name !== '' && /^\d+$/.test(uid) && /^\d+$/.test(gid);
    return isEntry ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** Root does `work` with the rights of the user, and is root again; whoever is somebody else already just does it. */
export function asUser<T>(user: RunAs | undefined, work: () => T): T {
  if (!become(user)) return work();
  try {
    return work();
  } finally {
    becomeRootAgain();
  }
}

/** The same of what other threads do meanwhile: they cannot become anybody, and what the main thread is they all are. */
export async function whileUser<T>(user: RunAs | undefined, work: () => Promise<T>): Promise<T> {
  if (!become(user)) return work();
  try {
    return await work();
  } finally {
    becomeRootAgain();
  }
}

function become(user: RunAs | undefined): boolean {
  if (user === undefined || process.geteuid?.() !== 0) return false;
  process.setgroups?.([...user.groups]);
  process.setegid?.(user.gid);
  process.seteuid?.(user.uid);
  return true;
}

function becomeRootAgain(): void {
  process.seteuid?.(0);
  process.setegid?.(0);
}

/** The folder of the door is the user's where it has to be made; one that is there stays as it is. */
export async function makeFolderFor(user: RunAs | undefined, path: string): Promise<void> {
  if (user === undefined) return;
  const folder = dirname(path);
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) {
    await chown(made, user.uid, user.gid);
  }
}

/**
 * Gives the user what belongs to root of `owned`, files that are used again by their names, and becomes the user for good.
 * Rejects with an `Error` of one sentence when the host does not let it. What threads have lost, one line each.
 */
export async function dropPrivileges(
  user: RunAs | undefined,
  owned: readonly (string | undefined)[],
  threads: readonly Rights[],
): Promise<readonly string[]> {
  if (user === undefined) return [];
  for (const path of owned) {
    if (path === undefined || (await stat(path).catch(() => undefined))?.uid !== 0) continue;
    await chown(path, user.uid, -1);
  }
  const keeping = new Set<Rights>();
  for (const rights of threads) if ((await rights.keepRights()) === 0) keeping.add(rights);
  try {
    process.setgroups?.([...user.groups]);
    process.setgid?.(user.gid);
    process.setuid?.(user.uid);
  } catch (error) {
    throw new Error(
      `in.iked cannot become ${user.name}: ${error instanceof Error ? error.message : String(error)}; it needs CAP_SETUID and CAP_SETGID.`,
      { cause: error },
    );
  }
  if (process.getuid?.() !== user.uid || process.geteuid?.() !== user.uid || canBeRoot()) {
    throw new Error(`in.iked is not ${user.name}, though the host said so: it does not go on.`);
  }
  const lost: string[] = [];
  for (const rights of threads) {
    if (keeping.has(rights) && (await rights.takeRights()) === 0) continue;
    lost.push(`As ${user.name}, ${rights.lost}.`);
  }
  return lost;
}

function canBeRoot(): boolean {
  try {
    process.setuid?.(0);
    return true;
  } catch {
    return false;
  }
}

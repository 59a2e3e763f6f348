/**
 * The routes that lead protected traffic to the device: a table of our own, and one rule that sends there all that is not
 * marked as ours. Linux takes the routes away with the device; the rule of a daemon that was killed leads to an empty
 * table, and the next one to use that table takes it away.
 */
import { execFile } from 'node:child_process';
import { type Address, type AddressRange, familyOf, inRange } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { err, ok, type Result } from '../../services/result.js';
import { innerMtu } from './device-mtu.js';
import { ownAddresses } from './own-addresses.js';
import { prefixesOf } from './prefixes.js';

/** Before the tables `main` and `default`, whose rules have 32766 and 32767. */
const PRIORITY = 4500;
const FAMILIES = [4, 6] as const;

export interface RouteNames {
  readonly device: string;
  readonly table: number;
  readonly mark: number;
}

/** Device up, without addresses of its own, and rules of a table that was left behind gone. */
export async function prepare(names: RouteNames, mtu: number): Promise<Result<void, string>> {
  for (const family of FAMILIES) {
    const left = await rulesFor(family, names.table);
    if (!left.ok) return left;
    for (let i = 0; i < left.value; i++) {
      const gone = await ip(family, [`rule del table ${String(names.table)} priority ${String(PRIORITY)}`]);
      if (!gone.ok) return gone;
    }
  }
  return ip(4, [
    `link set ${names.device} addrgenmode none`,
    `link set ${names.device} mtu ${String(mtu)}`,
    `link set ${names.device} up`,
  ]);
}

/**
 * What these policies protect comes to the device, and nothing else. Routes that stay are never away: what they lead to the
 * device would go in the clear. `mtus`: of the paths to some peers; the device itself has `deviceMtu`.
 */
export async function replaceRoutes(
  names: RouteNames,
  policies: readonly IpsecPolicy[],
  deviceMtu: number,
  mtus: ReadonlyMap<Address, number>,
): Promise<Result<void, string>> {
  const table = String(names.table);
  for (const family of FAMILIES) {
    const wanted = routesOf(policies, family, mtus);
    const left = await routesThere(family, names.table);
    const present = await rulesFor(family, names.table);
    if (!present.ok) return present;
    const rule = `table ${table} priority ${String(PRIORITY)}`;
    const lines = [...wanted.values()].map(({ prefix, source, mtu }) => {
      left.delete(prefix);
      const from = source === undefined ? '' : ` src ${source}`;
      const length = mtu < deviceMtu ? ` mtu ${String(mtu)}` : '';
      return `route replace ${prefix} dev ${names.device} table ${table}${from}${length}`;
    });
    if (wanted.size > 0 && present.value === 0) {
      lines.push(`rule add not fwmark 0x${names.mark.toString(16)} ${rule}`);
    }
    if (wanted.size === 0 && present.value > 0) lines.push(`rule del ${rule}`);
    for (const prefix of left) lines.push(`route del ${prefix} table ${table}`);
    const done = await ip(family, lines);
    if (!done.ok) return done;
  }
  return ok(undefined);
}

interface Route {
  readonly prefix: string;
  /** An address of this host that the policy speaks of; undefined when it has none. */
  readonly source: Address | undefined;
  /** Infinity where no path is limited. */
  readonly mtu: number;
}

function routesOf(
  policies: readonly IpsecPolicy[],
  family: 4 | 6,
  mtus: ReadonlyMap<Address, number>,
): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const policy of policies) {
    const { remote, local } = policy.selectors;
    if (familyOf(remote.addresses.begin) !== family) continue;
    const source = ownAddressIn(local.addresses);
    const mtu = limitOf(policy, family, mtus);
    for (const prefix of prefixesOf(remote.addresses)) {
      const known = routes.get(prefix);
      routes.set(prefix, {
        prefix,
        // A policy for one of our addresses must not decide it for another one's.
        source: known === undefined || known.source === source ? source : undefined,
        mtu: Math.min(mtu, known?.mtu ?? Infinity),
      });
    }
  }
  return routes;
}

/** In transport mode the peers are the other side of the policy. */
function limitOf(policy: IpsecPolicy, family: 4 | 6, mtus: ReadonlyMap<Address, number>): number {
  let least = Infinity;
  for (const [peer, mtu] of mtus) {
    const isPeer =
      policy.mode === 'tunnel'
        ? policy.outer.remote === peer
        : inRange(peer, policy.selectors.remote.addresses);
    if (isPeer) least = Math.min(least, innerMtu(mtu, familyOf(peer), family));
  }
  return least;
}

/** As prefixes; of a table that is not there, none. */
async function routesThere(family: 4 | 6, table: number): Promise<Set<string>> {
  const shown = await run([`-${String(family)}`, 'route', 'show', 'table', String(table)], '');
  if (!shown.ok) return new Set();
  const words = shown.value.split('\n').map((line) => line.split(' ', 1)[0] ?? '');
  return new Set(words.filter((word) => word !== '').map((word) => asPrefix(word, family)));
}

/** ip(8) leaves out the length of a single address, and calls all addresses "default". */
function asPrefix(word: string, family: 4 | 6): string {
  if (word === 'default') return family === 4 ? '0.0.0.0/0' : '::/0';
  return word.includes('/') ? word : `${word}/${family === 4 ? '32' : '128'}`;
}

function ownAddressIn(range: AddressRange): Address | undefined {
  return ownAddresses().find(({ address }) => inRange(address, range))?.address;
}

async function rulesFor(family: 4 | 6, table: number): Promise<Result<number, string>> {
  const shown = await run([`-${String(family)}`, 'rule', 'show', 'priority', String(PRIORITY)], '');
  if (!shown.ok) return shown;
  return ok(shown.value.split('\n').filter((line) => line.includes(`lookup ${String(table)}`)).length);
}

/** Lines of ip(8), all or the first that fails. */
async function ip(family: 4 | 6, lines: readonly string[]): Promise<Result<void, string>> {
  if (lines.length === 0) return ok(undefined);
  const done = await run([`-${String(family)}`, '-batch', '-'], `${lines.join('\n')}\n`);
  return done.ok ? ok(undefined) : done;
}

function run(args: readonly string[], input: string): Promise<Result<string, string>> {
  return new Promise((resolve) => {
    const child = execFile('ip', [...args], { timeout: 10_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(ok(stdout));
      else if (error.code === 'ENOENT') resolve(err('ip(8) is missing: install iproute2.'));
      else resolve(err(`ip ${args.join(' ')}: ${stderr.trim() || error.message}.`));
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

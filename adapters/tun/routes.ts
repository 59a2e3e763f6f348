/**
 * The routes that lead protected traffic to the device: a table of our own, and one rule that sends there all that is not
 * marked as ours. Linux takes the routes away with the device; the rule of a daemon that was killed leads to an empty
 * table, and the next one to use that table takes it away.
 */
import { execFile } from 'node:child_process';
import { type Address, type AddressRange, familyOf, inRange } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { err, ok, type Result } from '../../services/result.js';
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

/** What these policies protect comes to the device, and nothing else. */
export async function replaceRoutes(
  names: RouteNames,
  policies: readonly IpsecPolicy[],
): Promise<Result<void, string>> {
  const table = String(names.table);
  for (const family of FAMILIES) {
    const wanted = routesOf(policies, family);
    const flushed = await ip(family, [`route flush table ${table}`]);
    if (!flushed.ok && wanted.length > 0) return flushed;
    const present = await rulesFor(family, names.table);
    if (!present.ok) return present;
    const rule = `table ${table} priority ${String(PRIORITY)}`;
    const lines = wanted.map(
      ({ prefix, source }) =>
        `route replace ${prefix} dev ${names.device} table ${table}${source === undefined ? '' : ` src ${source}`}`,
    );
    if (wanted.length > 0 && present.value === 0) {
      lines.push(`rule add not fwmark 0x${names.mark.toString(16)} ${rule}`);
    }
    if (wanted.length === 0 && present.value > 0) lines.push(`rule del ${rule}`);
    const done = await ip(family, lines);
    if (!done.ok) return done;
  }
  return ok(undefined);
}

interface Route {
  readonly prefix: string;
  /** An address of this host that the policy speaks of; undefined when it has none. */
  readonly source: Address | undefined;
}

function routesOf(policies: readonly IpsecPolicy[], family: 4 | 6): readonly Route[] {
  const routes = new Map<string, Route>();
  for (const { selectors } of policies) {
    const { remote, local } = selectors;
    if (familyOf(remote.addresses.begin) !== family) continue;
    const source = ownAddressIn(local.addresses);
    for (const prefix of prefixesOf(remote.addresses)) {
      const known = routes.get(prefix);
      // A policy for one of our addresses must not decide it for another one's.
      if (known === undefined) routes.set(prefix, { prefix, source });
      else if (known.source !== source) routes.set(prefix, { prefix, source: undefined });
    }
  }
  return [...routes.values()];
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

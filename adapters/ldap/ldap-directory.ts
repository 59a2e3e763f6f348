/** Directories over LDAP: certificates and CRLs of entries (RFC 4523), asked for anonymously and within bounds. */
import { connect, type Socket } from 'node:net';
import { Client, type Entry, EqualityFilter } from 'ldapts';
import type { Bytes } from '../../services/bytes.js';
import type { Directory, DirectoryAttribute, DirectoryEntry } from '../../services/ports/directory.js';
import { err, ok, type Result } from '../../services/result.js';

export interface DirectoryOptions {
  readonly servers: readonly { readonly host: string; readonly port: number }[];
  /** For one question to one server. */
  readonly timeoutMs: number;
  /** Of everything one server sends. */
  readonly mostBytes: number;
}

/** Entries of one answer, and parts of a directory that are searched for a mailbox. */
const MOST_ENTRIES = 4;
const MOST_CONTEXTS = 4;
/** Values of one answer. */
const MOST_VALUES = 16;

export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  async look(
    entry: DirectoryEntry,
    attributes: readonly DirectoryAttribute[],
  ): Promise<Result<readonly Bytes[], string>> {
    const reasons: string[] = [];
    for (const { host, port } of this.#options.servers) {
      const where = host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
      try {
        const values = await this.#ask(host, port, entry, attributes);
        if (values.length > 0) return ok(values);
        reasons.push(`${where} has nothing`);
      } catch (error) {
        reasons.push(`${where}: ${error instanceof Error ? error.message || error.name : String(error)}`);
      }
    }
    return err(reasons.join('; '));
  }

  async #ask(
    host: string,
    port: number,
    entry: DirectoryEntry,
    attributes: readonly DirectoryAttribute[],
  ): Promise<readonly Bytes[]> {
    const { timeoutMs, mostBytes } = this.#options;
    let socket: Socket | undefined;
    const client = new Client({
      // The library reads the port from here; the connection is made below, without its resolver of URLs.
      url: `ldap://localhost:${String(port)}`,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      createConnection: () => {
        socket = bounded(connect({ host, port }), mostBytes);
        return socket;
      },
    });
    const deadline = setTimeout(() => socket?.destroy(new Error('no answer in time')), timeoutMs);
    try {
      const found = await entries(client, entry, attributes, timeoutMs);
      // What came in one piece was read before the connection could be ended.
      if ((socket?.bytesRead ?? 0) > mostBytes) throw new Error(tooMuch(mostBytes));
      return found.flatMap((one) => valuesOf(one, attributes)).slice(0, MOST_VALUES);
    } finally {
      clearTimeout(deadline);
      // A server that is gone already is no fault.
      await client.unbind().catch(() => undefined);
      socket?.destroy();
    }
  }
}

/** Ends a connection over which more comes than it may. */
function bounded(socket: Socket, mostBytes: number): Socket {
  let left = mostBytes;
  socket.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) socket.destroy(new Error(tooMuch(mostBytes)));
  });
  return socket;
}

function tooMuch(mostBytes: number): string {
  return `it sends more than ${String(mostBytes)} bytes`;
}

async function entries(
  client: Client,
  entry: DirectoryEntry,
  attributes: readonly DirectoryAttribute[],
  timeoutMs: number,
): Promise<readonly Entry[]> {
  const binary = attributes.map((name) => `${name};binary`);
  const options = {
    attributes: binary,
    explicitBufferAttributes: [...binary, ...attributes],
    sizeLimit: MOST_ENTRIES,
    timeLimit: Math.ceil(timeoutMs / 1000),
  };
  if ('dn' in entry) {
    const { searchEntries } = await client.search(entry.dn, { ...options, scope: 'base' });
    return searchEntries;
  }
  const filter = new EqualityFilter({ attribute: 'mail', value: entry.mailbox });
  const found: Entry[] = [];
  for (const base of await contexts(client)) {
    const { searchEntries } = await client.search(base, { ...options, scope: 'sub', filter });
    found.push(...searchEntries);
  }
  return found;
}

/** What a server holds, by its own word (RFC 4512 5.1). */
async function contexts(client: Client): Promise<readonly string[]> {
  const { searchEntries } = await client.search('', { scope: 'base', attributes: ['namingContexts'] });
  return searchEntries
    .flatMap(({ namingContexts }) => (Array.isArray(namingContexts) ? [...namingContexts] : [namingContexts]))
    .filter((name): name is string => typeof name === 'string')
    .slice(0, MOST_CONTEXTS);
}

function valuesOf(entry: Entry, attributes: readonly DirectoryAttribute[]): readonly Bytes[] {
  return attributes.flatMap((name) => {
    const values = entry[`${name};binary`] ?? entry[name] ?? [];
    const list = Array.isArray(values) ? values : [values];
    return [...list].filter((value): value is Buffer => Buffer.isBuffer(value));
  });
}

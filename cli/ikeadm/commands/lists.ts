/** `dump groups`, `dump encralgs`, `dump authalgs`. */
import { decodeCipher, decodeGroup, decodeHash } from '../../../services/admin/door/lists.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import type { Bytes } from '../../../services/bytes.js';
import { doorError, type Outcome } from '../outcome.js';
import { decoded, type Session } from '../session.js';

interface ListKind<T extends object> {
  readonly name: string;
  readonly command: number;
  readonly title: string;
  readonly header: string;
  decode(body: Bytes): T | undefined;
  row(entry: T): string;
}

export function dumpGroups(session: Session): Promise<Outcome> {
  return dumpList(session, {
    name: 'groups',
    command: SERVICE.DUMP_GROUPS,
    title: 'List of Diffie-Hellman groups for setting up IKE SAs',
    header: 'Value'.padEnd(6) + 'Strength'.padEnd(9) + 'Description'.padEnd(50),
    decode: decodeGroup,
    row: ({ number, bits, label }) => String(number).padEnd(6) + String(bits).padEnd(9) + label.padEnd(50),
  });
}

export function dumpCiphers(session: Session): Promise<Outcome> {
  return dumpList(session, {
    name: 'encralgs',
    command: SERVICE.DUMP_ENCRALGS,
    title: 'List of encryption algorithms for IKE',
    header: 'Value'.padEnd(6) + 'Name'.padEnd(20) + 'Keylen range'.padEnd(15),
    decode: decodeCipher,
    row: ({ value, name, shortest, longest }) => {
      const range = shortest === 0 && longest === 0 ? 'N/A' : `${String(shortest)}-${String(longest)}`;
      return String(value).padEnd(6) + name.padEnd(20) + range.padEnd(15);
    },
  });
}

export function dumpHashes(session: Session): Promise<Outcome> {
  return dumpList(session, {
    name: 'authalgs',
    command: SERVICE.DUMP_AUTHALGS,
    title: 'List of authentication algorithms for IKE',
    header: 'Value'.padEnd(6) + 'Name'.padEnd(20),
    decode: decodeHash,
    row: ({ value, name }) => String(value).padEnd(6) + name.padEnd(20),
  });
}

/** The header stands even when the daemon refuses, as it does in the original. */
async function dumpList<T extends object>(session: Session, kind: ListKind<T>): Promise<Outcome> {
  const { entries, trouble } = await session.dump(kind.command, (body) => decoded(kind.decode(body)));
  const lines = [
    '',
    kind.title,
    'The values match the IPsec attribute assigned numbers published by IANA',
    '',
    kind.header,
    ...entries.map((entry) => kind.row(entry)),
  ];
  if (trouble) return { text: wholeLines(lines), error: doorError(`error getting ${kind.name}`, trouble) };
  return {
    text: wholeLines([...lines, '', `Completed dump of ${kind.name}`]),
    json: entries,
  };
}

function wholeLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

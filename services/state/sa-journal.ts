/**
 * The text of the file of our SAs: JSON, a line each. The first says what it is; behind it stands what happened, oldest
 * first, so that a line added at the end is all it takes to remember or to forget an SA.
 *
 *   {"ikechart":"sas","version":1}
 *   {"made":{"source":"192.0.2.1","destination":"198.51.100.1","protocol":50,"spi":305419896,...}}
 *   {"gone":{"destination":"198.51.100.1","protocol":50,"spi":305419896}}
 *
 * No line holds a key. What cannot be read is passed over, and said.
 */
import { fromHex, hex } from '../bytes.js';
import { type Address, compareAddresses, familyOf, parseAddress } from '../net/address.js';
import type { IpsecProtocol, SaIdentity, SaMaker, TrafficSelectors, TrafficSide } from '../ports/kernel.js';
import { err, ok, type Result } from '../result.js';
import type { RememberedSa } from './remembered-sa.js';

const VERSION = 1;
/** More SAs than any host has; what is beyond is passed over. */
export const MOST_REMEMBERED = 200_000;
/** Of a line: labels and identities have bounds of their own. */
const LONGEST_LINE = 8192;
const LONGEST_LABEL = 1024;
/** Octets of an identity: a Distinguished Name may be long. */
const LONGEST_IDENTITY = 2048;

export const JOURNAL_HEADER = `${JSON.stringify({ ikechart: 'sas', version: VERSION })}\n`;

export function madeLine(sa: RememberedSa): string {
  const { maker, ...rest } = sa;
  const { identity, ...peer } = maker.peer;
  const written = identity && { idType: identity.idType, data: hex(identity.data) };
  return `${JSON.stringify({ made: { ...rest, maker: { ...maker, peer: { ...peer, identity: written } } } })}\n`;
}

export function goneLine({ destination, protocol, spi }: SaIdentity): string {
  return `${JSON.stringify({ gone: { destination, protocol, spi } })}\n`;
}

export interface Journal {
  /** Made and not gone, oldest first. */
  readonly sas: readonly RememberedSa[];
  readonly lines: number;
  /** Of lines that say nothing, from 1. */
  readonly spoiled: readonly number[];
}

/** The error is a clause: why it is none that this version can read. */
export function parseJournal(text: string): Result<Journal, string> {
  const lines = text.split('\n');
  const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  const header = headerFault(whole[0] ?? '');
  if (header !== undefined) return err(header);
  const sas = new Map<string, RememberedSa>();
  const spoiled: number[] = [];
  for (const [index, line] of whole.entries()) {
    if (index === 0) continue;
    const entry = line.length > LONGEST_LINE ? undefined : parsed(line);
    const made = isRecord(entry) ? madeOf(entry.made) : undefined;
    const gone = isRecord(entry) ? identityOf(entry.gone) : undefined;
    if (made !== undefined && sas.size < MOST_REMEMBERED) sas.set(saKey(made), made);
    else if (gone !== undefined) sas.delete(saKey(gone));
    else spoiled.push(index + 1);
  }
  return ok({ sas: [...sas.values()], lines: whole.length, spoiled });
}

function headerFault(line: string): string | undefined {
  const header = line.length > LONGEST_LINE ? undefined : parsed(line);
  if (!isRecord(header) || header.ikechart !== 'sas' || typeof header.version !== 'number')
    return 'its first line is not that of such a file';
  if (header.version !== VERSION) return `it is of version ${String(header.version)}`;
  return undefined;
}

/** By which SAs are told apart. */
export function saKey({ destination, protocol, spi }: SaIdentity): string {
  return `${destination} ${String(protocol)} ${String(spi)}`;
}

function madeOf(value: unknown): RememberedSa | undefined {
  const identity = identityOf(value);
  if (identity === undefined || !isRecord(value)) return undefined;
  const { direction, mode, madeAt } = value;
  const source = addressOf(value.source);
  const selectors = selectorsOf(value.selectors);
  const maker = makerOf(value.maker);
  const pairSpi = numberOf(value.pairSpi, 0xffff_ffff);
  const bundle = Array.isArray(value.bundle) ? value.bundle.map(memberOf) : [];
  const members = bundle.filter((member) => member !== undefined);
  if (
    source === undefined ||
    familyOf(source) !== familyOf(identity.destination) ||
    (direction !== 'inbound' && direction !== 'outbound') ||
    (mode !== 'transport' && mode !== 'tunnel') ||
    typeof madeAt !== 'number' ||
    !Number.isSafeInteger(madeAt) ||
    selectors === undefined ||
    maker === undefined ||
    pairSpi === undefined ||
    members.length !== bundle.length ||
    members.length > 2 ||
    !members.some(({ protocol, spi }) => protocol === identity.protocol && spi === identity.spi)
  )
    return undefined;
  const softSeconds = numberOf(value.softSeconds, 0xffff_ffff);
  const hardSeconds = numberOf(value.hardSeconds, 0xffff_ffff);
  const { destination, protocol, spi } = identity;
  return {
    destination,
    protocol,
    spi,
    source,
    direction,
    mode,
    madeAt,
    softSeconds,
    hardSeconds,
    selectors,
    pairSpi,
    bundle: members,
    maker,
  };
}

function identityOf(value: unknown): SaIdentity | undefined {
  if (!isRecord(value)) return undefined;
  const destination = addressOf(value.destination);
  const member = memberOf(value);
  return destination === undefined || member === undefined ? undefined : { destination, ...member };
}

function memberOf(value: unknown): { readonly protocol: IpsecProtocol; readonly spi: number } | undefined {
  if (!isRecord(value)) return undefined;
  const { protocol } = value;
  const spi = numberOf(value.spi, 0xffff_ffff);
  if ((protocol !== 50 && protocol !== 51) || spi === undefined || spi === 0) return undefined;
  return { protocol, spi };
}

function makerOf(value: unknown): SaMaker | undefined {
  if (!isRecord(value) || !isRecord(value.peer)) return undefined;
  const { rule, translated, peer } = value;
  const localPort = numberOf(value.localPort, 0xffff);
  const port = numberOf(peer.port, 0xffff);
  const identity = peer.identity === undefined ? 'none' : peerIdentityOf(peer.identity);
  if (
    typeof rule !== 'string' ||
    rule.length > LONGEST_LABEL ||
    typeof translated !== 'boolean' ||
    typeof peer.translated !== 'boolean' ||
    localPort === undefined ||
    port === undefined ||
    identity === undefined
  )
    return undefined;
  const ends = { identity: identity === 'none' ? undefined : identity, port, translated: peer.translated };
  return { rule, localPort, translated, peer: ends };
}

function peerIdentityOf(value: unknown): SaMaker['peer']['identity'] {
  if (!isRecord(value)) return undefined;
  const idType = numberOf(value.idType, 0xff);
  const { data } = value;
  if (idType === undefined || typeof data !== 'string' || data.length > LONGEST_IDENTITY * 2)
    return undefined;
  return /^(?:[0-9a-f]{2})*$/.test(data) ? { idType, data: fromHex(data) } : undefined;
}

function selectorsOf(value: unknown): TrafficSelectors | undefined {
  if (!isRecord(value)) return undefined;
  const [local, remote] = [sideOf(value.local), sideOf(value.remote)];
  const protocol = numberOf(value.protocol, 0xff);
  if (local === undefined || remote === undefined || protocol === undefined) return undefined;
  return { local, remote, protocol };
}

function sideOf(value: unknown): TrafficSide | undefined {
  if (!isRecord(value) || !isRecord(value.addresses)) return undefined;
  const [begin, end] = [addressOf(value.addresses.begin), addressOf(value.addresses.end)];
  const port = numberOf(value.port, 0xffff);
  if (begin === undefined || end === undefined || port === undefined) return undefined;
  if (familyOf(begin) !== familyOf(end) || compareAddresses(begin, end) > 0) return undefined;
  return { addresses: { begin, end }, port };
}

function addressOf(value: unknown): Address | undefined {
  return typeof value === 'string' ? parseAddress(value) : undefined;
}

function numberOf(value: unknown, most: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

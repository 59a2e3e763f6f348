/**
 * A recording as a file: JSON Lines in UTF-8. The first line is the header, the last says how many entries stand between,
 * so that a file that was cut off is known by that.
 */
import { parseAddress } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { type Entry, RECORD_VERSION, type RecordHeader, type Recording } from './entry.js';

/** A sentence part; `line` from 1. */
export interface RecordFault {
  readonly line: number;
  readonly message: string;
}

export function recordingText({ header, entries }: Recording): string {
  return [header, ...entries, { kind: 'end', entries: entries.length }]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

export function readRecording(text: string): Result<Recording, RecordFault> {
  const lines = text.split('\n');
  const [first = ''] = lines;
  const header = readHeader(parseLine(first));
  if (!header.ok) return err({ line: 1, message: header.error });
  // A file whose last byte is lost ends without a line feed.
  const whole = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  const entries: Entry[] = [];
  for (let at = 1; at < whole; at++) {
    const value = parseLine(lines[at] ?? '');
    const line = at + 1;
    if (!isRecord(value)) {
      const last = at === whole - 1;
      return err({ line, message: last ? CUT_OFF : 'it is no JSON object: the recording is damaged' });
    }
    if (value.kind === 'end') {
      if (value.entries === entries.length && whole === line) return ok({ header: header.value, entries });
      return err({
        line,
        message: `it says that there are ${String(value.entries)} entries, and there are ${String(entries.length)}: lines are missing or were added`,
      });
    }
    const fault = entryFault(value);
    if (fault !== undefined) return err({ line, message: `${fault}: the recording is damaged` });
    if (isEntry(value)) entries.push(value);
  }
  return err({ line: whole, message: CUT_OFF });
}

const CUT_OFF = 'the recording is cut off here: save it again, or copy the whole file';

function readHeader(value: unknown): Result<RecordHeader, string> {
  if (!isRecord(value) || value.format !== 'ikerec')
    return err('it is no recording of ikechart: its first line is not the header of one');
  if (typeof value.version !== 'number' || value.version > RECORD_VERSION)
    return err(
      `it is a recording of form ${String(value.version)}, and this program reads form ${String(RECORD_VERSION)}: use an ikeadm as new as the daemon that made it`,
    );
  const whole =
    typeof value.id === 'string' &&
    Array.isArray(value.negotiations) &&
    typeof value.secrets === 'boolean' &&
    typeof value.incomplete === 'boolean' &&
    isNumber(value.epoch) &&
    isNumber(value.ikePort) &&
    isNumber(value.nattPort) &&
    isConfig(value.config);
  return whole && isHeader(value) ? ok(value) : err('its header is damaged');
}

/** After `readHeader` has looked at its fields. */
function isHeader(value: object): value is RecordHeader {
  return 'format' in value && value.format === 'ikerec';
}

function isEntry(value: Fields): value is Fields & Entry {
  return entryFault(value) === undefined;
}

/** What is wrong with the form of an entry. */
function entryFault(entry: Readonly<Record<string, unknown>>): string | undefined {
  if (!isNumber(entry.at) || typeof entry.by !== 'string') return 'an entry without a time or a negotiation';
  const check = FORMS[String(entry.kind)];
  if (check === undefined) return `an entry of an unknown kind "${String(entry.kind)}"`;
  return check(entry) ? undefined : `an entry "${String(entry.kind)}" with wrong fields`;
}

type Fields = Readonly<Record<string, unknown>>;

const FORMS: Readonly<Record<string, (entry: Fields) => boolean>> = {
  begin: ({ chart, offer, question }) =>
    typeof chart === 'string' &&
    (offer === undefined ||
      (isRecord(offer) &&
        isEndpoint(offer.local) &&
        isEndpoint(offer.remote) &&
        typeof offer.rule === 'string')) &&
    (question === undefined ||
      (isRecord(question) && isEndpoint(question.local) && isPolicy(question.policy))),
  in: isPacket,
  out: isPacket,
  call: ({ port, op, args, outcome, number }) =>
    (port === 'crypto' || port === 'kernel' || port === 'random') &&
    typeof op === 'string' &&
    Array.isArray(args) &&
    (isOutcome(outcome) || isNumber(number)),
  done: ({ number, outcome }) => isNumber(number) && isOutcome(outcome),
  timer: ({ number }) => isNumber(number),
  config: ({ config }) => isConfig(config),
  withdrawn: ({ withdrawal }) =>
    isRecord(withdrawal) &&
    (withdrawal.type === 'OPERATOR_DELETE' || withdrawal.type === 'PHASE1_LOST') &&
    isRecord(withdrawal.failure) &&
    typeof withdrawal.failure.code === 'string',
  circumstance: ({ which, value }) =>
    (which === 'knowsPeer' || which === 'isQuiet') && typeof value === 'boolean',
  answer: ({ question, value }) =>
    (question === 'probe' || question === 'prove') && typeof value === 'boolean',
  stands: ({ phase1 }) => isRecord(phase1) && isPhase1(phase1),
  event: ({ event }) => isRecord(event) && typeof event.type === 'string' && isNumber(event.at),
};

function isConfig(value: unknown): boolean {
  return (
    isRecord(value) &&
    isNumber(value.version) &&
    typeof value.text === 'string' &&
    isRecord(value.positions) &&
    listOf(
      value.presharedKeys,
      (key) => isRecord(key.local) && isRecord(key.remote) && isNumber(key.handle),
    ) &&
    listOf(value.certificates, (one) => typeof one.der === 'string') &&
    listOf(value.crls, isObject) &&
    isRecord(value.fetched) &&
    listOf(value.fetched.certificates, isObject) &&
    listOf(value.fetched.crls, isObject) &&
    Array.isArray(value.fetched.pending) &&
    isRecord(value.fetched.failed)
  );
}

function isPhase1(value: Fields): boolean {
  const { local, remote, suite, features, keys, messageIds } = value;
  const texts = ['standing', 'rule', 'initiatorCookie', 'responderCookie', 'lastBlock'];
  return (
    (value.role === 'initiator' || value.role === 'responder') &&
    (value.mode === 'main' || value.mode === 'aggressive') &&
    isEndpoint(local) &&
    isEndpoint(remote) &&
    texts.every((name) => typeof value[name] === 'string') &&
    ['createdAt', 'begunAt', 'madeAt', 'softAt'].every((name) => isNumber(value[name])) &&
    isRecord(suite) &&
    isNumber(suite.lifetimeSeconds) &&
    isRecord(features) &&
    isRecord(features.nat) &&
    listOf(keys, ({ handle }) => isNumber(handle)) &&
    Array.isArray(messageIds) &&
    messageIds.every(isNumber)
  );
}

function isObject({ source, der }: Fields): boolean {
  return typeof source === 'string' && typeof der === 'string';
}

function isPacket({ local, remote, bytes }: Fields): boolean {
  return (
    isEndpoint(local) && isEndpoint(remote) && typeof bytes === 'string' && /^0x([0-9a-f]{2})*$/.test(bytes)
  );
}

function isOutcome(value: unknown): boolean {
  return (
    isRecord(value) &&
    ('value' in value || (isRecord(value.error) && typeof value.error.message === 'string'))
  );
}

function isPolicy(value: unknown): boolean {
  return (
    isRecord(value) && isRecord(value.selectors) && isRecord(value.outer) && Array.isArray(value.proposals)
  );
}

function isEndpoint(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.address === 'string' &&
    parseAddress(value.address) !== undefined &&
    isNumber(value.port)
  );
}

function listOf(value: unknown, fits: (part: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((part: unknown) => isRecord(part) && fits(part));
}

function parseLine(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return value;
  } catch {
    return undefined;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

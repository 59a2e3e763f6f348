/** The captured negotiations of `captures/`, checked and typed. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Bytes } from '../../../services/bytes.js';
import { fromHex } from '../../../services/bytes.js';
import type { ExchangeName } from '../../../services/isakmp/message-rules.js';

type End = 'initiator' | 'responder';
type PerEnd<T> = Readonly<Record<End, T>>;

export interface CapturedMessage {
  readonly from: End;
  readonly exchange: ExchangeName;
  readonly number: number;
  readonly datagram: Bytes;
  /** Types in order, as an independent decoder read them. */
  readonly payloads: readonly number[];
  /** Only of encrypted messages. */
  readonly encrypted: { readonly iv: Bytes; readonly plaintext: Bytes; readonly padding: number } | undefined;
}

export interface CapturedPhase1 {
  readonly cipher: string;
  readonly hash: string;
  readonly group: number;
  readonly sharedSecret: Bytes;
  readonly skeyid: Bytes;
  readonly skeyidD: Bytes;
  readonly skeyidA: Bytes;
  readonly skeyidE: Bytes;
  readonly encryptionKey: Bytes;
  readonly initialIv: Bytes;
  readonly nonces: PerEnd<Bytes>;
}

export interface CapturedQuickMode {
  readonly messageId: Bytes;
  readonly protocol: number;
  readonly nonces: PerEnd<Bytes>;
  readonly spis: PerEnd<Bytes>;
  /** Only with PFS. */
  readonly sharedSecret: Bytes | undefined;
  /** Keys of the SA that the end's SPI names: its inbound one. */
  readonly keys: PerEnd<{ readonly encryption: Bytes; readonly integrity: Bytes }>;
}

export interface Capture {
  readonly name: string;
  readonly description: string;
  readonly preSharedKey: string | undefined;
  readonly phase1: CapturedPhase1 | undefined;
  readonly quickModes: readonly CapturedQuickMode[];
  readonly messages: readonly CapturedMessage[];
}

/** One JSON object, whose fields are read by the type they must have. */
class Fields {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(value: unknown) {
    assert(typeof value === 'object' && value !== null);
    this.#fields = new Map(Object.entries(value));
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    assert(typeof value === 'string', name);
    return value;
  }

  number(name: string): number {
    const value = this.#fields.get(name);
    assert(typeof value === 'number', name);
    return value;
  }

  bytes(name: string): Bytes {
    return fromHex(this.text(name));
  }

  object(name: string): Fields {
    return new Fields(this.#fields.get(name));
  }

  list(name: string): readonly unknown[] {
    const value: unknown = this.#fields.get(name);
    assert(Array.isArray(value), name);
    return value;
  }

  perEnd<T>(name: string, read: (fields: Fields, end: End) => T): PerEnd<T> {
    const ends = this.object(name);
    return { initiator: read(ends, 'initiator'), responder: read(ends, 'responder') };
  }
}

const EXCHANGES: readonly ExchangeName[] = ['main-mode', 'aggressive-mode', 'quick-mode', 'informational'];

function messageOf(value: unknown): CapturedMessage {
  const fields = new Fields(value);
  const exchange = EXCHANGES.find((name) => name === fields.text('exchange'));
  assert(exchange !== undefined);
  return {
    from: fields.text('from') === 'initiator' ? 'initiator' : 'responder',
    exchange,
    number: fields.number('number'),
    datagram: fields.bytes('datagram'),
    payloads: fields.list('payloads').map(Number),
    encrypted: fields.has('plaintext')
      ? { iv: fields.bytes('iv'), plaintext: fields.bytes('plaintext'), padding: fields.number('padding') }
      : undefined,
  };
}

function phase1Of(fields: Fields): CapturedPhase1 {
  return {
    cipher: fields.text('cipher'),
    hash: fields.text('hash'),
    group: fields.number('group'),
    sharedSecret: fields.bytes('sharedSecret'),
    skeyid: fields.bytes('skeyid'),
    skeyidD: fields.bytes('skeyidD'),
    skeyidA: fields.bytes('skeyidA'),
    skeyidE: fields.bytes('skeyidE'),
    encryptionKey: fields.bytes('encryptionKey'),
    initialIv: fields.bytes('initialIv'),
    nonces: fields.perEnd('nonces', (ends, end) => ends.bytes(end)),
  };
}

function quickModeOf(value: unknown): CapturedQuickMode {
  const fields = new Fields(value);
  return {
    messageId: fields.bytes('messageId'),
    protocol: fields.number('protocol'),
    nonces: fields.perEnd('nonces', (ends, end) => ends.bytes(end)),
    spis: fields.perEnd('spis', (ends, end) => ends.bytes(end)),
    sharedSecret: fields.has('sharedSecret') ? fields.bytes('sharedSecret') : undefined,
    keys: fields.perEnd('keys', (ends, end) => {
      const keys = ends.object(end);
      return { encryption: keys.bytes('encryption'), integrity: keys.bytes('integrity') };
    }),
  };
}

const FOLDER = new URL('captures/', import.meta.url);

function load(file: string): Capture {
  const fields = new Fields(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')));
  return {
    name: file.replace('.json', ''),
    description: fields.text('description'),
    preSharedKey: fields.has('preSharedKey') ? fields.text('preSharedKey') : undefined,
    phase1: fields.has('phase1') ? phase1Of(fields.object('phase1')) : undefined,
    quickModes: fields.has('quickModes') ? fields.list('quickModes').map(quickModeOf) : [],
    messages: fields.list('messages').map(messageOf),
  };
}

export const CAPTURES: readonly Capture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map(load);

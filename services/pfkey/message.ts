/**
 * PF_KEY messages (RFC 2367 2): a base header of 16 bytes, then extensions on words of 8 bytes. Numbers are in host order,
 * which is little-endian on every machine this runs on; SPIs, ports and addresses are in network order.
 */
import { structure } from '../c-structure.js';
import { concat, type Bytes } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { messageKind, type Dialect, type MessageKind } from './dialect.js';
import type { PfkeyExtension } from './extension.js';
import { decodeExtension, encodeExtension, HEAD_LENGTH, WORD } from './extension-codec.js';

const VERSION = 2;

export const BASE = structure('sadb_msg', 16, {
  version: [0, 'u8'],
  type: [1, 'u8'],
  errno: [2, 'u8'],
  saType: [3, 'u8'],
  length: [4, 'u16'],
  reserved: [6, 'u16'],
  sequence: [8, 'u32'],
  pid: [12, 'u32'],
});

export interface PfkeyMessage {
  readonly kind: MessageKind;
  /** Of the system whose kernel speaks; 0 is success. */
  readonly errno: number;
  readonly saType: number;
  /** illumos: the diagnostic code of an error. */
  readonly diagnostic: number;
  readonly sequence: number;
  readonly pid: number;
  readonly extensions: readonly PfkeyExtension[];
}

/** Why bytes are no message: `at` is where, from the beginning. */
export interface PfkeyFault {
  readonly at: number;
  readonly why: string;
}

/** The fault names what the dialect cannot say. */
export function encodeMessage(message: PfkeyMessage, dialect: Dialect): Result<Bytes, string> {
  const type = dialect.messages[message.kind];
  if (type === undefined) return err(`${dialect.name} has no ${message.kind}`);
  const extensions: Bytes[] = [];
  for (const extension of message.extensions) {
    const encoded = encodeExtension(extension, dialect);
    if (encoded === undefined) return err(`${dialect.name} has no extension ${extension.kind}`);
    extensions.push(encoded);
  }
  const { errno, saType, diagnostic, sequence, pid } = message;
  const length = extensions.reduce((sum, bytes) => sum + bytes.length, BASE.size) / WORD;
  if (length > 0xffff) return err(`${message.kind} is longer than its length field can say`);
  const base = { version: VERSION, type, errno, saType, length, reserved: diagnostic, sequence, pid };
  const whole = concat(BASE.encode(base, {}), ...extensions);
  // Keys may have been in there.
  for (const bytes of extensions) bytes.fill(0);
  return ok(whole);
}

export function decodeMessage(bytes: Bytes, dialect: Dialect): Result<PfkeyMessage, PfkeyFault> {
  const base = BASE.read(bytes);
  if (base === undefined) return err({ at: 0, why: `shorter than the base header: ${String(bytes.length)}` });
  if (base.number('version') !== VERSION)
    return err({ at: 0, why: `version ${String(base.number('version'))}` });
  const kind = messageKind(dialect, base.number('type'));
  if (kind === undefined) return err({ at: 1, why: `message type ${String(base.number('type'))}` });
  const length = base.number('length') * WORD;
  if (length !== bytes.length) {
    return err({ at: 4, why: `it says ${String(length)} bytes and has ${String(bytes.length)}` });
  }
  const extensions = decodeExtensions(bytes, dialect);
  if (!extensions.ok) return extensions;
  return ok({
    kind,
    errno: base.number('errno'),
    saType: base.number('saType'),
    diagnostic: base.number('reserved'),
    sequence: base.number('sequence'),
    pid: base.number('pid'),
    extensions: extensions.value,
  });
}

function decodeExtensions(bytes: Bytes, dialect: Dialect): Result<readonly PfkeyExtension[], PfkeyFault> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const extensions: PfkeyExtension[] = [];
  let at = BASE.size;
  while (at < bytes.length) {
    if (at + HEAD_LENGTH > bytes.length) return err({ at, why: 'an extension is cut short' });
    const length = view.getUint16(at, true) * WORD;
    if (length === 0) return err({ at, why: 'an extension has the length 0' });
    if (at + length > bytes.length) return err({ at, why: 'an extension is longer than what is left' });
    const extension = decodeExtension(bytes.subarray(at, at + length), dialect);
    if (extension === undefined) {
      return err({ at, why: `extension ${String(view.getUint16(at + 2, true))} is malformed` });
    }
    extensions.push(extension);
    at += length;
  }
  return ok(extensions);
}

/** The extension that a kind names; several kinds may share a form. */
type OfKind<K, E = PfkeyExtension> = E extends { readonly kind: infer U } ? (K extends U ? E : never) : never;

/** The extension of that kind, if there is one; of several the first. */
export function extensionOf<K extends PfkeyExtension['kind']>(
  message: PfkeyMessage,
  kind: K,
): OfKind<K> | undefined {
  return message.extensions.find((extension): extension is OfKind<K> => extension.kind === kind);
}

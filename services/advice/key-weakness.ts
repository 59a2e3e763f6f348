/** What is weak in a pre-shared key. The answer never repeats the key, or a part of it. */
import { type Bytes, toText } from '../bytes.js';
import { COMMON_PASSWORDS } from './common-passwords.js';

/** What a random key should have, bytes (128 bits). */
const ENOUGH = 16;
/** Text carries far less than eight bits in a byte. */
const ENOUGH_TEXT = 24;

/** A clause, or undefined when nothing is wrong. `names` are what the ends are called: addresses, host names, mailboxes. */
export function keyWeakness(key: Bytes, names: readonly string[]): string | undefined {
  const text = printable(key)?.toLowerCase();
  if (text !== undefined) {
    if (names.some((name) => isName(text, name.toLowerCase()))) return 'is the name of one of the two ends';
    if (isCommon(text)) return 'is a word that is tried first';
  }
  if (key.length > 4 && new Set(key).size <= 2) return 'repeats one or two bytes';
  if (isSequence(key)) return 'is a sequence that goes on by one';
  if (repeats(key)) return 'repeats a short piece';
  if (key.length < ENOUGH) return `has only ${String(key.length * 8)} bits`;
  if (text !== undefined && text.length < ENOUGH_TEXT)
    return `is text of only ${String(text.length)} characters`;
  return undefined;
}

function printable(key: Bytes): string | undefined {
  return key.every((byte) => byte >= 0x20 && byte < 0x7f) ? toText(key) : undefined;
}

/** Digits and signs around a word are what password rules ask for, and guessers know it. */
function isCommon(text: string): boolean {
  const bare = text.replace(/^[^a-z]+|[^a-z]+$/g, '');
  return /^\d+$/.test(text) || COMMON_PASSWORDS.has(text) || COMMON_PASSWORDS.has(bare);
}

/** The whole name, or the host or user in it. */
function isName(text: string, name: string): boolean {
  return text === name || name.split(/[.@]/).some((part) => part.length > 2 && part === text);
}

function isSequence(key: Bytes): boolean {
  return (
    key.length > 2 && key.every((byte, index) => index === 0 || byte === ((key[index - 1] ?? 0) + 1) % 256)
  );
}

/** A piece of at most a third of it, over and over. */
function repeats(key: Bytes): boolean {
  for (let piece = 1; piece * 3 <= key.length; piece++) {
    if (key.every((byte, index) => byte === key[index % piece])) return true;
  }
  return false;
}

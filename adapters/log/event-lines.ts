/** An event as a line of the log: JSON where a program reads it, plain and perhaps coloured where people do. */
import pino from 'pino';
import { categoryOf } from '../../services/events/category.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { eventWords } from './event-words.js';
import { colourOf } from './negotiation-colour.js';

export interface LineForm {
  readonly format: 'text' | 'json';
  /** Bits of colour of the terminal, 1 for none: `tty.WriteStream.getColorDepth()`. */
  readonly colourDepth: number;
  /** Whether a line has its date, or the time alone: a terminal is read at once. */
  readonly dated: boolean;
}

/** The line with its line end. `wallTime` in milliseconds since 1970. */
export function lineOf(event: StampedEvent, wallTime: number, form: LineForm): string {
  const time = new Date(wallTime).toISOString();
  const category = categoryOf(event);
  if (form.format === 'json') return jsonLine({ time, category, ...event }, eventWords(event));
  const negotiation = 'negotiation' in event ? event.negotiation : undefined;
  const who = negotiation === undefined ? '' : `${negotiation} `;
  const line = `${form.dated ? time : time.slice(11, 23)} ${category.padEnd(6)} ${who}${plain(eventWords(event))}`;
  const colour = negotiation === undefined ? undefined : colourOf(negotiation, form.colourDepth);
  return colour === undefined ? `${line}\n` : `\u001b[${colour}m${line}\u001b[0m\n`;
}

/**
 * Some words are the peer's: control characters of theirs do nothing to a terminal, and a line end of theirs begins no
 * line of the log.
 */
function plain(words: string): string {
  return words
    .replaceAll('\n', '\n\t')
    .replaceAll(/[^\P{Cc}\n\t]/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

let latest = '';
const json = pino({ base: null, timestamp: false }, { write: (line) => (latest = line) });

function jsonLine(fields: object, words: string): string {
  json.info(fields, words);
  return latest;
}

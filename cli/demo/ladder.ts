/** The packet ladder of one daemon's log, as text. */
import { groupedPayloads } from '../../services/events/payload-names.js';
import type { LoggedEvent } from './gateway.js';

interface Rung {
  readonly time: string;
  readonly ours: boolean;
  readonly words: string;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function rungOf(event: LoggedEvent): Rung | undefined {
  if (event.type !== 'message.sent' && event.type !== 'message.received') return undefined;
  const message = event.message;
  const payloads = field(message, 'payloads');
  const list = Array.isArray(payloads) ? groupedPayloads(payloads.map(String)).join(', ') : '';
  const star = field(message, 'encrypted') === true ? 'HDR*' : 'HDR';
  const words = `${String(field(message, 'exchange'))} ${String(field(message, 'number'))}: ${star}, ${list} (${String(field(message, 'bytes'))} bytes)`;
  return { time: event.time, ours: event.type === 'message.sent', words };
}

/** One line per message that `left` sent or received; times count from the first. */
export function ladder(events: readonly LoggedEvent[], left: string, right: string): string {
  const rungs = events.map(rungOf).filter((rung) => rung !== undefined);
  const begun = Date.parse(rungs[0]?.time ?? '');
  const width = Math.max(...rungs.map(({ words }) => words.length), 0);
  const lines = rungs.map(({ time, ours, words }) => {
    const ms = String(Date.parse(time) - begun).padStart(5);
    return `${ms} ms  | ${ours ? `${words.padEnd(width)} -->` : `<-- ${words.padEnd(width)}`} |`;
  });
  return [
    `          ${left}${' '.repeat(Math.max(1, width + 8 - left.length - right.length))}${right}`,
    ...lines,
  ].join('\n');
}

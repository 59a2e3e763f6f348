/** `monitor`, ours: prints what happens in the daemon, as it happens, until it is interrupted. */
import { lineOf } from '../../../adapters/log/event-lines.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { type EventBatch, readEventBatch } from '../../../services/admin/event-batch.js';
import { doorError, failed, type Outcome, unreadable, usageError } from '../outcome.js';
import type { Session } from '../session.js';

/** Comes back only with what ended it. */
export async function monitor(
  session: Session,
  args: readonly string[],
  print: (lines: string) => Promise<void>,
): Promise<Outcome> {
  if (args.length > 0) return usageError('monitor takes nothing else');
  const doing = 'error following the events';
  let after: number | undefined;
  for (;;) {
    const reply = await session.call(encodeOwn(OWN_SERVICE.EVENTS, after === undefined ? {} : { after }));
    if (!reply.ok) return failed(doorError(doing, reply.error));
    const batch = readEventBatch(decodeOwn(reply.value));
    if (batch === undefined) return failed(doorError(doing, unreadable('it holds no events')));
    after = batch.next === 0 ? undefined : batch.next;
    const lines = session.options.json ? jsonLines(batch) : textLines(batch);
    if (lines !== '') await print(lines);
  }
}

function jsonLines({ events, lost, epoch }: EventBatch): string {
  const documents = [
    ...(lost > 0 ? [{ lost }] : []),
    ...events.map((event) => ({ time: new Date(epoch + event.at).toISOString(), ...event })),
  ];
  return documents.map((document) => `${JSON.stringify(document)}\n`).join('');
}

function textLines({ events, lost, epoch }: EventBatch): string {
  const before =
    lost > 0 ? `... ${String(lost)} events were lost: they came faster than they were fetched\n` : '';
  const form = { format: 'text', colourDepth: 1, dated: true } as const;
  return before + events.map((event) => lineOf(event, epoch + event.at, form)).join('');
}

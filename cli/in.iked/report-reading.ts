/** Tells the stream what became of the files. */
import type { EventStream } from '../../daemon/event-stream.js';
import { StartRefused } from '../../machines/daemon.js';
import type { Reading } from './read-settings.js';

/** Says what was read, or at a refresh why nothing was: at the start the reasons are the last words of the process. */
export function reportReading(
  read: () => Reading,
  {
    events,
    file,
    refreshing,
  }: { readonly events: EventStream; readonly file: () => string; readonly refreshing: boolean },
): Reading {
  try {
    const reading = read();
    for (const note of reading.notes) events.emit({ type: 'config.note', note });
    const { config, presharedKeys } = reading.settings;
    if (reading.faults.length > 0) events.emit({ type: 'config.ignored', errors: reading.faults });
    events.emit({
      type: 'config.read',
      file: file(),
      rules: config.rules.length,
      presharedKeys: presharedKeys.length,
    });
    return reading;
  } catch (error) {
    const errors = error instanceof StartRefused ? error.lines : [String(error)];
    if (refreshing) events.emit({ type: 'config.refused', file: file(), errors });
    throw error;
  }
}

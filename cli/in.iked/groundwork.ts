/** What every in.iked begins with, by itself, as the head of workers and as one of them: clock, stream, log, preferences. */
import { WheelClock } from '../../adapters/clock/wheel-clock.js';
import { EventLog, type EventLogOptions } from '../../adapters/log/event-log.js';
import type { Native } from '../../adapters/native/load-native.js';
import { EventStream } from '../../daemon/event-stream.js';
import type { Events } from '../../services/ports/events.js';
import type { Arguments } from './arguments.js';
import { preferencesOfFlags } from './preferences.js';
import { protectProcess } from './protect-process.js';
import type { Running } from './running.js';
import { Wishes } from './wishes.js';

export interface Groundwork extends Pick<Running, 'reopenLog' | 'leaveStderr'> {
  readonly clock: WheelClock;
  readonly native: Native | undefined;
  readonly events: EventStream;
  readonly log: EventLog;
  readonly wishes: Wishes;
}

/** `logged`: what of the stream the log gets; all of it where nothing is said. */
export function layGroundwork(
  args: Arguments,
  stderr: EventLogOptions['stderr'],
  logged: (events: Events) => Events = (events) => events,
): Groundwork {
  let reportTimer: (error: unknown) => void = () => undefined;
  const clock: WheelClock = new WheelClock({
    onError: (error) => {
      reportTimer(error);
    },
  });
  const native = protectProcess();
  const events = new EventStream(clock);
  reportTimer = (error) => {
    events.emit({ type: 'internal.error', where: 'timer', error: String(error) });
  };
  const log = new EventLog(logged(events), preferencesOfFlags(args).debugLevel, {
    clock,
    format: args.logFormat ?? (stderr.isTerminal ? 'text' : 'json'),
    stderr,
  });
  return {
    clock,
    native,
    events,
    log,
    wishes: new Wishes(args, log),
    reopenLog: () => {
      const { file } = log;
      if (file === undefined) return;
      const reopened = log.reopen();
      events.emit({ type: 'log.reopened', file, error: reopened.ok ? undefined : reopened.error });
    },
    leaveStderr: () => {
      log.leaveStderr();
    },
  };
}

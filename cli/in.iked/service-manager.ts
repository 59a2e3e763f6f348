/** Tells systemd how the daemon is, where there is one to tell. */
import { ServiceState, systemdNotify } from '../../adapters/systemd/service-state.js';
import type { Events } from '../../services/ports/events.js';

const NANOSECONDS = 1000n;

/** Undefined where nobody listens. */
export function tellServiceManager(
  events: Events,
  environment: { readonly NOTIFY_SOCKET?: string | undefined },
): ServiceState | undefined {
  if (environment.NOTIFY_SOCKET === undefined || environment.NOTIFY_SOCKET === '') return undefined;
  return new ServiceState(events, {
    notify: systemdNotify,
    // Node's high resolution time is CLOCK_MONOTONIC where there is systemd.
    monotonicMicroseconds: () => process.hrtime.bigint() / NANOSECONDS,
    onError: (why) => {
      events.emit({
        type: 'config.note',
        note: `NOTIFY_SOCKET is set, but systemd-notify(1) does not work, so that the service manager learns nothing: ${why}`,
      });
    },
  });
}

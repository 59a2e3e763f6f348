/** A daemon that runs, as whoever started it has it. */
import type { RefreshRefusal } from '../../daemon/host.js';
import type { DaemonOutput } from '../../machines/daemon.js';
import type { Events } from '../../services/ports/events.js';
import type { Result } from '../../services/result.js';

export interface Running {
  /** Settles when it runs, or with what kept it from running. */
  readonly started: Promise<DaemonOutput | undefined>;
  readonly ended: Promise<DaemonOutput>;
  refresh(): Promise<Result<void, RefreshRefusal>>;
  /** After a rotation of the log. */
  reopenLog(): void;
  /** Nobody reads stderr any more. */
  leaveStderr(): void;
  stop(): void;
}

/** A daemon that is one of several workers, as its head has it. */
export interface RunningWorker extends Running {
  readonly events: Events;
  /** How long its Deletes may take to leave when it is stopped now, milliseconds. */
  farewellMs(): number;
  /** The addresses of its share have changed. */
  followSockets(): void;
}

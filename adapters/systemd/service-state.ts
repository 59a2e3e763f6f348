/**
 * Tells systemd (or whoever listens at NOTIFY_SOCKET, sd_notify(3)) what the daemon does: a reader of the event stream.
 * Node has no datagram sockets of the Unix domain, so each word goes through systemd-notify(1), which is there where
 * systemd is; the unit says NotifyAccess=all for it.
 */
import { execFile } from 'node:child_process';
import type { Events, StampedEvent } from '../../services/ports/events.js';

export interface ServiceStateOptions {
  /** Sends assignments such as `READY=1` in one datagram. */
  readonly notify: (assignments: readonly string[]) => Promise<void>;
  /** CLOCK_MONOTONIC, microseconds. */
  readonly monotonicMicroseconds: () => bigint;
  /** Called once, with why the first word did not get through. */
  readonly onError: (why: string) => void;
}

export class ServiceState {
  readonly #options: ServiceStateOptions;
  /** Words go out one after the other: READY=1 must not overtake RELOADING=1. */
  #sending: Promise<void> = Promise.resolve();
  #complained = false;
  #started = false;

  constructor(events: Events, options: ServiceStateOptions) {
    this.#options = options;
    events.subscribe(
      (event) => {
        const assignments = this.#wordsFor(event);
        if (assignments.length > 0) this.#send(assignments);
      },
      (type) => type === 'daemon.state' || type.startsWith('config.'),
    );
  }

  /** Settles when all words so far are out, or could not be. */
  async told(): Promise<void> {
    await this.#sending;
  }

  #send(assignments: readonly string[]): void {
    this.#sending = this.#sending.then(async () => {
      try {
        await this.#options.notify(assignments);
      } catch (error) {
        if (this.#complained) return;
        this.#complained = true;
        this.#options.onError(error instanceof Error ? error.message : String(error));
      }
    });
  }

  #wordsFor(event: StampedEvent): readonly string[] {
    switch (event.type) {
      case 'daemon.state':
        return this.#wordsForState(event.state);
      case 'config.read':
      case 'config.changed':
        return [status(`${counted(event.rules, 'rule')}, ${counted(event.presharedKeys, 'pre-shared key')}`)];
      case 'config.refused':
        return [status(`a refresh was refused, the old configuration stays: ${event.errors[0] ?? ''}`)];
      case 'config.ignored':
        return [status(`runs without files that have errors: ${event.errors[0] ?? ''}`)];
      default:
        return [];
    }
  }

  #wordsForState(state: string): readonly string[] {
    if (state === 'running' || state === 'withoutRules') {
      this.#started = true;
      return ['READY=1'];
    }
    if (state.startsWith('refreshing') && this.#started) {
      // Once for each reload, however many readings it takes; READY=1 ends it.
      this.#started = false;
      return ['RELOADING=1', `MONOTONIC_USEC=${String(this.#options.monotonicMicroseconds())}`];
    }
    return state === 'stopping' || state === 'cleaningUp' ? ['STOPPING=1'] : [];
  }
}

/** It waits until its word was heard, five seconds at most. */
const PATIENCE_MS = 10_000;

/** Through systemd-notify(1), which knows where from its environment, abstract sockets included. */
export function systemdNotify(assignments: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('systemd-notify', [...assignments], { timeout: PATIENCE_MS }, (error) => {
      if (error === null) resolve();
      else reject(new Error(error.message, { cause: error }));
    });
  });
}

/** A status is one line. */
function status(text: string): string {
  return `STATUS=${text.replaceAll(/\s+/g, ' ')}`;
}

function counted(count: number, what: string): string {
  return `${String(count)} ${what}${count === 1 ? '' : 's'}`;
}

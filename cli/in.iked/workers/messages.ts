/** What the head of a daemon with workers and its threads tell each other. */
import type { EventLogOptions } from '../../../adapters/log/event-log.js';
import type { RefreshRefusal } from '../../../daemon/host.js';
import type { DaemonOutput } from '../../../machines/daemon.js';
import type { Caller } from '../../../services/admin/door-call.js';
import type { DaemonEvent } from '../../../services/events/event.js';
import type { WorkerPlace } from '../../../services/isakmp/worker-of-cookie.js';
import type { Address } from '../../../services/net/address.js';
import type { FellowNews } from '../../../services/ports/fellow-workers.js';
import type { Result } from '../../../services/result.js';
import type { Arguments } from '../arguments.js';

/** What a worker begins with. */
export interface WorkerBeginning {
  readonly args: Arguments;
  readonly place: WorkerPlace;
  readonly stderr: EventLogOptions['stderr'];
  /** For Diffie-Hellman, at most. */
  readonly computingThreads: number;
  readonly sockets: SocketNews;
}

/** The sockets that a worker has from now on; those it has and that are not here any more it closes. */
export interface SocketNews {
  readonly addresses: readonly Address[];
  /** New ones. They are the worker's to close. */
  readonly descriptors: readonly {
    readonly address: Address;
    readonly port: number;
    readonly descriptor: number;
  }[];
}

/** Whether anything stands between these addresses at a worker, where that has changed. */
export interface StandingChange {
  readonly local: Address;
  readonly remote: Address;
  readonly stands: boolean;
}

/** A question and its answer have one number. */
export type ToWorker =
  | {
      readonly type: 'call';
      readonly number: number;
      /** As `shared-bytes` puts them; the answer too. */
      readonly request: Uint8Array;
      readonly caller: Caller;
      readonly takesFiles: boolean;
      /** Open descriptors, which are the worker's to close. */
      readonly files: readonly number[];
    }
  | { readonly type: 'refresh'; readonly number: number }
  /** All have read their files. */
  | { readonly type: 'go-on' }
  | { readonly type: 'sockets'; readonly sockets: SocketNews }
  | { readonly type: 'standing'; readonly worker: number; readonly changes: readonly StandingChange[] }
  | { readonly type: 'news'; readonly news: FellowNews }
  /** Whether anybody reads what happens. */
  | { readonly type: 'followed'; readonly followed: boolean }
  | { readonly type: 'reopen-log' }
  | { readonly type: 'leave-stderr' }
  | { readonly type: 'stop' };

export type WorkerAnswer = Uint8Array | Result<void, RefreshRefusal>;

export type FromWorker =
  /** It has read its files, and waits for `go-on`. */
  | { readonly type: 'read' }
  | { readonly type: 'started'; readonly output: DaemonOutput | undefined }
  /** It was told to stop; its Deletes may take so long to leave, milliseconds. */
  | { readonly type: 'farewell'; readonly ms: number }
  | { readonly type: 'ended'; readonly output: DaemonOutput }
  | { readonly type: 'answer'; readonly number: number; readonly answer: WorkerAnswer }
  | { readonly type: 'standing'; readonly changes: readonly StandingChange[] }
  | { readonly type: 'news'; readonly news: FellowNews }
  | { readonly type: 'events'; readonly events: readonly DaemonEvent[] }
  /** An operator has brought rules, followed or not. */
  | { readonly type: 'rules-given' };

/**
 * A job of a chart as an actor: begun when its state is entered, done when its promise is, or at once where it needs none.
 * What XState's `fromPromise` can do beyond that (an AbortController for each, an output, a promise of its own) no chart
 * here asks for, and a handshake has seven jobs.
 */
import type { ActorLogic, Snapshot } from 'xstate';
import type { MaybePromise } from '../services/ports/maybe-promise.js';

export type JobEvent =
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'xstate.stop' };

export type JobSnapshot<Input> = Snapshot<undefined> & { readonly input: Input };

/** Of what an actor lets its logic do, a job needs only to hear of its own end. */
export interface JobLogic<Input> extends ActorLogic<JobSnapshot<Input>, JobEvent, Input> {
  readonly isJob: true;
  readonly getInitialSnapshot: (scope: unknown, input: Input) => JobSnapshot<Input>;
  readonly start: (
    snapshot: JobSnapshot<Input>,
    scope: { readonly self: { send(event: JobEvent): void } },
  ) => void;
  readonly transition: (snapshot: JobSnapshot<Input>, event: JobEvent) => JobSnapshot<Input>;
}

/**
 * What `run` throws, or its promise is rejected with, is the error of the job's `onError`. One that was left has ended:
 * nobody hears of it.
 */
export function asJob<Input>(run: (input: Input) => MaybePromise<void>): JobLogic<Input> {
  return {
    isJob: true,
    getInitialSnapshot: (_scope, input) => ({ status: 'active', output: undefined, error: undefined, input }),
    start: ({ input }, { self }) => {
      const running = run(input);
      if (!(running instanceof Promise)) {
        self.send(FINISHED);
        return;
      }
      running.then(
        () => {
          self.send(FINISHED);
        },
        (error: unknown) => {
          self.send({ type: 'failed', error });
        },
      );
    },
    transition: (snapshot, event) => {
      const { input } = snapshot;
      if (snapshot.status !== 'active') return snapshot;
      switch (event.type) {
        case 'finished':
          return { status: 'done', output: undefined, error: undefined, input };
        case 'failed':
          return { status: 'error', output: undefined, error: event.error, input };
        case 'xstate.stop':
          return { status: 'stopped', output: undefined, error: undefined, input };
      }
    },
    getPersistedSnapshot: (snapshot) => snapshot,
  };
}

const FINISHED: JobEvent = { type: 'finished' };

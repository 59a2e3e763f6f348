/**
 * A job of a chart as an actor: begun when its state is entered, done when its promise is. What XState's `fromPromise`
 * can do beyond that (an AbortController for each, an output, a promise of its own) no chart here asks for, and a
 * handshake has eight jobs.
 */
import type { ActorLogic, Snapshot } from 'xstate';

type JobEvent =
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly error: unknown }
  | { readonly type: 'xstate.stop' };

type JobSnapshot<Input> = Snapshot<undefined> & { readonly input: Input };

export type JobLogic<Input> = ActorLogic<JobSnapshot<Input>, JobEvent, Input>;

/** What `run` rejects with is the error of the job's `onError`. One that was left has ended: nobody hears of it. */
export function asJob<Input>(run: (input: Input) => Promise<void>): JobLogic<Input> {
  return {
    getInitialSnapshot: (_scope, input) => ({ status: 'active', output: undefined, error: undefined, input }),
    start: ({ input }, { self }) => {
      run(input).then(
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

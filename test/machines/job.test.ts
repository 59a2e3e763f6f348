import assert from 'node:assert/strict';
import { createActor, setup } from 'xstate';
import { asJob } from '../../machines/job.js';

describe('a job of a chart', () => {
  /** A chart that waits for one job, and what has become of it. */
  function chart(run: (input: { readonly of: string }) => Promise<void>) {
    const machine = setup({
      types: { context: {} as { error: unknown }, events: {} as { type: 'LEAVE' } },
      actors: { work: asJob(run) },
    }).createMachine({
      context: { error: undefined },
      initial: 'working',
      states: {
        working: {
          invoke: {
            src: 'work',
            input: { of: 'somebody' },
            onDone: 'done',
            onError: { target: 'failed', actions: ({ event }) => errors.push(event.error) },
          },
          on: { LEAVE: 'left' },
        },
        done: {},
        failed: {},
        left: {},
      },
    });
    const errors: unknown[] = [];
    const actor = createActor(machine).start();
    return { actor, errors };
  }

  it('is told whose it is, and is done when its promise is', async () => {
    const inputs: unknown[] = [];
    const { actor } = chart((input) => {
      inputs.push(input);
      return Promise.resolve();
    });
    assert.equal(actor.getSnapshot().value, 'working');
    await Promise.resolve();
    assert.equal(actor.getSnapshot().value, 'done');
    assert.deepEqual(inputs, [{ of: 'somebody' }]);
  });

  it('fails with what its promise is rejected with, or what keeps it from beginning', async () => {
    const why = new Error('no kernel');
    for (const run of [
      () => Promise.reject(why),
      () => {
        throw why;
      },
    ]) {
      const { actor, errors } = chart(run);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(actor.getSnapshot().value, 'failed');
      assert.deepEqual(errors, [why]);
    }
  });

  it('that was left is not heard of any more, however it ends', async () => {
    for (const end of [() => Promise.resolve(), () => Promise.reject(new Error('too late'))]) {
      let release = (): void => undefined;
      const { actor, errors } = chart(() =>
        new Promise<void>((resolve) => {
          release = resolve;
        }).then(end),
      );
      actor.send({ type: 'LEAVE' });
      release();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(actor.getSnapshot().value, 'left');
      assert.deepEqual(errors, []);
    }
  });
});

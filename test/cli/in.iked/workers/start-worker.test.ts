/** A worker as its head has it: what becomes of questions and of the daemon when it ends by itself. */
import assert from 'node:assert/strict';
import { fstatSync, openSync } from 'node:fs';
import { type WorkerListener, WorkerThread } from '../../../../cli/in.iked/workers/start-worker.js';
import { readArguments } from '../../../../cli/in.iked/arguments.js';
import { errorOf } from '../../../../services/admin/door/heads.js';
import { ownCall } from '../../../../services/admin/door-call.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';

/** A thread that runs `source`; `port` is its way to the head. */
function threadOf(source: string): URL {
  const text = `import { parentPort as port } from 'node:worker_threads';\n${source}`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

const STARTED = "port.postMessage({ type: 'started', output: undefined });";

describe('a worker', () => {
  let worker: WorkerThread | undefined;

  afterEach(async () => {
    await worker?.terminate();
  });

  function start(source: string): { readonly thread: WorkerThread; readonly lost: Promise<string> } {
    const args = readArguments(['--kernel', 'embedded']);
    assert.ok(args.ok);
    let tell: (why: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const listener: WorkerListener = {
      heard: () => undefined,
      lost: (why) => {
        tell(why);
      },
    };
    const beginning = {
      args: args.value,
      place: { index: 1, count: 2 },
      stderr: { isTerminal: false, colourDepth: 1 },
      computingThreads: 1,
      sockets: { addresses: [], descriptors: [] },
    };
    worker = new WorkerThread(beginning, listener, threadOf(source));
    return { thread: worker, lost };
  }

  it('that throws is lost, and says what it was', async () => {
    const { lost } = start(`${STARTED} setImmediate(() => { throw new Error('a defect'); });`);
    assert.match(await lost, /^Worker 2 has ended \(Error: a defect/);
  });

  it('whose daemon ends by itself is lost, though its thread is there', async () => {
    const { lost } = start(
      `${STARTED} port.on('message', () => undefined);
       port.postMessage({ type: 'ended', output: { fault: 'environment', lines: ['the reason'] } });`,
    );
    assert.match(await lost, /the reason/);
  });

  it('that cannot start says why, once', async () => {
    const output = "{ fault: 'configuration', lines: ['a rule'] }";
    const { thread } = start(
      `port.postMessage({ type: 'started', output: ${output} });
       port.postMessage({ type: 'ended', output: ${output} });`,
    );
    assert.deepEqual((await thread.started)?.lines, ['a rule']);
  });

  it('that has ended answers calls at once, refreshes too, and files that came with them are closed', async () => {
    const { thread, lost } = start(`${STARTED} port.once('message', () => process.exit(3));`);
    const asked = thread.refresh();
    assert.match(await lost, /status 3/);
    assert.equal((await asked).ok, false, 'it was asked before');
    const file = openSync('/dev/null', 'r');
    const error = errorOf(await thread.call(ownCall(new Uint8Array(8)), [file]));
    assert.match(error?.details.join() ?? '', /Worker 2 has ended/);
    assert.throws(() => fstatSync(file), 'it is closed');
    assert.equal((await thread.refresh()).ok, false);
  });

  describe('that is told to stop', () => {
    const ENDED = "port.postMessage({ type: 'ended', output: { fault: undefined, lines: [] } });";

    /** Time that says when somebody begins to wait. */
    class WatchedClock extends VirtualClock {
      readonly #waits: number[] = [];
      #told: () => void = () => undefined;

      override setTimeout(run: () => void, ms: number) {
        this.#waits.push(ms);
        this.#told();
        return super.setTimeout(run, ms);
      }

      /** How long is waited the `nth` time. */
      async wait(nth: number): Promise<number> {
        const ms = this.#waits[nth];
        if (ms !== undefined) return ms;
        await new Promise<void>((resolve) => {
          this.#told = resolve;
        });
        return this.wait(nth);
      }
    }

    it('is waited for until it has ended, and no longer', async () => {
      const clock = new WatchedClock();
      const { thread } = start(
        `${STARTED} port.on('message', () => {
           port.postMessage({ type: 'farewell', ms: 1500 });
           ${ENDED}
         });`,
      );
      await thread.started;
      assert.equal(await thread.stop(clock), undefined);
      assert.equal(clock.pending, 0);
    });

    it('and hangs is waited for as long as it said, and a little: it kept a small daemon for the longest farewell', async () => {
      const clock = new WatchedClock();
      const { thread } = start(
        `${STARTED} port.on('message', () => {
           port.postMessage({ type: 'farewell', ms: 4000 });
           for (;;);
         });`,
      );
      await thread.started;
      const stopped = thread.stop(clock);
      assert.equal(await clock.wait(1), 6000);
      assert.equal(clock.pending, 1);
      clock.advance(6000);
      assert.match((await stopped) ?? '', /^Worker 2 hangs: it takes too long to say goodbye/);
    });

    it('and does not hear that is not waited for as if it had many SAs', async () => {
      const clock = new WatchedClock();
      const { thread } = start(`${STARTED} for (;;);`);
      await thread.started;
      const stopped = thread.stop(clock);
      clock.advance(await clock.wait(0));
      assert.equal(clock.now(), 5000);
      assert.match((await stopped) ?? '', /^Worker 2 hangs: it does not hear/);
    });

    it('when it has died already is not waited for', async () => {
      const clock = new WatchedClock();
      const { thread, lost } = start(`${STARTED} process.exit(3);`);
      await lost;
      assert.equal(await thread.stop(clock), undefined);
      assert.equal(clock.pending, 0);
    });
  });
});

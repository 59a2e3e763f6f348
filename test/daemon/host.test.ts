/** The daemon's life: what is opened in which order, what is closed, and what it says when it cannot start. */
import assert from 'node:assert/strict';
import { UNWATCHED } from '../../daemon/chart-watcher.js';
import { EventStream } from '../../daemon/event-stream.js';
import { type HostJobs, startHost } from '../../daemon/host.js';
import { RunsWithoutRules, StartRefused } from '../../machines/daemon.js';
import { settle } from '../sim/simulated-daemon.js';
import { VirtualClock } from '../sim/virtual-clock.js';

type Job = Exclude<keyof HostJobs, 'moreFarewellMs'>;

function run(jobs: Partial<Record<Job, () => Promise<void>>> = {}, moreFarewellMs = 0) {
  const done: Job[] = [];
  const states: string[] = [];
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  events.subscribe((event) => {
    if (event.type === 'daemon.state') states.push(event.state);
  });
  const job = (name: Job) => (): Promise<void> => {
    done.push(name);
    return jobs[name]?.() ?? Promise.resolve();
  };
  const host = startHost(
    {
      readConfig: job('readConfig'),
      openKernel: job('openKernel'),
      openSockets: job('openSockets'),
      openDoor: job('openDoor'),
      sayGoodbye: job('sayGoodbye'),
      closePorts: job('closePorts'),
      moreFarewellMs: () => moreFarewellMs,
    },
    clock,
    events,
    UNWATCHED,
  );
  return { host, done, states, clock };
}

const OPENING: readonly Job[] = ['readConfig', 'openKernel', 'openSockets', 'openDoor'];
const refuse = () => Promise.reject(new StartRefused('permission', ['One line.', 'And another.']));

describe('the daemon', () => {
  it('opens everything in order, says goodbye and closes', async () => {
    const { host, done, states } = run();
    assert.equal(await host.started, undefined);
    assert.deepEqual(done, OPENING);
    host.stop();
    assert.deepEqual(await host.ended, { fault: undefined, lines: [] });
    assert.deepEqual(done, [...OPENING, 'sayGoodbye', 'closePorts']);
    assert.deepEqual(states.at(-1), 'stopped');
  });

  it('that loses its kernel says goodbye, closes, and ends with the reason', async () => {
    const { host, done, states } = run();
    await host.started;
    host.kernelLost('It is gone.');
    host.kernelLost('It is gone once more.');
    assert.deepEqual(await host.ended, { fault: 'environment', lines: ['It is gone.'] });
    assert.deepEqual(done, [...OPENING, 'sayGoodbye', 'closePorts']);
    assert.equal(states.at(-1), 'stopped');
  });

  it('that loses its kernel while it starts opens no more', async () => {
    const { host, done } = run({ openSockets: () => new Promise(() => undefined) });
    await settle();
    host.kernelLost('It is gone.');
    const output = { fault: 'environment', lines: ['It is gone.'] };
    assert.deepEqual(await host.started, output);
    assert.deepEqual(await host.ended, output);
    assert.deepEqual(done, ['readConfig', 'openKernel', 'openSockets', 'closePorts']);
  });

  for (const [index, job] of OPENING.entries()) {
    it(`that fails at ${job} opens no more, closes, and says why`, async () => {
      const { host, done, states } = run({ [job]: refuse });
      const output = { fault: 'permission', lines: ['One line.', 'And another.'] };
      assert.deepEqual(await host.started, output);
      assert.deepEqual(await host.ended, output);
      assert.deepEqual(done, [...OPENING.slice(0, index + 1), 'closePorts']);
      assert.equal(states.at(-1), 'maintenance');
    });
  }

  it('takes an error that nobody described for a fault of its surroundings', async () => {
    const { host } = run({ openKernel: () => Promise.reject(new Error('no such thing')) });
    assert.deepEqual(await host.ended, { fault: 'environment', lines: ['no such thing'] });
  });

  it('reads its files again when asked, and goes on with the old ones if they are broken', async () => {
    let broken = false;
    const { host, done, states } = run({ readConfig: () => (broken ? refuse() : Promise.resolve()) });
    await host.started;
    assert.deepEqual(await host.refresh(), { ok: true, value: undefined });
    await settle();
    broken = true;
    const refused = { fault: 'permission', lines: ['One line.', 'And another.'] };
    assert.deepEqual(await host.refresh(), { ok: false, error: refused });
    await settle();
    assert.equal(done.filter((job) => job === 'readConfig').length, 3);
    assert.deepEqual(states.slice(-4), ['refreshing: once', 'running', 'refreshing: once', 'running']);
  });

  it('asked again while it reads, reads once more behind it, for all who asked meanwhile', async () => {
    const ends: (() => void)[] = [];
    const { host, states } = run({ readConfig: () => new Promise<void>((resolve) => ends.push(resolve)) });
    ends.shift()?.();
    await host.started;
    const settled: string[] = [];
    const ask = (name: string) => void host.refresh().then(() => settled.push(name));
    ask('first');
    assert.equal(host.isRefreshing(), true);
    ask('second');
    ask('third');
    await settle();
    assert.equal(ends.length, 1, 'two readings never run side by side');
    ends.shift()?.();
    await settle();
    assert.deepEqual(settled, ['first'], 'the files may have changed behind the first reading');
    assert.deepEqual(states.slice(-2), ['refreshing: again', 'refreshing: once']);
    ends.shift()?.();
    await settle();
    assert.deepEqual(settled, ['first', 'second', 'third']);
    assert.deepEqual([states.at(-1), ends.length, host.isRefreshing()], ['running', 0, false]);
  });

  it('tells whoever waits for a refresh that it stops', async () => {
    let begin: () => void = () => undefined;
    const { host } = run({ readConfig: () => new Promise<void>((resolve) => (begin = resolve)) });
    begin();
    await host.started;
    const under = host.refresh();
    const behind = host.refresh();
    host.stop();
    const late = await host.refresh();
    assert.deepEqual([late.ok, (await behind).ok], [false, false]);
    assert.deepEqual(await Promise.race([under, host.ended]), { fault: undefined, lines: [] });
  });

  describe('whose files are broken, which it was told to ignore', () => {
    async function withoutRules(readAgain: () => Promise<void>) {
      let first = true;
      const running = run({
        readConfig: () => {
          if (!first) return readAgain();
          first = false;
          return Promise.reject(new RunsWithoutRules());
        },
      });
      assert.equal(await running.host.started, undefined);
      assert.deepEqual(running.done, OPENING);
      assert.equal(running.states.at(-1), 'withoutRules');
      return running;
    }

    it('runs without rules until the files are mended', async () => {
      const { host, states } = await withoutRules(() => Promise.resolve());
      void host.refresh();
      await settle();
      assert.deepEqual(states.slice(-2), ['refreshing: once', 'running']);
    });

    it('goes on waiting while they are not', async () => {
      const { host, states } = await withoutRules(refuse);
      void host.refresh();
      await settle();
      assert.deepEqual(states.slice(-2), ['refreshing: once', 'withoutRules']);
      host.stop();
      assert.deepEqual(await host.ended, { fault: undefined, lines: [] });
    });

    it('has rules when ikeadm gives it some', async () => {
      const { host, states } = await withoutRules(refuse);
      host.rulesGiven();
      assert.equal(states.at(-1), 'running');
      void host.refresh();
      await settle();
      assert.deepEqual(
        states.slice(-2),
        ['refreshing: once', 'running'],
        'those stay when the files are no better',
      );
    });
  });

  it('does not wait for ever for its Deletes to leave', async () => {
    const { host, clock, done } = run({ sayGoodbye: () => new Promise(() => undefined) });
    await host.started;
    host.stop();
    await settle();
    assert.equal(done.at(-1), 'sayGoodbye');
    clock.advance(1500);
    await host.ended;
    assert.equal(done.at(-1), 'closePorts');
  });

  it('waits as long for them as so many may take', async () => {
    const { host, clock, done } = run({ sayGoodbye: () => new Promise(() => undefined) }, 5000);
    await host.started;
    host.stop();
    await settle();
    clock.advance(6400);
    assert.equal(done.at(-1), 'sayGoodbye');
    clock.advance(100);
    await host.ended;
    assert.equal(done.at(-1), 'closePorts');
  });

  it('can be stopped while it starts', async () => {
    const { host, done } = run({ openSockets: () => new Promise(() => undefined) });
    await settle();
    host.stop();
    assert.deepEqual(await host.ended, { fault: undefined, lines: [] });
    assert.ok(!done.includes('openDoor'));
    assert.equal(done.at(-1), 'closePorts');
  });

  it('is not kept from ending by a port that cannot be closed', async () => {
    const { host } = run({ closePorts: () => Promise.reject(new Error('stuck')) });
    await host.started;
    host.stop();
    assert.deepEqual(await host.ended, { fault: undefined, lines: [] });
  });
});

/** The `daemon` chart under `startHost`; the jobs of the start and of the end are the test's. */
import assert from 'node:assert/strict';
import { EventStream } from '../../daemon/event-stream.js';
import { type Host, startHost } from '../../daemon/host.js';
import type { DaemonOutput } from '../../machines/daemon.js';
import type { Model } from './model.js';
import { type ChartEvent, placeIn } from './subject.js';
import type { World, WorldParts } from './world.js';

export class DaemonWorld implements World {
  readonly #host: Host;
  #state = '';
  /** Undefined while it starts, `ok` when it runs. */
  #started: DaemonOutput | 'ok' | undefined;
  #ended: DaemonOutput | undefined;

  constructor({ clock, jobs, watcher }: WorldParts) {
    const events = new EventStream(clock);
    events.subscribe((event) => {
      if (event.type === 'daemon.state') this.#state = event.state;
    });
    this.#host = startHost(
      {
        readConfig: () => jobs.run('files.readConfig'),
        openKernel: () => jobs.run('kernel.open'),
        openSockets: () => jobs.run('udp.open'),
        openDoor: () => jobs.run('door.open'),
        sayGoodbye: () => jobs.run('peers.sayGoodbye'),
        closePorts: () => jobs.run('ports.close'),
      },
      clock,
      events,
      watcher,
    );
    void this.#host.started.then((output) => (this.#started = output ?? 'ok'));
    void this.#host.ended.then((output) => (this.#ended = output));
  }

  send({ type }: ChartEvent): void {
    if (type === 'REFRESH') void this.#host.refresh();
    else if (type === 'RULES_GIVEN') this.#host.rulesGiven();
    else if (type === 'STOP') this.#host.stop();
    else if (type === 'KERNEL_LOST') this.#host.kernelLost('The kernel is gone.');
    else assert.fail(`nothing in the daemon sends ${type}`);
  }

  check({ snapshot }: Model): void {
    const { value, status, output } = placeIn(snapshot);
    const told =
      String(value) === value ? value : JSON.stringify(value).replace(/[{}"]/g, '').replace(':', ': ');
    if (status === 'active' && value !== 'running') assert.equal(this.#state, told);
    if (told === 'running' || told.startsWith('withoutRules'))
      assert.equal(this.#started, 'ok', 'whoever waited for the start knows');
    assert.deepEqual(this.#ended, status === 'active' ? undefined : output, 'whoever waits for the end');
  }
}

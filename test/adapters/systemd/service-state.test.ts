/** What a service manager is told of the daemon's life. */
import assert from 'node:assert/strict';
import { ServiceState } from '../../../adapters/systemd/service-state.js';
import { EventStream } from '../../../daemon/event-stream.js';
import type { DaemonEvent } from '../../../services/events/event.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const READ: DaemonEvent = { type: 'config.read', file: 'config', rules: 2, presharedKeys: 1 };
const READ_STATUS = ['STATUS=2 rules, 1 pre-shared key'];
const RELOADING = ['RELOADING=1', 'MONOTONIC_USEC=77'];

function state(name: string): DaemonEvent {
  return { type: 'daemon.state', state: name };
}

async function told(
  list: readonly DaemonEvent[],
  notify: (sent: string[][], assignments: readonly string[]) => Promise<void> = (sent, assignments) => {
    sent.push([...assignments]);
    return Promise.resolve();
  },
) {
  const sent: string[][] = [];
  const complaints: string[] = [];
  const events = new EventStream(new VirtualClock());
  const service = new ServiceState(events, {
    notify: (assignments) => notify(sent, assignments),
    monotonicMicroseconds: () => 77n,
    onError: (why) => complaints.push(why),
  });
  for (const event of list) events.emit(event);
  await service.told();
  return { sent, complaints };
}

describe('the state of the service', () => {
  it('is ready when the daemon runs, and stopping when it ends', async () => {
    const { sent } = await told([
      READ,
      ...[
        'starting: readingConfig',
        'starting: openingDoor',
        'running',
        'stopping',
        'closing',
        'stopped',
      ].map(state),
    ]);
    assert.deepEqual(sent, [READ_STATUS, ['READY=1'], ['STOPPING=1']]);
  });

  it('is ready without rules too, and says why there are none', async () => {
    const { sent } = await told([
      { type: 'config.ignored', errors: ['config:1:1: wrong', 'config:2:1: too'] },
      state('withoutRules'),
      { type: 'config.changed', change: 'rule added', subject: 'east', rules: 1, presharedKeys: 0 },
    ]);
    assert.deepEqual(sent, [
      ['STATUS=runs without files that have errors: config:1:1: wrong'],
      ['READY=1'],
      ['STATUS=1 rule, 0 pre-shared keys'],
    ]);
  });

  it('is reloading once during a refresh, which ends with ready, whatever came of it', async () => {
    const { sent } = await told([
      state('running'),
      ...['refreshing: once', 'refreshing: again', 'refreshing: once'].map(state),
      { type: 'config.refused', file: 'config', errors: ['config:1:1: wrong\n  here'] },
      state('running'),
    ]);
    assert.deepEqual(sent, [
      ['READY=1'],
      RELOADING,
      ['STATUS=a refresh was refused, the old configuration stays: config:1:1: wrong here'],
      ['READY=1'],
    ]);
  });

  it('of a start that fails is stopping, never ready', async () => {
    const { sent } = await told(['starting: readingConfig', 'cleaningUp', 'maintenance'].map(state));
    assert.deepEqual(sent, [['STOPPING=1']]);
  });

  it('goes out in order, however long a word takes', async () => {
    const { sent } = await told(
      [state('running'), state('refreshing: once'), state('running')],
      async (list, assignments) => {
        for (let turns = assignments[0] === 'RELOADING=1' ? 20 : 1; turns > 0; turns--)
          await Promise.resolve();
        list.push([...assignments]);
      },
    );
    assert.deepEqual(sent, [['READY=1'], RELOADING, ['READY=1']]);
  });

  it('that gets nowhere is complained about once', async () => {
    const { complaints } = await told([state('running'), state('stopping')], () =>
      Promise.reject(new Error('spawn systemd-notify ENOENT')),
    );
    assert.deepEqual(complaints, ['spawn systemd-notify ENOENT']);
  });
});

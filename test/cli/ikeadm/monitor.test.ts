/** `monitor`: a reader that is slower than what happens. */
import assert from 'node:assert/strict';
import { runIkeadm } from '../../../cli/ikeadm/run.js';
import { EventQueue } from '../../../daemon/event-queue.js';
import { EventStream } from '../../../daemon/event-stream.js';
import { encodeError } from '../../../services/admin/door/heads.js';
import { encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { SimulatedAdministration } from '../../services/admin/simulated-administration.js';
import { VirtualClock } from '../../sim/virtual-clock.js';
import { worldOf } from './simulated-world.js';

const KEPT = 100;

/** What `monitor` prints where so many events happen while its first output is being read; the third answer ends it. */
async function printed(options: readonly string[], meanwhile: number): Promise<string> {
  const clock = new VirtualClock();
  const stream = new EventStream(clock);
  const limits = { kept: KEPT, batch: 2 * KEPT, waitMs: 1000, gatherMs: 0, idleMs: 60_000 };
  const queue = new EventQueue(stream, clock, limits);
  const happen = (count: number): void => {
    for (let n = 0; n < count; n++) stream.emit({ type: 'config.note', note: 'it happens' });
    clock.advance(0);
  };
  let asked = 0;
  let next: number | undefined;
  const handle = async () => {
    asked += 1;
    if (asked === 3) return encodeError({ name: 'NO_OBJ' });
    const answer = queue.after(next);
    if (asked === 1) happen(1);
    const batch = await answer;
    next = batch.next;
    return encodeOwn(OWN_SERVICE.EVENTS, batch);
  };
  let stdout = '';
  await runIkeadm(
    [...options, 'monitor'],
    () => worldOf(new SimulatedAdministration(), { handle }),
    (part) => {
      stdout += part.stdout;
      if (asked === 1) happen(meanwhile);
      return Promise.resolve();
    },
  );
  return stdout;
}

describe('ikeadm monitor with a slow reader', () => {
  it('prints all while no more happens than is kept for it', async () => {
    const lines = (await printed(['-j'], KEPT)).split('\n').filter((line) => line.startsWith('{"'));
    assert.equal(lines.length, KEPT + 1);
    assert.ok(!lines.some((line) => line.includes('lost')));
  });

  it('says how many events were lost, in text and in JSON', async () => {
    const text = await printed([], 1000);
    const lost = Number(/^\.\.\. (\d+) events were lost: they came faster/m.exec(text)?.[1]);
    const shown = text.split('\n').filter((line) => line.includes('it happens')).length;
    assert.equal(lost + shown, 1001);
    assert.ok(lost >= 1000 - 2 * KEPT);
    const documents = (await printed(['-j'], 1000)).trimEnd().split('\n');
    assert.deepEqual(
      documents.filter((line) => line.includes('lost')),
      [JSON.stringify({ lost })],
    );
  });
});

/** What workers tell each other of their peers. */
import assert from 'node:assert/strict';
import { Fellows } from '../../../../cli/in.iked/workers/fellows.js';
import type { FromWorker } from '../../../../cli/in.iked/workers/messages.js';
import { Places } from '../../../../cli/in.iked/workers/places.js';

const LOCAL = '192.0.2.1';

describe('what workers tell each other of their peers', () => {
  it('is told in one message for all that changes about the same time, and only what has changed', async () => {
    const posted: FromWorker[] = [];
    await new Promise<void>((resolve) => {
      const fellows = new Fellows({ index: 0, count: 2 }, (message) => {
        posted.push(message);
        resolve();
      });
      fellows.standing(LOCAL, '192.0.2.2', true);
      fellows.standing(LOCAL, '192.0.2.2', true);
      setImmediate(() => {
        fellows.standing(LOCAL, '192.0.2.3', true);
        fellows.standing(LOCAL, '192.0.2.2', false);
      });
    });
    assert.deepEqual(posted, [
      {
        type: 'standing',
        changes: [
          { local: LOCAL, remote: '192.0.2.2', stands: true },
          { local: LOCAL, remote: '192.0.2.3', stands: true },
          { local: LOCAL, remote: '192.0.2.2', stands: false },
        ],
      },
    ]);
  });

  it('makes a peer known as long as something stands with it at any of the others', () => {
    const fellows = new Fellows({ index: 0, count: 3 }, () => undefined);
    const change = (stands: boolean) => [{ local: LOCAL, remote: '192.0.2.2', stands }];
    fellows.heardStanding(change(true));
    fellows.heardStanding(change(true));
    fellows.heardStanding(change(false));
    assert.equal(fellows.knows(LOCAL, '192.0.2.2'), true);
    fellows.heardStanding(change(false));
    assert.equal(fellows.knows(LOCAL, '192.0.2.2'), false);
  });

  it('says who is asked to begin with a peer: who has something with it, else always the same one', () => {
    const places = new Places(4);
    const usual = places.workerFor('192.0.2.2');
    const other = (usual + 1) % 4;
    places.heard(other, [
      { local: LOCAL, remote: '192.0.2.2', stands: true },
      { local: '192.0.2.9', remote: '192.0.2.2', stands: true },
      { local: LOCAL, remote: '192.0.2.2', stands: false },
    ]);
    assert.equal(places.workerFor('192.0.2.2'), other, 'one of two still stands');
    places.heard(other, [{ local: '192.0.2.9', remote: '192.0.2.2', stands: false }]);
    assert.equal(places.workerFor('192.0.2.2'), usual);
  });
});

/** The thread that carries packets: what is said when it cannot begin, and when it ends. */
import assert from 'node:assert/strict';
import { startKernelThread } from '../../../cli/in.iked/start-kernel-thread.js';
import { KeyStore } from '../../../daemon/key-store.js';

const SETTINGS = { device: 'iked0', listen: [], policies: [], larvalSeconds: 60, traced: false };
const PORT = `import { parentPort } from 'node:worker_threads';`;

function program(text: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(PORT + text)}`);
}

const never = (said: string): void => assert.fail(said);

function start(text: string, lost: (why: string) => void) {
  return startKernelThread(SETTINGS, {
    ...{ keys: new KeyStore(), unable: never, note: never, defect: never, trace: never },
    ...{ lost, file: program(text) },
  });
}

describe('the thread that carries packets', () => {
  it('that cannot begin says why, and is gone', async () => {
    const refused = await start(`parentPort.postMessage({ type: 'refused', why: 'No device.' })`, never);
    assert.deepEqual(refused, { ok: false, error: 'No device.' });
    const broken = await start(`throw new Error('it broke')`, () => undefined);
    assert.ok(!broken.ok);
    assert.match(broken.error, /has ended \(it broke\)/);
  });

  for (const [how, text, reason] of [
    ['throws', `throw new Error('it broke')`, /\(it broke\): its SAs are gone/],
    ['exits', `process.exit(3)`, /\(status 3\): its SAs are gone/],
  ] as const) {
    it(`that ${how} while it runs is told of once, and what waits for it is refused`, async () => {
      const told: string[] = [];
      const begun = `parentPort.postMessage({ type: 'ready', mark: 7 }); parentPort.on('message', () => { ${text} })`;
      const started = await start(begun, (why) => told.push(why));
      assert.ok(started.ok);
      assert.equal(started.value.mark, 7);
      await assert.rejects(started.value.kernel.held(), reason);
      await started.value.end();
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', reason);
    });
  }

  it('that is ended as it should be is no loss', async () => {
    const started = await start(
      `parentPort.postMessage({ type: 'ready', mark: 7 }); parentPort.on('message', () => undefined)`,
      never,
    );
    assert.ok(started.ok);
    await started.value.end();
  });
});

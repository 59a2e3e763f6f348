/** The inspector of a real daemon, switched on while it runs: what began before is there, and off it is gone. */
import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import type { ServerFrame } from '../../../adapters/inspector/frames.js';
import { type Gateways, INSIDE_EAST, INSIDE_WEST, startGateways } from './gateways.js';
import { makeScratch, type Scratch } from './scratch.js';

/** The list that a page gets there, of few. */
function listAt(url: string): Promise<Extract<ServerFrame, { type: 'rows' }>> {
  const socket = new WebSocket(new URL('/live', url.replace(/^http/, 'ws')), {
    origin: url.replace(/\/$/, ''),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as ServerFrame;
      if (frame.type !== 'rows') return;
      socket.terminate();
      resolve(frame);
    });
  });
}

describe('ikeadm inspect', () => {
  let scratch: Scratch;
  let gateways: Gateways;

  before(async () => {
    scratch = makeScratch();
    gateways = await startGateways(scratch.folder);
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  it('on shows what began before, says where, and again the same; off ends it', async function () {
    this.timeout(20_000);
    const { east } = gateways;
    assert.equal((await east.ikeadm('up', INSIDE_EAST, INSIDE_WEST)).status, 0);
    assert.equal((await east.ikeadm('inspect', 'off')).stderr, 'ikeadm: The inspector is off.\n');

    const first = await east.ikeadm('inspect', 'on');
    const [, url = ''] =
      /^ikeadm: The inspector is at (http:\/\/127\.0\.0\.1:\d+\/)\n$/.exec(first.stderr) ?? [];
    assert.notEqual(url, '', first.stderr);
    assert.equal((await east.ikeadm('inspect', 'on')).stderr, first.stderr);
    assert.equal((await east.ikeadm('inspect', 'on', new URL(url).port)).stderr, first.stderr);

    const { rows } = await listAt(url);
    const shown = new Map(rows.map((row) => [row.id, row]));
    assert.deepEqual([...shown.keys()].sort(), ['acquire-1', 'ipsec-1', 'p1-1', 'p2-1', 'sa-1']);
    assert.equal(shown.get('p1-1')?.outcome, 'established');
    assert.equal(shown.get('p2-1')?.outcome, 'installed');
    assert.equal(shown.get('sa-1')?.outcome, undefined);
    assert.equal(shown.get('sa-1')?.state, 'idle');

    const { port } = new URL(url);
    const moved = (await east.ikeadm('-j', 'inspect', 'on', '[::1]:0')).stdout;
    const elsewhere = (JSON.parse(moved) as { url: string }).url;
    assert.match(elsewhere, /^http:\/\/\[::1\]:\d+\/$/);
    await assert.rejects(listAt(url));
    assert.equal((await listAt(elsewhere)).rows.length, 5);
    // A port that is taken: nothing changes.
    assert.equal((await east.ikeadm('inspect', 'on', port)).status, 0);
    const other = await gateways.west.ikeadm('inspect', 'on', port);
    assert.equal(other.status, 1);
    assert.match(
      other.stderr,
      new RegExp(`^ikeadm: error setting the inspector: .*\\n.*port ${port}: it is in use`),
    );

    assert.equal((await east.ikeadm('inspect', 'off')).stderr, 'ikeadm: The inspector is off.\n');
    await assert.rejects(listAt(url));
  });
});

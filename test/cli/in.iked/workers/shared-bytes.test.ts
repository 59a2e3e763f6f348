import assert from 'node:assert/strict';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { put, takeOut } from '../../../../cli/in.iked/workers/shared-bytes.js';
import { hex } from '../../../../services/bytes.js';

describe('bytes for another thread', () => {
  it('are taken out at the other end, and none are left at this one', () => {
    const { port1, port2 } = new MessageChannel();
    const mine = Uint8Array.of(1, 2, 3);
    const shared = put(mine);
    mine.fill(9);
    port1.postMessage(shared);
    const arrived: unknown = receiveMessageOnPort(port2)?.message;
    assert.ok(arrived instanceof Uint8Array);
    const taken = takeOut(arrived);
    port1.close();
    assert.equal(hex(taken), '010203');
    assert.equal(hex(shared), '000000');
    assert.ok(taken.buffer instanceof ArrayBuffer, 'what is shared cannot be read as text');
  });
});

/** Real traffic under SAs, and the proof that nothing of it left in the clear. */
import assert from 'node:assert/strict';
import { eventually } from '../../interop/lab/shell.js';
import type { Bench } from './bench.js';
import type { FrameKind } from './frames.js';

const MEGABYTE = 1024 * 1024;

/** Pings both ways and a megabyte over TCP, in frames of one kind; beside them, IKE and what finds neighbours alone. */
export async function assertCarries(bench: Bench, carrier: FrameKind): Promise<void> {
  const frames = await bench.watch();
  assert.equal(await bench.pings(5, 0.05, 30), 5);
  assert.equal(await bench.pings(5, 0.05, 30, 'peers'), 5);
  await bench.transfer(MEGABYTE);
  // A frame holds up to 64 KiB where the kernel puts segments together; and there were the pings.
  await eventually(`a megabyte of ${carrier} is seen`, 20, () =>
    (frames.soFar()[carrier] ?? 0) >= MEGABYTE / 65_536 + 10 ? true : undefined,
  );
  const counts = await frames.kinds();
  const clear = Object.keys(counts).filter((kind) => ![carrier, 'ike', 'neighbours'].includes(kind));
  assert.deepEqual(clear, [], 'frames in the clear left our end');
}

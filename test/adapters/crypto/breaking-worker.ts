/** A worker for the test of the pool: group 17 ends its thread, group 16 fails, the others are computed. */
import type { DhFault, DhTask } from '../../../adapters/crypto/dh-worker.js';
import runDhTask from '../../../adapters/crypto/dh-worker.js';

export default function runOrBreak(task: DhTask): DhFault | undefined {
  if (task.group === 17) process.exit(3);
  if (task.group === 16) return { failed: 'The worker says no.' };
  return runDhTask(task);
}

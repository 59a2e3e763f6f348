/** What an adapter refuses becomes a reason not to start. */
import { type StartFault, StartRefused } from '../../machines/daemon.js';

/** `open` rejects with an `Error` of one sentence; this rejects with `StartRefused`. */
export async function refusing<T>(fault: StartFault, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new StartRefused(fault, [error instanceof Error ? error.message : String(error)]);
  }
}

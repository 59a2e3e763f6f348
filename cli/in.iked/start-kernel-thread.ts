/** Starts the thread that carries packets, and says when it is lost. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  KernelInThread,
  type KernelInThreadParts,
} from '../../adapters/kernel/embedded/thread/kernel-in-thread.js';
import type { FromThread, ThreadSettings } from '../../adapters/kernel/embedded/thread/messages.js';
import { err, ok, type Result } from '../../services/result.js';

export interface KernelThread {
  readonly kernel: KernelInThread;
  /** By what routing knows the sockets whose packets must not come to the device. */
  readonly mark: number;
  /** Ends the thread; nothing is lost any more by that. */
  end(): Promise<void>;
}

export interface KernelThreadParts extends Omit<KernelInThreadParts, 'post'> {
  /** It has ended by itself, and its SAs with it: one sentence. */
  readonly lost: (why: string) => void;
  /** What it runs; for tests of a thread that breaks. */
  readonly file?: URL;
}

/** The error is one sentence for an operator. */
export async function startKernelThread(
  settings: ThreadSettings,
  { lost, file = threadFile(), ...parts }: KernelThreadParts,
): Promise<Result<KernelThread, string>> {
  const worker = new Worker(file, { workerData: settings, name: 'packets' });
  const kernel = new KernelInThread({
    ...parts,
    post: (message, transfer) => {
      worker.postMessage(message, transfer);
    },
  });
  worker.on('message', (message: FromThread) => {
    kernel.heard(message);
  });
  const begun = await new Promise<Result<number, string>>((resolve) => {
    worker.on('message', (message: FromThread) => {
      if (message.type === 'ready') resolve(ok(message.mark));
      if (message.type === 'refused') resolve(err(message.why));
    });
    let expected = false;
    const ended = (reason: string): void => {
      const why = `The thread that carries packets has ended (${reason}): its SAs are gone, and nothing is protected.`;
      resolve(err(why));
      if (expected) return;
      expected = true;
      kernel.lose(why);
      lost(why);
    };
    worker.on('error', (error) => {
      ended(error.message);
    });
    worker.on('exit', (code) => {
      ended(`status ${String(code)}`);
    });
  });
  if (!begun.ok) {
    worker.removeAllListeners();
    await worker.terminate();
    return begun;
  }
  const end = async (): Promise<void> => {
    worker.removeAllListeners();
    await worker.terminate();
  };
  return ok({ kernel, mark: begun.value, end });
}

/** Beside this file: as TypeScript in a source tree, as JavaScript in a build. */
function threadFile(): URL {
  const source = new URL('./kernel-thread.ts', import.meta.url);
  return existsSync(fileURLToPath(source)) ? source : new URL('./kernel-thread.js', import.meta.url);
}

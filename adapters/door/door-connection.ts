/** Calls answered, and the daemon's end of one connection: request after request, each answered before the next is looked at. */
import type { Duplex } from 'node:stream';
import type { Caller, DoorCall } from '../../services/admin/door-call.js';
import { encodeError } from '../../services/admin/door/heads.js';
import type { Bytes } from '../../services/bytes.js';
import { frame, FrameReader } from './frames.js';
import { type DescriptorCalls, passedFile } from './passed-file.js';
import { PassingStream } from './passing-stream.js';

/** The longest request, bytes. */
export const LONGEST_REQUEST = 64 * 1024;

export type HandleCall = (call: DoorCall) => Promise<Bytes>;

export interface Answering {
  /** Must not reject. */
  readonly handle: HandleCall;
  /** Undefined for someone who gets nothing but a refusal. */
  readonly caller: Caller | undefined;
  /** What is done with the descriptors of files; undefined where no files come. */
  readonly descriptors: DescriptorCalls | undefined;
}

export interface ConnectionOptions extends Answering {
  /** A connection without a request in progress is ended after this long, milliseconds. */
  readonly idleMs: number;
}

/** One call, whatever it came through. The descriptors that arrived with it are closed when it is answered. */
export async function answer(
  request: Bytes,
  arrived: readonly number[],
  { handle, caller, descriptors }: Answering,
): Promise<Bytes> {
  const files = descriptors ? await Promise.all(arrived.map((file) => passedFile(file, descriptors))) : [];
  try {
    return caller === undefined
      ? encodeError({ name: 'NO_AUTH' })
      : await handle({ request, files, takesFiles: descriptors !== undefined, caller });
  } finally {
    for (const file of files) file.close();
  }
}

/** Descriptors belong to the next request that is complete when they are here, and are closed after its reply. */
export function serve(stream: Duplex, { idleMs, ...answering }: ConnectionOptions): void {
  const reader = new FrameReader(LONGEST_REQUEST);
  let busy = false;
  let idle = setTimeout(hangUp, idleMs);

  function hangUp(): void {
    stream.destroy();
  }

  function waitForMore(): void {
    clearTimeout(idle);
    if (!stream.destroyed) idle = setTimeout(hangUp, idleMs);
  }

  function answerNext(): void {
    if (busy || stream.destroyed) return;
    const request = reader.next();
    if (request === 'incomplete') {
      waitForMore();
      stream.resume();
    } else if (request === 'too-long') {
      stream.pause();
      stream.end(frame(encodeError({ name: 'REQ_INVALID' })), hangUp);
    } else {
      busy = true;
      clearTimeout(idle);
      // A client cannot make us hold more than one request and what one look at the socket brings.
      stream.pause();
      const arrived = stream instanceof PassingStream ? stream.takeArrived() : [];
      void answer(request, arrived, answering).then((reply) => {
        // Either may have held keys, or a PIN.
        const framed = frame(reply);
        request.fill(0);
        reply.fill(0);
        busy = false;
        if (stream.destroyed) return;
        waitForMore();
        stream.write(framed, () => {
          framed.fill(0);
          answerNext();
        });
      }, hangUp);
    }
  }

  stream.on('error', hangUp);
  stream.on('close', () => {
    clearTimeout(idle);
    reader.wipe();
  });
  stream.on('data', (chunk: Bytes) => {
    reader.push(chunk);
    answerNext();
  });
  stream.resume();
}

/** What the thread of a worker runs: a daemon whose door, sockets and signals are the head's. Bundled as a file of its own. */
import { closeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { answer, type HandleCall } from '../../adapters/door/door-connection.js';
import { encodeError } from '../../services/admin/door/heads.js';
import type { DaemonEvent } from '../../services/events/event.js';
import type { Bytes } from '../../services/bytes.js';
import { protectProcess } from './protect-process.js';
import { runDaemon } from './run.js';
import { Fellows } from './workers/fellows.js';
import type { FromWorker, ToWorker, WorkerAnswer, WorkerBeginning } from './workers/messages.js';
import { GivenSockets, ownNews, Traffic } from './workers/share.js';
import { put, takeOut } from './workers/shared-bytes.js';

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

function main({ args, place, stderr, computingThreads, sockets: first }: WorkerBeginning): void {
  const native = protectProcess();
  const fellows = new Fellows(place, post);
  const sockets = new GivenSockets(first);
  const traffic = new Traffic(place);
  let handle: HandleCall | undefined;
  let goOn: () => void = () => undefined;
  const running = runDaemon(args, {
    fellows,
    sockets,
    traffic,
    stderr,
    computingThreads,
    hasRead: () => {
      post({ type: 'read' });
      return new Promise((resolve) => {
        goOn = resolve;
      });
    },
    openDoor: (asked) => {
      handle = asked;
      return {
        close: () => {
          handle = undefined;
          return Promise.resolve();
        },
      };
    },
  });

  const called = async (call: Extract<ToWorker, { type: 'call' }>): Promise<Bytes> => {
    const { caller, takesFiles, files } = call;
    const request = takeOut(call.request);
    try {
      const descriptors = takesFiles ? native : undefined;
      if (handle !== undefined) return await answer(request, files, { handle, caller, descriptors });
      for (const file of files) closeSync(file);
      return encodeError({ name: 'SYS_ERR' });
    } finally {
      // It may have held keys, or a PIN.
      request.fill(0);
    }
  };
  const reply = (number: number, told: WorkerAnswer): void => {
    post({ type: 'answer', number, answer: told });
  };

  let unfollow: (() => void) | undefined;
  const follow = (): (() => void) => {
    let events: DaemonEvent[] = [];
    return ownNews(running.events, place.index).subscribe((event) => {
      events.push(event);
      if (events.length > 1) return;
      // One message for all of this turn.
      setImmediate(() => {
        const told = events;
        events = [];
        post({ type: 'events', events: told });
      });
    });
  };

  const heard = (message: ToWorker): void => {
    switch (message.type) {
      case 'call':
        void called(message).then((bytes) => {
          reply(message.number, put(bytes));
          bytes.fill(0);
        });
        return;
      case 'refresh':
        void running.refresh().then((result) => {
          reply(message.number, result);
        });
        return;
      case 'sockets':
        sockets.take(message.sockets);
        running.followSockets();
        return;
      case 'go-on':
        goOn();
        return;
      case 'standing':
        fellows.heardStanding(message.changes);
        return;
      case 'news':
        fellows.heardNews(message.news);
        return;
      case 'followed':
        if (message.followed) unfollow ??= follow();
        else {
          unfollow?.();
          unfollow = undefined;
        }
        return;
      case 'reopen-log':
        running.reopenLog();
        return;
      case 'leave-stderr':
        running.leaveStderr();
        return;
      case 'stop':
        post({ type: 'farewell', ms: running.farewellMs() });
        running.stop();
    }
  };
  // Each is told, and one tells the head.
  if (place.index === 0)
    running.events.subscribe(
      (event) => {
        if (event.type === 'config.changed' && event.rules > 0) post({ type: 'rules-given' });
      },
      (type) => type === 'config.changed',
    );
  parentPort?.on('message', heard);
  void running.started.then((output) => {
    post({ type: 'started', output });
  });
  void running.ended.then((output) => {
    post({ type: 'ended', output });
  });
}

// As `startWorker` gives it.
main(workerData as WorkerBeginning);

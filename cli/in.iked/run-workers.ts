/**
 * `--workers N`: a daemon whose negotiations run in several threads. This thread, their head, has what there is one of:
 * the sockets until they are the workers', the door, the signals, the privileges and the chart of the daemon's life. Each
 * worker is a daemon for itself with its own SAs, and the kernel gives it the messages of its own negotiations.
 */
import { chown } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import type { OpenDoor } from '../../adapters/door/door-access.js';
import { sharedUdpDescriptors } from '../../adapters/native/udp-descriptors.js';
import { handlesIn } from '../../daemon/configuration.js';
import { startHost } from '../../daemon/host.js';
import { KeyStore } from '../../daemon/key-store.js';
import { UNWATCHED } from '../../daemon/chart-watcher.js';
import { RunsWithoutRules, StartRefused } from '../../machines/daemon.js';
import type { Arguments } from './arguments.js';
import { openDoors } from './doors.js';
import { LONGEST_FAREWELL_MS } from './farewell.js';
import { layGroundwork } from './groundwork.js';
import { pathsUnder } from './paths.js';
import { readSettings } from './read-settings.js';
import { refusing } from './refusing.js';
import type { Running } from './running.js';
import { asUser, dropPrivileges, mainRights, makeFolderFor, whileUser } from './run-as.js';
import { tellServiceManager } from './service-manager.js';
import { stderrLook } from './stderr-look.js';
import { HeadDoor } from './workers/head-door.js';
import { Places } from './workers/places.js';
import { SharedSockets } from './workers/shared-sockets.js';
import { CLOSING_MS, WorkerThread } from './workers/start-worker.js';

const NO_ADDON =
  '--workers needs the native addon, by which threads share a port: install a C compiler and Node\'s headers, then run "npm run build".';

function halfRefreshed(refreshed: number, count: number): string {
  return `${String(refreshed)} of ${String(count)} workers have the new configuration and the others the old one: mend the files and refresh again.`;
}

export function runWorkers(args: Arguments): Running {
  const count = args.workers;
  const stderr = stderrLook(process);
  const groundwork = layGroundwork(args, stderr);
  const { clock, native, events, log, wishes } = groundwork;
  const service = tellServiceManager(events, process.env);
  const places = new Places(count);
  const workers: WorkerThread[] = [];
  let sockets: SharedSockets | undefined;
  let door: OpenDoor | undefined;
  let withoutRules = false;

  const tell = (message: Parameters<WorkerThread['tell']>[0], but?: number): void => {
    workers.forEach((worker, index) => {
      if (index !== but) worker.tell(message);
    });
  };
  const startWorker = (index: number, own: ReturnType<SharedSockets['open']>[number]): WorkerThread =>
    new WorkerThread(
      {
        // What the head has done or does for them.
        args: { ...args, user: undefined },
        place: { index, count },
        stderr,
        computingThreads: Math.max(1, Math.floor((availableParallelism() - 1) / count)),
        sockets: own,
      },
      {
        heard: (message) => {
          switch (message.type) {
            case 'standing':
              places.heard(index, message.changes);
              tell({ type: 'standing', worker: index, changes: message.changes }, index);
              return;
            case 'news':
              tell(message, index);
              return;
            case 'events':
              for (const event of message.events) events.emit(event);
              return;
            case 'rules-given':
              host.rulesGiven();
          }
        },
        lost: (why) => {
          events.emit({ type: 'internal.error', where: 'worker', error: why });
          host.kernelLost(why);
        },
      },
    );

  const refused = (errors: readonly string[]): void => {
    const { config } = pathsUnder(args.root, wishes.inUse.configFile);
    events.emit({ type: 'config.refused', file: config, errors });
  };

  /** What the workers read again for themselves: here it is read for whether it can be, and by whom. */
  const readFiles = (): void => {
    const keys = new KeyStore();
    try {
      const preferences = wishes.read();
      const { settings, faults } = asUser(args.user, () =>
        readSettings(pathsUnder(args.root, preferences.configFile), {
          policyFile: args.policyFile,
          keys,
          now: clock.wallTime(),
          ignoreErrors: workers.length === 0 && preferences.ignoreErrors,
        }),
      );
      keys.erase(...handlesIn(settings));
      for (const note of wishes.adopt(preferences, undefined)) events.emit({ type: 'config.note', note });
      withoutRules = faults.length > 0;
    } catch (error) {
      // At the start these are the last words of the process; later no worker will say it, for none is asked.
      if (workers.length > 0) refused(error instanceof StartRefused ? error.lines : [String(error)]);
      throw error;
    }
  };

  const headDoor = new HeadDoor({
    workers,
    places,
    events,
    clock,
    followed: (followed) => {
      tell({ type: 'followed', followed });
    },
    debugSet: (level, descriptor) => {
      if (descriptor !== undefined) log.writeToDescriptor(descriptor);
      log.setLevel(level);
    },
  });

  const host = startHost(
    {
      readConfig: async () => {
        readFiles();
        if (workers.length === 0) {
          if (withoutRules) throw new RunsWithoutRules();
          return;
        }
        for (const [index, worker] of workers.entries()) {
          const refreshed = await worker.refresh();
          if (refreshed.ok) continue;
          const { fault, lines } = refreshed.error;
          // What the first refuses it says itself, and nothing has changed.
          if (index === 0) throw new StartRefused(fault, lines);
          // The files have changed since the others read them.
          const errors = [...lines, halfRefreshed(index, count)];
          refused(errors);
          throw new StartRefused(fault, errors);
        }
      },
      openKernel: async () => {
        if (native === undefined) throw new StartRefused('environment', [NO_ADDON]);
        const opened = new SharedSockets({
          listen: args.listen,
          ports: [args.port, args.nattPort],
          count,
          open: sharedUdpDescriptors(native, {
            count,
            isMarked: ({ port }) => port === args.nattPort,
            takesEsp: () => false,
            mark: () => undefined,
            notBypassed: (explanation) => {
              events.emit({ type: 'socket.not-bypassed', explanation });
            },
            notEncapsulated: () => undefined,
          }),
          onError: (local, error) => {
            events.emit({ type: 'socket.error', local, error });
          },
        });
        sockets = opened;
        await refusing('environment', async () => {
          const shares = opened.open();
          // They append to it, and open it themselves.
          if (args.user !== undefined && log.file !== undefined) await chown(log.file, args.user.uid, -1);
          // They read their files as that user, too: so they can at every refresh.
          await whileUser(args.user, async () => {
            for (const [index, own] of shares.entries()) workers.push(startWorker(index, own));
            await Promise.all(workers.map(({ read }) => read));
          });
          tell({ type: 'go-on' });
        });
      },
      openSockets: async () => {
        for (const worker of workers) {
          const output = await worker.started;
          if (output?.fault !== undefined) throw new StartRefused(output.fault, output.lines);
        }
        sockets?.follow((news) => {
          news.forEach((own, index) => workers[index]?.tell({ type: 'sockets', sockets: own }));
        });
      },
      openDoor: async () => {
        const paths = pathsUnder(args.root, wishes.inUse.configFile);
        await refusing('environment', () => makeFolderFor(args.user, paths.door));
        door = await refusing('environment', () =>
          openDoors({ paths, group: args.tokenGroup, native }, (call) => headDoor.answer(call)),
        );
        const owned = [paths.door, paths.tokenDoor, paths.labelCookies, log.file];
        // The workers, which read what strangers send, keep no right at all: their sockets and SAs need none.
        const lost = await refusing('permission', () =>
          dropPrivileges(args.user, owned, [mainRights(native)]),
        );
        for (const note of lost) events.emit({ type: 'config.note', note });
      },
      sayGoodbye: async () => {
        const hanging = await Promise.all(workers.map((worker) => worker.stop(clock)));
        for (const error of hanging)
          if (error !== undefined) events.emit({ type: 'internal.error', where: 'worker', error });
      },
      // Each says how long its own may take; none may take longer than this.
      moreFarewellMs: () => LONGEST_FAREWELL_MS + CLOSING_MS,
      closePorts: async () => {
        sockets?.close();
        await door?.close();
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    },
    clock,
    events,
    UNWATCHED,
  );

  return {
    started: host.started,
    ended: host.ended.finally(async () => {
      clock.close();
      await service?.told();
    }),
    refresh: () => host.refresh(),
    reopenLog: () => {
      groundwork.reopenLog();
      tell({ type: 'reopen-log' });
    },
    leaveStderr: () => {
      groundwork.leaveStderr();
      tell({ type: 'leave-stderr' });
    },
    stop: () => {
      host.stop();
    },
  };
}

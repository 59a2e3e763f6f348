/** Composes the daemon: the engine, the chart of its life, and the adapters that are its world. */
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import type { HandleCall } from '../../adapters/door/door-connection.js';
import type { OpenDoor } from '../../adapters/door/door-access.js';
import { NodeFiles } from '../../adapters/files/node-files.js';
import { NodeLabelCookieFile } from '../../adapters/files/node-label-cookie-file.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { UdpSockets } from '../../adapters/udp/udp-sockets.js';
import { engineAdministration } from '../../daemon/administration.js';
import { adoptEarlier } from '../../daemon/adoption.js';
import { Configuration } from '../../daemon/configuration.js';
import { Engine } from '../../daemon/engine.js';
import { startHost } from '../../daemon/host.js';
import type { Intake } from '../../daemon/intake.js';
import { kernelListener } from '../../daemon/kernel-listener.js';
import { KeyStore } from '../../daemon/key-store.js';
import { RuleCookies } from '../../daemon/rule-cookies.js';
import { loadReport } from '../../daemon/load-report.js';
import type { SaMemory } from '../../daemon/sa-memory.js';
import type { Settings } from '../../daemon/settings.js';
import { FAREWELL_MS, RunsWithoutRules, StartRefused } from '../../machines/daemon.js';
import { handleRequest } from '../../services/admin/handle-request.js';
import { BUILT_IN_GLOBALS } from '../../services/config/ike-config.js';
import type { Arguments } from './arguments.js';
import { openInspector } from './inspector.js';
import { type ChosenKernel, chooseKernel } from './choose-kernel.js';
import { openDoors } from './doors.js';
import { type OpenMetrics, openMetricsOn } from './metrics.js';
import { moreFarewellMs } from './farewell.js';
import { openFetcher } from './fetching.js';
import { layGroundwork } from './groundwork.js';
import { pathsUnder } from './paths.js';
import { refusing } from './refusing.js';
import { receiveThrough } from './receive-through.js';
import { RecentPackets } from './recent-packets.js';
import { readCertificates } from './read-certificates.js';
import { rememberedKernel } from './remembered-kernel.js';
import { reportReading } from './report-reading.js';
import type { RunningWorker } from './running.js';
import { openRecording } from './recording.js';
import { orErased, readSettings, type Reading } from './read-settings.js';
import { tellServiceManager } from './service-manager.js';
import { socketsBesideIpsec } from './sockets-beside-ipsec.js';
import { stderrLook } from './stderr-look.js';
import { asUser, dropPrivileges, mainRights, makeFolderFor } from './run-as.js';
import { openTokens } from './tokens.js';
import type { DoorPrivilege } from './wishes.js';
import { onlyRead, ownNews, type WorkerShare } from './workers/share.js';

/** `share`: as one of several workers. */
export function runDaemon(args: Arguments, share?: WorkerShare): RunningWorker {
  let paths = pathsUnder(args.root, args.configFile);
  const keys = new KeyStore();
  const random = new NodeRandom();
  const worker = share?.fellows.place;
  const groundwork = layGroundwork(args, share?.stderr ?? stderrLook(process), (all) =>
    worker === undefined ? all : ownNews(all, worker.index),
  );
  const { clock, native, events, log, wishes } = groundwork;
  const service = share === undefined ? tellServiceManager(events, process.env) : undefined;
  const udp = new UdpSockets({
    listen: share === undefined ? args.listen : undefined,
    ikePort: args.port,
    nattPort: args.nattPort,
    addresses: share?.sockets.addresses,
    calls: native,
    clock,
    openBound:
      share?.sockets.openBound ??
      socketsBesideIpsec(native, events, {
        takesEsp: ({ port }) => opened?.chosen.output === undefined && port === args.nattPort,
        mark: () => opened?.chosen.socketMark,
        espReader: (local) => opened?.chosen.espSockets?.readerOf(local),
      }),
    onEsp: (local, remote, esp) => {
      if (args.tun === undefined) desk.saw('in', 'esp', local, remote, esp);
      opened?.chosen.espArrived(local, remote, esp);
    },
    onChange: (change, local) => {
      if (change === 'closed') opened?.chosen.espSockets?.closed(local);
      events.emit({ type: change === 'opened' ? 'socket.opened' : 'socket.closed', local });
    },
    onError: (local, remote, error) => {
      events.emit({ type: 'socket.error', local, error, ...(remote === undefined ? {} : { remote }) });
    },
  });
  const recording = openRecording(
    { clock, keys, events },
    {
      on: args.record,
      privilege: () => wishes.inUse.privilege,
      folder: paths.recordings,
      ikePort: args.port,
      nattPort: args.nattPort,
    },
  );
  const desk = new RecentPackets(events, () => opened?.chosen);
  let opened: Opened | undefined;
  const inspector = openInspector(
    {
      events,
      clock,
      explain: (id) => opened?.engine.explanations.explanation(id),
      messages: recording.messages,
      standing: () => opened?.engine.peers.beginnings() ?? [],
      remembered: () => recording.recorder.told(),
      rememberedOf: (id) => recording.recorder.toldOf(id),
      origins: args.stately,
    },
    args.inspect !== undefined,
  );
  const { watcher } = inspector;
  const fetcher = openFetcher(clock, events, (fetched) => {
    const settings = opened?.engine.settings;
    if (settings === undefined) return;
    opened?.engine.replaceSettings({
      ...settings,
      certificates: { ...settings.certificates, fetched },
    });
  });
  const tokens = openTokens({ clock, keys, events }, watcher, {
    changed: (states) => {
      const settings = opened?.engine.settings;
      if (settings === undefined) return;
      opened?.engine.replaceSettings({
        ...settings,
        certificates: { ...settings.certificates, tokens: states },
      });
    },
    withdrawn: (label) => {
      opened?.engine.withdrawToken(label);
    },
  });
  const crypto = new NodeCrypto(keys, random, {
    tokens: tokens.pool,
    ...(share === undefined ? {} : { workers: { maxThreads: share.computingThreads } }),
  });
  const prefetch = (settings: Settings): void => {
    fetcher.configure(settings.config.globals, settings.certificates);
    tokens.configure(settings);
  };
  let following = Promise.resolve();
  let metrics: OpenMetrics | undefined;
  let reading: Reading | undefined;
  const advised = new Set<string>();
  let configuration: Configuration | undefined;
  let cookies: RuleCookies | undefined;
  const labelOf = (cookie: number): string | undefined => cookies?.labelOf(cookie);

  /** Every SIGHUP would say it again. */
  const advise = (notes: readonly string[]): void => {
    for (const note of notes) {
      if (advised.has(note)) continue;
      advised.add(note);
      events.emit({ type: 'config.note', note });
    }
  };

  const replacePolicies = async (policies: Reading['policies']): Promise<void> => {
    try {
      await refusing(
        'configuration',
        () => opened?.chosen.kernel.replacePolicies(policies) ?? Promise.resolve(),
      );
    } catch (error) {
      const errors = error instanceof StartRefused ? error.lines : [String(error)];
      events.emit({ type: 'config.refused', file: args.policyFile ?? paths.config, errors });
      throw error;
    }
  };

  const lost = (why: string): void => {
    events.emit({ type: 'kernel.unable', explanation: why });
    host.kernelLost(why);
  };

  const host = startHost(
    {
      readConfig: async () => {
        const refreshing = configuration !== undefined;
        const wanted = (): Reading => {
          const preferences = wishes.read();
          const wantedPaths = pathsUnder(args.root, preferences.configFile);
          const files = asUser(args.user, () =>
            readSettings(wantedPaths, {
              policyFile: args.policyFile,
              keys,
              now: clock.wallTime(),
              ignoreErrors: !refreshing && preferences.ignoreErrors,
            }),
          );
          const notes = orErased(keys, files.settings, () => wishes.adopt(preferences, opened?.admin));
          paths = wantedPaths;
          return { ...files, notes: [...notes, ...files.notes] };
        };
        const next = reportReading(wanted, { events, file: () => paths.config, refreshing });
        advise(next.advice);
        if (configuration === undefined) {
          reading = next;
          await share?.hasRead();
          if (next.faults.length > 0) throw new RunsWithoutRules();
        } else {
          // What is known of the tokens is not in files.
          const { tokens } = configuration.settings.certificates;
          const certificates = { ...next.settings.certificates, tokens };
          // First, for the kernel may refuse them: then nothing changes.
          await replacePolicies(next.policies);
          advise(opened?.chosen.warnings?.(next.policies) ?? []);
          configuration.replace({ ...next.settings, certificates });
        }
      },
      openKernel: async () => {
        if (reading === undefined) throw new Error('no configuration was read');
        const surroundings = { clock, random, keys, udp, events, desk, native, place: worker, labelOf, lost };
        const file = { file: paths.sas, user: args.user, clock, events };
        const remembered = rememberedKernel(await chooseKernel(args, surroundings, reading), file);
        const { kernel } = remembered.chosen;
        const engine = new Engine(
          {
            udp,
            kernel,
            crypto,
            keys,
            clock,
            random,
            events,
            recorder: recording.recorder,
            fellows: share?.fellows,
          },
          { ikePort: args.port, nattPort: args.nattPort, settings: reading.settings, watcher },
        );
        const { intake, receive } = receiveThrough(engine, watcher, crypto, share?.traffic);
        opened = { engine, intake, ...remembered, door: undefined, admin: undefined };
        advise(remembered.chosen.warnings?.(reading.policies) ?? []);
        await refusing('environment', () => kernel.open(kernelListener(engine)));
        udp.onDatagram(receive);
      },
      openSockets: async () => {
        await refusing('environment', () => udp.open());
        metrics = await refusing('environment', () =>
          openMetricsOn(args.metrics, events, () => opened, desk),
        );
        if (reading !== undefined) prefetch(reading.settings);
        const { inspect } = args;
        if (inspect !== undefined) await refusing('environment', () => inspector.serve(inspect));
      },
      openDoor: async () => {
        if (opened === undefined) throw new Error('the kernel is not open');
        await refusing('environment', () => makeFolderFor(args.user, paths.door));
        const labels = new NodeLabelCookieFile(paths.labelCookies);
        cookies = new RuleCookies(
          worker === undefined || worker.index === 0 ? labels : onlyRead(labels),
          events,
        );
        configuration = new Configuration(opened.engine, { cookies, prefetch });
        const { engine, intake } = opened;
        const admin = engineAdministration(engine, {
          builtIn: BUILT_IN_GLOBALS,
          privilege: wishes.inUse.privilege,
          ikePort: args.port,
          nattPort: args.nattPort,
          debug: log,
          load: () => loadReport(engine, intake, share?.traffic.astray),
          packets: desk,
          recorder: recording.desk,
          inspector: inspector.desk,
          privilegeLowered: (level) => {
            recording.privilegeIs(level);
          },
          memory: opened.memory,
          tokens: tokens.pool,
          tokenLibrary: () => tokens.library(),
          configuration,
          refresh: () => host.refresh(),
          isRefreshing: () => host.isRefreshing(),
          files: new NodeFiles(),
          presharedPath: paths.preshared,
          certificates: {
            readCertificates: (config) => {
              const read = readCertificates(paths.certificates, config, clock.wallTime(), (key) =>
                keys.put(key),
              );
              for (const note of read.notes) events.emit({ type: 'config.note', note });
              return read.stores;
            },
            replaceSettings: (settings) => {
              configuration?.replace(settings);
            },
            flushFetched: (stores) => {
              fetcher.flush(stores);
            },
          },
        });
        opened.admin = admin;
        const answer: HandleCall = (call) =>
          handleRequest(call, admin, ({ command, error, caller, defect }) => {
            // Each of these would be the event that the next one waits for.
            if (command === 'EVENTS' && error === undefined) return;
            events.emit({ type: 'door.request', command, error, uid: caller.uid, rights: caller.rights });
            if (defect !== undefined)
              events.emit({
                type: 'internal.error',
                where: command,
                error: defect instanceof Error ? defect.message : typeof defect,
              });
          });
        opened.door =
          share?.openDoor(answer) ??
          (await refusing('environment', () => openDoors({ paths, group: args.tokenGroup, native }, answer)));
        const { rights } = opened.chosen;
        const threads = [mainRights(native), ...(rights === undefined ? [] : [rights])];
        const owned = [paths.door, paths.tokenDoor, paths.labelCookies, paths.sas, log.file];
        const lost = await refusing('permission', () => dropPrivileges(args.user, owned, threads));
        for (const note of lost) events.emit({ type: 'config.note', note });
        // Not before the door is ours: a second daemon by mistake would take the SAs of the first.
        if (opened.memory !== undefined) await adoptEarlier(opened.engine, opened.memory);
      },
      sayGoodbye: async () => {
        // Whoever begins anew now would be left with an SA that nobody deletes.
        udp.onDatagram(() => undefined);
        await opened?.engine.sayGoodbye();
        // The Deletes are on their way when the system has had room for them.
        await udp.sent();
      },
      moreFarewellMs: () => moreFarewellMs(opened?.engine.table),
      closePorts: async () => {
        fetcher.close();
        recording.close();
        await metrics?.close();
        await opened?.door?.close();
        await inspector.close();
        await udp.close();
        await opened?.chosen.kernel.close();
        // The door is opened last: without it the start has failed, and leaves nothing behind.
        await opened?.chosen.release(opened.door === undefined ? 'discard' : 'keep');
        await tokens.close();
        await crypto.close();
      },
    },
    clock,
    events,
    watcher,
  );
  events.subscribe(
    (event) => {
      if (event.type === 'config.changed' && event.rules > 0) host.rulesGiven();
    },
    (type) => type === 'config.changed',
  );
  return {
    started: host.started,
    ended: host.ended.finally(async () => {
      clock.close();
      await service?.told();
    }),
    refresh: () => host.refresh(),
    reopenLog: groundwork.reopenLog,
    leaveStderr: groundwork.leaveStderr,
    stop: () => {
      host.stop();
    },
    events,
    farewellMs: () => FAREWELL_MS + moreFarewellMs(opened?.engine.table),
    followSockets: () => {
      // One after the other: two at once would both open what is new.
      following = following
        .then(() => udp.follow())
        .catch((error: unknown) => {
          events.emit({ type: 'internal.error', where: 'sockets', error: String(error) });
        });
    },
  };
}

interface Opened {
  readonly engine: Engine;
  readonly intake: Intake;
  readonly chosen: ChosenKernel;
  readonly memory: SaMemory | undefined;
  door: OpenDoor | undefined;
  admin: DoorPrivilege | undefined;
}

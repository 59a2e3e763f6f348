/** The inspector's page as part of a daemon: switched on at the start or later, and off; off, it costs nothing. */
import { type Inspector, startInspector } from '../../adapters/inspector/server.js';
import { describeChart } from '../../daemon/chart-description.js';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import type { EventStream } from '../../daemon/event-stream.js';
import { InspectionLog } from '../../daemon/inspection.js';
import type { KeptMessages } from '../../daemon/inspection-sources.js';
import { LiveCharts } from '../../daemon/live-charts.js';
import type { Beginning } from '../../daemon/standing-runner.js';
import { CHARTS } from '../../machines/charts.js';
import {
  formatInspectorPlace,
  type InspectorDesk,
  type InspectorPlace,
  type InspectorState,
} from '../../services/admin/inspector.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { Explanation } from '../../services/explain/explanation.js';
import type { Clock } from '../../services/ports/clock.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { ChartDescription } from '../../services/ports/inspection.js';
import { err, ok } from '../../services/result.js';

export interface OpenInspector {
  /** Every chart of the daemon goes by it. */
  readonly watcher: ChartWatcher;
  readonly desk: InspectorDesk;
  /** Serves the page. Rejects with an `Error` that is one sentence. */
  serve(place: InspectorPlace): Promise<void>;
  close(): Promise<void>;
}

export interface InspectorWorld {
  readonly events: EventStream;
  readonly clock: Clock;
  readonly explain: (id: NegotiationId) => Explanation | undefined;
  readonly messages: KeptMessages;
  /** How the SAs that stand began. */
  readonly standing: () => Iterable<Beginning>;
  /** What others remember of negotiations, in the order of the stream. */
  readonly remembered: () => readonly StampedEvent[];
  /** The same of one. */
  readonly rememberedOf: (id: NegotiationId) => readonly StampedEvent[];
  /** Undefined: no sockets for Stately's tools. */
  readonly origins: readonly string[] | undefined;
}

interface Serving {
  readonly place: InspectorPlace;
  readonly server: Inspector;
}

const ANYWHERE: InspectorPlace = { address: '127.0.0.1', port: 0 };

/** `fromTheStart`: it is going to be served, and what happens until then is to be seen. */
export function openInspector(world: InspectorWorld, fromTheStart: boolean): OpenInspector {
  const { events, clock, origins } = world;
  const live = new LiveCharts(events);
  let charts: readonly ChartDescription[] | undefined;
  let log: InspectionLog | undefined;
  let serving: Serving | undefined;

  const watch = (): InspectionLog => {
    if (log !== undefined) return log;
    charts ??= Object.entries(CHARTS).map(([id, machine]) => describeChart(id, machine));
    // What runs now is told in full: only what begins later is looked up.
    const standing = live.watch(charts, world.standing(), (id) =>
      log === undefined ? true : log.follows(id),
    );
    const begun = inOrder([...world.remembered(), ...standing]);
    const catchUp = (isKnown: (id: NegotiationId) => boolean): readonly StampedEvent[] =>
      inOrder([...world.remembered(), ...live.catchUp(world.standing(), isKnown)]);
    const { explain, messages, rememberedOf: recorded } = world;
    log = new InspectionLog(events, charts, clock, {
      ...{ explain, messages, begun, catchUp, recorded, steps: live },
    });
    return log;
  };
  const rest = (): void => {
    live.rest();
    log?.close();
    log = undefined;
  };
  const serve = async (place: InspectorPlace): Promise<Serving> => {
    const bridges = origins === undefined ? {} : { bridges: { origins, wallTime: () => clock.wallTime() } };
    const before = serving;
    try {
      const server = await startInspector(watch(), { ...place, ...bridges });
      serving = { place, server };
    } catch (error) {
      if (before === undefined) rest();
      throw error;
    }
    await before?.server.close();
    events.emit({ type: 'inspector.opened', url: serving.server.url });
    return serving;
  };
  const shut = async (): Promise<void> => {
    const was = serving;
    serving = undefined;
    await was?.server.close();
    rest();
    if (was !== undefined) events.emit({ type: 'inspector.closed' });
  };

  // One after the other: what is asked for while a port is being opened waits.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act, act);
    last = turn.catch(() => undefined);
    return turn;
  };

  if (fromTheStart) watch();
  return {
    watcher: live.watcher,
    desk: {
      open: (place) =>
        inTurn(async () => {
          if (serving !== undefined && (place === undefined || isAt(serving, place))) return ok(on(serving));
          try {
            return ok(on(await serve(place ?? ANYWHERE)));
          } catch (error) {
            return err(error instanceof Error ? error.message : String(error));
          }
        }),
      close: () =>
        inTurn(async () => {
          await shut();
          return { state: 'off' };
        }),
    },
    serve: async (place) => {
      await inTurn(() => serve(place));
    },
    close: () => inTurn(shut),
  };
}

function on({ server }: Serving): InspectorState {
  return { state: 'on', url: server.url };
}

/** Also where it was given a free port, which is wanted now. */
function isAt({ place, server }: Serving, wanted: InspectorPlace): boolean {
  if (place.address === wanted.address && wanted.port === 0) return true;
  return server.url === `http://${formatInspectorPlace(wanted)}/`;
}

/** Some were remembered by more than one; how an SA began is told anew, with the number of now. */
function inOrder(told: readonly StampedEvent[]): readonly StampedEvent[] {
  const bySequence = new Map(told.map((event) => [event.sequence, event]));
  return [...bySequence.values()].sort((a, b) => a.at - b.at || a.sequence - b.sequence);
}

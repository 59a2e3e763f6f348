/** The inspector page as part of a daemon: its log of negotiations and its web server. */
import { type Inspector, startInspector } from '../../adapters/inspector/server.js';
import { describeChart } from '../../daemon/chart-description.js';
import { InspectionLog, type KeptMessages } from '../../daemon/inspection.js';
import { CHARTS } from '../../machines/charts.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { Explanation } from '../../services/explain/explanation.js';
import type { Address } from '../../services/net/address.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events } from '../../services/ports/events.js';

export interface OpenInspector {
  start(): Promise<void>;
  /** Undefined until started. */
  url(): string | undefined;
  close(): Promise<void>;
}

/** The log listens from now on; the page is served after `start`. */
export function openInspector(
  where: {
    readonly address: Address;
    readonly port: number;
    readonly origins: readonly string[] | undefined;
  },
  events: Events,
  clock: Clock,
  explain: (id: NegotiationId) => Explanation | undefined,
  messages: KeptMessages,
): OpenInspector {
  const charts = Object.entries(CHARTS).map(([id, machine]) => describeChart(id, machine));
  const log = new InspectionLog(events, charts, clock, explain, undefined, messages);
  let server: Inspector | undefined;
  return {
    start: async () => {
      const { address, port, origins } = where;
      const bridges = origins === undefined ? undefined : { origins, wallTime: () => clock.wallTime() };
      server = await startInspector(log, { address, port, ...(bridges === undefined ? {} : { bridges }) });
    },
    url: () => server?.url,
    close: async () => {
      await server?.close();
      log.close();
    },
  };
}

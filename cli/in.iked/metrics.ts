/** Metrics as part of a daemon: kept and served only where a port was named. */
import type { Engine } from '../../daemon/engine.js';
import { engineGauges } from '../../daemon/engine-gauges.js';
import type { Intake } from '../../daemon/intake.js';
import type { PacketDesk } from '../../services/admin/packets.js';
import type { Events } from '../../services/ports/events.js';

export interface OpenMetrics {
  close(): Promise<void>;
}

/** The package is loaded only here. Rejects with an `Error` of one sentence. */
export async function openMetricsOn(
  port: number | undefined,
  events: Events,
  running: () => { readonly engine: Engine; readonly intake: Intake } | undefined,
  packets: Pick<PacketDesk, 'counters'>,
): Promise<OpenMetrics | undefined> {
  if (port === undefined) return undefined;
  const { openMetrics } = await import('../../adapters/metrics/metrics.js');
  const { serveMetrics } = await import('../../adapters/metrics/server.js');
  const metrics = openMetrics(events, () => {
    const now = running();
    return now && { ...engineGauges(now.engine, now.intake), packets: () => packets.counters() };
  });
  const server = await serveMetrics(metrics, port);
  return {
    close: async () => {
      await server.close();
      metrics.close();
    },
  };
}

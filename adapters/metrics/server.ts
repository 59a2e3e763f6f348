/** Serves metrics on loopback, for a Prometheus on this host or a forwarder of one. */
import { createServer } from 'node:http';
import type { Metrics } from './metrics.js';

const LOOPBACK = '127.0.0.1';
const REQUEST_MS = 10_000;

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Port 0 takes a free one. Rejects with an `Error` of one sentence. */
export function serveMetrics(metrics: Metrics, port: number): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    const [path] = (request.url ?? '').split('?');
    if (request.method !== 'GET' || path !== '/metrics') {
      response.writeHead(404).end('There is /metrics.\n');
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = 16;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new Error(
          `Metrics cannot be served at ${LOOPBACK}:${String(port)}: ${error.message}; choose another port with --metrics.`,
        ),
      );
    });
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed();
            });
            server.closeAllConnections();
          }),
      });
    });
  });
}

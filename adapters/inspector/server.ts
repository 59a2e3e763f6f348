/**
 * The inspector's web server. It listens on loopback only and answers only to its own names: a page of another origin,
 * or a foreign name that resolves to 127.0.0.1 (DNS rebinding), gets nothing. It only shows; nothing can be changed here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ChartDescription, Inspection } from '../../services/ports/inspection.js';
import { Bridge } from './bridges/bridge.js';
import { LEGACY } from './bridges/legacy.js';
import { STATELY } from './bridges/stately.js';
import { drawSvg } from './draw-svg.js';
import { Feed } from './feed.js';
import { layOut } from './layout.js';
import { readPage, type PageFile } from './page-files.js';

export interface InspectorOptions {
  /** `127.0.0.1` or `::1`. */
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined: `/stately` and `/legacy` are not served. */
  readonly bridges?: {
    /** Of pages that may connect besides programs, which name none: `https://stately.ai`. */
    readonly origins: readonly string[];
    /** Milliseconds since 1970. */
    readonly wallTime: () => number;
  };
}

export interface Inspector {
  /** To be opened in a browser. */
  readonly url: string;
  /** Drops the pages and frees the port. */
  close(): Promise<void>;
}

const MOST_PAGES = 16;
/** A browser holds some open for each page. */
const MOST_CONNECTIONS = 256;
const LARGEST_FRAME = 1024;

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Rejects with an `Error` whose message is one sentence for the operator. */
export async function startInspector(inspection: Inspection, options: InspectorOptions): Promise<Inspector> {
  if (options.address !== '127.0.0.1' && options.address !== '::1') {
    throw new Error(
      `the inspector serves only 127.0.0.1 or ::1, not ${options.address}: what it shows is for this host; forward the port with ssh to see it from elsewhere`,
    );
  }
  const page = await readPage();
  const drawing = drawingsOf(inspection.charts());
  const feed = new Feed(inspection);
  const bridges = bridgesOf(inspection, options);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME, clientTracking: false });
  let hosts: ReadonlySet<string> = new Set();

  const server = createServer((request, response) => {
    answer(request, response, hosts, page, drawing).catch(() => {
      refuse(response, 500, 'the chart could not be drawn');
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {
      socket.destroy();
    });
    const bridge = bridges.get(request.url ?? '');
    const allowed =
      bridge === undefined
        ? // Browsers always send Origin here; a client without one has no business on this socket.
          isOurs(request, hosts) && request.headers.origin !== undefined && request.url === '/live'
        : mayWatch(request, hosts, options.bridges?.origins ?? []);
    const taker = bridge ?? feed;
    if (!allowed || taker.size >= MOST_PAGES) {
      socket.end(
        `HTTP/1.1 ${allowed ? '503 Service Unavailable' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      taker.add(client);
    });
  });

  const port = await listen(server, options);
  const bracketed = options.address === '::1' ? '[::1]' : options.address;
  hosts = new Set([`${bracketed}:${String(port)}`, `localhost:${String(port)}`]);
  return {
    url: `http://${bracketed}:${String(port)}/`,
    close: () =>
      new Promise((resolve) => {
        feed.close();
        for (const bridge of bridges.values()) bridge.close();
        sockets.close();
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { address, port }: InspectorOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'it is in use; choose another' : error.message;
      reject(new Error(`the inspector cannot listen on ${address} port ${String(port)}: ${reason}`));
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function isOurs(request: IncomingMessage, hosts: ReadonlySet<string>): boolean {
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.has(host)) return false;
  return origin === undefined || origin === `http://${host}`;
}

/** By request path. */
function bridgesOf(inspection: Inspection, { bridges }: InspectorOptions): ReadonlyMap<string, Bridge> {
  if (bridges === undefined) return new Map();
  const { wallTime } = bridges;
  return new Map([
    ['/stately', new Bridge(inspection, STATELY, wallTime)],
    ['/legacy', new Bridge(inspection, LEGACY, wallTime)],
  ]);
}

/** A program without an origin, our own page, or a page of an origin that the operator named. */
function mayWatch(
  { headers: { host, origin } }: IncomingMessage,
  hosts: ReadonlySet<string>,
  origins: readonly string[],
): boolean {
  if (host === undefined || !hosts.has(host)) return false;
  return origin === undefined || origin === `http://${host}` || origins.includes(origin);
}

type Drawing = (id: string) => Promise<string> | undefined;

/** Charts do not change while they run, and a layout takes tenths of a second: each is made when first asked for. */
const DRAWINGS = new WeakMap<ChartDescription, Promise<string>>();

function drawingsOf(charts: readonly ChartDescription[]): Drawing {
  return (id) => {
    const chart = charts.find((candidate) => candidate.id === id);
    if (chart === undefined) return undefined;
    const drawing = DRAWINGS.get(chart) ?? layOut(chart).then((layout) => drawSvg(layout, 'embedded'));
    DRAWINGS.set(chart, drawing);
    return drawing;
  };
}

const CHART_PATH = /^\/charts\/([a-z0-9-]+)\.svg$/;

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  hosts: ReadonlySet<string>,
  page: ReadonlyMap<string, PageFile>,
  drawing: Drawing,
): Promise<void> {
  if (!isOurs(request, hosts)) {
    refuse(response, 403, 'this server answers only to its own page');
    return;
  }
  if (request.method !== 'GET') {
    refuse(response, 405, 'only GET is understood');
    return;
  }
  const path = request.url ?? '/';
  const file = page.get(path);
  const chart = CHART_PATH.exec(path)?.[1];
  const drawn = chart === undefined ? undefined : drawing(chart);
  if (file !== undefined) send(response, 200, file);
  else if (drawn !== undefined) send(response, 200, { contentType: 'image/svg+xml', content: await drawn });
  else refuse(response, 404, 'there is no such page');
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  send(response, status, { contentType: 'text/plain; charset=utf-8', content: `${sentence}\n` });
}

function send(response: ServerResponse, status: number, { contentType, content }: PageFile): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'content-type': contentType });
  response.end(content);
}

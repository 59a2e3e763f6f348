import assert from 'node:assert/strict';
import { request } from 'node:http';
import { WebSocket } from 'ws';
import { startInspector, type Inspector } from '../../../adapters/inspector/server.js';
import { describeChart } from '../../../daemon/chart-description.js';
import { EventStream } from '../../../daemon/event-stream.js';
import { InspectionLog } from '../../../daemon/inspection.js';
import { CHARTS } from '../../../machines/charts.js';
import type { DaemonEvent } from '../../../services/events/event.js';
import { VirtualClock } from '../../sim/virtual-clock.js';
import { LiveClient } from './live-client.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

let inspector: Inspector;
let events: EventStream;
let log: InspectionLog;
let clients: WebSocket[];

function fetchRaw(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { port } = new URL(inspector.url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

class Client extends LiveClient {
  constructor(origin: string | undefined, headers: Record<string, string> = {}) {
    super(inspector.url, origin, headers);
    clients.push(this.socket);
  }
}

function ours(): string {
  return new URL(inspector.url).origin;
}

function started(negotiation: string): DaemonEvent {
  return {
    type: 'negotiation.started',
    negotiation,
    chart: 'main-mode-initiator',
    local: { address: '127.0.0.1', port: 500 },
    remote: { address: '127.0.0.2', port: 500 },
    rule: undefined,
    parent: undefined,
  };
}

describe("the inspector's server", () => {
  beforeEach(async () => {
    clients = [];
    const clock = new VirtualClock();
    events = new EventStream(clock);
    log = new InspectionLog(
      events,
      Object.entries(CHARTS).map(([id, machine]) => describeChart(id, machine)),
      clock,
      { explain: () => undefined },
    );
    inspector = await startInspector(log, { address: '127.0.0.1', port: 0 });
  });

  afterEach(async () => {
    for (const client of clients) client.terminate();
    await inspector.close();
  });

  for (const address of ['0.0.0.0', '::', '192.0.2.1', 'localhost']) {
    it(`refuses to listen on ${address}`, async () => {
      await assert.rejects(startInspector(log, { address, port: 0 }), /127\.0\.0\.1 or ::1/);
    });
  }

  it('says which port is in use', async () => {
    const port = Number(new URL(inspector.url).port);
    await assert.rejects(startInspector(log, { address: '127.0.0.1', port }), /in use/);
  });

  it('serves the page and all it loads, with a strict policy', async () => {
    const page = await fetchRaw('/');
    assert.equal(page.status, 200);
    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    const script = await fetchRaw('/page.js');
    const imported = [...script.body.matchAll(/from '\.(\/[a-z.]+)'/g)].map((match) => match[1] ?? '');
    assert.ok(loaded.length >= 4 && imported.length >= 5);
    for (const path of [...loaded, ...imported]) {
      const { status, headers } = await fetchRaw(path);
      assert.equal(status, 200, path);
      assert.match(String(headers['content-security-policy']), /default-src 'none'/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
  });

  it('draws every chart', async () => {
    for (const id of Object.keys(CHARTS)) {
      const { status, headers, body } = await fetchRaw(`/charts/${id}.svg`);
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'image/svg+xml');
      assert.match(body, /^<svg /);
    }
  });

  for (const path of [
    '/charts/none.svg',
    '/../package.json',
    '/%2e%2e/package.json',
    '/page/index.html',
    '//',
    '/?x',
  ]) {
    it(`has nothing at ${path}`, async () => {
      assert.equal((await fetchRaw(path)).status, 404);
    });
  }

  it('answers to its own names only, so that no foreign name can be pointed at it', async () => {
    const { port } = new URL(inspector.url);
    assert.equal((await fetchRaw('/', { host: `localhost:${port}` })).status, 200);
    assert.equal((await fetchRaw('/', { host: `evil.example:${port}` })).status, 403);
    assert.equal((await fetchRaw('/', { host: '127.0.0.1' })).status, 403);
  });

  it('answers no other origin', async () => {
    assert.equal((await fetchRaw('/', { origin: ours() })).status, 200);
    assert.equal((await fetchRaw('/', { origin: 'http://evil.example' })).status, 403);
    assert.equal((await fetchRaw('/', { origin: 'null' })).status, 403);
    assert.equal(await new Client('http://evil.example').opened(), 403);
    assert.equal(await new Client(undefined).opened(), 403);
    assert.equal(await new Client(ours(), { host: 'evil.example' }).opened(), 403);
    assert.equal(await new Client(ours()).opened(), 101);
  });

  it('only shows', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      assert.equal((await fetchRaw('/', {}, method)).status, 405);
    }
  });

  it('sends the list, then what changes in it', async () => {
    events.emit(started('p1-1'));
    const client = new Client(ours());
    assert.deepEqual(await client.next(), { type: 'hello', now: 0 });
    const row = {
      chart: 'main-mode-initiator',
      local: '127.0.0.1:500',
      remote: '127.0.0.2:500',
      startedAt: 0,
    };
    const rows = { type: 'rows', now: 0, total: 1, forgotten: [] };
    assert.deepEqual(await client.next(), {
      ...rows,
      rows: [{ id: 'p1-1', ...row, state: '' }],
      portion: 'end of list',
    });
    events.emit(started('p1-2'));
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-2', rule: 'alpha' });
    assert.deepEqual(await client.next(), {
      ...rows,
      total: 2,
      rows: [{ id: 'p1-2', ...row, state: '', rule: 'alpha' }],
      portion: 'changes',
    });
    // Of what is known only what has changed; what changes nothing in the list changes nothing here.
    events.emit({ type: 'negotiation.note', negotiation: 'p1-1', note: 'not in the list' });
    events.emit({ type: 'negotiation.state', negotiation: 'p1-2', active: ['a', 'a.b'], context: {} });
    assert.deepEqual(await client.next(), {
      ...rows,
      total: 2,
      rows: [{ id: 'p1-2', state: 'b' }],
      portion: 'changes',
    });
  });

  it('tells a page that comes what the others know: one that saw a change to and fro kept what was between', async () => {
    const inState = (active: readonly string[]): DaemonEvent => ({
      type: 'negotiation.state',
      negotiation: 'p1-1',
      active,
      context: {},
    });
    events.emit(started('p1-1'));
    events.emit(inState(['awaitingChoice']));
    const first = new Client(ours());
    await first.next();
    await first.next();
    events.emit(inState(['awaitingKeyExchange']));
    const second = new Client(ours());
    await second.next();
    const states = new Map<string, string>();
    const take = async (): Promise<void> => {
      const { rows } = (await second.next()) as {
        readonly rows: readonly { readonly id: string; readonly state?: string }[];
      };
      for (const { id, state = states.get(id) ?? '' } of rows) states.set(id, state);
    };
    await take();
    events.emit(inState(['awaitingChoice']));
    events.emit(started('p1-2'));
    while (!states.has('p1-2')) await take();
    assert.equal(states.get('p1-1'), 'awaitingChoice');
  });

  it('sends a long list in portions, and counts frames, not events, when much happens', async () => {
    for (let n = 1; n <= 1200; n++) events.emit(started(`p1-${String(n)}`));
    const client = new Client(ours());
    await client.next();
    const portions = [await client.next(), await client.next(), await client.next()].map(
      (frame) => frame as { readonly rows: readonly object[]; readonly portion: string },
    );
    assert.deepEqual(
      portions.map(({ rows, portion }) => [rows.length, portion]),
      [
        [500, 'list'],
        [500, 'list'],
        [200, 'end of list'],
      ],
    );
    client.socket.send(JSON.stringify({ type: 'select', id: 'p1-7' }));
    await client.next();
    for (let n = 0; n < 3000; n++)
      events.emit({ type: 'negotiation.rule', negotiation: 'p1-7', rule: String(n) });
    const happened = (await client.next()) as { readonly type: string; readonly events: readonly object[] };
    assert.deepEqual([happened.type, happened.events.length], ['events', 3000]);
    const { rows } = (await client.next()) as { readonly rows: readonly object[] };
    assert.deepEqual(rows, [{ id: 'p1-7', rule: '2999' }]);
  });

  it('sends a bounded number of rows at once, the newest first, and the others when there is room', async () => {
    const client = new Client(ours());
    await client.next();
    await client.next();
    for (let n = 1; n <= 250; n++) events.emit(started(`p1-${String(n)}`));
    const first = await client.rows();
    assert.deepEqual([first.length, first.at(0), first.at(-1)], [100, 'p1-151', 'p1-250']);
    // Who comes meanwhile hears of all, too: in its list, or with everybody.
    const later = new Client(ours());
    const second = await client.rows();
    assert.equal(second.length, 100);
    events.emit(started('p1-251'));
    const known = new Set([...first, ...second]);
    while (known.size < 251) {
      const rows = await client.rows();
      assert.ok(rows.length <= 100);
      for (const id of rows) known.add(id);
    }
    const heard = new Set<string>();
    await later.next();
    while (heard.size < 251) for (const id of await later.rows()) heard.add(id);
  });

  it('answers a page that selects again and again as often as it is told of changes', async () => {
    events.emit(started('p1-1'));
    events.emit(started('p1-2'));
    const client = new Client(ours());
    await client.next();
    await client.next();
    for (const id of ['p1-1', 'p1-2', 'p1-1', 'p1-2'])
      client.socket.send(JSON.stringify({ type: 'select', id }));
    const answers = [await client.next(), await client.next()];
    assert.deepEqual(
      answers.map((frame) => (typeof frame === 'object' && frame !== null && 'id' in frame ? frame.id : '')),
      ['p1-1', 'p1-2'],
    );
    events.emit({ type: 'negotiation.note', negotiation: 'p1-2', note: 'selected' });
    assert.equal(((await client.next()) as { readonly type: string }).type, 'events');
  });

  it('says what is forgotten', async () => {
    await inspector.close();
    log.close();
    const limits = { live: 2, ended: 1, events: 10 };
    log = new InspectionLog(events, [], new VirtualClock(), { explain: () => undefined, limits });
    inspector = await startInspector(log, { address: '127.0.0.1', port: 0 });
    events.emit(started('p1-1'));
    events.emit(started('p1-2'));
    const client = new Client(ours());
    await client.next();
    await client.next();
    events.emit(started('p1-3'));
    const frame = (await client.next()) as { readonly rows: readonly { id: string }[]; forgotten: unknown };
    assert.deepEqual([frame.rows.map(({ id }) => id), frame.forgotten], [['p1-3'], ['p1-1']]);
  });

  it('sends the events of the selected negotiation and of no other', async () => {
    events.emit(started('p1-1'));
    events.emit(started('p1-2'));
    const client = new Client(ours());
    await client.next();
    await client.next();
    client.socket.send(JSON.stringify({ type: 'select', id: 'p1-1' }));
    assert.deepEqual(await client.next(), {
      type: 'selected',
      id: 'p1-1',
      negotiation: plain(log.negotiation('p1-1')),
      history: log.history('p1-1').map(plain),
    });
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-2', rule: 'not asked for' });
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-1', rule: 'asked for' });
    assert.deepEqual(await client.next(), {
      type: 'events',
      negotiation: plain(log.negotiation('p1-1')),
      events: [plain(log.history('p1-1').at(-1))],
    });
  });

  it('overlooks frames that no page sends, and drops who sends large ones', async () => {
    const client = new Client(ours());
    await client.next();
    await client.next();
    for (const text of ['', '{', 'null', '[]', '{"type":"select"}', '{"type":"select","id":7}'])
      client.socket.send(text);
    client.socket.send(JSON.stringify({ type: 'select', id: 'unknown' }));
    assert.deepEqual(await client.next(), { type: 'selected', id: 'unknown', history: [] });
    const gone = client.closed();
    client.socket.send('x'.repeat(2000));
    await gone;
  });

  it('takes a bounded number of pages', async () => {
    const open: Client[] = [];
    for (let n = 0; n < 16; n++) {
      const client = new Client(ours());
      assert.equal(await client.opened(), 101);
      open.push(client);
    }
    assert.equal(await new Client(ours()).opened(), 503);
  });

  it('drops a page that does not keep up, and nobody else', async () => {
    events.emit(started('p1-1'));
    const slow = new Client(ours());
    const quick = new Client(ours());
    for (const client of [slow, quick]) {
      await client.next();
      await client.next();
      client.socket.send(JSON.stringify({ type: 'select', id: 'p1-1' }));
      await client.next();
    }
    slow.socket.pause();
    const gone = slow.closed();
    let taken = 0;
    quick.socket.on('message', () => (taken += 1));
    const rule = 'x'.repeat(300_000);
    // Far more than the host's socket buffers and the limit together, and the quick one takes each before the next.
    for (let n = 0; n < 6; n++) {
      const before = taken;
      for (let m = 0; m < 10; m++) events.emit({ type: 'negotiation.rule', negotiation: 'p1-1', rule });
      while (taken === before) await new Promise((resolve) => setImmediate(resolve));
    }
    slow.socket.resume();
    await gone;
    assert.equal(quick.socket.readyState, WebSocket.OPEN);
    assert.ok(taken > 0);
  });

  it('frees its port', async () => {
    const port = Number(new URL(inspector.url).port);
    const gone = new Client(ours());
    await gone.opened();
    const closed = gone.closed();
    await inspector.close();
    await closed;
    inspector = await startInspector(log, { address: '127.0.0.1', port });
  });
});

/** As it looks after a trip through JSON: without what is undefined. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createWebSocketReceiver } from '@statelyai/inspect';
import { WebSocket } from 'ws';
import { createActor, createMachine, type AnyStateNode } from 'xstate';
import { chartConfig, stateValue } from '../../../adapters/inspector/bridges/chart-config.js';
import { describeChart } from '../../../daemon/chart-description.js';
import { CHARTS } from '../../../machines/charts.js';
import { mainModeInitiator } from '../../../machines/main-mode/initiator.js';
import { setStage, WRONG_KEY, type Stage, type StagedNegotiation } from '../../browser/stage.js';

const CLIENT = fileURLToPath(new URL('../../legacy-client/client.mjs', import.meta.url));

/** What the genuine client understood. */
interface Seen {
  readonly type: string;
  readonly sessionId: string;
  readonly machine?: string;
  readonly states?: readonly string[];
  readonly inside?: readonly string[];
  readonly done?: boolean;
  readonly event?: string;
}

async function finish(negotiation: StagedNegotiation): Promise<void> {
  negotiation.receive(2, ['SA']);
  await negotiation.job();
  negotiation.receive(4, ['KE', 'NONCE']);
  await negotiation.job();
  negotiation.receive(6, ['ID', 'HASH']);
  negotiation.end(undefined);
}

describe('the sockets for other tools', () => {
  let stage: Stage;
  let client: ChildProcess | undefined;
  let sockets: WebSocket[];

  beforeEach(() => {
    sockets = [];
  });
  afterEach(async () => {
    client?.kill();
    client = undefined;
    for (const socket of sockets) socket.terminate();
    await stage.close();
  });

  const place = (path: string): string => `${new URL(stage.inspector.url).host}${path}`;

  /** Frames as the genuine client of XState 4 parsed them, until one satisfies `last`. */
  async function legacyFrames(last: (seen: Seen) => boolean): Promise<readonly Seen[]> {
    const child = spawn(process.execPath, [CLIENT, place('/legacy')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    client = child;
    const frames: Seen[] = [];
    for await (const line of createInterface(child.stdout)) {
      const seen = JSON.parse(line) as Seen;
      frames.push(seen);
      if (last(seen)) return frames;
    }
    throw new Error('the client ended too early');
  }

  function connect(path: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(`ws://${place(path)}`, { headers });
    sockets.push(socket);
    return new Promise((resolve) => {
      socket.on('open', () => {
        resolve(101);
      });
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      socket.on('error', () => undefined);
    });
  }

  it('let the genuine @xstate/inspect follow a Main Mode to established', async () => {
    stage = await setStage([]);
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    const following = legacyFrames((seen) => {
      // It has seen the beginning: the rest may happen.
      if (
        seen.type === 'service.state' &&
        seen.inside?.includes('negotiating.protocol.awaitingChoice') === true
      )
        void finish(negotiation);
      return seen.type === 'service.stop';
    });
    const frames = await following;
    const [register] = frames;
    assert.equal(register?.type, 'service.register');
    assert.equal(register.machine, 'main-mode-initiator');
    const ids = describeChart('main-mode-initiator', mainModeInitiator).nodes.map(({ id }) => id);
    for (const id of ids) assert.ok(register.states?.includes(id), id);
    const way = frames.flatMap(
      ({ inside }) => inside?.filter((id) => id.startsWith('negotiating.protocol.')) ?? [],
    );
    assert.deepEqual([...new Set(way)].slice(0, 4), [
      'negotiating.protocol.awaitingChoice',
      'negotiating.protocol.preparingKeyExchange',
      'negotiating.protocol.awaitingKeyExchange',
      'negotiating.protocol.derivingKeys',
    ]);
    const end = frames.findLast(({ type }) => type === 'service.state');
    assert.deepEqual([end?.inside, end?.done], [['established'], true]);
    assert.ok(frames.some(({ type, event }) => type === 'service.event' && event === 'message'));
  });

  it('let a receiver of @statelyai/inspect follow one that fails', async () => {
    stage = await setStage([]);
    const negotiation = stage.begin('p1-1', 'alpha to beta');
    const receiver = createWebSocketReceiver({ server: `ws://${place('/stately')}` });
    const ended = new Promise<readonly unknown[]>((resolve) => {
      const frames: unknown[] = [];
      receiver.subscribe((frame) => {
        frames.push(frame);
        if (frame.type === '@xstate.actor') {
          assert.deepEqual([frame.name, frame.sessionId], ['main-mode-initiator', 'p1-1']);
          const machine = createMachine(JSON.parse(frame.definition ?? '') as object);
          assert.ok(machine.root.states.quarantined !== undefined, 'the chart that runs, not a copy of it');
          negotiation.send({ type: 'OPERATOR_DELETE', failure: WRONG_KEY });
          negotiation.end(WRONG_KEY);
        } else if (frame.type === '@xstate.snapshot' && frame.snapshot.status === 'done') resolve(frames);
      });
    });
    const frames = await ended;
    const last = frames.at(-1) as { snapshot: { value: unknown; context: Record<string, unknown> } };
    assert.equal(last.snapshot.value, 'failed');
    assert.ok(
      !JSON.stringify(frames).includes(WRONG_KEY.explanation),
      'of the context only what the chart allows',
    );
  });

  it('are not there unless asked for', async () => {
    stage = await setStage();
    assert.equal(await connect('/legacy', {}), 403);
    assert.equal(await connect('/stately', {}), 403);
  });

  it('take programs, and pages of the origins that the operator named', async () => {
    stage = await setStage(['https://stately.ai']);
    assert.equal(await connect('/legacy', {}), 101);
    assert.equal(await connect('/legacy', { origin: 'https://stately.ai' }), 101);
    assert.equal(await connect('/stately', { origin: 'https://example.org' }), 403);
    assert.equal(await connect('/stately', { host: 'evil.example' }), 403);
    assert.equal(await connect('/live', { origin: 'https://stately.ai' }), 403);
  });

  it('tell a client that comes late of what is there', async () => {
    stage = await setStage([]);
    await finish(stage.begin('p1-1', 'alpha to beta'));
    stage.begin('p1-2', 'alpha to beta');
    const frames = await legacyFrames(
      ({ type, sessionId }) => type === 'service.state' && sessionId === 'p1-2',
    );
    assert.deepEqual(
      frames.map(({ type, sessionId }) => [sessionId, type]),
      [
        ['p1-1', 'service.register'],
        ['p1-1', 'service.state'],
        ['p1-1', 'service.stop'],
        ['p1-2', 'service.register'],
        ['p1-2', 'service.state'],
      ],
    );
  });
});

describe('the configuration of a described chart', () => {
  for (const [id, machine] of Object.entries(CHARTS)) {
    it(`${id}: XState makes the same chart of it`, () => {
      const chart = describeChart(id, machine);
      const again = describeChart(id, createMachine(chartConfig(chart, 5) as object));
      assert.deepEqual(again.nodes, chart.nodes);
      const sorted = (edges: typeof chart.edges): readonly string[] =>
        edges.map((edge) => JSON.stringify(edge)).sort();
      assert.deepEqual(sorted(again.edges), sorted(chart.edges));
    });
  }

  it('gives the state value that XState gives', () => {
    const chart = describeChart('main-mode-initiator', mainModeInitiator);
    const actor = createActor(createMachine(chartConfig(chart, 5) as object)).start();
    const snapshot = actor.getSnapshot() as { value: unknown; _nodes: readonly AnyStateNode[] };
    const active = snapshot._nodes.map((node) => node.id);
    assert.deepEqual(stateValue(chart, active), snapshot.value);
    actor.stop();
  });
});

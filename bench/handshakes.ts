/**
 * What a handshake costs the responder, against the floor of its cryptography, and what an SA pair costs in memory.
 * `npm run bench -- handshakes`; `BENCH_HANDSHAKES` and `BENCH_SAS` set the counts (defaults 1000 and 10 000).
 *
 * Two processes talk over UDP on loopback: the responder's CPU time is its process's, sockets and collections included.
 * Memory is RSS after a forced collection at all SAs less that at a tenth of them, over the difference.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { benchEngine, handshakes } from './ends/bench-engine.js';
import type { Answer, Ask } from './ends/responder.js';

const HANDSHAKES = Number(process.env.BENCH_HANDSHAKES ?? 1000);
const SAS = Number(process.env.BENCH_SAS ?? 10_000);
const WARM_UP = 300;
/** The floor is measured between portions of handshakes, so that both see the same machine. */
const PORTIONS = 10;
const RETRY_WINDOWS_MS = 5000;

function startResponder(
  group: number,
  port: number,
): { readonly child: ChildProcess; readonly ready: Promise<Answer> } {
  const child = fork(
    fileURLToPath(new URL('./ends/responder.js', import.meta.url)),
    [String(group), String(port)],
    {
      execArgv: ['--expose-gc'],
    },
  );
  return { child, ready: answerOf(child) };
}

function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null): void => {
      reject(new Error(`the responder ended with status ${String(code)}`));
    };
    child.once('exit', died);
    child.once('message', (answer: Answer) => {
      child.off('exit', died);
      resolve(answer);
    });
  });
}

function ask(child: ChildProcess, question: Ask): Promise<Answer> {
  const answer = answerOf(child);
  child.send(question);
  return answer;
}

async function cost(group: number, name: string, port: number): Promise<void> {
  const { child, ready } = startResponder(group, port);
  await ready;
  const end = benchEngine('initiator', group, port);
  await end.open();
  await handshakes(end, WARM_UP, port);
  await ask(child, { ask: 'floor', times: WARM_UP });
  const portion = Math.ceil(HANDSHAKES / PORTIONS);
  let handshakeMs = 0;
  let floorMs = 0;
  for (let n = 0; n < PORTIONS; n++) {
    const before = await ask(child, { ask: 'cpu' });
    await handshakes(end, portion, port);
    const between = await ask(child, { ask: 'cpu' });
    const after = await ask(child, { ask: 'floor', times: portion });
    handshakeMs += between.cpuMs - before.cpuMs;
    floorMs += after.floorMs - between.floorMs;
  }
  const count = portion * PORTIONS;
  const row = {
    group: name,
    handshakes: count,
    responderCpuMs: round(handshakeMs / count),
    floorMs: round(floorMs / count),
    ratio: round(handshakeMs / floorMs),
  };
  console.log(
    `${name}: responder ${String(row.responderCpuMs)} ms CPU per handshake, crypto floor ${String(row.floorMs)} ms, ratio ${String(row.ratio)} (${String(count)} handshakes)`,
  );
  console.log(JSON.stringify(row));
  child.disconnect();
  await end.close();
}

async function memory(port: number): Promise<void> {
  const { child, ready } = startResponder(2, port);
  await ready;
  const end = benchEngine('initiator', 2, port);
  await end.open();
  const few = SAS / 10;
  await handshakes(end, few, port);
  const atFew = await settled(child);
  await handshakes(end, SAS - few, port);
  const atAll = await settled(child);
  const pairs = atAll.phase2 - atFew.phase2;
  const row = {
    pairs,
    rssKiBPerPair: round((atAll.rss - atFew.rss) / pairs / 1024),
    heapKiBPerPair: round((atAll.heapAndExternal - atFew.heapAndExternal) / pairs / 1024),
  };
  console.log(
    `memory: ${String(row.rssKiBPerPair)} KiB RSS per SA pair (heap and external ${String(row.heapKiBPerPair)} KiB), Phase 1 included, from ${String(few)} to ${String(SAS)} SAs`,
  );
  console.log(JSON.stringify(row));
  child.disconnect();
  await end.close();
}

/** Measures when the retry windows of the last handshakes are over. */
async function settled(child: ChildProcess): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, RETRY_WINDOWS_MS));
  return ask(child, { ask: 'memory' });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const BASE_PORT = 20_000 + (process.pid % 20_000);
await cost(2, 'modp1024', BASE_PORT);
await cost(14, 'modp2048', BASE_PORT + 2);
await memory(BASE_PORT + 4);
process.exit();

/**
 * What a handshake costs the responder, against the floor of its cryptography, and what an SA pair costs in memory.
 * `npm run bench -- handshakes`; `BENCH_HANDSHAKES` and `BENCH_SAS` set the counts (defaults 1000 and 10 000).
 *
 * CPU time is that of the engine: chart, codec, crypto and kernel, garbage collection included, without sockets.
 * Memory is that of a responder alone in its process, over UDP on loopback: RSS after a forced collection at all SAs less that at a tenth of them, over the difference.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type BenchEngine, benchEngine, handshakes, udpEnd } from './ends/bench-engine.js';
import { cpuMs, IKE_PORT, Turns } from './ends/turns.js';
import type { Answer } from './ends/responder.js';

const HANDSHAKES = Number(process.env.BENCH_HANDSHAKES ?? 1000);
const SAS = Number(process.env.BENCH_SAS ?? 10_000);
const WARM_UP = 2000;
/** The floor is measured between portions of handshakes, so that both see the same machine. */
const PORTIONS = 10;
const RETRY_WINDOWS_MS = 5000;

function startResponder(
  flags: readonly string[],
  port: number,
): { readonly child: ChildProcess; readonly ready: Promise<Answer> } {
  const child = fork(fileURLToPath(new URL('./ends/responder.js', import.meta.url)), ['2', String(port)], {
    execArgv: ['--expose-gc', ...flags],
  });
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

function ask(child: ChildProcess): Promise<Answer> {
  const answer = answerOf(child);
  child.send('memory');
  return answer;
}

/** Both engines in one process, a datagram per turn: what happens in a turn is the CPU time of the end that got it. */
async function cost(group: number, name: string): Promise<void> {
  const turns = new Turns();
  const [initiator, responder] = [turns.engine('initiator', group), turns.engine('responder', group)];
  await Promise.all([initiator.open(), responder.open()]);
  await handshakes(initiator, WARM_UP, IKE_PORT);
  await floor(responder.crypto, group, WARM_UP);
  turns.reset();
  const portion = Math.ceil(HANDSHAKES / PORTIONS);
  let floorMs = 0;
  for (let n = 0; n < PORTIONS; n++) {
    await handshakes(initiator, portion, IKE_PORT);
    floorMs += await floor(responder.crypto, group, portion);
  }
  const count = portion * PORTIONS;
  const row = {
    group: name,
    handshakes: count,
    responderCpuMs: round(turns.cpuMs('responder') / count),
    floorMs: round(floorMs / count),
    ratio: round(turns.cpuMs('responder') / floorMs),
  };
  console.log(
    `${name}: responder ${String(row.responderCpuMs)} ms CPU per handshake, crypto floor ${String(row.floorMs)} ms, ratio ${String(row.ratio)} (${String(count)} handshakes)`,
  );
  console.log(JSON.stringify(row));
  await Promise.all([initiator.close(), responder.close()]);
}

/** The same responder with the flight recorder on and off, in turn, so that both see the same machine. */
async function recorderCost(group: number, name: string): Promise<void> {
  const turns = [new Turns(), new Turns()] as const;
  const pairs = turns.map((wire, index) => ({
    wire,
    initiator: wire.engine('initiator', group),
    responder: wire.engine('responder', group, index === 1),
  }));
  for (const { wire, initiator, responder } of pairs) {
    await Promise.all([initiator.open(), responder.open()]);
    await handshakes(initiator, WARM_UP, IKE_PORT);
    wire.reset();
  }
  const portion = Math.ceil(HANDSHAKES / PORTIONS);
  for (let n = 0; n < PORTIONS; n++) {
    for (const { initiator } of n % 2 === 0 ? pairs : [...pairs].reverse())
      await handshakes(initiator, portion, IKE_PORT);
  }
  const [off, on] = turns.map((wire) => wire.cpuMs('responder') / (portion * PORTIONS));
  const row = {
    recorder: name,
    offCpuMs: round(off ?? 0),
    onCpuMs: round(on ?? 0),
    percent: round(((on ?? 0) / (off ?? 1) - 1) * 100),
  };
  console.log(
    `recorder, ${name}: ${String(row.onCpuMs)} ms CPU per handshake with it, ${String(row.offCpuMs)} without: ${String(row.percent)} % more`,
  );
  console.log(JSON.stringify(row));
  for (const { initiator, responder } of pairs) await Promise.all([initiator.close(), responder.close()]);
}

/** One key generation and one shared secret by the daemon's own method, `times` times; CPU milliseconds of all. */
async function floor(crypto: BenchEngine['crypto'], group: number, times: number): Promise<number> {
  const peer = await crypto.generateKeyPair(group);
  const before = cpuMs();
  for (let n = 0; n < times; n++) {
    const own = await crypto.generateKeyPair(group);
    crypto.erase(await crypto.sharedSecret(group, own.privateKey, peer.publicValue), own.privateKey);
  }
  const spent = cpuMs() - before;
  crypto.erase(peer.privateKey);
  return spent;
}

/** With V8's own young generation, most of what grows is room for garbage; with a small one, it is the SAs. */
async function memory(flags: readonly string[], port: number): Promise<void> {
  const { child, ready } = startResponder(flags, port);
  await ready;
  const end = benchEngine('initiator', 2, udpEnd('initiator', port));
  await end.open();
  const few = SAS / 10;
  await handshakes(end, few, port);
  const atFew = await settled(child);
  await handshakes(end, SAS - few, port);
  const atAll = await settled(child);
  const pairs = atAll.phase2 - atFew.phase2;
  const row = {
    flags: flags.join(' '),
    pairs,
    rssKiBPerPair: round((atAll.rss - atFew.rss) / pairs / 1024),
    heapKiBPerPair: round((atAll.heapAndExternal - atFew.heapAndExternal) / pairs / 1024),
  };
  console.log(
    `memory${row.flags === '' ? '' : ` with ${row.flags}`}: ${String(row.rssKiBPerPair)} KiB RSS per SA pair (heap and external ${String(row.heapKiBPerPair)} KiB), Phase 1 included, from ${String(few)} to ${String(SAS)} SAs`,
  );
  console.log(JSON.stringify(row));
  child.disconnect();
  await end.close();
}

/** Measures when the retry windows of the last handshakes are over. */
async function settled(child: ChildProcess): Promise<Answer> {
  await new Promise((resolve) => setTimeout(resolve, RETRY_WINDOWS_MS));
  return ask(child);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const BASE_PORT = 20_000 + (process.pid % 20_000);
await cost(2, 'modp1024');
await cost(14, 'modp2048');
await recorderCost(2, 'modp1024');
await recorderCost(14, 'modp2048');
if (SAS > 0) {
  await memory([], BASE_PORT);
  await memory(['--max-semi-space-size=1'], BASE_PORT + 2);
}
process.exit();

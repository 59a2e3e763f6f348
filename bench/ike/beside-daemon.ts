/**
 * Loaded into the process of the measured `in.iked` before it (`node --import`), to answer the bench over descriptor 3.
 * Not over the channel that Node has for children: by that `in.iked` knows that it is in the background. The daemon itself is the one that ships and knows nothing of it.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { Socket } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../adapters/random/node-random.js';
import { KeyStore } from '../../daemon/key-store.js';
import type { GroupNumber } from '../../services/algorithms.js';

export type Question =
  | { readonly ask: 'cpu' }
  /** The crypto floor, `times` over. */
  | { readonly ask: 'floor'; readonly group: GroupNumber; readonly signs: boolean; readonly times: number }
  /** From now on the floor is measured again and again, between the daemon's own turns, until `floors`. */
  | { readonly ask: 'begin-floors'; readonly group: GroupNumber; readonly signs: boolean }
  | { readonly ask: 'floors' }
  | { readonly ask: 'memory' }
  | { readonly ask: 'watch-delay' }
  | { readonly ask: 'delay' }
  | { readonly ask: 'profile' }
  | { readonly ask: 'end-profile'; readonly file: string };

/** What a question is answered with; fields that are not of the question are absent. */
export interface Reply {
  /** Processor time of the whole process so far, all threads, milliseconds. */
  readonly cpuMs: number;
  /** Processor time of what was asked for, milliseconds. */
  readonly spentMs?: number;
  /** How often the floor was measured. */
  readonly times?: number;
  /** After forced collections, bytes. */
  readonly rssAsItIs?: number;
  /** After forced collections that join pages with holes, bytes. */
  readonly rss?: number;
  readonly heapAndExternal?: number;
  /** Of the event loop, milliseconds. */
  readonly delay?: {
    readonly p50: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
}

/** How often the delay of the event loop is looked at, milliseconds. */
const DELAY_RESOLUTION_MS = 5;
const SAMPLING_INTERVAL_US = 200;

const keys = new KeyStore();
const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
let watched: IntervalHistogram | undefined;
let profiler: Session | undefined;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What a responder cannot do without, by the daemon's own functions, on this thread. */
async function floor(group: GroupNumber, signs: boolean, times: number): Promise<number> {
  const peer = await peerOf(group);
  const rsa = signs ? signingKey() : undefined;
  const hash = new Uint8Array(20);
  const before = cpuMs();
  for (let n = 0; n < times; n++) {
    const own = await crypto.generateKeyPair(group);
    crypto.erase(await crypto.sharedSecret(group, own.privateKey, peer.publicValue), own.privateKey);
    if (rsa === undefined) continue;
    const signature = await crypto.signRsa({ handle: rsa.handle, algorithm: 'rsa', bits: 2048 }, hash);
    if (!crypto.verifyRsa(rsa.publicKey, hash, signature)) throw new Error('a signature is wrong');
  }
  return cpuMs() - before;
}

const peers = new Map<GroupNumber, Awaited<ReturnType<NodeCrypto['generateKeyPair']>>>();

async function peerOf(group: GroupNumber) {
  const known = peers.get(group);
  if (known !== undefined) return known;
  const peer = await crypto.generateKeyPair(group);
  peers.set(group, peer);
  return peer;
}

const FLOOR_EVERY_MS = 5;
let floors: { readonly end: () => { readonly spentMs: number; readonly times: number } } | undefined;

/**
 * One at a time, with the caches and the neighbours that the daemon has under load: alone in a loop it would be cheaper than
 * the same work can ever be within a handshake.
 */
function beginFloors(group: GroupNumber, signs: boolean): void {
  let [spentMs, times, running] = [0, 0, false];
  const timer = setInterval(() => {
    if (running) return;
    running = true;
    void floor(group, signs, 1).then((ms) => {
      spentMs += ms;
      times += 1;
      running = false;
    });
  }, FLOOR_EVERY_MS);
  floors = {
    end: () => {
      clearInterval(timer);
      return { spentMs, times };
    },
  };
}

let rsaKey: { readonly handle: ReturnType<KeyStore['put']>; readonly publicKey: Uint8Array } | undefined;

function signingKey() {
  if (rsaKey === undefined) {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    rsaKey = {
      handle: keys.put(new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }))),
      publicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    };
  }
  return rsaKey;
}

/** V8 gives pages back in threads of its own, a moment after a collection, and part of them only after the next. */
const COLLECTIONS = 4;
const GIVING_BACK_MS = 1000;

async function collect(): Promise<void> {
  for (let n = 0; n < COLLECTIONS; n++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, GIVING_BACK_MS));
  }
}

async function memory(): Promise<Omit<Reply, 'cpuMs'>> {
  await collect();
  const { rss: rssAsItIs } = process.memoryUsage();
  // What the handshakes left between the records of SAs is no part of an SA: pages with holes are joined.
  setFlagsFromString('--compact-on-every-full-gc');
  await collect();
  setFlagsFromString('--no-compact-on-every-full-gc');
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssAsItIs, rss, heapAndExternal: heapUsed + external };
}

function watchDelay(): void {
  watched?.disable();
  watched = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  watched.enable();
}

/** What was measured is the time from look to look. */
function delay(): Omit<Reply, 'cpuMs'> {
  const histogram = watched;
  histogram?.disable();
  watched = undefined;
  const of = (percentile: number): number =>
    Math.max(0, (histogram?.percentile(percentile) ?? 0) / 1e6 - DELAY_RESOLUTION_MS);
  return { delay: { p50: of(50), p99: of(99), p999: of(99.9), max: of(100) } };
}

async function profile(): Promise<void> {
  profiler = new Session();
  profiler.connect();
  await profiler.post('Profiler.enable');
  await profiler.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  await profiler.post('Profiler.start');
}

async function endProfile(file: string): Promise<void> {
  const ended = await profiler?.post('Profiler.stop');
  profiler?.disconnect();
  profiler = undefined;
  writeFileSync(file, JSON.stringify(ended?.profile));
}

async function answer(question: Question): Promise<Omit<Reply, 'cpuMs'>> {
  switch (question.ask) {
    case 'cpu':
      return {};
    case 'floor':
      return { spentMs: await floor(question.group, question.signs, question.times) };
    case 'begin-floors':
      beginFloors(question.group, question.signs);
      return {};
    case 'floors':
      return floors?.end() ?? {};
    case 'memory':
      return await memory();
    case 'watch-delay':
      watchDelay();
      return {};
    case 'delay':
      return delay();
    case 'profile':
      await profile();
      return {};
    case 'end-profile':
      await endProfile(question.file);
      return {};
  }
}

function isQuestion(value: unknown): value is Question {
  return typeof value === 'object' && value !== null && 'ask' in value;
}

/** Node loads this file into every thread of the process; there is one channel, and processor time is the process's. */
function listen(): void {
  const channel = new Socket({ fd: 3 });
  // The bench has gone.
  channel.on('close', () => process.exit());
  createInterface({ input: channel }).on('line', (line) => {
    const question: unknown = JSON.parse(line);
    if (!isQuestion(question)) throw new Error(`the bench asks what nobody understands: ${line}`);
    void answer(question).then((reply) => {
      const whole: Reply = { cpuMs: cpuMs(), ...reply };
      channel.write(`${JSON.stringify(whole)}\n`);
    });
  });
}

if (isMainThread) listen();

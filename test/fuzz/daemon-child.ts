/**
 * The process of the daemon under fire: `runDaemon` as `in.iked` calls it, and a channel to its parent that tells how
 * much memory it has and how much is in its collections. Nothing in the product knows of this: the collections are found
 * by the inspector in the heap. Needs --expose-gc. Arguments are those of `in.iked`.
 */
import { Session } from 'node:inspector/promises';
import { WheelClock } from '../../adapters/clock/wheel-clock.js';
import { readArguments } from '../../cli/in.iked/arguments.js';
import { runDaemon } from '../../cli/in.iked/run.js';
import { DropCounter } from '../../daemon/drop-counter.js';
import { ExchangeRunner } from '../../daemon/exchange-runner.js';
import { HalfOpen } from '../../daemon/half-open.js';
import { Intake } from '../../daemon/intake.js';
import { KeyStore } from '../../daemon/key-store.js';
import { Phase1Pool } from '../../daemon/phase1-pool.js';
import { Phase2Pool } from '../../daemon/phase2-pool.js';
import { SaTable } from '../../daemon/sa-table.js';

/** In bytes, and sizes of every collection by `Class.#field` or `Class.getter`, added up over its instances. */
export interface ChildReport {
  readonly memory: number;
  readonly sizes: Readonly<Record<string, number>>;
}

const WATCHED = [
  KeyStore,
  WheelClock,
  Intake,
  DropCounter,
  ExchangeRunner,
  HalfOpen,
  Phase1Pool,
  Phase2Pool,
  SaTable,
];

/** `Map(3)`, `Set(0)`, `Array(12)`. */
function sizeIn(description: string): number | undefined {
  const [, size] = /^(?:Map|Set|Array)\((\d+)\)$/.exec(description) ?? [];
  return size === undefined ? undefined : Number(size);
}

interface Field {
  readonly name: string;
  /** As the inspector shows it. */
  readonly shown: string;
}

/** Of properties as the protocol of the inspector lists them; private ones are not in its types. */
function fieldsOf(properties: unknown): readonly Field[] {
  const list: readonly unknown[] = Array.isArray(properties) ? properties : [];
  return list.flatMap((property) => {
    if (typeof property !== 'object' || property === null) return [];
    if (!('name' in property && 'value' in property)) return [];
    const { name, value } = property;
    if (typeof name !== 'string' || typeof value !== 'object' || value === null) return [];
    return 'description' in value ? [{ name, shown: String(value.description) }] : [];
  });
}

async function sizesOf(
  watched: (typeof WATCHED)[number],
  session: Session,
): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {};
  const add = (field: string, size: number): void => {
    const name = `${watched.name}.${field}`;
    sizes[name] = (sizes[name] ?? 0) + size;
  };
  Object.assign(globalThis, { watchedPrototype: watched.prototype });
  const { result: prototype } = await session.post('Runtime.evaluate', { expression: 'watchedPrototype' });
  const { objects } = await session.post('Runtime.queryObjects', {
    prototypeObjectId: prototype.objectId ?? '',
  });
  const instances = await session.post('Runtime.getProperties', {
    objectId: objects.objectId ?? '',
    ownProperties: true,
  });
  for (const { name: index, value } of instances.result) {
    if (!/^\d+$/.test(index) || value?.objectId === undefined) continue;
    const found = await session.post('Runtime.getProperties', {
      objectId: value.objectId,
      ownProperties: true,
    });
    const hidden: unknown = 'privateProperties' in found ? found.privateProperties : [];
    for (const { name, shown } of [...fieldsOf(found.result), ...fieldsOf(hidden)]) {
      const size = sizeIn(shown);
      if (size !== undefined) add(name, size);
      // Timers that are set are counted, not listed.
      if (watched === WheelClock && name === 'live') add('live', Number(shown));
    }
  }
  return sizes;
}

async function report(): Promise<ChildReport> {
  // Its end lets go of all that it has looked at.
  const session = new Session();
  session.connect();
  const sizes: Record<string, number> = {};
  for (const watched of WATCHED) Object.assign(sizes, await sizesOf(watched, session));
  session.disconnect();
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { memory: heapUsed + external, sizes };
}

const args = readArguments(process.argv.slice(2));
if (!args.ok) throw new Error(args.error.text);
const running = runDaemon(args.value);
process.on('message', (message) => {
  if (message === 'report') void report().then((answer) => process.send?.(answer));
  else if (message === 'ping') setImmediate(() => process.send?.('pong'));
  else running.stop();
});
const { lines } = await running.ended;
if (lines.length > 0) throw new Error(lines.join('\n'));
process.exit();

/** Where the time goes: a CPU profile of the daemon by layers of its sources, which the source map of the bundle tells. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import type { Profiler } from 'node:inspector';

/** Share of the time that was not idle, by layer, largest first; the shares add up to 1. */
export type Layers = readonly (readonly [layer: string, share: number])[];

/** First fit. Paths are those of the sources, below the root of the project. */
const LAYERS: readonly (readonly [RegExp, string])[] = [
  [/^adapters\/crypto\/dh-/, 'Diffie-Hellman'],
  [/^adapters\/crypto\/(rsa|dss|key-objects|x509)/, 'signatures'],
  [/^(adapters\/crypto|adapters\/random|services\/keymat|daemon\/key-store)/, 'keys'],
  [/^services\/isakmp/, 'codec'],
  [/^(machines\/|node_modules\/xstate|daemon\/(exchange-runner|standing-runner|exchange-machines))/, 'chart'],
  [/^adapters\/kernel/, 'kernel'],
  [/^(adapters\/recorder|services\/record)/, 'recorder'],
  [
    /^(services\/events|adapters\/log|node_modules\/(pino|sonic-boom)|daemon\/(event|course-log|message-summary|statistics|stands|drop))/,
    'events',
  ],
  [/^(adapters\/udp|adapters\/native|node_modules\/dgram)/, 'sockets'],
  [/^adapters\/clock/, 'timers'],
  [/^(services\/(exchange|proposal|policy|certs|explain|net)|services\/bytes|daemon\/)/, 'exchange'],
];

/** How many functions a profile names. */
const NAMED = 150;

/** What no source of ours called. */
const GARBAGE = 'garbage collection';
const NODE = 'node itself';
const OTHERS = 'others';

export interface Profile {
  readonly layers: Layers;
  /** The functions in which most time was spent, with what they called in Node itself; `file:function`. */
  readonly functions: Layers;
  /** The functions that were longest on the stack, with all that they called; the shares overlap. */
  readonly inclusive: Layers;
}

export function readProfile(profileFile: string, bundleMapFile: string): Profile {
  const profile = parsed(profileFile);
  const payload = parsed(bundleMapFile);
  if (!isProfile(profile)) throw new Error(`${profileFile} is no CPU profile`);
  if (!isSourceMap(payload)) throw new Error(`${bundleMapFile} is no source map`);
  const map = new SourceMap(payload);
  const parents = new Map<number, number>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  for (const { id, children } of profile.nodes) for (const child of children ?? []) parents.set(child, id);
  const owners = new Map<number, Owner>();
  const ownerOf = (id: number): Owner => {
    const known = owners.get(id);
    if (known !== undefined) return known;
    const node = nodes.get(id);
    const parent = parents.get(id);
    const own = node === undefined ? undefined : ownOf(node.callFrame, map);
    const owner = own ?? (parent === undefined ? { layer: NODE, name: NODE } : ownerOf(parent));
    owners.set(id, owner);
    return owner;
  };
  const stacks = new Map<number, ReadonlySet<string>>();
  const stackOf = (id: number | undefined): ReadonlySet<string> => {
    if (id === undefined) return new Set();
    const known = stacks.get(id);
    if (known !== undefined) return known;
    const stack = new Set(stackOf(parents.get(id))).add(ownerOf(id).name);
    stacks.set(id, stack);
    return stack;
  };
  const layers = new Map<string, number>();
  const inclusive = new Map<string, number>();
  const functions = new Map<string, number>();
  let all = 0;
  profile.samples?.forEach((id, index) => {
    const owner = ownerOf(id);
    if (owner.layer === 'idle') return;
    const took = profile.timeDeltas?.[index] ?? 0;
    all += took;
    layers.set(owner.layer, (layers.get(owner.layer) ?? 0) + took);
    functions.set(owner.name, (functions.get(owner.name) ?? 0) + took);
    for (const name of stackOf(id)) inclusive.set(name, (inclusive.get(name) ?? 0) + took);
  });
  return {
    layers: shares(layers, all),
    functions: shares(functions, all).slice(0, NAMED),
    inclusive: shares(inclusive, all).slice(0, NAMED),
  };
}

interface Owner {
  readonly layer: string;
  readonly name: string;
}

/** Undefined for what belongs to its caller. */
function ownOf(frame: Profiler.ProfileNode['callFrame'], map: SourceMap): Owner | undefined {
  const { functionName, url, lineNumber, columnNumber } = frame;
  if (functionName === '(idle)') return { layer: 'idle', name: 'idle' };
  if (functionName === '(garbage collector)') return { layer: GARBAGE, name: GARBAGE };
  if (functionName === '(program)') return { layer: NODE, name: '(program)' };
  if (!url.endsWith('/in.iked-run.js')) return undefined;
  const entry = map.findEntry(lineNumber, columnNumber);
  if (!('originalSource' in entry)) return { layer: OTHERS, name: `?:${functionName}` };
  const path = entry.originalSource.replace(/^(\.\.\/)+/, '');
  const layer = LAYERS.find(([pattern]) => pattern.test(path))?.[1] ?? OTHERS;
  return {
    layer,
    name: `${path}:${functionName === '' ? `line ${String(entry.originalLine + 1)}` : functionName}`,
  };
}

function shares(spent: ReadonlyMap<string, number>, all: number): Layers {
  return [...spent]
    .map(([name, took]): [string, number] => [name, took / all])
    .sort(([, one], [, other]) => other - one);
}

function parsed(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function isProfile(value: unknown): value is Profiler.Profile {
  return typeof value === 'object' && value !== null && 'nodes' in value && 'samples' in value;
}

function isSourceMap(value: unknown): value is SourceMap['payload'] {
  return typeof value === 'object' && value !== null && 'mappings' in value;
}

/** `npm run bench -- compare A.json B.json`: what changed from one result of `ike` to the other. Ratios are what to read. */
import { readFileSync } from 'node:fs';

interface Figures {
  readonly machine: Readonly<Record<string, unknown>>;
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

const [before, after, ...more] = process.argv.slice(2);
if (before === undefined || after === undefined || more.length > 0) {
  console.error('Usage: npm run bench -- compare BEFORE.json AFTER.json');
  process.exit(2);
}
const [one, other] = [read(before), read(after)];
for (const name of new Set([...Object.keys(one.machine), ...Object.keys(other.machine)])) {
  const [was, is] = [one.machine[name], other.machine[name]].map(String);
  console.log(was === is ? `${name}: ${String(is)}` : `${name}: ${String(was)} -> ${String(is)}`);
}
for (const [row, figures] of other.rows) {
  const known = one.rows.get(row);
  console.log(`\n${row}${known === undefined ? ' (only in the second)' : ''}`);
  for (const [name, is] of figures) {
    const was = known?.get(name);
    console.log(`  ${name.padEnd(22)} ${was === undefined ? shown(is) : change(was, is)}`);
  }
}
for (const row of one.rows.keys()) if (!other.rows.has(row)) console.log(`\n${row} (only in the first)`);

function change(was: number, is: number): string {
  const times = was === 0 ? '' : `  x ${(is / was).toFixed(2)}`;
  return `${shown(was).padStart(10)} -> ${shown(is).padStart(10)}${times}`;
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(3);
}

function read(file: string): Figures {
  const refuse = (why: string): never => {
    console.error(`${file}: ${why}`);
    process.exit(1);
  };
  let results: unknown;
  try {
    results = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (!isRecord(results) || results.bench !== 'ike' || !isRecord(results.machine))
    return refuse('is no result file of "npm run bench -- ike --json FILE"');
  const rows = new Map<string, ReadonlyMap<string, number>>();
  for (const suite of listOf(results.suites)) rows.set(String(suite.suite), numbersOf(suite));
  for (const memory of listOf(results.memory))
    rows.set(`memory at ${String(memory.pairs)} pairs`, numbersOf(memory));
  return { machine: results.machine, rows };
}

/** Figures inside of others have the names of both. */
function numbersOf(figures: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'number') numbers.set(name, value);
    else if (name === 'steady' && isRecord(value))
      for (const [inner, number] of numbersOf(value)) numbers.set(`${name} ${inner}`, number);
    else if (name === 'profile' && isRecord(value))
      for (const [layer, share] of pairsOf(value.layers)) numbers.set(`share of ${layer}`, share);
  }
  return numbers;
}

function pairsOf(value: unknown): readonly (readonly [string, number])[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((pair): [string, number][] => {
    const parts: readonly unknown[] = Array.isArray(pair) ? pair : [];
    const [name, number] = parts;
    return typeof name === 'string' && typeof number === 'number' ? [[name, number]] : [];
  });
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fuzz target: the three configuration files, spoiled. Of those that are still good, what is written reads back to the same. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { KeyStore } from '../../daemon/key-store.js';
import { type Diagnostic, formatDiagnostic } from '../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { parsePreshared } from '../../services/config/ike-preshared.js';
import { parseIpsecPolicies } from '../../services/config/ipsec-policy.js';
import { assertConfigReadsBack, assertKeysReadBack } from '../services/config/reads-back.js';
import { Dice } from '../sim/dice.js';
import { caseSeed, type Finding, type FuzzReport, type FuzzTarget, MOST_FINDINGS, Tally } from './target.js';
import { mutateText } from './text-mutations.js';

const ROOT = new URL('../../', import.meta.url);
/** CPU time that one file of at most 16 384 characters may take, generously: a grammar that backtracks takes minutes. */
// 16 KB of opening braces take one to four seconds, by the machine.
const MOST_CPU_MS = 10_000;

type Kind = 'config' | 'preshared' | 'policy';

interface Sample {
  readonly kind: Kind;
  readonly text: string;
}

function read(kind: Kind, path: string): Sample {
  return {
    kind,
    text: readFileSync(new URL(path, ROOT), 'utf8').replaceAll('@KEY@', '00112233445566778899aabbccddeeff'),
  };
}

/** The examples, the fixtures of the unit tests, and the pages' own examples. */
function corpus(): readonly Sample[] {
  const fixtures = readdirSync(new URL('test/services/config/fixtures/', ROOT))
    .filter((name) => name.endsWith('.config'))
    .map((name) => read('config', `test/services/config/fixtures/${name}`));
  const examples = ['host-to-host', 'two-gateways/east', 'two-gateways/west'].flatMap((folder) => [
    read('config', `examples/${folder}/config`),
    read('preshared', `examples/${folder}/ike.preshared`),
    read('policy', `examples/${folder}/ipsec-policy`),
  ]);
  const page = readFileSync(new URL('docs/configuration.md', ROOT), 'utf8');
  const shown = [...page.matchAll(/^```\n([^]*?)^```$/gm)].map(([, text = '']) =>
    text.replace('<hex digits>', '00ff00ff00ff00ff'),
  );
  const kinds: readonly Kind[] = ['config', 'preshared', 'policy'];
  return [
    ...fixtures,
    ...examples,
    ...shown.flatMap((text, index) => ({ kind: kinds[index] ?? 'config', text })),
  ];
}

export const configuration: FuzzTarget = {
  name: 'config',
  fullCount: 100_000,
  run({ seed, count }): Promise<FuzzReport> {
    const samples = corpus();
    const findings: Finding[] = [];
    const tally = new Tally();
    for (let at = 0; at < count && findings.length < MOST_FINDINGS; at++) {
      const dice = new Dice(caseSeed(seed, at));
      const { kind, text } = dice.pick(samples);
      const input = mutateText(dice, text, dice.pick(samples).text);
      try {
        tally.add(`${kind} ${readText(kind, input)}`);
      } catch (error) {
        findings.push({ target: `config (${kind})`, seed, at, input, error });
      }
    }
    return Promise.resolve({ findings, reached: tally.counts() });
  },
};

function readText(kind: Kind, text: string): string {
  const before = process.cpuUsage();
  const store = new KeyStore();
  const { value, diagnostics } = parse(kind, text, store);
  const { user } = process.cpuUsage(before);
  assert.ok(user / 1000 < MOST_CPU_MS, `it took ${String(user / 1000)} ms`);
  const refused = diagnostics.some(({ severity }) => severity === 'error');
  assert.equal(value === undefined, refused, 'a file without errors is accepted, one with errors is not');
  const lines = text.split(/\r\n|\n|\r/).length;
  for (const diagnostic of diagnostics) checkDiagnostic(diagnostic, lines);
  if (kind === 'preshared') checkSecrecy(text, diagnostics, refused, store);
  return refused ? 'refused' : 'accepted';
}

function parse(
  kind: Kind,
  text: string,
  store: KeyStore,
): { readonly value: unknown; readonly diagnostics: readonly Diagnostic[] } {
  switch (kind) {
    case 'config': {
      const { config, diagnostics } = parseIkeConfig(text, 'file');
      if (config !== undefined) assertConfigReadsBack(config);
      return { value: config, diagnostics };
    }
    case 'preshared': {
      const { keys, diagnostics } = parsePreshared(text, 'file', (bytes) => store.put(bytes));
      if (keys !== undefined) assertKeysReadBack(keys, store);
      return { value: keys, diagnostics };
    }
    case 'policy': {
      const { policies, diagnostics } = parseIpsecPolicies(text, 'file');
      return { value: policies, diagnostics };
    }
  }
}

/** It says where and what, and nothing that a terminal would obey. */
function checkDiagnostic(diagnostic: Diagnostic, lines: number): void {
  const { position, problem } = diagnostic;
  assert.equal(position.file, 'file');
  assert.ok(
    Number.isInteger(position.line) && position.line >= 1 && position.line <= lines,
    `line ${String(position.line)}`,
  );
  assert.ok(Number.isInteger(position.column) && position.column >= 1, `column ${String(position.column)}`);
  assert.notEqual(problem, '');
  const printed = formatDiagnostic(diagnostic);
  assert.ok(
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(printed),
    `control characters: ${JSON.stringify(printed)}`,
  );
  assert.ok(printed.length < 2000, 'it is a page long');
}

/** Nothing that stands in the file is repeated, as any of it may be a key; a refused file leaves no key behind. */
function checkSecrecy(
  text: string,
  diagnostics: readonly Diagnostic[],
  refused: boolean,
  store: KeyStore,
): void {
  if (refused) assert.equal(store.size, 0, 'keys of a refused file are kept');
  const printed = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n');
  for (const [digits] of text.matchAll(/[0-9a-fA-F]{12,}/g)) {
    assert.ok(!printed.includes(digits), 'a message repeats what may be a key');
  }
}

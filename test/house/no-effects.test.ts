/** Floors that must be deterministic cannot reach for time, chance or the world: the linter sees each way to do it. */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

const EFFECTS: Readonly<Record<string, string>> = {
  'the date of now': 'export const t = new Date();',
  'Date.now': 'export const t = Date.now();',
  'Math.random': 'export const r = Math.random();',
  'a timer': 'setTimeout(() => undefined, 1);',
  'a Node module': "import { readFileSync } from 'node:fs';\nexport const f = readFileSync;",
  'a Node module by its old name': "import { createSocket } from 'dgram';\nexport const s = createSocket;",
  'the global crypto': 'export const b = crypto.getRandomValues(new Uint8Array(1));',
  'the process': 'export const e = process.env;',
  'a log': "console.log('hello');",
};

describe('effects', () => {
  // Rules that need types are off: these texts are of no file. None of the rules looked at needs them.
  const eslint = new ESLint({ cwd: PROJECT, overrideConfig: [tseslint.configs.disableTypeChecked] });

  async function complaints(filePath: string, code: string): Promise<readonly string[]> {
    const [result] = await eslint.lintText(`${code}\n`, { filePath });
    assert.ok(result !== undefined);
    assert.ok(!result.messages.some((message) => message.fatal === true), 'the text must parse');
    return result.messages
      .map((message) => message.ruleId ?? '')
      .filter((rule) => rule.startsWith('no-restricted') || rule === 'no-console');
  }

  for (const floor of ['services', 'machines', 'daemon']) {
    for (const [effect, code] of Object.entries(EFFECTS)) {
      it(`${floor}/ may not use ${effect}`, async () => {
        assert.notDeepEqual(await complaints(`${floor}/sample.ts`, code), []);
      });
    }
  }

  it('machines/ may not hold bytes', async () => {
    const code = "export const b = Buffer.from('x');";
    assert.notDeepEqual(await complaints('machines/sample.ts', code), []);
    assert.deepEqual(await complaints('services/sample.ts', code), []);
  });

  it('adapters/ may use them all but the console is left to cli/', async () => {
    for (const [effect, code] of Object.entries(EFFECTS)) {
      if (effect === 'a log') continue;
      assert.deepEqual(await complaints('adapters/clock/sample.ts', code), [], effect);
    }
  });
});

/** The addon as the compiler sees it: no warning is left. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { succeed } from '../interop/lab/shell.js';

const TOOL = new URL('../../tools/addon.mjs', import.meta.url).href;

describe('the addon', () => {
  let scratch: Scratch;
  let into: string;
  beforeEach(() => {
    scratch = makeScratch();
    into = join(scratch.folder, 'ikechart.node');
  });
  afterEach(() => {
    scratch.remove();
  });

  /** What the tool says to these flags of the compiler. */
  function built(...flags: readonly string[]): Promise<string> {
    const how = JSON.stringify({ into, flags });
    const script = `import { buildAddon } from ${JSON.stringify(TOOL)}; console.log(buildAddon(${how}) ?? 'built');`;
    return succeed(process.execPath, ['--input-type=module', '-e', script]);
  }

  it('compiles without a warning, and loads', async () => {
    assert.equal(await built('-Werror'), 'built\n');
    const addon: unknown = createRequire(fileURLToPath(import.meta.url))(into);
    assert.ok(typeof addon === 'object' && addon !== null && Object.keys(addon).length > 0);
  });

  it('is not left where the compiler refuses it', async () => {
    assert.match(await built('--no-such-flag'), /^\S+ failed: .*no-such-flag/s);
    assert.equal(existsSync(into), false);
  });
});

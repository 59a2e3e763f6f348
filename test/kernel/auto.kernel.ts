/** `--kernel auto` tells the truth: with all that this kernel has, and without AF_KEY. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { scenario } from '../interop/lab/scenario.js';
import { attempt, succeed } from '../interop/lab/shell.js';
import { onBench } from './lab/bench.js';

const FORBIDDEN = '/etc/modprobe.d/ikechart-no-af-key.conf';

/** What the daemon says of its choice; traffic proves that it works. */
async function choice(): Promise<string> {
  let said = '';
  await onBench({ kernel: 'auto', peer: 'in.iked', scenario: scenario({}) }, async (bench) => {
    await bench.untilPing();
    said = bench.daemon.log();
  });
  return /--kernel (?:xfrm|pfkey|embedded)[^"]*/.exec(said)?.[0] ?? '';
}

describe('--kernel auto', () => {
  it('takes netlink in a kernel that has everything, and says what PF_KEY lacks', async () => {
    assert.match(await choice(), /^--kernel xfrm: .*PF_KEY works, too/);
  });

  it('takes netlink where af_key cannot be loaded, and says that it is not there', async () => {
    writeFileSync(FORBIDDEN, 'install af_key /bin/false\n');
    await attempt('modprobe', ['-r', 'af_key']);
    try {
      assert.match(await choice(), /^--kernel xfrm: .*This kernel has no PF_KEY/);
    } finally {
      rmSync(FORBIDDEN);
      await succeed('modprobe', ['af_key']);
    }
  });
});

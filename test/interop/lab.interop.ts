/** The bench itself: with charon at both ends the comparison finds equal keys, and finds a key that differs. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Charon, compileShim } from './lab/charon.js';
import { openNetwork, type Network } from './lab/network.js';
import { deletedSpis, installedSas } from './lab/sa-log.js';
import { scenario, type Wishes } from './lab/scenario.js';
import { assertSameSas } from './lab/same-sas.js';
import { eventually } from './lab/shell.js';

describe('the bench, charon at both ends', () => {
  let directory: string;
  let network: Network;
  let ours: Charon;
  let peers: Charon;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ikechart-interop-'));
    network = await openNetwork();
    const shim = await compileShim(directory);
    ours = await Charon.start(network, 'ours', join(directory, 'ours'), shim);
    peers = await Charon.start(network, 'peers', join(directory, 'peers'), shim);
  });

  after(async () => {
    await ours.stop();
    await peers.stop();
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  });

  afterEach(async () => {
    await ours.forget();
    await peers.forget();
  });

  const cases: readonly (Wishes & { readonly phase1: string })[] = [
    { mode: 'transport', phase1: '3des-md5-modp1024', phase2: '3des-md5' },
    { mode: 'tunnel', phase1: 'aes256-sha384-ecp384', phase2: 'aes256-sha384', pfs: 'ecp384' },
    { mode: 'tunnel', phase1: 'aes128-sha256-modp768', phase2: 'null-sha1' },
    { mode: 'tunnel', family: 6, phase1: 'aes192-sha512-ecp521', phase2: 'aes192-sha512', pfs: 'modp2048' },
  ];
  for (const wishes of cases) {
    it(`${wishes.phase1} ${wishes.mode ?? ''}`, async () => {
      const wanted = scenario(wishes);
      await ours.configure(wanted);
      await peers.configure(wanted);
      assert.equal(await ours.initiate('first'), true);
      const sas = await assertSameSas(ours, peers);
      assert.ok(sas.every((sa) => sa.mode === wishes.mode));
      assert.deepEqual(await peers.held(), { phase1: 1, children: 1 });

      await ours.terminate();
      const spis = sas.map((sa) => sa.spi);
      await eventually(
        'both SAs deleted',
        3,
        () => spis.every((spi) => deletedSpis(peers.saLines()).has(spi)) || undefined,
      );
      assert.deepEqual(await peers.held(), { phase1: 0, children: 0 });
    });
  }

  it('sees a key that differs in one digit', async () => {
    const wanted = scenario({});
    await ours.configure(wanted);
    await peers.configure(wanted);
    assert.equal(await ours.initiate('first'), true);
    await assertSameSas(ours, peers);
    const flipped = {
      saLines: () =>
        peers.saLines().map((line) => {
          if (line.auth === undefined) return line;
          const { alg, key } = line.auth;
          return { ...line, auth: { alg, key: key.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) } };
        }),
    };
    await assert.rejects(assertSameSas(ours, flipped), assert.AssertionError);
  });

  it('sees a refusal', async () => {
    const wanted = scenario({ presharedKey: { ours: '00112233', peers: '44556677' } });
    await ours.configure(wanted);
    await peers.configure(wanted);
    assert.equal(await ours.initiate('first'), false);
    assert.deepEqual(installedSas(peers.saLines()), []);
  });
});

/** Whole negotiations with everything that a policy can want of Phase 2, and both kernels hold the same SAs. */
import assert from 'node:assert/strict';
import { deletePhase2 } from '../../services/exchange/informational.js';
import type { AhProtection, EspProtection, Protection } from '../../services/ports/kernel.js';
import { unluckyKernel } from '../machines/mishaps.js';
import { protectedMessage } from './informational-message.js';
import { assertClean, assertEmpty, failedCodes, liveSas } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, tunnelPolicy, WEST } from './two-gateways.js';

const WINDOW_MS = 60_000;

type Alternatives = readonly (readonly Protection[])[];

function plan(end: 'east' | 'west', alternatives: Alternatives, pfs = 0) {
  return gatewayPlan(end, { policies: [{ ...tunnelPolicy(end), proposals: alternatives }], words: { pfs } });
}

async function negotiated(east: Alternatives, west: Alternatives = east, pfs = 0): Promise<Pair> {
  const pair = await startPair(21, plan('east', east, pfs), plan('west', west, pfs));
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => false, WINDOW_MS);
  return pair;
}

/** Protocols of the SAs that both ends hold, in pairs. */
function assertHeld(pair: Pair, protocols: readonly number[]): void {
  assert.deepEqual([...failedCodes(pair.east), ...failedCodes(pair.west)], []);
  for (const { engine, kernel } of [pair.east, pair.west]) {
    const [entry] = engine.table.phase2();
    assert.deepEqual(
      entry?.pairs.map(({ protocol }) => protocol),
      protocols,
    );
    assert.equal(kernel.sas().length, protocols.length * 2, 'nothing else is reserved or left');
  }
  assert.deepEqual(liveSas(pair.east), liveSas(pair.west));
}

const esp = (
  encryption: EspProtection['encryption'],
  [low, high]: readonly [number, number],
  integrity?: EspProtection['integrity'],
): EspProtection => ({ protocol: 50, encryption, keyBits: { low, high }, integrity });
const ah = (integrity: AhProtection['integrity']): AhProtection => ({ protocol: 51, integrity });

const AES = esp('aes-cbc', [128, 256], 'hmac-sha1-96');

const SUITES: readonly (readonly [string, readonly Protection[]])[] = [
  ['ESP NULL', [esp('null', [0, 0], 'hmac-sha2-256-128')]],
  ['ESP DES', [esp('des', [64, 64], 'hmac-md5-96')]],
  ['ESP 3DES', [esp('3des', [192, 192], 'hmac-sha1-96')]],
  ['ESP Blowfish', [esp('blowfish', [40, 448], 'hmac-sha1-96')]],
  ['ESP Blowfish of one size', [esp('blowfish', [448, 448], 'hmac-sha2-512-256')]],
  ['ESP AES-CBC', [esp('aes-cbc', [128, 256], 'hmac-sha2-384-192')]],
  ['ESP AES-CTR', [esp('aes-ctr', [256, 256], 'hmac-sha2-512-256')]],
  ['ESP AES-GCM', [esp('aes-gcm-16', [128, 256])]],
  ['ESP with SHA-256 cut to 96 bits', [esp('aes-cbc', [128, 128], 'hmac-sha2-256-96')]],
  ['AH MD5', [ah('hmac-md5-96')]],
  ['AH SHA-1', [ah('hmac-sha1-96')]],
  ['AH SHA-256', [ah('hmac-sha2-256-128')]],
  ['AH SHA-384', [ah('hmac-sha2-384-192')]],
  ['AH SHA-512', [ah('hmac-sha2-512-256')]],
  ['AH and ESP', [ah('hmac-sha2-256-128'), AES]],
  ['AH and ESP without integrity', [ah('hmac-sha1-96'), esp('aes-cbc', [256, 256])]],
];

describe('Phase 2 with', () => {
  for (const [name, protections] of SUITES) {
    for (const pfs of [0, 2]) {
      it(`${name}${pfs === 0 ? '' : ' and PFS'} gives both ends the same keys`, async () => {
        const pair = await negotiated([protections], [protections], pfs);
        assertHeld(
          pair,
          protections.map(({ protocol }) => protocol),
        );
      });
    }
  }

  it('several alternatives ends with the first that the responder accepts, and reserves no SPI for the others', async () => {
    const pair = await negotiated([[ah('hmac-sha1-96'), AES], [ah('hmac-md5-96')], [AES]], [[AES]]);
    assertHeld(pair, [50]);
  });

  it('AH and ESP where the responder wants ESP alone fails, and says so', async () => {
    const pair = await negotiated([[ah('hmac-sha1-96'), AES]], [[AES]]);
    assert.ok(failedCodes(pair.west).includes('no-common-phase2-proposal'));
    assert.ok(failedCodes(pair.east).includes('peer-refused'));
    assertClean(pair, 'after the refusal');
    assert.equal(pair.east.kernel.sas().length, 0, 'reserved SPIs were given back');
  });

  it('AH and ESP ends as a whole when one of the SAs is at its end', async () => {
    const pair = await negotiated([[ah('hmac-sha1-96'), AES]]);
    for (const protocol of [51, 50] as const) {
      const daemon = protocol === 51 ? pair.west : pair.east;
      const [entry] = daemon.engine.table.phase2();
      const spi = entry?.pairs.find((of) => of.protocol === protocol)?.inboundSpi ?? 0;
      daemon.engine.expired({ sa: { destination: daemon.address, protocol, spi }, limit: 'hard' });
      assert.equal(daemon.kernel.sas().length, 0);
    }
  });

  it('AH and ESP ends as a whole when the peer deletes one of them', async () => {
    for (const protocol of [51, 50] as const) {
      const pair = await negotiated([[ah('hmac-sha1-96'), AES]]);
      const [entry] = pair.east.engine.table.phase2();
      const spi = entry?.pairs.find((of) => of.protocol === protocol)?.inboundSpi ?? 0;
      const bytes = protectedMessage(pair.east, [deletePhase2(protocol, [spi])], 7);
      pair.west.engine.receive({
        local: { address: WEST, port: 500 },
        remote: { address: EAST, port: 500 },
        bytes,
      });
      assert.equal(pair.west.kernel.sas().length, 0);
      assert.equal(pair.west.engine.table.phase2Count, 0);
    }
  });

  it('AH and ESP is deleted at the peer protocol by protocol', async () => {
    const pair = await negotiated([[ah('hmac-sha1-96'), AES]]);
    void pair.east.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, 400_000);
    assertEmpty(pair, 'after the goodbye');
  });

  it('AH and ESP whose outbound AH the kernel refuses leaves nothing behind', async () => {
    const both: Alternatives = [[ah('hmac-sha1-96'), AES]];
    for (const nth of [1, 2]) {
      const east = { ...plan('east', both), kernel: unluckyKernel({ call: 'add', nth, how: 'fails' }) };
      const pair = await startPair(22, east, plan('west', both));
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => false, WINDOW_MS);
      assert.ok(failedCodes(pair.east).includes('kernel-refused'));
      assertClean(pair, `when add ${String(nth)} fails`);
      assert.equal(pair.east.kernel.sas().length, 0);
    }
  });
});

/** Quick Modes of a capture, opened with a key table as Wireshark has it. */
import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { udpPacket } from '../../../adapters/kernel/embedded/ip-packet.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { decryptionTable } from '../../../cli/ikeadm/commands/decryption-table.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { readKeyTable } from '../../../services/offer-text/key-table.js';
import { readOfferFile } from '../../../services/offer-text/read-offer.js';
import { readPhase2 } from '../../../services/proposal/phase2-agreement.js';
import { capturedDatagrams, pcapFile } from '../../../services/record/capture.js';
import { read, recorded, savedText } from '../../sim/recorded-pair.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../../sim/two-gateways.js';

describe('a capture with the keys of its Phase 1', () => {
  let capture: (wanted?: (place: number) => boolean) => Uint8Array;
  let table: string;

  before(async () => {
    const west = recorded(gatewayPlan('west', { words: { pfs: 14 } }), 'with secrets');
    const pair = await startPair(3, gatewayPlan('east', { words: { pfs: 14 } }), west.plan);
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 3000);
    const recording = read(savedText(west.recorder(), pair.west, 'p1-1', true));
    const written = await decryptionTable(recording);
    assert.ok(written.ok, written.ok ? '' : written.error);
    table = Buffer.from(written.value).toString();
    capture = (wanted = () => true) =>
      pcapFile(
        capturedDatagrams(recording, false)
          .filter((_, place) => wanted(place))
          .map(({ at, from, to, bytes }) => ({
            at,
            bytes: udpPacket(from.address, to.address, from.port, to.port, bytes),
          })),
      );
  });

  function explained(file: Uint8Array, text: string) {
    const keyTable = readKeyTable(text);
    assert.ok(keyTable.ok, keyTable.ok ? '' : keyTable.error.problem);
    const keys = new KeyStore();
    const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
    const offer = readOfferFile(file, 2, { table: keyTable.value, crypto, keys });
    assert.equal(keys.size, 0);
    return offer;
  }

  function missing(file: Uint8Array, text: string): string {
    const offer = explained(file, text);
    assert.ok(!offer.ok);
    assert.ok(
      ![...table.matchAll(/,([0-9a-f]+)/g)].some(([, key = '']) => offer.error.problem.includes(key)),
    );
    return offer.error.problem;
  }

  it('tells the Quick Mode in it', () => {
    const offer = explained(capture(), `# of a test\n${table}`);
    assert.ok(offer.ok, offer.ok ? '' : offer.error.problem);
    assert.ok(offer.value.phase === 2);
    assert.deepEqual([offer.value.peer, offer.value.local], ['192.0.2.1', '192.0.2.2']);
    const [transform] = offer.value.proposals.flatMap(({ transforms }) => transforms);
    assert.ok(transform !== undefined);
    const { id, keyBits, group } = readPhase2(transform);
    assert.deepEqual([id, keyBits, group], [12, 128, 14]);
  });

  it('says which key is missing, or wrong, or too long', () => {
    const cookie = table.slice(0, 16);
    assert.match(missing(capture(), `${'7'.repeat(16)},00`), new RegExp(`no line for the cookie ${cookie}`));
    assert.match(missing(capture(), `${cookie},${'5a'.repeat(16)}`), /does not open it: it is another's/);
    assert.match(missing(capture(), `${cookie},${'5a'.repeat(24)}`), /has 192 bits, and 128 were agreed/);
  });

  it('says which messages are missing', () => {
    assert.match(
      missing(
        capture((place) => place !== 1),
        table,
      ),
      /message 2 of its Phase 1/,
    );
    assert.match(
      missing(
        capture((place) => place < 4 || place > 5),
        table,
      ),
      /the last message of its Phase 1/,
    );
  });

  it('opens nothing else', () => {
    const offer = explained(Buffer.from('esp=aes128-sha1'), table);
    assert.ok(!offer.ok);
    assert.match(offer.error.problem, /no capture/);
  });

  for (const [text, where] of [
    ['', 'the file'],
    ['0011223344556677,zz', 'line 1'],
    ['# a comment\n001122,00', 'line 2'],
  ] as const) {
    it(`of which nothing can be read is refused: ${JSON.stringify(text)}`, () => {
      const read = readKeyTable(text);
      assert.ok(!read.ok);
      assert.equal(read.error.where, where);
    });
  }
});

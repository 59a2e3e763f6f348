/** Quick Modes of a capture, opened with a key table as Wireshark has it. */
import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { udpPacket } from '../../../adapters/kernel/embedded/ip-packet.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { decryptionTable } from '../../../cli/ikeadm/commands/decryption-table.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { hex } from '../../../services/bytes.js';
import { decodeHeader, HEADER_LENGTH } from '../../../services/isakmp/header.js';
import { decodePayloads, encodeMessage } from '../../../services/isakmp/message.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { OAKLEY_ATTRIBUTE } from '../../../services/isakmp/registries/phase1-attributes.js';
import type { Datagram } from '../../../services/offer-text/captured-datagrams.js';
import { readKeyTable } from '../../../services/offer-text/key-table.js';
import { openQuickModes } from '../../../services/offer-text/opened-quick-mode.js';
import { readOfferFile } from '../../../services/offer-text/read-offer.js';
import type { Crypto } from '../../../services/ports/crypto.js';
import { basic } from '../../../services/proposal/phase1-suite.js';
import { readPhase2 } from '../../../services/proposal/phase2-agreement.js';
import { capturedDatagrams, pcapFile } from '../../../services/record/capture.js';
import { boundCrypto } from '../../sim/bound-crypto.js';
import { read, recorded, savedText } from '../../sim/recorded-pair.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../../sim/two-gateways.js';
import { keyExchange, type MadePhase1, message2, quickMode, sealed, spiIn } from './made-phase1.js';

describe('a capture with the keys of its Phase 1', () => {
  let capture: (
    wanted?: (place: number) => boolean,
    change?: (bytes: Uint8Array, place: number) => Uint8Array,
  ) => Uint8Array;
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
    capture = (wanted = () => true, change = (bytes) => bytes) =>
      pcapFile(
        capturedDatagrams(recording, false)
          .map((datagram, place) => ({ ...datagram, bytes: change(datagram.bytes, place) }))
          .filter((_, place) => wanted(place))
          .map(({ at, from, to, bytes }) => ({
            at,
            bytes: udpPacket(from.address, to.address, from.port, to.port, bytes),
          })),
      );
  });

  function explained(file: Uint8Array, text: string, change: (crypto: Crypto) => Crypto = (it) => it) {
    const keys = new KeyStore();
    const keyTable = readKeyTable(text, keys);
    assert.ok(keyTable.ok, keyTable.ok ? '' : keyTable.error.problem);
    const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
    const offer = readOfferFile(file, 2, { table: keyTable.value, crypto: change(crypto) });
    assert.equal(keys.size, keyTable.value.size);
    crypto.erase(...keyTable.value.values());
    assert.equal(keys.size, 0);
    return offer;
  }

  function missing(file: Uint8Array, text: string, change?: (crypto: Crypto) => Crypto): string {
    const offer = explained(file, text, change);
    assert.ok(!offer.ok);
    assert.ok(
      ![...`${table}${text}`.matchAll(/,([0-9a-f]{3,})/g)].some(([, key = '']) =>
        offer.error.problem.includes(key),
      ),
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

  /** The capture with another Key Length in message 2, or with none. */
  function withKeyLength(bits: number | undefined): Uint8Array {
    return capture(
      () => true,
      (bytes, place) => (place === 1 ? keyLengthReplaced(bytes, bits) : bytes),
    );
  }

  it('takes AES for 128 bits where message 2 names no Key Length', () => {
    const offer = explained(withKeyLength(undefined), table);
    assert.ok(offer.ok, offer.ok ? '' : offer.error.problem);
  });

  for (const bytes of [1, 8, 20, 32]) {
    it(`says that a key of ${String(bytes)} bytes is none of AES without a Key Length, and keeps no key`, () => {
      const text = `${table.slice(0, 16)},${'5a'.repeat(bytes)}`;
      const bits = `has ${String(bytes * 8)} bits, and 128 were agreed, as message 2 names no Key Length`;
      assert.match(
        missing(withKeyLength(undefined), text),
        new RegExp(`${bits}: give the key of AES-CBC itself, 32 hexadecimal digits`),
      );
    });
  }

  for (const bits of [0, 129, 160, 512]) {
    it(`says that no AES has the Key Length that message 2 names, ${String(bits)}`, () => {
      const text = `${table.slice(0, 16)},${'5a'.repeat(Math.max(1, bits >> 3))}`;
      assert.match(
        missing(withKeyLength(bits), text),
        new RegExp(`names ${String(bits)} bits for AES-CBC, which has 128 to 256 in steps of 64`),
      );
    });
  }

  it('says what this host cannot do, and keeps no key', () => {
    const unsupported = (): never => {
      throw new Error('unsupported');
    };
    const without = (call: 'hash' | 'decrypt') => (crypto: Crypto) => ({
      ...boundCrypto(crypto),
      [call]: unsupported,
    });
    const said =
      /this host does not do AES-CBC and SHA-1 \(unsupported\), so explain the capture on one that/;
    assert.match(missing(capture(), table, without('decrypt')), said);
    assert.match(missing(capture(), table, without('hash')), said);
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
    ['0011223344556677,5a5a\n8899aabbccddeeff,5b5b\n001122,00', 'line 3'],
    ['0011223344556677,5a5a\n0011223344556677,5b5b\n0011223344556677,zz', 'line 3'],
  ] as const) {
    it(`of which nothing can be read is refused, and no key stays: ${JSON.stringify(text)}`, () => {
      const keys = new KeyStore();
      const read = readKeyTable(text, keys);
      assert.ok(!read.ok);
      assert.equal(read.error.where, where);
      assert.equal(keys.size, 0);
    });
  }

  it('has the last key of a cookie that comes twice, and keeps no other', () => {
    const keys = new KeyStore();
    const read = readKeyTable('00112233445566aa,5a5a\n0x00112233445566AA,"0x5b5b"\n', keys);
    assert.ok(read.ok);
    assert.deepEqual(
      [...read.value].map(([cookie, key]) => [cookie, hex(keys.bytes(key))]),
      [['00112233445566aa', '5b5b']],
    );
    assert.equal(keys.size, 1);
  });
});

describe('a capture of several Phase 1s', () => {
  const ends = { initiator: '192.0.2.1', responder: '192.0.2.2' };
  const key = (length: number, from: number) => Uint8Array.from({ length }, (_, at) => from + at);
  const main: MadePhase1 = {
    ...{ ...ends, cookies: ['1111111111111111', 'aaaaaaaaaaaaaaaa'], mode: 'mainMode' },
    ...{ cipher: 'aes', keyBits: 256, hash: 'sha256', key: key(32, 1) },
  };
  const aggressive: MadePhase1 = {
    ...{ ...ends, cookies: ['2222222222222222', 'bbbbbbbbbbbbbbbb'], mode: 'aggressive' },
    ...{ cipher: '3des', hash: 'md5', key: key(24, 60) },
  };
  const otherWay: MadePhase1 = {
    ...{ initiator: ends.responder, responder: ends.initiator },
    ...{ cookies: ['3333333333333333', 'cccccccccccccccc'], mode: 'mainMode' },
    ...{ cipher: 'aes', keyBits: 128, hash: 'sha1', key: key(16, 120) },
  };
  const all = [main, aggressive, otherWay];

  function opened(datagrams: readonly Datagram[], known = all) {
    const keys = new KeyStore();
    const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
    const table = readKeyTable(
      known.map(({ cookies, key: bytes }) => `${cookies[0]},${hex(bytes)}\n`).join(''),
      keys,
    );
    assert.ok(table.ok, table.ok ? '' : table.error.problem);
    const result = openQuickModes(datagrams, { table: table.value, crypto });
    crypto.erase(...table.value.values());
    assert.equal(keys.size, 0);
    assert.equal(result.datagrams.length, datagrams.length);
    return { spis: result.datagrams.map(spiIn), missing: result.missing };
  }

  /** Of what was in the clear before, `spiIn` would tell nonsense. */
  function quickSpis(datagrams: readonly Datagram[], known = all) {
    const { spis, missing } = opened(datagrams, known);
    const isQuick = ({ bytes }: Datagram) => bytes[18] === EXCHANGE.quickMode;
    return { spis: spis.filter((_, place) => isQuick(datagrams[place] ?? fail())), missing };
  }

  function fail(): never {
    throw new Error('there are as many as before');
  }

  it('has the Quick Modes of each opened with its own key, cipher, hash and last message', () => {
    const [mainEnd, aggressiveEnd, otherEnd] = [
      sealed(main, 'responder', 1),
      sealed(aggressive, 'initiator', 70),
      sealed(otherWay, 'responder', 140),
    ];
    const { spis, missing } = quickSpis([
      message2(main),
      message2(otherWay),
      keyExchange(main, 'initiator'),
      message2(aggressive),
      keyExchange(main, 'responder'),
      sealed(main, 'initiator', 30),
      aggressiveEnd,
      mainEnd,
      quickMode(main, 'initiator', 0x101, mainEnd),
      quickMode(aggressive, 'initiator', 0x201, aggressiveEnd),
      sealed(otherWay, 'initiator', 200),
      quickMode(main, 'responder', 0x102, mainEnd),
      otherEnd,
      quickMode(otherWay, 'initiator', 0x301, otherEnd),
      quickMode(aggressive, 'responder', 0x202, aggressiveEnd),
      quickMode(main, 'initiator', 0x103, mainEnd),
      quickMode(otherWay, 'responder', 0x302, otherEnd),
    ]);
    assert.deepEqual(missing, []);
    assert.deepEqual(spis, [0x101, 0x201, 0x102, 0x301, 0x202, 0x103, 0x302]);
  });

  it('has only the first message of a Quick Mode opened', () => {
    const end = sealed(main, 'responder', 1);
    const first = quickMode(main, 'initiator', 0x101, end);
    const { spis, missing } = quickSpis([message2(main), end, first, first]);
    assert.deepEqual([spis, missing], [[0x101, undefined], []]);
  });

  it('goes by the last message before the Quick Mode, and by the first message 2', () => {
    const [end, later, latest] = [1, 90, 170].map((fill) => sealed(main, 'responder', fill));
    assert.ok(end !== undefined && later !== undefined && latest !== undefined);
    const { spis, missing } = quickSpis([
      message2(main),
      end,
      quickMode(main, 'initiator', 0x101, end),
      later,
      // Not of the end that says the last word.
      sealed(main, 'initiator', 50),
      message2({ ...main, hash: 'md5' }),
      quickMode(main, 'initiator', 0x102, later),
      latest,
    ]);
    assert.deepEqual([spis, missing], [[0x101, 0x102], []]);
  });

  it('keeps apart two Phase 1s whose initiator began again with the same cookie', () => {
    const again: MadePhase1 = {
      ...main,
      ...{ cookies: [main.cookies[0], 'dddddddddddddddd'], hash: 'sha1', key: main.key },
    };
    const [end, endAgain] = [sealed(main, 'responder', 1), sealed(again, 'responder', 90)];
    const { spis, missing } = quickSpis([
      message2(main),
      message2(again),
      end,
      endAgain,
      quickMode(again, 'initiator', 0x401, endAgain),
      quickMode(main, 'initiator', 0x101, end),
    ]);
    assert.deepEqual([spis, missing], [[0x401, 0x101], []]);
  });

  it('may have message 2 of Aggressive Mode after message 3, as of two captures that were merged', () => {
    const end = sealed(aggressive, 'initiator', 70);
    const quick = quickMode(aggressive, 'initiator', 0x201, end);
    assert.deepEqual(quickSpis([end, message2(aggressive), quick]), { spis: [0x201], missing: [] });
    const own = sealed(aggressive, 'responder', 70);
    const { spis, missing } = quickSpis([own, message2(aggressive), quick]);
    assert.deepEqual(spis, [undefined]);
    assert.match(missing.join(), /the last message of its Phase 1/);
  });

  it('does not take from behind a Quick Mode what has to stand before it', () => {
    const end = sealed(main, 'responder', 1);
    const quick = quickMode(main, 'initiator', 0x101, end);
    assert.match(quickSpis([quick, message2(main), end]).missing.join(), /message 2 of its Phase 1/);
    assert.match(quickSpis([message2(main), quick, end]).missing.join(), /the last message of its Phase 1/);
  });

  it('says what is missing once each, and of more than can be read how many', () => {
    const end = sealed(main, 'responder', 1);
    const strangers = Array.from({ length: 20 }, (_, number) => {
      const cookies = [`44444444444444${String(number + 10)}`, 'eeeeeeeeeeeeeeee'] as const;
      return [1, 2].map((id) => quickMode({ ...main, cookies }, 'initiator', id, end));
    }).flat();
    const { missing } = quickSpis([message2(main), end, ...strangers]);
    assert.equal(missing.length, 9);
    assert.equal(missing.at(0), 'the key table has no line for the cookie 4444444444444410');
    assert.equal(missing.at(-1), 'something is missing for 24 more');
  });
});

function keyLengthReplaced(message: Uint8Array, bits: number | undefined): Uint8Array {
  const header = decodeHeader(message);
  assert.ok(header.ok);
  const chain = decodePayloads(header.value.nextPayload, message.subarray(HEADER_LENGTH));
  assert.ok(chain.ok);
  const added = bits === undefined ? [] : [basic(OAKLEY_ATTRIBUTE.keyLength, bits)];
  const payloads = chain.value.payloads.map((payload) => {
    if (payload.kind !== 'SA') return payload;
    const proposals = payload.proposals.map((proposal) => ({
      ...proposal,
      transforms: proposal.transforms.map((transform) => ({
        ...transform,
        attributes: [
          ...transform.attributes.filter(({ type }) => type !== OAKLEY_ATTRIBUTE.keyLength),
          ...added,
        ],
      })),
    }));
    return { ...payload, proposals };
  });
  return encodeMessage(header.value, payloads);
}

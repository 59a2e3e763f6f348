import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import {
  CIPHERS,
  espHeader,
  open,
  protectedLength,
  seal,
  sealedLength,
  type CipherName,
  type EspSuite,
} from '../../../../adapters/kernel/embedded/esp.js';
import { INTEGRITY, type IntegrityAlgorithm } from '../../../../services/algorithms.js';
import { fromHex, hex, NO_BYTES, type Bytes } from '../../../../services/bytes.js';

function unspaced(text: string): Bytes {
  return fromHex(text.replace(/\s/g, ''));
}

function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}

const PING_PATTERN = `08090a0b 0c0d0e0f 10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627
  28292a2b 2c2d2e2f 30313233 34353637`;

/** RFC 3602 4: sample ESP packets, AES-CBC without integrity. */
const RFC_3602 = [
  {
    name: 'case 5, transport',
    key: '90d382b4 10eeba7a d938c46c ec1a82bf',
    spi: 0x4321,
    sequence: 1,
    iv: 'e96e8c08 ab465763 fd098d45 dd3ff893',
    payload: `08000ebd a70a0000 8e9c083d b95b0700 ${PING_PATTERN}`,
    nextHeader: 1,
    encrypted: `f663c25d 325c18c6 a9453e19 4e120849 a4870b66 cc6b9965 330013b4 898dc856
      a4699e52 3a55db08 0b59ec3a 8e4b7e52 775b07d1 db34ed9c 538ab50c 551b874a
      a269add0 47ad2d59 13ac19b7 cfbad4a6`,
  },
  {
    name: 'case 7, tunnel',
    key: '01234567 89abcdef 01234567 89abcdef',
    spi: 0x8765,
    sequence: 2,
    iv: 'f4e76524 4f6407ad f13dc138 0f673f37',
    payload: `45000054 09040000 4001f988 c0a87b03 c0a87bc8 08009f76 a90a0100 b49c083d 02a20400 ${PING_PATTERN}`,
    nextHeader: 4,
    encrypted: `773b5241 a4c44922 5e4f3ce5 ed611b0c 237ca96c f74a9301 3c1b0ea1 a0cf70f8
      e4ecaec7 8ac53aad 7a0f022b 859243c6 47752e94 a859352b 8a4d4d2d ecd136e5
      c177f132 ad3fbfb2 201ac990 4c74ee0a 109e0ca1 e4dfe9d5 a100b842 f1c22f0d`,
  },
];

/** The text with its HMAC as an ESP packet: RFC 2202 test case 5 and RFC 4868 2.7.2, test case 2. */
const HMAC_ANSWERS: readonly { integrity: IntegrityAlgorithm; key: Bytes; text: string; mac: string }[] = [
  {
    integrity: 'hmac-md5-96',
    key: new Uint8Array(16).fill(0x0c),
    text: 'Test With Truncation',
    mac: '56461ef2342edc00f9bab995',
  },
  {
    integrity: 'hmac-sha1-96',
    key: new Uint8Array(20).fill(0x0c),
    text: 'Test With Truncation',
    mac: '4c1a03424b55e07fe7f27be1',
  },
  {
    integrity: 'hmac-sha2-256-128',
    key: ascii('Jefe'.repeat(8)),
    text: 'what do ya want for nothing?',
    mac: '167f928588c5cc2eef8e3093caa0e87c',
  },
  {
    integrity: 'hmac-sha2-384-192',
    key: ascii('Jefe'.repeat(12)),
    text: 'what do ya want for nothing?',
    mac: '2c7353974f1842fd66d53c452ca42122b28c0b594cfb184d',
  },
  {
    integrity: 'hmac-sha2-512-256',
    key: ascii('Jefe'.repeat(16)),
    text: 'what do ya want for nothing?',
    mac: 'cb370917ae8a7ce28cfd1d8f4705d6141c173b2a9362c15df235dfb251b15454',
  },
];

const CIPHER_KEYS: readonly { cipher: CipherName; keyLength: number }[] = [
  { cipher: 'null', keyLength: 0 },
  { cipher: '3des', keyLength: 24 },
  { cipher: 'aes-cbc', keyLength: 16 },
  { cipher: 'aes-cbc', keyLength: 24 },
  { cipher: 'aes-cbc', keyLength: 32 },
];
const INTEGRITIES: readonly (IntegrityAlgorithm | undefined)[] = [
  undefined,
  ...HMAC_ANSWERS.map(({ integrity }) => integrity),
];

/** Every combination of cipher, key length and integrity. */
const SUITES: readonly EspSuite[] = CIPHER_KEYS.flatMap(({ cipher, keyLength }) =>
  INTEGRITIES.map((integrity) => ({
    cipher,
    cipherKey: new Uint8Array(randomBytes(keyLength)),
    integrity,
    integrityKey: new Uint8Array(randomBytes(integrity === undefined ? 0 : INTEGRITY[integrity].keyLength)),
  })),
);
const anySuite = fc.constantFrom(...SUITES);
const anyBytes = fc.uint8Array({ maxLength: 200 });

function ivFor(suite: EspSuite): Bytes {
  return new Uint8Array(randomBytes(CIPHERS[suite.cipher].ivLength));
}

describe('ESP packets', () => {
  for (const sample of RFC_3602) {
    it(`agree with RFC 3602 4, ${sample.name}`, () => {
      const suite: EspSuite = {
        cipher: 'aes-cbc',
        cipherKey: unspaced(sample.key),
        integrity: undefined,
        integrityKey: NO_BYTES,
      };
      const content = { payload: unspaced(sample.payload), nextHeader: sample.nextHeader };
      const esp = seal(suite, sample, unspaced(sample.iv), content);
      const header = `${sample.spi.toString(16).padStart(8, '0')}${sample.sequence.toString(16).padStart(8, '0')}`;
      assert.equal(hex(esp), header + hex(unspaced(sample.iv)) + hex(unspaced(sample.encrypted)));
      const opened = open(suite, esp);
      assert.ok(opened.ok);
      assert.equal(hex(opened.value.payload), hex(content.payload));
      assert.equal(opened.value.nextHeader, content.nextHeader);
    });
  }

  for (const { integrity, key, text, mac } of HMAC_ANSWERS) {
    it(`take the ${integrity} of the RFC, and no other`, () => {
      const suite: EspSuite = { cipher: 'null', cipherKey: NO_BYTES, integrity, integrityKey: key };
      const packet = Uint8Array.from([...ascii(text), ...fromHex(mac)]);
      // The text is authentic, but ends in letters where a pad length should be.
      assert.deepEqual(open(suite, packet), { ok: false, error: 'bad-padding' });
      packet[packet.length - 1] = (packet[packet.length - 1] ?? 0) ^ 1;
      assert.deepEqual(open(suite, packet), { ok: false, error: 'bad-icv' });
    });
  }

  it('bring every content through every combination of algorithms', () => {
    fc.assert(
      fc.property(anySuite, anyBytes, fc.nat(255), fc.nat(0xffffffff), (suite, payload, nextHeader, spi) => {
        const sequence = 7;
        const esp = seal(suite, { spi, sequence }, ivFor(suite), { payload, nextHeader });
        assert.deepEqual(espHeader(esp), { spi, sequence });
        assert.equal(esp.length, sealedLength(suite.cipher, suite.integrity, payload.length));
        assert.equal((protectedLength(suite.cipher, payload.length) + CIPHERS[suite.cipher].ivLength) % 4, 0);
        const opened = open(suite, esp);
        assert.ok(opened.ok);
        assert.equal(hex(opened.value.payload), hex(payload));
        assert.equal(opened.value.nextHeader, nextHeader);
      }),
      { numRuns: 500 },
    );
  });

  it('never open after a change of any byte', () => {
    for (const suite of SUITES.filter(({ integrity }) => integrity !== undefined)) {
      const esp = seal(suite, { spi: 300, sequence: 1 }, ivFor(suite), {
        payload: ascii('nothing to see'),
        nextHeader: 17,
      });
      for (let at = 0; at < esp.length; at++) {
        const changed = Uint8Array.from(esp);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        assert.deepEqual(open(suite, changed), { ok: false, error: 'bad-icv' });
      }
    }
  });

  it('never open after being cut anywhere', () => {
    for (const suite of SUITES.filter(({ integrity }) => integrity !== undefined)) {
      const esp = seal(suite, { spi: 300, sequence: 1 }, ivFor(suite), { payload: NO_BYTES, nextHeader: 17 });
      for (let length = 0; length < esp.length; length++) {
        assert.equal(open(suite, esp.subarray(0, length)).ok, false);
      }
    }
  });

  it('do not open with padding that does not count up', () => {
    const suite: EspSuite = {
      cipher: 'null',
      cipherKey: NO_BYTES,
      integrity: undefined,
      integrityKey: NO_BYTES,
    };
    const start = [0, 0, 1, 0, 0, 0, 0, 1];
    assert.equal(open(suite, Uint8Array.of(...start, 1, 2, 2, 17)).ok, true);
    assert.deepEqual(open(suite, Uint8Array.of(...start, 0, 0, 2, 17)), { ok: false, error: 'bad-padding' });
    assert.deepEqual(open(suite, Uint8Array.of(...start, 1, 2, 3, 17)), { ok: false, error: 'bad-padding' });
  });

  it('throw for no bytes at all', () => {
    fc.assert(
      fc.property(anySuite, anyBytes, (suite, garbage) => {
        espHeader(garbage);
        const opened = open(suite, garbage);
        if (suite.integrity !== undefined) assert.equal(opened.ok, false);
      }),
      { numRuns: 500 },
    );
  });
});

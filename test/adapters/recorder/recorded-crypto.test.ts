import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { Blanks } from '../../../adapters/recorder/blanks.js';
import { Conversation } from '../../../adapters/recorder/conversation.js';
import { recordedCrypto } from '../../../adapters/recorder/recorded-crypto.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { Bytes } from '../../../services/bytes.js';
import { NO_STORES } from '../../../services/certs/stores.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { Crypto, Secretive } from '../../../services/ports/crypto.js';
import type { KeyHandle } from '../../../services/ports/keys.js';
import { boundCrypto } from '../../sim/bound-crypto.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const OPS = [
  ...(['prf', 'mac', 'encrypt', 'decrypt', 'phase1Children', 'ipsecKeys'] as const),
  ...(['generateKeyPair', 'sharedSecret'] as const),
];

interface Made {
  readonly op: (typeof OPS)[number];
  readonly handles: readonly [KeyHandle, KeyHandle, KeyHandle, KeyHandle, KeyHandle, KeyHandle];
  readonly bytes: readonly [Bytes, Bytes, Bytes];
  readonly keyed: boolean;
}

// Any number may be a handle, the longest to write down too.
const handle = fc.oneof(fc.nat({ max: 1000 }), fc.constant(Number.MAX_SAFE_INTEGER)).filter(isHandle);
const bytes = fc.uint8Array({ maxLength: 200 });
const made: fc.Arbitrary<Made> = fc.record({
  op: fc.constantFrom(...OPS),
  handles: fc.tuple(handle, handle, handle, handle, handle, handle),
  bytes: fc.tuple(bytes, bytes, bytes),
  keyed: fc.boolean(),
});

const KEYS = new KeyStore();
/** Of which a recording with secrets takes a copy. */
const PRIVATE_KEY = KEYS.put(Uint8Array.of(7));

function recordedBy(secrets: boolean): { conversation: Conversation; through: (crypto: Crypto) => Crypto } {
  const { config } = parseIkeConfig('', 'test');
  if (config === undefined) throw new Error('an empty configuration is none');
  let sequence = 0;
  const conversation = new Conversation(
    'p1-1',
    { config, presharedKeys: [], certificates: NO_STORES },
    secrets,
    {
      clock: new VirtualClock(),
      keys: KEYS,
      limits: { head: 1_000_000, bytes: 10_000_000 },
      blanks: new Blanks(),
      next: () => (sequence += 1),
    },
  );
  return { conversation, through: (crypto) => recordedCrypto(crypto, conversation.tape('p1-1')) };
}

const REAL = boundCrypto(new NodeCrypto(new KeyStore(), new NodeRandom(), { workers: false }));

/** Asks for it, and says what of it has to be in the recording. */
function ask(
  { op, handles, bytes: [one, two, three], keyed }: Made,
  through: (crypto: Crypto) => Crypto,
  secrets: boolean,
): readonly [op: string, args: readonly unknown[], value: unknown] {
  const [a, b, c, d, e, f] = handles;
  const rest = secrets ? [one, b] : ['?...'];
  switch (op) {
    case 'prf': {
      const key: Secretive = keyed ? a : two;
      through({ ...REAL, prf: () => c }).prf('sha1', key, one, b);
      return [op, ['sha1', key, ...rest], c];
    }
    case 'mac':
      through({ ...REAL, mac: () => three }).mac('sha1', a, one, b);
      return [op, ['sha1', a, ...rest], three];
    case 'encrypt':
    case 'decrypt':
      through({ ...REAL, [op]: () => three })[op]('aes', a, one, two);
      return [op, ['aes', a, one, two], three];
    case 'generateKeyPair': {
      const pair = { privateKey: secrets ? PRIVATE_KEY : a, publicValue: one };
      void through({ ...REAL, generateKeyPair: () => pair }).generateKeyPair(14);
      return [op, [14], pair];
    }
    case 'sharedSecret':
      void through({ ...REAL, sharedSecret: () => b }).sharedSecret(19, a, one);
      return [op, [19, a, one], b];
    case 'phase1Children': {
      const children = { skeyidD: c, skeyidA: d, skeyidE: e, encryptionKey: f };
      through({ ...REAL, phase1Children: () => children }).phase1Children(a, {
        ...{ hash: 'sha1', cipher: 'aes', keyBits: 128, sharedSecret: b },
        ...{ initiatorCookie: one, responderCookie: two },
      });
      return [op, [a, b], [c, d, e, f]];
    }
    case 'ipsecKeys': {
      const keys = { encryption: keyed ? c : undefined, integrity: d };
      through({ ...REAL, ipsecKeys: () => keys }).ipsecKeys({
        ...{ hash: 'sha1', protocol: 3, skeyidD: a, sharedSecret: keyed ? b : undefined, spi: one },
        ...{ initiatorNonce: one, responderNonce: two, encryptionLength: 16, integrityLength: 20 },
      });
      return [op, [3, a, keyed ? b : undefined], [keys.encryption, d]];
    }
  }
}

function isHandle(number: number): number is KeyHandle {
  return Number.isSafeInteger(number);
}

describe('cryptography with the recorder around it', () => {
  for (const secrets of [false, true]) {
    it(`is kept call by call, wherever a piece is full, ${secrets ? 'with' : 'without'} secrets`, () => {
      fc.assert(
        fc.property(fc.array(made, { minLength: 30, maxLength: 120 }), (calls) => {
          const { conversation, through } = recordedBy(secrets);
          const asked = calls.map((call) => ask(call, through, secrets));
          const kept = conversation
            .entries()
            .map((entry) =>
              entry.kind === 'call' && entry.outcome !== undefined && 'value' in entry.outcome
                ? [entry.op, entry.args, entry.outcome.value]
                : entry,
            );
          assert.deepEqual(kept, asked);
        }),
        { numRuns: 60 },
      );
    });
  }

  for (const secrets of [false, true])
    it(`keeps what was thrown, ${secrets ? 'with' : 'without'} secrets: of a key pair it was lost`, () => {
      const { conversation, through } = recordedBy(secrets);
      const error = new Error('no such curve here');
      const fails = (): never => {
        throw error;
      };
      const crypto = through({ ...REAL, generateKeyPair: fails, sharedSecret: fails });
      const value = Uint8Array.of(4);
      assert.throws(() => crypto.generateKeyPair(25), error);
      assert.throws(() => crypto.sharedSecret(25, PRIVATE_KEY, value), error);
      assert.deepEqual(
        conversation
          .entries()
          .map((entry) => (entry.kind === 'call' ? [entry.op, entry.args, entry.outcome] : entry)),
        [
          ['generateKeyPair', [25], { error }],
          ['sharedSecret', [25, PRIVATE_KEY, value], { error }],
        ],
      );
    });

  it('keeps a copy of a private key in a recording with secrets alone', () => {
    for (const secrets of [false, true]) {
      const { conversation, through } = recordedBy(secrets);
      const pair = { privateKey: PRIVATE_KEY, publicValue: Uint8Array.of(1) };
      void through({ ...REAL, generateKeyPair: () => pair }).generateKeyPair(14);
      const [entry] = conversation.entries();
      assert.equal(entry?.kind === 'call' && entry.secret !== undefined, secrets);
    }
  });
});

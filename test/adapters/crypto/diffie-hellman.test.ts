import assert from 'node:assert/strict';
import { getDiffieHellman } from 'node:crypto';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { fromHex, hex } from '../../../services/bytes.js';
import type { DhKeyPair } from '../../../services/ports/crypto.js';
import { GivenRandom } from './given-random.js';
import { bytesOf, modPower } from './modular.js';
import { later } from '../../sim/later.js';

const MODP = new Map([
  [1, 'modp1'],
  [2, 'modp2'],
  [5, 'modp5'],
  [14, 'modp14'],
  [15, 'modp15'],
  [16, 'modp16'],
  [17, 'modp17'],
  [18, 'modp18'],
]);
const ECP_COORDINATE = new Map([
  [19, 32],
  [20, 48],
  [21, 66],
  [25, 24],
  [26, 28],
]);
const GROUPS = [...MODP.keys(), ...ECP_COORDINATE.keys()];

function primeOf(name: string): bigint {
  return BigInt(`0x${getDiffieHellman(name).getPrime('hex')}`);
}

describe('Diffie-Hellman', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });

  const secretOf = async (group: number, pair: DhKeyPair, peer: Uint8Array): Promise<string> => {
    const handle = await crypto.sharedSecret(group, pair.privateKey, peer);
    const secret = hex(keys.bytes(handle));
    keys.erase(handle);
    return secret;
  };

  for (const group of GROUPS) {
    it(`group ${String(group)}: both ends agree, at the lengths of the wire`, async () => {
      const a = await crypto.generateKeyPair(group);
      const b = await crypto.generateKeyPair(group);
      const prime = MODP.get(group);
      const coordinate = ECP_COORDINATE.get(group) ?? 0;
      const primeLength = prime === undefined ? 0 : getDiffieHellman(prime).getPrime().length;
      assert.equal(a.publicValue.length, primeLength + 2 * coordinate);
      assert.equal(crypto.publicValueFault(group, a.publicValue), undefined);
      const secret = await secretOf(group, a, b.publicValue);
      assert.equal(await secretOf(group, b, a.publicValue), secret);
      assert.equal(secret.length, 2 * (primeLength + coordinate));
      assert.notDeepEqual(a.publicValue, b.publicValue);
    });
  }

  for (const [group, name] of MODP) {
    it(`group ${String(group)}: the public value is 2^x mod p`, async () => {
      const pair = await crypto.generateKeyPair(group);
      const p = primeOf(name);
      const x = BigInt(`0x${hex(keys.bytes(pair.privateKey))}`);
      assert.equal(hex(pair.publicValue), hex(bytesOf(modPower(2n, x, p), pair.publicValue.length)));
    });
  }

  it('interleaved computations of one group do not mix their exponents', async () => {
    const pairs = await Promise.all(Array.from({ length: 8 }, () => later(() => crypto.generateKeyPair(2))));
    const peer = await crypto.generateKeyPair(2);
    const secrets = await Promise.all(pairs.map((pair) => secretOf(2, pair, peer.publicValue)));
    const other = await Promise.all(pairs.map((pair) => secretOf(2, peer, pair.publicValue)));
    assert.deepEqual(secrets, other);
    assert.equal(new Set(secrets).size, 8);
  });

  describe('known answers of RFC 5903 8', () => {
    const cases = [
      {
        group: 19,
        i: 'c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433',
        r: 'c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53',
        publicValue:
          'dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180' +
          '5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3',
        secret: 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de',
      },
      {
        group: 20,
        i: '099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655e35b538041e649ee3faef896783ab194',
        r: '41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942e0308312916b8ed2960e4bd55a7448fc',
        publicValue:
          '667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6de3ac808acb4bdb4c88732aee95f41aa' +
          '9482ed1fc0eeb9cafc4984625ccfc23f65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c',
        secret:
          '11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4d603135569b9e9d09cf5d4a270f59746',
      },
      {
        group: 21,
        i:
          '0037ade9319a89f4dabdb3ef411aaccca5123c61acab57b5393dce47608172a0' +
          '95aa85a30fe1c2952c6771d937ba9777f5957b2639bab072462f68c27a57382d4a52',
        r:
          '0145ba99a847af43793fdd0e872e7cdfa16be30fdc780f97bccc3f078380201e' +
          '9c677d600b343757a3bdbf2a3163e4c2f869cca7458aa4a4effc311f5cb151685eb9',
        publicValue: undefined,
        secret:
          '01144c7d79ae6956bc8edb8e7c787c4521cb086fa64407f97894e5e6b2d79b04' +
          'd1427e73ca4baa240a34786859810c06b3c715a3a8cc3151f2bee417996d19f3ddea',
      },
    ];
    for (const { group, i, r, publicValue, secret } of cases) {
      it(`group ${String(group)}`, async () => {
        const given = new NodeCrypto(keys, new GivenRandom(fromHex(i), fromHex(r)), { workers: false });
        const initiator = await given.generateKeyPair(group);
        const responder = await given.generateKeyPair(group);
        if (publicValue !== undefined) assert.equal(hex(initiator.publicValue), publicValue);
        assert.equal(await secretOf(group, initiator, responder.publicValue), secret);
        assert.equal(await secretOf(group, responder, initiator.publicValue), secret);
      });
    }
  });

  describe('leading zeros', () => {
    /** Key pairs of a repeatable stream until one fits; one in 256 does. */
    async function search(group: number, fits: (pair: DhKeyPair) => Promise<boolean>): Promise<DhKeyPair> {
      const repeatable = new NodeCrypto(keys, new GivenRandom(), { workers: false });
      for (let tries = 0; tries < 10_000; tries += 1) {
        const pair = await repeatable.generateKeyPair(group);
        if (await fits(pair)) return pair;
        keys.erase(pair.privateKey);
      }
      throw new Error('no pair fits');
    }

    for (const group of [1, 2, 19]) {
      it(`of a public value stay in group ${String(group)}`, async () => {
        const length = (await crypto.generateKeyPair(group)).publicValue.length;
        const pair = await search(group, ({ publicValue }) => Promise.resolve(publicValue[0] === 0));
        assert.equal(pair.publicValue.length, length);
        const peer = await crypto.generateKeyPair(group);
        assert.equal(
          await secretOf(group, pair, peer.publicValue),
          await secretOf(group, peer, pair.publicValue),
        );
      });

      it(`of a shared secret stay in group ${String(group)}`, async () => {
        const peer = await crypto.generateKeyPair(group);
        const expected = (await secretOf(group, peer, peer.publicValue)).length;
        const pair = await search(group, async (candidate) =>
          (await secretOf(group, candidate, peer.publicValue)).startsWith('00'),
        );
        const secret = await secretOf(group, pair, peer.publicValue);
        assert.equal(secret.length, expected);
        assert.equal(await secretOf(group, peer, pair.publicValue), secret);
      });
    }
  });

  describe("a peer's public value", () => {
    for (const [group, name] of MODP) {
      it(`of group ${String(group)} must lie between 1 and p - 1 and have the length of p`, () => {
        const p = primeOf(name);
        const { length } = getDiffieHellman(name).getPrime();
        const fault = (value: bigint): string | undefined =>
          crypto.publicValueFault(group, bytesOf(value, length));
        assert.match(fault(0n) ?? '', /zero or one/);
        assert.match(fault(1n) ?? '', /zero or one/);
        assert.equal(fault(2n), undefined);
        assert.equal(fault(256n), undefined);
        assert.equal(fault(p - 2n), undefined);
        for (const beyond of [-1n, 0n, 1n, 2n]) assert.match(fault(p + beyond) ?? '', /not below the prime/);
        assert.match(crypto.publicValueFault(group, new Uint8Array(length - 1).fill(5)) ?? '', /bytes where/);
        assert.match(crypto.publicValueFault(group, bytesOf(5n, length + 1)) ?? '', /bytes where/);
        assert.match(crypto.publicValueFault(group, new Uint8Array(0)) ?? '', /0 bytes where/);
      });
    }

    for (const [group, coordinate] of ECP_COORDINATE) {
      it(`of group ${String(group)} must be a point of the curve`, async () => {
        const { publicValue } = await crypto.generateKeyPair(group);
        assert.equal(crypto.publicValueFault(group, publicValue), undefined);
        const bent = Uint8Array.from(publicValue);
        bent.set([(bent.at(-1) ?? 0) ^ 1], bent.length - 1);
        assert.match(crypto.publicValueFault(group, bent) ?? '', /not a point/);
        assert.match(crypto.publicValueFault(group, new Uint8Array(2 * coordinate)) ?? '', /not a point/);
        assert.match(crypto.publicValueFault(group, new Uint8Array(2 * coordinate).fill(255)) ?? '', /point/);
        assert.match(crypto.publicValueFault(group, publicValue.subarray(1)) ?? '', /bytes where/);
        const marked = Uint8Array.of(4, ...publicValue);
        assert.match(crypto.publicValueFault(group, marked) ?? '', /bytes where/);
      });
    }

    it('is refused before anything is computed with it', async () => {
      const pair = await crypto.generateKeyPair(14);
      const before = keys.size;
      await assert.rejects(
        later(() => crypto.sharedSecret(14, pair.privateKey, bytesOf(primeOf('modp14') + 2n, 256))),
        /must not be used: it is not below the prime less one\./,
      );
      assert.equal(keys.size, before);
    });
  });

  it('knows no other groups', async () => {
    for (const group of [0, 3, 4, 6, 13, 27, 65_535]) {
      assert.match(crypto.publicValueFault(group, new Uint8Array(128)) ?? '', /not supported/);
      await assert.rejects(
        later(() => crypto.generateKeyPair(group)),
        /group \d+ is not supported\./,
      );
    }
  });

  it('generates pairs from the bytes of the random port alone', async () => {
    for (const group of [2, 14, 19, 21]) {
      const [one, other] = await Promise.all(
        [1, 2].map(() =>
          later(() => new NodeCrypto(keys, new GivenRandom(), { workers: false }).generateKeyPair(group)),
        ),
      );
      assert.deepEqual(one?.publicValue, other?.publicValue);
    }
  });

  it('leaves no key behind but those it returns', async () => {
    const own = new KeyStore();
    const counted = new NodeCrypto(own, new NodeRandom(), { workers: false });
    const pair = await counted.generateKeyPair(19);
    assert.equal(own.size, 1);
    const secret = await counted.sharedSecret(19, pair.privateKey, pair.publicValue);
    assert.equal(own.size, 2);
    counted.erase(pair.privateKey, secret);
    assert.equal(own.size, 0);
  });
});

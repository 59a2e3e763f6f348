/** Groups 22 to 26: the answers of RFC 5114, and values of 22 to 24 that lie in a small subgroup (RFC 6989 2.2). */
import assert from 'node:assert/strict';
import { publicValueOf, sharedSecretOf } from '../../../adapters/crypto/dh-compute.js';
import { publicValueByKey, secretByKey } from '../../../adapters/crypto/dh-key-object.js';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { SUBGROUP_NUMBERS } from '../../../adapters/crypto/subgroups.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { fromHex, hex } from '../../../services/bytes.js';
import { PublicValueRefused } from '../../../services/ports/crypto.js';
import { GivenRandom } from './given-random.js';
import { bytesOf, modPower, numberOf } from './modular.js';
import { KNOWN_ANSWERS } from './rfc5114-answers.js';
import { later } from '../../sim/later.js';

/** Small factors of (p - 1) / q. */
const SMALL_ORDERS = {
  22: [4n, 7n, 8n, 14n, 16n, 223n],
  23: [3n, 5n, 6n, 9n, 43n, 73n, 157n],
  24: [7n, 13n, 14n, 2549n],
} as const;
const SUBGROUPS = [22, 23, 24] as const;

describe('the groups of RFC 5114', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });

  for (const { group, privateA, publicA, privateB, secret } of KNOWN_ANSWERS) {
    it(`group ${String(group)} gives the answers of appendix A`, () => {
      assert.equal(hex(publicValueOf(group, fromHex(privateA))), publicA);
      assert.equal(hex(sharedSecretOf(group, fromHex(privateB), fromHex(publicA))), secret);
      const publicB = publicValueOf(group, fromHex(privateB));
      assert.equal(hex(sharedSecretOf(group, fromHex(privateA), publicB)), secret);
    });
  }

  for (const group of SUBGROUPS) {
    const numbers = SUBGROUP_NUMBERS[group];
    const [p, g, q] = [numbers.prime, numbers.generator, numbers.order].map(numberOf);
    assert.ok(p !== undefined && g !== undefined && q !== undefined);
    const { length } = numbers.prime;
    /** An element of exactly this order: a power of the first number that has one. */
    const elementOf = (order: bigint): bigint => {
      for (let base = 2n; ; base += 1n) {
        const element = modPower(base, (p - 1n) / order, p);
        const smaller = [2n, 3n, 5n, 7n, 13n, 43n, 73n, 157n, 223n, 2549n].filter((f) => order % f === 0n);
        if (smaller.every((factor) => modPower(element, order / factor, p) !== 1n)) return element;
      }
    };

    it(`group ${String(group)}: the generator has the order that is written`, () => {
      assert.equal((p - 1n) % q, 0n);
      assert.equal(modPower(g, q, p), 1n);
      assert.equal(modPower(2n, q - 1n, q), 1n);
      assert.equal(modPower(2n, p - 1n, p), 1n);
    });

    it(`group ${String(group)}: the public value is g^x mod p, x below the order`, async () => {
      for (const random of [
        new NodeRandom(),
        new GivenRandom(new Uint8Array(numbers.order.length).fill(255)),
      ]) {
        const pair = await new NodeCrypto(keys, random, { workers: false }).generateKeyPair(group);
        const x = numberOf(keys.bytes(pair.privateKey));
        assert.ok(x < q && x >= q / 8n);
        assert.equal(hex(pair.publicValue), hex(bytesOf(modPower(g, x, p), length)));
      }
    });

    it(`group ${String(group)}: both ends agree, here and in a worker`, async () => {
      const worker = new NodeCrypto(keys, new NodeRandom(), { workers: { maxThreads: 1 } });
      const [a, b] = [await crypto.generateKeyPair(group), await worker.generateKeyPair(group)];
      assert.equal(crypto.publicValueFault(group, a.publicValue), undefined);
      const one = await crypto.sharedSecret(group, a.privateKey, b.publicValue);
      const other = await worker.sharedSecret(group, b.privateKey, a.publicValue);
      assert.equal(hex(keys.bytes(one)), hex(keys.bytes(other)));
      const expected = modPower(numberOf(b.publicValue), numberOf(keys.bytes(a.privateKey)), p);
      assert.equal(hex(keys.bytes(one)), hex(bytesOf(expected, length)));
      await worker.close();
    });

    it(`group ${String(group)}: key objects give the same, as OpenSSL after 3.0 needs them`, () => {
      const parameters = { prime: numbers.prime, generator: numbers.generator };
      const x = new Uint8Array(numbers.order.length).fill(0x41);
      const y = publicValueOf(group, new Uint8Array(numbers.order.length).fill(0x42));
      assert.equal(numberOf(publicValueByKey(parameters, x)), numberOf(publicValueOf(group, x)));
      assert.equal(hex(secretByKey(parameters, x, y)), hex(sharedSecretOf(group, x, y)));
    });

    for (const order of SMALL_ORDERS[group]) {
      it(`group ${String(group)}: an element of order ${String(order)} is refused, alone and times a good value`, async () => {
        const element = elementOf(order);
        const pair = await crypto.generateKeyPair(group);
        const before = keys.size;
        for (const value of [element, (element * numberOf(pair.publicValue)) % p]) {
          const peer = bytesOf(value, length);
          // The cheap check cannot tell.
          assert.equal(crypto.publicValueFault(group, peer), undefined);
          await assert.rejects(
            later(() => crypto.sharedSecret(group, pair.privateKey, peer)),
            (error) => {
              assert.ok(error instanceof PublicValueRefused);
              assert.match(error.fault, /^it is not in the subgroup/);
              assert.equal(error.message, `The peer's public value must not be used: ${error.fault}.`);
              return true;
            },
          );
        }
        assert.equal(keys.size, before);
      });
    }

    it(`group ${String(group)}: a value out of range is refused before, for its own reason`, () => {
      for (const value of [0n, 1n, p - 1n, p, p + 1n]) {
        assert.match(crypto.publicValueFault(group, bytesOf(value, length)) ?? '', /zero or one|not below/);
      }
    });
  }
});

/** Datagrams and their envelopes: the C must believe no length that stands in a room, and write into nothing else. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { after, ENVELOPE, LONGEST, lengthAt, senderAt, writeEnvelope } from '../../adapters/udp/envelope.js';
import { addressBytes, type Endpoint } from '../../services/net/address.js';
import { assertNoneLeftOpen, instrumentedAddon, openDescriptors, SEED, turn } from './instrumented.js';
import { Dice } from './dice.js';

const MARGIN = 64;
const CANARY = 0xa5;
const ROUNDS = 3000;

describe(`datagrams under AddressSanitizer, seed ${String(SEED)}`, function () {
  this.timeout(60_000);
  const native = instrumentedAddon();
  const dice = new Dice(SEED);

  /** A socket that is bound, and where. */
  async function bound(version: 4 | 6): Promise<readonly [number, Endpoint]> {
    const address = version === 4 ? '127.0.0.1' : '::1';
    const probe = createSocket(version === 4 ? 'udp4' : 'udp6').bind(0, address);
    await once(probe, 'listening');
    const { port } = probe.address();
    await new Promise<void>((resolve) => probe.close(resolve));
    const descriptor = native.udpSocket(version);
    assert.ok(descriptor >= 0);
    assert.equal(native.bindTo(descriptor, addressBytes(address), port), 0);
    return [descriptor, { address, port }];
  }

  /** Memory with a margin on either side that must stay as it is, or that ends where the sanitizer looks. */
  function room(length: number): { readonly inside: Uint8Array; readonly isSound: () => boolean } {
    if (dice.below(2) === 0) {
      const inside = new Uint8Array(new ArrayBuffer(length));
      return { inside, isSound: () => true };
    }
    const whole = new Uint8Array(length + 2 * MARGIN).fill(CANARY);
    const isCanary = (byte: number): boolean => byte === CANARY;
    return {
      inside: whole.subarray(MARGIN, MARGIN + length),
      isSound: () =>
        whole.subarray(0, MARGIN).every(isCanary) && whole.subarray(MARGIN + length).every(isCanary),
    };
  }

  for (const version of [4, 6] as const)
    it(`of IPv${String(version)} come as they went, as many as fit into rooms of any length`, async () => {
      const before = openDescriptors();
      const [near, here] = await bound(version);
      const [far, there] = await bound(version);
      for (let round = 0; round < 300; round++) {
        const sent: Uint8Array[] = [];
        const some = dice.of([0, 1, 3, 28, 300, 1 + dice.below(2000)]);
        const [count, length] = round % 10 === 0 ? [3, 30_000] : [1 + dice.below(40), some];
        while (sent.length < count) {
          const bytes = dice.bytes(length);
          const outgoing = room(ENVELOPE + bytes.length + dice.below(9));
          writeEnvelope(outgoing.inside, here, bytes.length);
          outgoing.inside.set(bytes, ENVELOPE);
          assert.equal(native.sendDatagram(far, outgoing.inside), 0);
          sent.push(bytes);
        }
        const heard: Uint8Array[] = [];
        while (heard.length < sent.length) {
          const incoming = room(ENVELOPE + LONGEST + dice.below(dice.of([1, 40, 3000, 200_000])));
          const count = native.receiveDatagrams(near, incoming.inside);
          let at = 0;
          for (let n = 0; n < count; n++) {
            const length = lengthAt(incoming.inside, at);
            assert.deepEqual(senderAt(incoming.inside, at), there);
            heard.push(incoming.inside.slice(at + ENVELOPE, at + ENVELOPE + length));
            at = after(at, length);
          }
          assert.ok(incoming.isSound());
          if (count === 0) await turn();
        }
        assert.deepEqual(heard, sent);
      }
      for (const descriptor of [near, far]) closeSync(descriptor);
      assertNoneLeftOpen(before);
    });

  it('the longest there are fit exactly, and shorter rooms are refused', async () => {
    const [near, here] = await bound(4);
    const [far] = await bound(4);
    const longest = 65_507;
    for (const length of [longest, longest + 1, LONGEST]) {
      const outgoing = room(ENVELOPE + length);
      writeEnvelope(outgoing.inside, here, length);
      const fault = native.sendDatagram(far, outgoing.inside);
      assert.equal(fault === 0, length === longest);
    }
    const short = room(ENVELOPE + LONGEST - 1);
    assert.throws(() => native.receiveDatagrams(near, short.inside), TypeError);
    const exact = room(ENVELOPE + LONGEST);
    while (native.receiveDatagrams(near, exact.inside) === 0) await turn();
    assert.equal(lengthAt(exact.inside, 0), longest);
    assert.ok(exact.isSound());
    for (const descriptor of [near, far]) closeSync(descriptor);
  });

  it('whose envelopes say anything are refused, or go nowhere else', async () => {
    const [far] = await bound(4);
    const [far6] = await bound(6);
    let [refused, failed, sent] = [0, 0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const outgoing = room(dice.of([1, 5, 27, 28, 29, 44, 28 + dice.below(200)]));
      const { inside } = outgoing;
      inside.set(dice.bytes(inside.length));
      const copy = Uint8Array.from(inside);
      if (inside.length >= ENVELOPE && dice.below(2) === 0) {
        // Near the truth: a loopback address, and a length that is too long by little.
        const to = { address: dice.of(['127.0.0.1', '::1']), port: 1 + dice.below(65_535) };
        writeEnvelope(inside, to, Math.max(0, inside.length - ENVELOPE - 2 + dice.below(5)));
        copy.set(inside);
      }
      try {
        const fault = native.sendDatagram(dice.of([far, far6, -1]), inside);
        assert.ok(fault <= 0);
        assert.ok(lengthAt(inside, 0) <= inside.length - ENVELOPE);
        if (fault === 0) sent += 1;
        else failed += 1;
      } catch (error) {
        assert.ok(error instanceof TypeError);
        refused += 1;
      }
      assert.deepEqual(inside, copy, 'what is sent is only read');
      assert.ok(outgoing.isSound());
    }
    for (const count of [refused, failed, sent]) assert.ok(count > 100, [refused, failed, sent].join());
    for (const descriptor of [far, far6]) closeSync(descriptor);
  });
});

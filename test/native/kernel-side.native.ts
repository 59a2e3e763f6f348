/** A kernel that says anything, in any order, and callers that ask anything: the C must take it all. */
import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { messageSocket } from '../../adapters/native/kernel-sockets.js';
import { udpDescriptors } from '../../adapters/native/udp-descriptors.js';
import { assertNoneLeftOpen, instrumentedAddon, openDescriptors, SEED, turn } from './instrumented.js';
import { REAL_MESSAGES } from './real-messages.js';
import { Dice } from './dice.js';

const MESSAGES = 10_000;

/** They would change this process for good. */
const OF_THE_PROCESS = ['coreLimitZero', 'keepRights', 'takeRights', 'takePacketRights'];
/** What they answer is a descriptor, which is closed again. */
const OPENERS = ['openTun', 'udpSocket', 'rawSocket', 'openKeySocket', 'openXfrmSocket', 'duplicate'];

describe(`the addon under AddressSanitizer, seed ${String(SEED)}`, function () {
  this.timeout(120_000);
  const native = instrumentedAddon();
  const dice = new Dice(SEED);

  function pair(): readonly [number, number] {
    const ends = native.messagePair();
    assert.ok(typeof ends !== 'number');
    const [near, far] = ends;
    assert.ok(near !== undefined && far !== undefined);
    return [near, far];
  }

  it(`delivers ${String(MESSAGES)} messages of PF_KEY and netlink as they were sent: whole, cut, mutated, empty, long`, async () => {
    const before = openDescriptors();
    const [near, far] = pair();
    const sent: string[] = [];
    const heard: string[] = [];
    const socket = messageSocket(native, near, {
      message: (bytes) => heard.push(Buffer.from(bytes).toString('base64')),
      overrun: () => heard.push('overrun'),
      failed: (fault) => assert.fail(fault.message),
    });
    for (let i = 0; i < MESSAGES; i++) {
      const message = dice.spoiled(dice.of(REAL_MESSAGES));
      while (native.sendMessage(far, message) < 0) await turn();
      sent.push(Buffer.from(message).toString('base64'));
    }
    while (heard.length < sent.length) await turn();
    assert.deepEqual(heard, sent);
    socket.close();
    closeSync(far);
    await turn();
    assertNoneLeftOpen(before);
  });

  it('is opened, closed and collected in any order, with messages under way', async () => {
    const before = openDescriptors();
    for (let round = 0; round < 300; round++) {
      const [near, far] = pair();
      const closesAt = dice.below(6);
      let count = 0;
      const socket = messageSocket(native, near, {
        message: () => {
          if (++count === closesAt) socket.close();
        },
        overrun: () => undefined,
        failed: () => undefined,
      });
      for (let i = dice.below(8); i > 0; i--) native.sendMessage(far, dice.spoiled(dice.of(REAL_MESSAGES)));
      if (dice.below(2) === 0) await turn();
      if (dice.below(2) === 0) closeSync(far);
      else {
        await turn();
        closeSync(far);
      }
      if (round % 50 === 0) globalThis.gc?.();
      await turn();
      socket.close();
    }
    globalThis.gc?.();
    await turn();
    assertNoneLeftOpen(before);
  });

  it('fills rooms of any length and never more', () => {
    const [near, far] = pair();
    for (let i = 0; i < 3000; i++) {
      const message = dice.bytes(1 + dice.below(300));
      const whole = new Uint8Array(400).fill(0xa5);
      const length = 1 + dice.below(300);
      const address = new Uint8Array(16);
      native.sendMessage(far, message);
      const count =
        dice.below(2) === 0
          ? native.receiveMessage(near, whole.subarray(0, length))
          : native.receiveFrom(near, whole.subarray(0, length), address);
      assert.ok(count <= length);
      assert.ok(whole.subarray(length).every((byte) => byte === 0xa5));
    }
    closeSync(near);
    closeSync(far);
  });

  it('refuses arguments of any kind, or answers with an errno', () => {
    const before = openDescriptors();
    const values: readonly unknown[] = [
      ...[undefined, null, true, -1, 0x7fff_ffff, -2.5, '', 'text', {}, [], [-1], ['x']],
      ...[new Uint8Array(0), new Uint8Array(4), new Uint8Array(16), new Uint8Array(200)],
      ...[
        new Uint16Array(4),
        new DataView(new ArrayBuffer(8)),
        new ArrayBuffer(8),
        () => undefined,
        5n,
        Symbol('s'),
      ],
    ];
    const [near, far] = pair();
    const udp = native.udpSocket(4);
    const all = [...values, near, far, udp, 4, 6];
    const acts: readonly (readonly [string, unknown])[] = Object.entries(native).filter(
      ([name]) => !OF_THE_PROCESS.includes(name) && name !== 'Polled',
    );
    for (let i = 0; i < 40_000; i++) {
      const args = Array.from({ length: dice.below(5) }, () => dice.of(all));
      const [name, act] = dice.of(acts);
      assert.ok(typeof act === 'function');
      let answer: unknown;
      try {
        answer = Reflect.apply(act, undefined, args);
      } catch (error) {
        assert.ok(error instanceof TypeError);
        continue;
      }
      const opened = Array.isArray(answer) ? answer : OPENERS.includes(name) ? [answer] : [];
      for (const one of opened) if (typeof one === 'number' && one >= 0) closeSync(one);
    }
    for (const descriptor of [near, far, udp]) closeSync(descriptor);
    for (const value of values) {
      assert.throws(() => Reflect.construct(native.Polled, [value, value]));
    }
    assertNoneLeftOpen(before);
  });

  it('makes and gives up UDP sockets', () => {
    const before = openDescriptors();
    const open = udpDescriptors(native, {
      takesEsp: () => dice.below(2) === 0,
      mark: () => dice.of([undefined, 7]),
      notBypassed: () => undefined,
      notEncapsulated: () => undefined,
    });
    for (let i = 0; i < 200; i++) {
      const made = open({ address: dice.of(['127.0.0.1', '::1', '203.0.113.77']), port: 0 });
      if (made.ok) {
        made.value.adopted();
        closeSync(made.value.descriptor);
      }
    }
    assertNoneLeftOpen(before);
  });
});

/** When messages are repeated and given up, through the whole engine, in virtual time. */
import assert from 'node:assert/strict';
import { headerOf, isQuickMode } from '../machines/mishaps.js';
import { assertClean, failedCodes } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import type { SentDatagram } from './simulated-network.js';
import { EAST, gatewayPlan, packetToWest, startPair, WEST } from './two-gateways.js';

/** Seconds after the first of them at which equal datagrams of one end left. */
function sendingTimes(sent: readonly SentDatagram[], from: string, nth: number): readonly number[] {
  const groups = new Map<string, number[]>();
  for (const { at, bytes, ...datagram } of sent) {
    if (datagram.from.address !== from) continue;
    const text = Buffer.from(bytes).toString('latin1');
    groups.set(text, [...(groups.get(text) ?? []), at]);
  }
  const times = [...groups.values()][nth - 1] ?? [];
  return times.map((at) => (at - (times[0] ?? 0)) / 1000);
}

const DEFAULT_TIMES = [0, 0.5, 1.5, 3.5, 7.5, 15.5];

describe('an unanswered message', () => {
  for (const message of [1, 2, 3]) {
    it(`${String(message * 2 - 1)} of Main Mode is repeated after 0.5, 1, 2, 4 and 8 seconds and given up after 16 more`, async () => {
      const { clock, network, east, west } = await startPair(
        message,
        gatewayPlan('east'),
        gatewayPlan('west'),
      );
      let answers = 0;
      let first: number | undefined;
      // The answer to this message and everything after it is lost.
      network.filter = (datagram) => {
        if (datagram.from.address !== WEST) return 'pass';
        answers += 1;
        return answers >= message ? 'drop' : 'pass';
      };
      east.stream.subscribe((event) => {
        if (event.type === 'message.sent' && event.message.number === message * 2 - 1) first ??= event.at;
      });
      east.kernel.output(packetToWest());
      const ended = () => east.events.find((event) => event.type === 'negotiation.ended');
      assert.ok(await runUntil(clock, () => ended() !== undefined, 100_000));
      assert.deepEqual(sendingTimes(network.sent, EAST, message), DEFAULT_TIMES);
      assert.equal(clock.now() - (first ?? 0), 31_500);
      assert.deepEqual(new Set(failedCodes(east)), new Set(['peer-silent']));
      // The responder is owed nothing and never repeats by timer: one answer for each copy.
      assert.equal(network.sent.filter(({ from }) => from.address === WEST).length, message - 1 + 6);
      await runUntil(clock, () => false, 300_000);
      assertClean({ clock, network, east, west }, 'after all windows');
    });
  }

  it('2 of Quick Mode is repeated by the responder, which is owed message 3', async () => {
    const pair = await startPair(4, gatewayPlan('east'), gatewayPlan('west'));
    const { clock, network, east, west } = pair;
    let request: Uint8Array | undefined;
    network.filter = (datagram) => {
      if (datagram.from.address !== EAST || !isQuickMode(datagram)) return 'pass';
      request ??= datagram.bytes;
      return datagram.bytes === request ? 'pass' : 'drop';
    };
    east.kernel.output(packetToWest());
    const ended = () => west.events.some((e) => e.type === 'negotiation.ended' && e.negotiation === 'p2-1');
    assert.ok(await runUntil(clock, ended, 100_000));
    // Messages 2, 4 and 6 of Main Mode come before.
    assert.deepEqual(sendingTimes(network.sent, WEST, 4), DEFAULT_TIMES);
    await runUntil(clock, () => false, 300_000);
    assertClean(pair, 'after all windows');
    assert.equal(east.kernel.sas().length, 0, 'the initiator keeps SAs that the responder gave up');
  });

  it('waits no longer than retry_timer_max between repetitions, and no longer in all than expire_timer', async () => {
    const globals = 'retry_limit 20 retry_timer_init 2 retry_timer_max 5 expire_timer 60';
    const { clock, network, east } = await startPair(
      5,
      gatewayPlan('east', { words: { globals } }),
      gatewayPlan('west'),
    );
    network.filter = () => 'drop';
    east.kernel.output(packetToWest());
    const ended = () => east.events.some((event) => event.type === 'negotiation.ended');
    assert.ok(await runUntil(clock, ended, 100_000));
    assert.deepEqual(sendingTimes(network.sent, EAST, 1), [0, 2, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 56]);
    assert.equal(clock.now(), 60_000);
    assert.deepEqual(new Set(failedCodes(east)), new Set(['expired']));
    assert.ok(network.sent.every((datagram) => headerOf(datagram).messageId === 0));
  });
});

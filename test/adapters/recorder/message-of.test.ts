import assert from 'node:assert/strict';
import { messageOf } from '../../../adapters/recorder/message-of.js';
import { dissect } from '../../../services/isakmp/dissect.js';
import { recorded } from '../../sim/recorded-pair.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../../sim/two-gateways.js';

describe('the bytes of a message that an event speaks of', () => {
  for (const end of ['east', 'west'] as const) {
    it(`are those of each message of Main Mode and Quick Mode, ${end}`, async () => {
      const plans = { east: gatewayPlan('east'), west: gatewayPlan('west') };
      const recording = recorded(plans[end]);
      const both = { ...plans, [end]: recording.plan };
      const pair = await startPair(1, both.east, both.west);
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => pair.west.delivered.length > 0, 3000);

      const conversation = recording.recorder().find('p1-1');
      const messages = (conversation?.entries() ?? []).flatMap((entry) =>
        entry.kind === 'event' &&
        (entry.event.type === 'message.sent' || entry.event.type === 'message.received')
          ? [{ by: entry.by, event: entry.event }]
          : [],
      );
      assert.equal(messages.length, 9);
      for (const { by, event } of messages) {
        const title = `${event.type} ${event.message.exchange} ${String(event.message.number)}`;
        const kept = messageOf(conversation?.entries() ?? [], by, event.sequence);
        assert.equal(kept?.datagram.length, event.message.bytes, title);
        assert.equal(kept.plaintext !== undefined, event.message.encrypted, title);
        const payloads = dissect(kept.datagram, kept.plaintext)
          .flatMap(({ fields }) => fields.map(({ name }) => name))
          .filter((name) => !['header', 'encrypted', 'padding'].includes(name));
        assert.deepEqual(payloads, event.message.payloads, title);
      }
    });
  }

  it('are not there for an event that is no message, or of nobody', () => {
    assert.equal(messageOf([], 'p1-1', 7), undefined);
  });
});

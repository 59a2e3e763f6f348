/** Every failure code, provoked with production engines: what the daemon says against what was done to it. */
import assert from 'node:assert/strict';
import { readExplanations } from '../../services/admin/door/own-explanations.js';
import { FAILURE_CODES } from '../../services/failure/codes.js';
import { explanationText } from '../../cli/ikeadm/print/explanation.js';
import { PROVOCATIONS } from './provocations/all.js';

describe('a negotiation', () => {
  for (const provocation of PROVOCATIONS) {
    const { code, when, blame, names } = provocation;
    it(`fails with ${code} when ${when}, and the explanation names the place`, async () => {
      const { engine, events } = await provocation.provoke();
      const ended = events.findLast(
        (event) => event.type === 'negotiation.ended' && event.failure?.code === code,
      );
      const codes = events.flatMap((event) =>
        event.type === 'negotiation.ended' && event.failure !== undefined ? [event.failure] : [],
      );
      assert.ok(ended?.type === 'negotiation.ended', JSON.stringify(codes));
      const explanation = engine.explanations.explanation(ended.negotiation);
      assert.ok(explanation, 'it is explained');
      assert.deepEqual(
        [explanation.standing, explanation.code, explanation.blame?.who, explanation.summary],
        ['failed', code, blame, FAILURE_CODES[code]],
      );
      const text = explanationText(explanation);
      assert.match(text.replace(/\s+/g, ' '), names);
      assert.ok(explanation.changes.length > 0 && explanation.why !== '', 'it says what to do');
      const sent: unknown = JSON.parse(JSON.stringify({ explanations: [explanation] }));
      assert.deepEqual(readExplanations(sent), [explanation], 'it comes whole over the door');
      assert.doesNotMatch(text, /undefined|\[object|0123456789abcdef/);
    });
  }
});

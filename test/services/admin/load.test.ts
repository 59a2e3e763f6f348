/** What is asked of a daemon, on the door and in words. */
import assert from 'node:assert/strict';
import { loadText } from '../../../cli/ikeadm/print/load.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import { type LoadReport, readLoad } from '../../../services/admin/load.js';
import { SimulatedAdministration } from './simulated-administration.js';

const REPORT: LoadReport = new SimulatedAdministration().underLoad;

describe('load on the door', () => {
  it('arrives as it was', async () => {
    const reply = await handleRequest(
      ownCall(encodeOwn(OWN_SERVICE.LOAD, {})),
      new SimulatedAdministration(),
    );
    assert.deepEqual(readLoad(decodeOwn(reply)), [REPORT]);
  });

  it('is none where a field is missing or of another kind', () => {
    const { refused, ...without } = REPORT;
    for (const bad of [
      REPORT,
      [],
      [REPORT, without],
      [{ ...REPORT, refused: { ...refused, late: -1 } }],
      [{ ...REPORT, dropped: ['noise'] }],
      [{ ...REPORT, messages: '1' }],
      [{ ...REPORT, halfOpen: { unanswered: 1 } }],
      [{ ...REPORT, admission: 1 }],
    ])
      assert.equal(readLoad(bad), undefined, JSON.stringify(bad));
  });

  it('has a line for each worker, and adds up what all of them refused', () => {
    const words = loadText([REPORT, { ...REPORT, admission: 'open', refused: {} }, REPORT]).split('\n');
    assert.match(words[1] ?? '', /^ +1 +10 +1 +2 +11 +3 +4 {2}known peers first/);
    assert.match(words[2] ?? '', /^ +2 .* whoever comes$/);
    assert.deepEqual(
      words.slice(4, 8).map((line) => line.trim()),
      [
        'First messages refused:',
        '14 its first message has waited too long',
        'Datagrams dropped:',
        '24 noise',
      ],
    );
  });

  it('says that nothing was refused, and lets no reason reach the terminal as it is', () => {
    const words = loadText([{ ...REPORT, refused: {}, dropped: { '\u001b[2J': 1 } }]);
    assert.match(words, /No first message was refused\./);
    assert.ok(!words.includes('\u001b'));
  });
});

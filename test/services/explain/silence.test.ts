/** What silence is taken for, by the message after which it began. */
import assert from 'node:assert/strict';
import { placeInWords } from '../../../services/explain/message-words.js';
import { silenceInWords } from '../../../services/explain/silence.js';

const said = (
  message: number,
  changes: { bytes?: number; heard?: boolean; exchange?: string } = {},
): string =>
  silenceInWords({ exchange: 'Main Mode', message, bytes: 200, heard: message > 1, ...changes }, undefined);

describe('silence', () => {
  it('at the first message is a filter, an address, a port, or a peer that knows us not', () => {
    assert.match(said(1), /filter.*address.*port.*no rule/);
  });

  it('after an answer is none of these', () => {
    assert.match(said(3), /Diffie-Hellman group/);
    assert.doesNotMatch(said(3), /address or the port is wrong/);
  });

  it('at a long message is fragmentation', () => {
    assert.match(said(5, { bytes: 1500 }), /1500 bytes.*drops IP fragments/);
    assert.doesNotMatch(said(5, { bytes: 1232 }), /fragments/);
  });

  it('in Quick Mode is a stale SA', () => {
    assert.match(said(1, { exchange: 'Quick Mode' }), /SA is stale/);
  });
});

describe('a place in words', () => {
  it('names the message', () => {
    assert.equal(
      placeInWords('Main Mode', 5),
      'message 5 of Main Mode: identity and proof of the initiator, encrypted',
    );
    assert.equal(placeInWords('Quick Mode', 0), 'Quick Mode');
    assert.equal(placeInWords('', 0), '');
    assert.equal(placeInWords('Main Mode', 9), 'message 9 of Main Mode');
  });
});

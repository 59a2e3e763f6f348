import assert from 'node:assert/strict';
import { sameText } from '../../../services/record/values.js';

describe('texts of values', () => {
  it('are the same where one leaves out what the other has', () => {
    assert.ok(sameText(['sha1', '#3', '?...'], ['sha1', '#3', '0x01', '0x02']));
    assert.ok(sameText(['sha1', '#3', '0x01', '0x02'], ['sha1', '#3', '?...']));
    assert.ok(sameText(['sha1', '#3', '?...'], ['sha1', '#3']));
    assert.ok(sameText(['sha1', '?', '0x01'], ['sha1', '#3', '0x01']));
  });

  it('differ where both say something else, or one lacks something that nobody left out', () => {
    assert.ok(!sameText(['sha1', '#3', '?...'], ['sha1', '#4', '0x01']));
    assert.ok(!sameText(['sha1', '#3', '?...'], ['sha1']));
    assert.ok(!sameText(['sha1', '#3'], ['sha1', '#3', '0x01']));
    assert.ok(!sameText(['?...', '#3'], ['sha1', '#4']));
  });
});

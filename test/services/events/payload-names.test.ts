import assert from 'node:assert/strict';
import { groupedPayloads } from '../../../services/events/payload-names.js';

describe('payload names for people', () => {
  it('count equal neighbours, and only those', () => {
    assert.deepEqual(groupedPayloads(['SA', 'VENDOR', 'VENDOR', 'KE', 'VENDOR']), [
      'SA',
      'VENDOR x2',
      'KE',
      'VENDOR',
    ]);
    assert.deepEqual(groupedPayloads([]), []);
  });
});

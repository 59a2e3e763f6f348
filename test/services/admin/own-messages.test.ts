import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  decodeOwn,
  encodeOwn,
  readUpReport,
  readUpRequest,
} from '../../../services/admin/door/own-messages.js';

const FAILURE = {
  code: 'no-common-phase2-proposal',
  blame: 'config',
  exchange: 'Quick Mode',
  message: 1,
  explanation: 'Nothing fits.',
  hint: 'Make it fit.',
  comparisons: [
    {
      offered: 'offer 1',
      against: 'policy 1',
      where: { file: 'ipsec.conf', line: 3 },
      attributes: [{ name: 'cipher', offered: '3des', accepted: 'aes', agrees: false }],
    },
  ],
};

const ESTABLISHED = {
  outcome: 'established',
  phase1: { initiatorCookie: '0123456789abcdef', responderCookie: 'fedcba9876543210' },
  pairs: [
    { protocol: 'AH', inboundSpi: 2, outboundSpi: 3 },
    { protocol: 'ESP', inboundSpi: 1, outboundSpi: 0xffff_ffff },
  ],
  rule: 'a',
  milliseconds: 1.5,
};

describe('our own messages', () => {
  it('carry JSON after the number', () => {
    assert.deepEqual(decodeOwn(encodeOwn(0x1000_0001, { ä: [1] })), { ä: [1] });
    assert.equal(decodeOwn(Uint8Array.of(1, 0, 0, 0x10, 0x7b)), undefined);
  });

  it('bring outcomes back whole', () => {
    assert.deepEqual(readUpReport(ESTABLISHED), ESTABLISHED);
    assert.deepEqual(readUpReport({ outcome: 'failed', failure: FAILURE }), {
      outcome: 'failed',
      failure: FAILURE,
    });
  });

  it('leave what the peer may learn out of a report', () => {
    const failure = { ...FAILURE, wire: { answer: 'silence' } };
    assert.deepEqual(readUpReport({ outcome: 'failed', failure }), { outcome: 'failed', failure: FAILURE });
  });

  it('are refused when a field is missing or of another kind', () => {
    for (const field of Object.keys(ESTABLISHED)) {
      assert.equal(readUpReport({ ...ESTABLISHED, [field]: null }), undefined, field);
    }
    for (const field of ['code', 'blame', 'exchange', 'message', 'explanation', 'hint']) {
      assert.equal(
        readUpReport({ outcome: 'failed', failure: { ...FAILURE, [field]: null } }),
        undefined,
        field,
      );
    }
  });

  it('never throw on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readUpReport(value);
        readUpRequest(value);
      }),
    );
  });
});

/** WHY on the door: what is asked, and explanations read field by field. */
import assert from 'node:assert/strict';
import {
  readExplanations,
  readWhyRequest,
  whySubject,
} from '../../../services/admin/door/own-explanations.js';
import type { Explanation } from '../../../services/explain/explanation.js';

const EXPLANATION: Explanation = {
  about: {
    negotiation: 'p1-3',
    chart: 'main-mode-responder',
    local: '192.0.2.1:500',
    remote: '192.0.2.2:500',
    rule: 'peer',
    related: ['acquire-1'],
    beganMsAgo: 1500,
    endedMsAgo: 1000,
  },
  standing: 'failed',
  code: 'no-common-phase1-proposal',
  summary: 'no Phase 1 transform of the offer is accepted by a rule',
  happened: 'Nothing fits.',
  where: 'message 1 of Main Mode: the offer of the initiator',
  blame: { who: 'config', words: 'the two configurations' },
  why: 'One differing attribute is enough.',
  evidence: [{ name: 'rule', value: '"peer" (config:2)' }],
  changes: [
    {
      at: 'this host',
      what: 'Change it',
      place: { what: 'rule "peer"', file: 'config', line: 2 },
      lines: ['x'],
    },
    { at: 'the peer', what: 'Or there' },
  ],
  comparisons: [
    {
      offered: 'transform 1',
      against: 'rule "peer"',
      where: { file: 'config', line: 3 },
      attributes: [{ name: 'auth_alg', offered: 'SHA-1', accepted: 'SHA2-256', agrees: false }],
    },
  ],
  equivalents: [{ product: 'strongSwan', file: 'swanctl.conf', lines: ['proposals = x'] }],
  sources: ['RFC 2409 5'],
  messages: ['+0.000 s <- Main Mode 1'],
};

describe('WHY', () => {
  it('is asked of an id, an address or what failed last', () => {
    assert.deepEqual(readWhyRequest({ subject: 'last' }), { kind: 'last' });
    assert.deepEqual(readWhyRequest({ subject: 'acquire-12' }), { kind: 'negotiation', id: 'acquire-12' });
    assert.deepEqual(readWhyRequest({ subject: '2001:DB8::1' }), { kind: 'peer', address: '2001:db8::1' });
    for (const bad of ['', 'p3-1', 'p1-', 'p1-1 ', 'daemon', 'host.example', `p1-${'9'.repeat(16)}`])
      assert.equal(whySubject(bad), undefined, bad);
    for (const bad of [undefined, null, [], {}, { subject: 1 }]) assert.equal(readWhyRequest(bad), undefined);
  });

  it('brings explanations back whole', () => {
    const sent: unknown = JSON.parse(JSON.stringify({ explanations: [EXPLANATION] }));
    assert.deepEqual(readExplanations(sent), [EXPLANATION]);
    assert.deepEqual(readExplanations({ explanations: [] }), []);
  });

  it('refuses what lacks a field or has it of another kind', () => {
    for (const field of Object.keys(EXPLANATION)) {
      if (['code', 'blame', 'comparisons'].includes(field)) continue;
      const broken = { explanations: [{ ...EXPLANATION, [field]: 7 }] };
      assert.equal(readExplanations(broken), undefined, field);
    }
    for (const bad of [undefined, null, [], { explanations: {} }, { explanations: [null] }])
      assert.equal(readExplanations(bad), undefined);
  });
});

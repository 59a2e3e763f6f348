import assert from 'node:assert/strict';
import { Phase1Index } from '../../daemon/phase1-index.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { blankPhase1, type Phase1Record } from '../../services/exchange/phase1-record.js';
import { type Cookie, type IsakmpHeader, ZERO_COOKIE } from '../../services/isakmp/header.js';
import { NO_STORES } from '../../services/certs/stores.js';

const LOCAL = { address: '192.0.2.1', port: 500 };
const PEER = { address: '192.0.2.2', port: 500 };
const OTHER = { address: '192.0.2.3', port: 500 };
const [A, R, S] = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb', 'cccccccccccccccc'] as const;

describe('Phase 1 negotiations by what a datagram shows', () => {
  const { config } = parseIkeConfig('', 'config');

  function negotiation(initiatorCookie: Cookie, responderCookie: Cookie, remote = PEER) {
    assert.ok(config !== undefined);
    const record: Phase1Record = blankPhase1({
      ...({ mode: 'main', role: 'responder', begunAt: 0, config, stores: NO_STORES } as const),
      ...{ local: LOCAL, remote, initiatorCookie, responderCookie },
    });
    return { record };
  }

  function header(initiatorCookie: Cookie, responderCookie: Cookie): IsakmpHeader {
    return {
      ...{ initiatorCookie, responderCookie, nextPayload: 1, majorVersion: 1, minorVersion: 0 },
      ...{ exchangeType: 2, flags: 0, messageId: 0, length: 28 },
    };
  }

  it('are found by our cookie, by their first message, and by nothing else', () => {
    const [index, one] = [new Phase1Index<{ record: Phase1Record }>(), negotiation(A, R)];
    index.add(one);
    assert.equal(index.find(header(A, R), PEER), one);
    assert.equal(index.find(header(A, ZERO_COOKIE), PEER), one);
    assert.equal(index.find(header(A, ZERO_COOKIE), OTHER), undefined);
    assert.equal(index.find(header(A, R), OTHER), undefined);
    assert.equal(index.find(header(S, R), PEER), undefined);
    index.delete(one);
    assert.equal(index.find(header(A, R), PEER), undefined);
    assert.equal(index.find(header(A, ZERO_COOKIE), PEER), undefined);
  });

  it('are found by a first message whose cookie is one that we gave: each copy of it began another', () => {
    const index = new Phase1Index<{ record: Phase1Record }>();
    const [one, two] = [negotiation(A, R), negotiation(R, S)];
    index.add(one);
    index.add(two);
    assert.equal(index.find(header(R, ZERO_COOKIE), PEER), two);
    assert.equal(index.find(header(A, R), PEER), one);
  });

  it('that end take no other of the same first message along', () => {
    const index = new Phase1Index<{ record: Phase1Record }>();
    const [one, two] = [negotiation(A, R), negotiation(A, S)];
    index.add(one);
    index.add(two);
    index.delete(one);
    assert.equal(index.find(header(A, ZERO_COOKIE), PEER), two);
  });
});

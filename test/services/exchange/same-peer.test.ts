import assert from 'node:assert/strict';
import { NO_FEATURES } from '../../../services/exchange/peer-features.js';
import { isSamePeer, maySpeakFor } from '../../../services/exchange/same-peer.js';

const peer = (port: number, ...name: readonly number[]) => ({
  local: { address: '192.0.2.2', port: 4500 },
  remote: { address: '203.0.113.1', port },
  features: { ...NO_FEATURES, nat: { local: false, remote: true } },
  peerIdentity:
    name.length === 0
      ? undefined
      : ({ kind: 'ID', idType: 1, protocol: 0, port: 0, data: Uint8Array.from(name) } as const),
});

describe('of peers behind one NAT', () => {
  it('the same is who has the same identity and the same port', () => {
    assert.equal(isSamePeer(peer(1024, 10, 0, 0, 1), peer(1024, 10, 0, 0, 1)), true);
    assert.equal(isSamePeer(peer(1024, 10, 0, 0, 1), peer(1025, 10, 0, 0, 1)), false);
    assert.equal(isSamePeer(peer(1024, 10, 0, 0, 1), peer(1024, 10, 0, 0, 2)), false);
  });

  it('who has the same identity speaks for an SA from any port; for one without an identity anybody does', () => {
    assert.equal(maySpeakFor(peer(1025, 10, 0, 0, 1), peer(1024, 10, 0, 0, 1)), true);
    assert.equal(maySpeakFor(peer(1024, 10, 0, 0, 2), peer(1024, 10, 0, 0, 1)), false);
    assert.equal(maySpeakFor(peer(1024, 10, 0, 0, 2), peer(1024)), true);
  });
});

import assert from 'node:assert/strict';
import { NO_FEATURES } from '../../../services/exchange/peer-features.js';
import { type AskedTraffic, repeatedIdentitiesFault } from '../../../services/exchange/quick-mode-traffic.js';
import { encodePayloads, decodePayloads } from '../../../services/isakmp/message.js';
import type { IdPayload } from '../../../services/isakmp/payloads/identification.js';
import { ID_TYPE } from '../../../services/isakmp/registries/id-types.js';
import { addressBytes } from '../../../services/net/address.js';
import type { Phase2Record } from '../../../services/exchange/phase2-record.js';

const INSIDE = '192.0.2.2';
const PEER = '198.51.100.2';
const OUTSIDE = '198.51.100.1';

function host(address: string, port = 0): IdPayload {
  return { kind: 'ID', idType: ID_TYPE.ipv4Addr, protocol: 17, port, data: addressBytes(address) };
}

/** What an initiator behind a NAT asked for. */
function asked(
  encapsulation: Phase2Record['terms']['encapsulation'],
  mode: Phase2Record['terms']['mode'] = 'transport',
): AskedTraffic {
  const phase1 = {
    local: { address: INSIDE, port: 4500 },
    remote: { address: PEER, port: 4500 },
    features: { ...NO_FEATURES, nat: { local: encapsulation !== 'none', remote: false } },
  };
  return {
    phase1,
    selectors: { local: side(INSIDE), remote: side(PEER), protocol: 17 },
    identities: [host(INSIDE), host(PEER)],
    terms: { mode, encapsulation, group: 0, lifetimeSeconds: undefined, lifetimeKb: undefined },
  };
}

function side(address: string) {
  return { addresses: { begin: address, end: address }, port: 0 };
}

function answered(...identities: readonly IdPayload[]) {
  const { first, bytes } = encodePayloads(identities);
  const decoded = decodePayloads(first, bytes);
  assert.ok(decoded.ok);
  return decoded.value.payloads;
}

describe('the identities that a responder repeats', () => {
  it('are those that were asked for', () => {
    for (const encapsulation of ['none', 'udp'] as const) {
      const same = answered(host(INSIDE), host(PEER));
      assert.equal(repeatedIdentitiesFault(asked(encapsulation), same), undefined);
    }
  });

  it('may name the host behind a NAT by the address of the NAT, in transport mode', () => {
    assert.equal(repeatedIdentitiesFault(asked('udp'), answered(host(OUTSIDE), host(PEER))), undefined);
  });

  const refused: Readonly<Record<string, readonly [AskedTraffic, readonly IdPayload[]]>> = {
    'without a NAT': [asked('none'), [host(OUTSIDE), host(PEER)]],
    'in tunnel mode': [asked('udp', 'tunnel'), [host(OUTSIDE), host(PEER)]],
    'of the end that is behind no NAT': [asked('udp'), [host(INSIDE), host(OUTSIDE)]],
    'with another port': [asked('udp'), [host(OUTSIDE, 1701), host(PEER)]],
  };
  for (const [name, [record, identities]] of Object.entries(refused)) {
    it(`name no other address ${name}`, () => {
      assert.equal(repeatedIdentitiesFault(record, answered(...identities))?.code, 'selector-mismatch');
    });
  }
});

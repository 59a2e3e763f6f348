/** What makes no sense in a well-formed message of NETLINK_XFRM. */
import assert from 'node:assert/strict';
import { fromHex } from '../../../services/bytes.js';
import { ANY_TRAFFIC } from '../../../services/xfrm/addresses.js';
import type { XfrmMessage } from '../../../services/xfrm/message.js';
import type { XfrmPolicy } from '../../../services/xfrm/policy.js';
import { NO_LIMITS, NO_USE, type SaAttributes, type XfrmSa } from '../../../services/xfrm/sa.js';
import { verifyXfrm } from '../../../services/xfrm/verify.js';

const SA: XfrmSa = {
  selector: ANY_TRAFFIC,
  source: '10.0.0.1',
  destination: '10.0.0.2',
  spi: 0x1000,
  protocol: 50,
  family: 2,
  mode: 0,
  requestId: 0,
  sequence: 0,
  replayWindow: 0,
  flags: 0,
  limits: NO_LIMITS,
  current: NO_USE,
  refused: { beforeWindow: 0, replayed: 0, unproved: 0 },
};
const AUTH: SaAttributes = {
  auth: { name: 'hmac(sha1)', key: fromHex('11'.repeat(20)), truncatedBits: 96 },
  others: [],
};
const GCM = { name: 'rfc4106(gcm(aes))', key: fromHex('22'.repeat(20)), icvBits: 128 };
const REPLAY = { outgoing: 0, incoming: 0, outgoingHigh: 0, incomingHigh: 0 };
const POLICY: XfrmPolicy = {
  selector: ANY_TRAFFIC,
  priority: 0,
  index: 0,
  direction: 1,
  action: 0,
  flags: 0,
  share: 0,
  templates: [],
};

const newSa = (sa: Partial<XfrmSa>, attributes: SaAttributes = AUTH): XfrmMessage => ({
  kind: 'NEWSA',
  sa: { ...SA, ...sa },
  attributes,
});

const FAULTS: readonly (readonly [string, XfrmMessage, RegExp])[] = [
  ['an SPI of 0', newSa({ spi: 0 }), /SPI is 0/],
  ['a strange family', newSa({ family: 7 }), /family 7/],
  ['a strange mode', newSa({ mode: 9 }), /mode 9/],
  ['neither ESP nor AH', newSa({ protocol: 6 }), /protocol 6/],
  ['ESP without algorithms', newSa({}, { others: [] }), /needs an algorithm/],
  ['AH without authentication', newSa({ protocol: 51 }, { others: [] }), /AH needs/],
  [
    'AH that encrypts',
    newSa({ protocol: 51 }, { ...AUTH, crypt: { name: 'cbc(aes)', key: fromHex('') } }),
    /AH encrypts/,
  ],
  ['GCM beside an HMAC', newSa({}, { ...AUTH, aead: GCM }), /stands alone/],
  ['an algorithm without a name', newSa({}, { others: [], aead: { ...GCM, name: '' } }), /no name/],
  [
    'AH in UDP',
    newSa(
      { protocol: 51 },
      { ...AUTH, encapsulation: { type: 2, sourcePort: 1, destinationPort: 1, original: '0.0.0.0' } },
    ),
    /travels in UDP/,
  ],
  [
    'an encapsulation of drafts',
    newSa(
      {},
      { ...AUTH, encapsulation: { type: 1, sourcePort: 1, destinationPort: 1, original: '0.0.0.0' } },
    ),
    /RFC 3948/,
  ],
  [
    'a window wider than its bitmap',
    newSa({}, { ...AUTH, replay: { ...REPLAY, window: 65, bitmap: new Uint8Array(8) } }),
    /more packets/,
  ],
  [
    'a soft limit above the hard one',
    newSa({ limits: { ...NO_LIMITS, softBytes: 3, hardBytes: 2 } }),
    /bytes is above/,
  ],
  [
    'soft seconds above the hard ones',
    newSa({ limits: { ...NO_LIMITS, softAddSeconds: 3, hardAddSeconds: 2 } }),
    /seconds is above/,
  ],
  [
    'a prefix longer than IPv4',
    newSa({ selector: { ...ANY_TRAFFIC, family: 2, source: { ...ANY_TRAFFIC.source, prefixLength: 33 } } }),
    /prefix of 33/,
  ],
  [
    'a port outside its mask',
    newSa({ selector: { ...ANY_TRAFFIC, source: { ...ANY_TRAFFIC.source, port: 80 } } }),
    /outside its mask/,
  ],
  ['an empty range of SPIs', { kind: 'ALLOCSPI', sa: SA, min: 2, max: 1, attributes: AUTH }, /range of SPIs/],
  [
    'a policy of an unknown direction',
    { kind: 'NEWPOLICY', policy: { ...POLICY, direction: 9 } },
    /direction 9/,
  ],
  ['a policy of an unknown action', { kind: 'NEWPOLICY', policy: { ...POLICY, action: 2 } }, /action 2/],
  [
    'a mapping to port 0',
    {
      kind: 'MAPPING',
      id: { destination: '10.0.0.1', spi: 1, family: 2, protocol: 50 },
      requestId: 0,
      before: { address: '10.0.0.2', port: 4500 },
      now: { address: '10.0.0.2', port: 0 },
    },
    /port is 0/,
  ],
];

describe('verifying netlink XFRM messages', () => {
  it('has nothing against an SA that the kernel would take', () => {
    assert.deepEqual(verifyXfrm(newSa({}), 'toKernel'), []);
    assert.deepEqual(verifyXfrm(newSa({}, { others: [], aead: GCM }), 'toKernel'), []);
    assert.deepEqual(verifyXfrm(newSa({ protocol: 51 }), 'toKernel'), []);
    assert.deepEqual(verifyXfrm({ kind: 'NEWPOLICY', policy: POLICY }, 'toKernel'), []);
  });

  for (const [what, message, expected] of FAULTS) {
    it(`says what is wrong with ${what}`, () => {
      const faults = verifyXfrm(message, 'toKernel');
      assert.ok(
        faults.some((fault) => expected.test(fault)),
        faults.join('; '),
      );
    });
  }

  it('takes a larval SA from the kernel, which has no algorithms yet', () => {
    assert.deepEqual(verifyXfrm(newSa({}, { others: [] }), 'fromKernel'), []);
  });
});

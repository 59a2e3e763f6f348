/** Registries: unambiguous, named, sourced; numbers checked against the RFCs' own where a slip would be silent. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { concat, fromHex, hex } from '../../../services/bytes.js';
import { AH_TRANSFORM, AH_TRANSFORMS } from '../../../services/isakmp/registries/ah-transforms.js';
import { CERT_ENCODING, CERT_ENCODINGS } from '../../../services/isakmp/registries/cert-encodings.js';
import { DOI, DOIS, SITUATION, SITUATIONS } from '../../../services/isakmp/registries/doi.js';
import { ESP_TRANSFORM, ESP_TRANSFORMS } from '../../../services/isakmp/registries/esp-transforms.js';
import {
  EXCHANGE,
  EXCHANGE_TYPES,
  exchangeName,
} from '../../../services/isakmp/registries/exchange-types.js';
import { groupName, OAKLEY_GROUPS } from '../../../services/isakmp/registries/groups.js';
import { ID_TYPE, ID_TYPES, idTypeName } from '../../../services/isakmp/registries/id-types.js';
import { IPCOMP_TRANSFORMS } from '../../../services/isakmp/registries/ipcomp-transforms.js';
import {
  AUTH_ALGORITHM,
  AUTH_ALGORITHMS,
  ENCAPSULATION_MODE,
  ENCAPSULATION_MODES,
  IPSEC_ATTRIBUTE,
  IPSEC_ATTRIBUTES,
} from '../../../services/isakmp/registries/ipsec-attributes.js';
import {
  isErrorNotify,
  NOTIFY,
  NOTIFY_TYPES,
  notifyName,
} from '../../../services/isakmp/registries/notify-types.js';
import {
  PAYLOAD,
  PAYLOAD_TYPES,
  payloadTypeName,
} from '../../../services/isakmp/registries/payload-types.js';
import {
  AUTHENTICATION_METHODS,
  ENCRYPTION_ALGORITHMS,
  HASH_ALGORITHMS,
  LIFE_TYPE,
  LIFE_TYPES,
  OAKLEY_ATTRIBUTE,
  OAKLEY_ATTRIBUTES,
} from '../../../services/isakmp/registries/phase1-attributes.js';
import { PROTOCOL, PROTOCOLS } from '../../../services/isakmp/registries/protocols.js';
import type { Registry } from '../../../services/isakmp/registries/registry.js';
import { VENDOR_ID, VENDOR_IDS, vendorIdName } from '../../../services/isakmp/registries/vendor-ids.js';

const REGISTRIES: readonly (readonly [Registry, Readonly<Record<string, number>>])[] = [
  [AH_TRANSFORMS, AH_TRANSFORM],
  [AUTH_ALGORITHMS, AUTH_ALGORITHM],
  [AUTHENTICATION_METHODS, {}],
  [CERT_ENCODINGS, CERT_ENCODING],
  [DOIS, DOI],
  [ENCAPSULATION_MODES, ENCAPSULATION_MODE],
  [ENCRYPTION_ALGORITHMS, {}],
  [ESP_TRANSFORMS, ESP_TRANSFORM],
  [EXCHANGE_TYPES, EXCHANGE],
  [HASH_ALGORITHMS, {}],
  [ID_TYPES, ID_TYPE],
  [IPCOMP_TRANSFORMS, {}],
  [IPSEC_ATTRIBUTES, IPSEC_ATTRIBUTE],
  [LIFE_TYPES, LIFE_TYPE],
  [NOTIFY_TYPES, NOTIFY],
  [OAKLEY_ATTRIBUTES, OAKLEY_ATTRIBUTE],
  [OAKLEY_GROUPS, {}],
  [PAYLOAD_TYPES, PAYLOAD],
  [PROTOCOLS, PROTOCOL],
  [SITUATIONS, SITUATION],
];

describe('registries', () => {
  for (const [registry, numbers] of REGISTRIES) {
    it(`${registry.title}: every number and name once, with a source`, () => {
      const { entries } = registry;
      assert.equal(new Set(entries.map((entry) => entry.number)).size, entries.length);
      assert.equal(new Set(entries.map((entry) => entry.name)).size, entries.length);
      for (const entry of entries) {
        assert.match(entry.source, /^(RFC \d+ .+|draft-.+|practice.*)$/);
        assert.equal(registry.nameOf(entry.number), entry.name);
      }
      assert.equal(registry.nameOf(54321), 'unknown (54321)');
      assert.equal(registry.find(54321), undefined);
    });

    it(`${registry.title}: each number the code uses has an entry`, () => {
      for (const [key, number] of Object.entries(numbers)) assert(registry.find(number) !== undefined, key);
    });
  }

  it('name what operators read', () => {
    assert.equal(exchangeName(2), 'Main Mode');
    assert.equal(exchangeName(32), 'Quick Mode');
    assert.equal(notifyName(14), 'NO-PROPOSAL-CHOSEN');
    assert.equal(notifyName(24578), 'INITIAL-CONTACT');
    assert.equal(idTypeName(2), 'ID_FQDN');
    assert.equal(payloadTypeName(20), 'NAT-D');
    assert.equal(groupName(14), 'modp2048');
    assert.equal(exchangeName(99), 'unknown (99)');
  });

  it('tell errors from status', () => {
    assert(isErrorNotify(NOTIFY.unequalPayloadLengths));
    assert(isErrorNotify(16383));
    assert(!isErrorNotify(NOTIFY.connected));
    assert(!isErrorNotify(NOTIFY.rUThere));
  });

  describe('vendor IDs', () => {
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');

    it('are the MD5 sums their documents define', () => {
      assert.equal(hex(VENDOR_ID.natT.bytes), md5('RFC 3947'));
      assert.equal(hex(VENDOR_ID.natTDraft03.bytes), md5('draft-ietf-ipsec-nat-t-ike-03'));
      assert.equal(hex(VENDOR_ID.natTDraft02Newline.bytes), md5('draft-ietf-ipsec-nat-t-ike-02\n'));
      assert.equal(hex(VENDOR_ID.natTDraft02.bytes), md5('draft-ietf-ipsec-nat-t-ike-02'));
      assert.equal(hex(VENDOR_ID.natTDraft00.bytes), md5('draft-ietf-ipsec-nat-t-ike-00'));
      assert.equal(hex(VENDOR_ID.fragmentation.bytes), md5('FRAGMENTATION'));
    });

    it('are told apart', () => {
      for (const entry of VENDOR_IDS) assert.equal(vendorIdName(entry.bytes), entry.name);
    });

    it('are compared by prefix where more may follow, and whole elsewhere', () => {
      const more = fromHex('80000000');
      assert.equal(vendorIdName(concat(VENDOR_ID.fragmentation.bytes, more)), VENDOR_ID.fragmentation.name);
      assert.notEqual(vendorIdName(concat(VENDOR_ID.natT.bytes, more)), VENDOR_ID.natT.name);
      assert.notEqual(
        vendorIdName(VENDOR_ID.fragmentation.bytes.subarray(0, 15)),
        VENDOR_ID.fragmentation.name,
      );
    });

    it('know DPD of any version', () => {
      assert.equal(vendorIdName(fromHex('afcad71368a1f1c96b8696fc77570200')), VENDOR_ID.dpd.name);
      assert.notEqual(vendorIdName(fromHex('afcad71368a1f1c96b8696fc7757')), VENDOR_ID.dpd.name);
    });

    it('are told as hex when unknown', () => {
      assert.equal(vendorIdName(fromHex('0102')), 'unknown (0102)');
      assert.equal(vendorIdName(new Uint8Array(20)), `unknown (${'00'.repeat(16)}...)`);
    });
  });
});

/** Output layouts, byte for byte. */
import assert from 'node:assert/strict';
import { longAddress } from '../../../cli/ikeadm/print/address.js';
import { defaultsText } from '../../../cli/ikeadm/print/defaults.js';
import {
  cookieNumber,
  inKilobytes,
  inSeconds,
  keyDigits,
  localTime,
} from '../../../cli/ikeadm/print/numbers.js';
import { phase1Text } from '../../../cli/ikeadm/print/phase1.js';
import { statisticsText } from '../../../cli/ikeadm/print/statistics.js';
import { establishedText, failureDetails, failureText } from '../../../cli/ikeadm/print/up.js';
import type { Phase1SaRecord } from '../../../services/admin/door/phase1-sa.js';
import { phase1Record } from '../../../services/admin/phase1-record.js';
import { phase1Sa } from '../../services/admin/simulated-administration.js';

/** Sat Feb  7 04:05:06 2026 UTC */
const CREATED = 1_770_437_106;

describe('ikeadm prints numbers', () => {
  const SECONDS: readonly (readonly [number, string])[] = [
    [60, ''],
    [61, ' (1.02 minute)'],
    [3600, ' (1.00 hour)'],
    [5400, ' (1.50 hour)'],
    [14_400, ' (4.00 hours)'],
    [86_400, ' (1.00 day)'],
    [172_800, ' (2.00 days)'],
    [4_294_967_295, ' (49710.27 days)'],
  ];
  for (const [seconds, text] of SECONDS) {
    it(`${String(seconds)} seconds${text}`, () => {
      assert.equal(inSeconds(seconds), text);
    });
  }

  const KILOBYTES: readonly (readonly [number, string])[] = [
    [0, ''],
    [1, ''],
    [2, '(2.00 KB) '],
    [4_194_304, '(4.00 GB) '],
    [4_294_967_295, '(4.00 TB) '],
  ];
  for (const [kilobytes, text] of KILOBYTES) {
    it(`${String(kilobytes)} kbytes ${text}`, () => {
      assert.equal(inKilobytes(kilobytes), text);
    });
  }

  it('cookies without leading zeros', () => {
    assert.equal(cookieNumber('00000000000000ff'), '0xff');
    assert.equal(cookieNumber('0000000000000000'), '0x0');
  });

  it('keys with their length in bits, hidden when paranoid', () => {
    assert.equal(keyDigits(Uint8Array.of(0, 0xab), false), '00ab/16');
    assert.equal(keyDigits(Uint8Array.of(0, 0xab), true), 'XXXX/16');
  });

  it('addresses in the long form', () => {
    const names = new Map([['192.0.2.1', 'alpha.example']]);
    assert.equal(
      longAddress({ address: '192.0.2.1', port: 500 }, names),
      'AF_INET: port 500, 192.0.2.1 (alpha.example).',
    );
    assert.equal(
      longAddress({ address: '192.0.2.2', port: 500 }, names),
      'AF_INET: port 500, 192.0.2.2 <unknown>.',
    );
    assert.equal(longAddress({ address: '::', port: 0 }, names), 'AF_INET6: port 0, :: <unspecified>.');
    assert.equal(longAddress({ address: '::', port: 0 }, undefined), 'AF_INET6: port 0, ::.');
  });
});

describe('ikeadm prints', () => {
  let timeZone: string | undefined;
  before(() => {
    timeZone = process.env.TZ;
    process.env.TZ = 'UTC';
  });
  after(() => {
    if (timeZone === undefined) delete process.env.TZ;
    else process.env.TZ = timeZone;
  });

  const printed = (sa: Phase1SaRecord, now = CREATED + 400): string =>
    phase1Text(sa, { names: undefined, paranoid: false, now });

  it('times as the C locale does', () => {
    assert.equal(localTime(CREATED), 'Sat Feb  7 04:05:06 2026');
    assert.equal(localTime(Number.MAX_SAFE_INTEGER), '<time conversion failed>');
  });

  it('an SA of the initiator', () => {
    assert.equal(
      printed(phase1Record(phase1Sa())),
      `
IKESA: Cookies: Initiator 0x123456789abcdef  Responder 0xfedcba9876543210
IKESA: The local host is the initiator.
IKESA: ISAKMP version 1.0; main mode (identity protect) exchange
IKESA: Current state is ACTIVE
XFORM: Authentication method: pre-shared key
XFORM: Encryption alg: aes-cbc(128); Authentication alg: hmac-sha1
XFORM: Oakley Group: 2048-bit MODP (group 14)
XFORM: Phase 2 PFS is not used
LOCIP: Address (Initiator):
LOCIP: AF_INET: port 500, 192.0.2.1.
REMIP: Address (Responder):
REMIP: AF_INET: port 500, 198.51.100.7.
LIFTM: Lifetime limits:
LIFTM: 14400 seconds (4.00 hours); 0 kbytes protected
LIFTM: keying material for IPsec SAs can be provided 0 times (no limit)
LIFTM: Current usage:
LIFTM: SA was created at Sat Feb  7 04:05:06 2026
LIFTM: 1 kbytes protected
LIFTM: keying material for IPsec SAs provided 1 times
LIFTM: Expiration info:
LIFTM: SA expires in 14000 seconds (3.89 hours)
LIFTM: Time of expiration: Sat Feb  7 08:05:06 2026
STATS: 2 Quick Mode SAs created; 0 Quick Mode SAs deleted
ERRS:  6 RX errors: 1 decryption, 2 hash, 3 other
ERRS:  4 TX errors
LOCID: Initiator identity, uid=0, type prefix
LOCID: 192.0.2.1/32
REMID: Responder identity, uid=0, type prefix
REMID: 198.51.100.7/32
`,
    );
  });

  it('an SA of the responder with everything that is optional', () => {
    const sa = phase1Record(
      phase1Sa({
        isInitiator: false,
        exchange: 'aggressive',
        transform: {
          method: 'rsa_sig',
          group: 19,
          hash: 'sha256',
          cipher: '3des',
          keyBits: undefined,
          prf: 'sha256',
          pfsGroup: 2,
        },
        limits: { seconds: 60, kilobytes: 4096, keyUses: 10 },
        usage: {
          quickModeSasCreated: 0,
          quickModeSasDeleted: 0,
          created: CREATED,
          kilobytes: 2048,
          keyUses: 3,
        },
        deadPeerDetection: { state: 'alive', at: CREATED },
        localIdentity: { type: 'fqdn', text: 'alpha.example' },
        remoteIdentity: undefined,
        keys: [
          { type: 'preshared', bytes: Uint8Array.of(1, 2) },
          { type: 'iv', bytes: Uint8Array.of(255) },
        ],
      }),
    );
    assert.equal(
      printed(sa),
      `
IKESA: Cookies: Initiator 0x123456789abcdef  Responder 0xfedcba9876543210
IKESA: The local host is the responder.
IKESA: ISAKMP version 1.0; aggressive mode exchange
IKESA: Current state is ACTIVE
IKESA: Dead Peer Detection (RFC 3706) enabled
IKESA: Dead Peer Detection handshake was successful at  Sat Feb  7 04:05:06 2026
XFORM: Authentication method: RSA signatures
XFORM: Encryption alg: 3des-cbc; Authentication alg: hmac-sha256
XFORM: PRF: HMAC SHA256 ; Oakley Group: 256-bit ECP (group 19)
XFORM: Phase 2 PFS is required (Oakley Group: 1024-bit MODP (group 2))
LOCIP: Address (Responder):
LOCIP: AF_INET: port 500, 192.0.2.1.
REMIP: Address (Initiator):
REMIP: AF_INET: port 500, 198.51.100.7.
LIFTM: Lifetime limits:
LIFTM: 60 seconds; 4096 kbytes (4.00 MB) protected
LIFTM: keying material for IPsec SAs can be provided 10 times
LIFTM: Current usage:
LIFTM: SA was created at Sat Feb  7 04:05:06 2026
LIFTM: 2048 kbytes (2.00 MB) protected
LIFTM: keying material for IPsec SAs provided 3 times
LIFTM: Expiration info:
LIFTM: 2048 more bytes (2.00 MB) can be protected.
LIFTM: Keying material can be provided 7 more times.
LIFTM: SA Expired at Sat Feb  7 04:06:06 2026
STATS: 0 Quick Mode SAs created; 0 Quick Mode SAs deleted
ERRS:  6 RX errors: 1 decryption, 2 hash, 3 other
ERRS:  4 TX errors
LOCID: Responder identity, uid=0, type FQDN
LOCID: alpha.example
KEY:   Pre-shared key (2 bytes): 0102/16
KEY:   Initialization vector (1 bytes): ff/8
`,
    );
  });

  it('probing and failing of dead peer detection', () => {
    const line = (state: 'idle' | 'probing' | 'dead'): string | undefined =>
      printed(phase1Record(phase1Sa({ deadPeerDetection: { state, at: CREATED } })))
        .split('\n')
        .find((text) => text.includes('handshake'));
    assert.equal(line('idle'), undefined);
    assert.equal(line('probing'), 'IKESA: Dead Peer Detection handshake is in progress. ');
    assert.equal(line('dead'), 'IKESA: Dead Peer Detection handshake failed at  Sat Feb  7 04:05:06 2026');
  });

  it('only limits when usage and errors are missing', () => {
    const text = printed({ ...phase1Record(phase1Sa()), usage: undefined, errors: undefined });
    assert.equal(/STATS:|ERRS:|Current usage|Expiration/.test(text), false);
    assert.match(text, /LIFTM: keying material .*\nLOCID:/);
  });

  it('numbers it does not know, and no control characters of the peer', () => {
    const sa = phase1Record(phase1Sa({ remoteIdentity: { type: 'keyid', text: 'a\u001b[2Jb' } }));
    const text = printed({
      ...sa,
      exchange: 99,
      state: 9,
      transform: {
        ...sa.transform,
        cipher: 0,
        hash: 99,
        group: 99,
        method: 9,
        prf: 9,
        lowBits: 128,
        highBits: 256,
      },
      keys: [
        { type: 99, bytes: Uint8Array.of(1) },
        { type: 1, bytes: undefined },
      ],
    });
    for (const expected of [
      'ISAKMP version 1.0; <unknown 99> exchange',
      'Current state is <unknown 9>',
      'Encryption alg: <none>(128..256); Authentication alg: <unknown 99>',
      'PRF: <unknown 9> ; Oakley Group: <unknown 99>',
      'REMID: Responder identity, uid=0, type Generic key id\nREMID: a\\x1b[2Jb\n',
      'KEY:   Unidentified key info 99 1\nKEY:   Short key\n',
    ]) {
      assert.ok(text.includes(expected), expected);
    }
  });

  it('statistics', () => {
    const counters = {
      initiatorCurrent: 1,
      responderCurrent: 2,
      initiatorTotal: 3,
      responderTotal: 4_294_967_295,
      initiatorAttempts: 5,
      responderAttempts: 6,
      initiatorNoResponse: 7,
      initiatorRefused: 8,
      responderFailed: 9,
    };
    const expected = `Phase 1 SA counts:
Current:   initiator:          1   responder:          2
Total:     initiator:          3   responder: 4294967295
Attempted: initiator:          5   responder:          6
Failed:    initiator:         15   responder:          9
           initiator fails include 7 time-out(s)
`;
    assert.equal(statisticsText({ ...counters, library: '' }), expected);
    assert.equal(
      statisticsText({ ...counters, library: '/usr/lib/libpkcs11.so' }),
      `${expected}PKCS#11 library linked in from /usr/lib/libpkcs11.so\n`,
    );
  });

  it('defaults', () => {
    const lines = defaultsText(
      () => 5,
      (name) => (name === 'rule_p1_lifetime_secs' ? 14_400 : 5),
    ).split('\n');
    assert.deepEqual(lines.slice(0, 9), [
      '',
      'Global defaults. Some values can be over-ridden on a per rule basis.',
      '',
      'System defaults are time delayed.',
      '',
      'Token:            Source:   Value:      Unit:     Description:              ',
      '',
      'p1_lifetime_secs  config          14400 seconds   phase 1 lifetime          ',
      '-                 default             5 seconds   minimum phase 1 lifetime  ',
    ]);
    assert.equal(lines[34], '-                 default             5           NAT-T port number         ');
    assert.deepEqual(lines.slice(35), ['']);
  });

  it('the outcome of up', () => {
    assert.equal(
      establishedText({
        outcome: 'established',
        phase1: { initiatorCookie: '0123456789abcdef', responderCookie: 'fedcba9876543210' },
        pairs: [{ protocol: 'ESP', inboundSpi: 0x1234, outboundSpi: 0xdeadbeef }],
        rule: 'alpha to beta',
        milliseconds: 33.6,
      }),
      'established: ESP SPIs 0x00001234 / 0xdeadbeef, Phase 1 0x123456789abcdef/0xfedcba9876543210, rule "alpha to beta" (34 ms)',
    );
    const failure = {
      code: 'no-common-phase2-proposal',
      blame: 'config',
      exchange: 'Quick Mode',
      message: 1,
      explanation: 'nothing fits.',
      hint: 'make it fit.',
      comparisons: [
        {
          offered: 'offer 1',
          against: 'policy 1',
          where: { file: 'ipsec.conf', line: 3 },
          attributes: [
            { name: 'cipher', offered: '3des', accepted: 'aes', agrees: false },
            { name: 'integrity', offered: 'sha1', accepted: 'sha1', agrees: true },
          ],
        },
      ],
    };
    assert.equal(failureText(failure), 'failed in Quick Mode, message 1: nothing fits.');
    assert.equal(failureText({ ...failure, exchange: '' }), 'failed: nothing fits.');
    assert.deepEqual(failureDetails(failure), [
      'hint: make it fit.',
      'offer 1 against policy 1 (ipsec.conf:3):',
      '     attribute  offered  accepted',
      '  !  cipher     3des     aes',
      '     integrity  sha1     sha1',
    ]);
  });
});

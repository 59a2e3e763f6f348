/** Layouts of rules, certificates and names that a daemon in health does not come to. */
import assert from 'node:assert/strict';
import { certificateText } from '../../../cli/ikeadm/print/certificate.js';
import { exchangeName, methodName, prfName, stateName } from '../../../cli/ikeadm/print/names.js';
import { ruleText } from '../../../cli/ikeadm/print/rule.js';
import { groupName } from '../../../services/admin/algorithm-numbers.js';
import { DOOR_ERROR, doorErrorText } from '../../../services/admin/door/door-error.js';
import type { RuleRecord } from '../../../services/admin/door/rule.js';

const RULE: RuleRecord = {
  label: 'x\x1b[2J',
  cookie: 7,
  exchange: 240,
  localIdType: 0,
  phase1NonceLength: 20,
  phase2NonceLength: 20,
  pfsGroup: 0,
  lifetimeSeconds: 90_000,
  softlifeSeconds: 60,
  idletimeSeconds: 61,
  lifetimeKb: 4_194_304,
  softlifeKb: 1,
  transforms: [],
  localRanges: [undefined],
  remoteRanges: [],
  localIds: { includes: [], excludes: [] },
  remoteIds: { includes: ['any'], excludes: [] },
};

describe('ikeadm prints objects', () => {
  it('certificates by trust and link, also of peers and with locked keys', () => {
    const links: readonly (readonly [linkage: number, lines: string])[] = [
      [-1, '\t\t[Public certificate only]\n\t\t[Obtained via certificate payload]\n'],
      [0, '\t\t[Public certificate only]\n'],
      [1, '\t\t[Private key linked but locked]\n'],
      [2, '\t\t[Private key available]\n'],
      [9, '\t\t[<unknown 9>]\n'],
    ];
    for (const [linkage, lines] of links) {
      for (const trusted of [false, true]) {
        assert.equal(
          certificateText({ id: 3, trusted, linkage, subject: 'CN=a', issuer: 'CN=b' }),
          `\nCERTIFICATE CACHE ID: 3\n\tSubject Name: <CN=a>\n\t Issuer Name: <CN=b>\n${trusted ? '\t\t[trusted certificate]\n' : ''}${lines}`,
        );
      }
    }
  });

  it('rules with ranges that are none, times in words, and no control characters', () => {
    assert.equal(
      ruleText(RULE),
      [
        '',
        "GLOBL: Label 'x\\x1b[2J', key manager cookie 7",
        'GLOBL: local_idtype=<unknown 0>, ike_mode=main and aggressive mode',
        'GLOBL: p1_nonce_len=20, p2_nonce_len=20, p2_pfs=false (group 0)',
        'GLOBL: p2_lifetime=90000 seconds (1.04 day)',
        'GLOBL: p2_softlife=60 seconds',
        'GLOBL: p2_idletime=61 seconds (1.02 minute)',
        'GLOBL: p2_lifetime_kb=4194304 kilobytes (4.00 GB)',
        'GLOBL: p2_softlife_kb=1 kilobytes',
        'LOCIP: IP address range(s):',
        'LOCIP invalid address range',
        'REMID: Identity descriptors:',
        'REMID: Includes:',
        'REMID:    any',
        'REMID: Excludes:',
        '',
      ].join('\n'),
    );
  });

  it('exchanges, states, methods, PRFs and groups by their names', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 240, 256, 9].map(exchangeName), [
      '<unspecified>',
      'base',
      'main mode (identity protect)',
      'authentication only',
      'aggressive mode',
      'main and aggressive mode',
      'any mode',
      '<unknown 9>',
    ]);
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map(stateName), [
      '<invalid>',
      'INITIALIZING',
      'SENT FIRST MSG (SA)',
      'SENT SECOND MSG (KE)',
      'SENT FINAL MSG',
      'ACTIVE',
      'DELETED',
    ]);
    assert.deepEqual([1, 2, 3, 4, 5].map(methodName), [
      'pre-shared key',
      'DSS signatures',
      'RSA signatures',
      'RSA Encryption',
      'Revised RSA Encryption',
    ]);
    assert.deepEqual([1, 2, 5, 6, 7].map(prfName), [
      'HMAC MD5',
      'HMAC SHA1',
      'HMAC SHA256',
      'HMAC SHA384',
      'HMAC SHA512',
    ]);
    assert.deepEqual([0, 1, 3, 18, 21, 22].map(groupName), [
      '<unavailable>',
      '768-bit MODP (group 1)',
      'EC2N group on GP[2^155]',
      '8192-bit MODP (group 18)',
      '521-bit ECP (group 21)',
      '1024-bit MODP with 160-bit subprime (group 22)',
    ]);
  });

  it('a text for every error of the door', () => {
    const texts = Object.values(DOOR_ERROR).map((code) => doorErrorText(code, 13, () => 'Permission denied'));
    assert.deepEqual(texts, [
      'No data returned',
      'No destination provided',
      'Id info invalid',
      'Destination invalid',
      'Command invalid',
      'Supplied data invalid',
      'Unknown command',
      'Request invalid',
      'Not allowed at current privilege level',
      'Permission denied',
      'One or more duplicate entries ignored',
      'token login failed or no objects on device',
      'User not authorized',
      'Duplicate operation already in progress',
      'Insufficient memory',
    ]);
    assert.equal(
      doorErrorText(10, 0, () => ''),
      '<unknown error>',
    );
    assert.equal(
      doorErrorText(77, 0, () => ''),
      '<unknown error 77>',
    );
  });
});

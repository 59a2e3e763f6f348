/** The command as it ships at a real door, behind which are states and numbers that no daemon of ours comes to. */
import assert from 'node:assert/strict';
import { encodeCertificate } from '../../../../services/admin/door/certcache.js';
import { STATREQ } from '../../../../services/admin/door/heads.js';
import { encodePhase1Sa, type Phase1SaRecord } from '../../../../services/admin/door/phase1-sa.js';
import { encodeRule, type RuleRecord } from '../../../../services/admin/door/rule.js';
import { SERVICE } from '../../../../services/admin/door/service.js';
import { encodeStatistics } from '../../../../services/admin/door/statistics.js';
import { phase1Record } from '../../../../services/admin/phase1-record.js';
import { concat } from '../../../../services/bytes.js';
import { phase1Sa } from '../../../services/admin/simulated-administration.js';
import { ikeadm, type Ran } from './real-ikeadm.js';
import { type Answer, behind, listing, StrangeDoor } from './strange-door.js';

const LOCAL = { address: '192.0.2.1', port: 500 } as const;
const REMOTE = { address: '198.51.100.7', port: 500 } as const;
/** Sat Feb  7 04:05:06 2026 UTC */
const THEN = 1_770_437_106;

describe('ikeadm as it ships, at strange answers', () => {
  const door = new StrangeDoor();
  const typed = (input: string): Promise<Ran> => door.typed(input);

  before(() => door.open());
  after(() => door.close());

  const sas = (changes: readonly Partial<Phase1SaRecord>[]): Answer =>
    listing(
      changes.map((change) => encodePhase1Sa({ ...phase1Record(phase1Sa()), ...change }, LOCAL, REMOTE)),
    );

  it('counts failures of the initiator with and without an answer, and names the library of tokens', async () => {
    const head = STATREQ.encode({ cmd: SERVICE.GET_STATS, length: 0 }, {});
    door.answer = () =>
      concat(
        head,
        encodeStatistics({
          initiatorCurrent: 1,
          responderCurrent: 2,
          initiatorTotal: 3,
          responderTotal: 4,
          initiatorAttempts: 4_294_967_295,
          responderAttempts: 6,
          initiatorNoResponse: 7,
          initiatorRefused: 8,
          responderFailed: 9,
          library: '/usr/lib/libpkcs11.so',
        }),
      );
    assert.equal(
      (await typed('get stats\n')).stdout,
      [
        'Phase 1 SA counts:',
        'Current:   initiator:          1   responder:          2',
        'Total:     initiator:          3   responder:          4',
        'Attempted: initiator: 4294967295   responder:          6',
        'Failed:    initiator:         15   responder:          9',
        '           initiator fails include 7 time-out(s)',
        'PKCS#11 library linked in from /usr/lib/libpkcs11.so',
        '',
      ].join('\n'),
    );
  });

  it('names every exchange, state, method, PRF, group and hash', async () => {
    const { transform } = phase1Record(phase1Sa());
    // Of one byte here; 256, any mode, is only in rules and keys.
    const exchanges = [0, 1, 2, 3, 4, 240, 255, 9];
    const states = [0, 1, 2, 3, 4, 5, 6, 7];
    const methods = [1, 2, 3, 4, 5, 6, 1, 1];
    const prfs = [0, 1, 2, 5, 6, 7, 3, 0];
    const groups = [0, 1, 3, 18, 21, 22, 23, 99];
    const hashes = [0, 2, 3, 5, 6, 7, 99, 3];
    door.answer = sas(
      exchanges.map((exchange, at) => ({
        exchange,
        state: states[at] ?? 0,
        transform: {
          ...transform,
          method: methods[at] ?? 0,
          prf: prfs[at] ?? 0,
          group: groups[at] ?? 0,
          hash: hashes[at] ?? 0,
        },
      })),
    );
    const { stdout } = await typed('dump p1\n');
    assert.deepEqual(behind(stdout, 'IKESA: ISAKMP version 1.0; '), [
      '<unspecified> exchange',
      'base exchange',
      'main mode (identity protect) exchange',
      'authentication only exchange',
      'aggressive mode exchange',
      'main and aggressive mode exchange',
      '<unknown 255> exchange',
      '<unknown 9> exchange',
    ]);
    assert.deepEqual(behind(stdout, 'IKESA: Current state is '), [
      '<invalid>',
      'INITIALIZING',
      'SENT FIRST MSG (SA)',
      'SENT SECOND MSG (KE)',
      'SENT FINAL MSG',
      'ACTIVE',
      'DELETED',
      '<unknown 7>',
    ]);
    assert.deepEqual(behind(stdout, 'XFORM: Authentication method: ').slice(0, 6), [
      'pre-shared key',
      'DSS signatures',
      'RSA signatures',
      'RSA Encryption',
      'Revised RSA Encryption',
      '<unknown 6>',
    ]);
    assert.deepEqual(
      stdout.match(/^XFORM: .*Oakley Group: .*$/gm)?.map((line) => line.slice('XFORM: '.length)),
      [
        'Oakley Group: <unavailable>',
        'PRF: HMAC MD5 ; Oakley Group: 768-bit MODP (group 1)',
        'PRF: HMAC SHA1 ; Oakley Group: EC2N group on GP[2^155]',
        'PRF: HMAC SHA256 ; Oakley Group: 8192-bit MODP (group 18)',
        'PRF: HMAC SHA384 ; Oakley Group: 521-bit ECP (group 21)',
        'PRF: HMAC SHA512 ; Oakley Group: 1024-bit MODP with 160-bit subprime (group 22)',
        'PRF: <unknown 3> ; Oakley Group: 2048-bit MODP with 224-bit subprime (group 23)',
        'Oakley Group: <unknown 99>',
      ],
    );
    assert.deepEqual(
      stdout.match(/Authentication alg: .*$/gm)?.map((text) => text.slice('Authentication alg: '.length)),
      [
        '<none>',
        'hmac-md5',
        'hmac-sha1',
        'hmac-sha256',
        'hmac-sha384',
        'hmac-sha512',
        '<unknown 99>',
        'hmac-sha1',
      ],
    );
  });

  it('prints sizes of keys, limits, what is left of them, and when an SA has ended', async () => {
    const sa = phase1Record(phase1Sa());
    const { transform, usage } = sa;
    assert.ok(usage);
    const key = { lowBits: 0, highBits: 0, cipher: 3 };
    door.answer = sas([
      {
        supportsDpd: true,
        dpdState: 3,
        dpdTime: THEN,
        transform: {
          ...transform,
          lowBits: 128,
          highBits: 256,
          maxKilobytes: 4096,
          maxKeyUses: 9,
          pfsGroup: 14,
        },
        usage: { ...usage, created: THEN, kilobytes: 2048, keyUses: 2 },
        localIdentity: { type: 6, uid: 7, text: 'a key id' },
        remoteIdentity: { type: 9, uid: 0, text: 'what is it' },
        keys: [
          { type: 2, bytes: Uint8Array.of(0, 0xab) },
          { type: 40, bytes: Uint8Array.of(1) },
        ],
      },
      { transform: { ...transform, ...key, maxSeconds: 0 }, usage: undefined, errors: undefined },
    ]);
    const { stdout } = await typed('dump p1\n');
    const [first = '', second = ''] = stdout.split('\n\n');
    for (const line of [
      'IKESA: Dead Peer Detection (RFC 3706) enabled',
      'IKESA: Dead Peer Detection handshake failed at  Sat Feb  7 04:05:06 2026',
      'XFORM: Encryption alg: aes-cbc(128..256); Authentication alg: hmac-sha1',
      'XFORM: Phase 2 PFS is required (Oakley Group: 2048-bit MODP (group 14))',
      'LIFTM: 14400 seconds (4.00 hours); 4096 kbytes (4.00 MB) protected',
      'LIFTM: keying material for IPsec SAs can be provided 9 times',
      'LIFTM: 2048 kbytes (2.00 MB) protected',
      'LIFTM: 2048 more bytes (2.00 MB) can be protected.',
      'LIFTM: Keying material can be provided 7 more times.',
      'LIFTM: SA Expired at Sat Feb  7 08:05:06 2026',
      'LOCID: Initiator identity, uid=7, type Generic key id',
      'LOCID: a key id',
      'REMID: Responder identity, uid=0, type <unknown 9>',
      'KEY:   SKEYID (2 bytes): 00ab/16',
    ])
      assert.ok(first.split('\n').includes(line), `${line}\nis not in\n${first}`);
    assert.match(first, /^KEY: {3}Unidentified key info 40 1$/m);
    assert.match(second, /^XFORM: Encryption alg: 3des-cbc; Authentication alg/m);
    assert.doesNotMatch(second, /STATS|ERRS|Current usage|expires|Dead Peer/);
  });

  it('prints addresses of both families, with their names, and times that are none', async () => {
    const sa = phase1Record(phase1Sa());
    assert.ok(sa.usage);
    const usage = { ...sa.usage, created: Number.MAX_SAFE_INTEGER };
    const nowhere = { address: '::', port: 0 } as const;
    const far = { address: '2001:db8::1', port: 4500 } as const;
    door.answer = listing([encodePhase1Sa({ ...sa, usage }, nowhere, far)]);
    const { stdout } = await ikeadm(['-R', door.root, 'dump', 'p1']);
    assert.deepEqual(behind(stdout, 'LOCIP: AF_INET6: '), ['port 0, :: <unspecified>.']);
    assert.match(stdout, /^REMIP: AF_INET6: port 4500, 2001:db8::1 (<unknown>|\(\S+\))\.$/m);
    assert.match(stdout, /^LIFTM: SA was created at <time conversion failed>$/m);
    assert.match((await typed('dump p1\n')).stdout, /^LOCIP: AF_INET6: port 0, ::\.$/m);
  });

  it('prints rules with ranges that are none, identities of every type, and no control characters', async () => {
    const rule: RuleRecord = {
      label: 'x\x1b[2J',
      cookie: 7,
      exchange: 256,
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
    const encoded = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((localIdType) => encodeRule({ ...rule, localIdType }));
    door.answer = listing(encoded.flatMap((one) => (one.ok ? [one.value] : [])));
    const { stdout } = await typed('dump rule\n');
    assert.equal(
      stdout.split('\n\n')[0],
      [
        '',
        "GLOBL: Label 'x\\x1b[2J', key manager cookie 7",
        'GLOBL: local_idtype=<unknown 0>, ike_mode=any mode',
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
      ].join('\n'),
    );
    assert.deepEqual(
      behind(stdout, 'GLOBL: local_idtype=').map((text) => text.split(',')[0]),
      [
        '<unknown 0>',
        'prefix',
        'FQDN',
        'user-FQDN (mbox)',
        'ASN.1 DER Distinguished Name',
        'ASN.1 DER Generic Name',
        'Generic key id',
        'Address range',
        '<unknown 8>',
      ],
    );
  });

  it('shows certificates by trust and link, also of peers and with locked keys', async () => {
    const names = { subject: 'CN=a', issuer: 'CN=b' };
    door.answer = listing(
      [-1, 0, 1, 2, 9].map((linkage, id) => encodeCertificate({ id, trusted: id === 1, linkage, ...names })),
    );
    const { stdout } = await typed('dump certcache\n');
    const blocks = stdout.split('\n\n').map((block) => block.trim().split('\n').slice(3));
    assert.deepEqual(
      blocks.slice(0, 5).map((lines) => lines.map((line) => line.trim())),
      [
        ['[Public certificate only]', '[Obtained via certificate payload]'],
        ['[trusted certificate]', '[Public certificate only]'],
        ['[Private key linked but locked]'],
        ['[Private key available]'],
        ['[<unknown 9>]'],
      ],
    );
  });
});

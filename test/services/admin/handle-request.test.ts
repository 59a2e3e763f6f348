import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Administration } from '../../../services/admin/administration.js';
import { encodeAddressPair } from '../../../services/admin/door/address-pair.js';
import { encodeRequestCookies } from '../../../services/admin/door/cookie-pair.js';
import { DEFAULTS } from '../../../services/admin/door/defaults.js';
import { DOOR_ERROR, type DoorErrorName } from '../../../services/admin/door/door-error.js';
import {
  CMD,
  DBG,
  DEFREQ,
  DUMP,
  errorOf,
  FLUSH,
  GET,
  NEW,
  PIN,
  ID_TYPE,
  PRIV,
  STATREQ,
} from '../../../services/admin/door/heads.js';
import { encodeOwn } from '../../../services/admin/door/own-messages.js';
import { decodeCipher, decodeGroup, decodeHash } from '../../../services/admin/door/lists.js';
import { decodePhase1Sa } from '../../../services/admin/door/phase1-sa.js';
import { OWN_SERVICE, SERVICE } from '../../../services/admin/door/service.js';
import { decodeStatistics } from '../../../services/admin/door/statistics.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest as handleCall, type DoorObservation } from '../../../services/admin/handle-request.js';
import { concat, type Bytes } from '../../../services/bytes.js';
import { err } from '../../../services/result.js';
import { FileInMemory } from './file-in-memory.js';
import { phase1Sa, SimulatedAdministration, SKEYID } from './simulated-administration.js';

/** Asked by the owner of the daemon, without files. */
const handleRequest = (
  request: Bytes,
  admin: Administration,
  observe?: (observation: DoorObservation) => void,
): Promise<Bytes> => handleCall(ownCall(request), admin, observe);
const dump = (cmd: number, next: number): Bytes => DUMP.encode({ cmd, length: 0, next, reserved: 0 }, {});
const get = (cmd: number, idType: number, id: Bytes, length = GET.size + id.length): Bytes =>
  concat(GET.encode({ cmd, length, idType, reserved: 0 }, {}), id);
const ADDRESSES = encodeAddressPair({ address: '192.0.2.1', port: 0 }, { address: '198.51.100.7', port: 0 });
const COOKIES = encodeRequestCookies({
  initiatorCookie: '0123456789abcdef',
  responderCookie: 'fedcba9876543210',
});

function refused(reply: Bytes, name: DoorErrorName): void {
  const { code, errno } = errorOf(reply) ?? {};
  assert.deepEqual([code, errno], [DOOR_ERROR[name], 0]);
}

function levelOf(reply: Bytes): number | undefined {
  assert.equal(errorOf(reply), undefined);
  return DBG.read(reply)?.number('level');
}

describe('door requests', () => {
  it('get and set the debug level, answering the old one', async () => {
    const admin = new SimulatedAdministration();
    admin.debug = 5;
    assert.equal(
      levelOf(await handleRequest(DBG.encode({ cmd: SERVICE.SET_DBG, level: 0x58 }, {}), admin)),
      5,
    );
    assert.equal(
      levelOf(await handleRequest(DBG.encode({ cmd: SERVICE.GET_DBG, level: 0 }, {}), admin)),
      0x58,
    );
    refused(
      await handleRequest(DBG.encode({ cmd: SERVICE.SET_DBG, level: 0x800 }, {}), admin),
      'DATA_INVALID',
    );
    assert.equal(admin.debug, 0x58);
  });

  it('pass the file of the debug output on, and what the daemon says to it', async () => {
    const admin = new SimulatedAdministration();
    const file = new FileInMemory();
    const set = (files: readonly FileInMemory[]): Promise<Bytes> =>
      handleCall(
        {
          request: DBG.encode({ cmd: SERVICE.SET_DBG, level: 8 }, {}),
          files,
          takesFiles: true,
          caller: { uid: 0, rights: 'all' },
        },
        admin,
      );
    assert.equal(levelOf(await set([file])), 0);
    assert.equal(admin.debugFile, file);
    admin.setDebugResult = err({ name: 'SYS_ERR', errno: 13 });
    assert.deepEqual(errorOf(await set([file])), { code: DOOR_ERROR.SYS_ERR, errno: 13, details: [] });
  });

  it('pass a PIN on in a copy that is wiped, with the label as the token has it', async () => {
    const admin = new SimulatedAdministration();
    const pin = (cmd: number, label: string, secret: string): Bytes =>
      PIN.encode({ cmd, reserved: 0 }, { token: Buffer.from(label), pin: Buffer.from(secret) });
    const reply = await handleRequest(pin(SERVICE.SET_PIN, 'Sun Metaslot', '1234'), admin);
    assert.deepEqual(admin.logins, [['Sun Metaslot', '1234']]);
    assert.ok(admin.handedOut.length === 1 && admin.handedOut[0]?.every((byte) => byte === 0));
    assert.equal(reply.length, 296);
    assert.ok(
      reply.subarray(4).every((byte) => byte === 0),
      'neither label nor PIN comes back',
    );
    await handleRequest(pin(SERVICE.SET_PIN, 'x'.repeat(31) + ' ', 'y'.repeat(300)), admin);
    assert.deepEqual(admin.logins[1], ['x'.repeat(31), 'y'.repeat(256)]);
    assert.equal(errorOf(await handleRequest(pin(SERVICE.DEL_PIN, 'box', ''), admin)), undefined);
    assert.deepEqual(admin.logouts, ['box']);
    refused(await handleRequest(pin(SERVICE.SET_PIN, ' ', '1'), admin), 'DATA_INVALID');
    refused(await handleRequest(pin(SERVICE.DEL_PIN, 'a', '1').subarray(0, 295), admin), 'REQ_INVALID');
  });

  it('lower the privilege level and never raise it', async () => {
    const admin = new SimulatedAdministration();
    admin.level = 2;
    const set = (level: number): Promise<Bytes> =>
      handleRequest(PRIV.encode({ cmd: SERVICE.SET_PRIV, level }, {}), admin);
    assert.equal(levelOf(await set(1)), 2);
    refused(await set(2), 'NO_PRIV');
    refused(await set(3), 'DATA_INVALID');
    assert.equal(admin.level, 1);
  });

  it('answer statistics and defaults with their full lengths', async () => {
    const admin = new SimulatedAdministration();
    const stats = await handleRequest(STATREQ.encode({ cmd: SERVICE.GET_STATS, length: 0 }, {}), admin);
    assert.equal(STATREQ.read(stats)?.number('length'), 8 + 1064);
    assert.deepEqual(decodeStatistics(stats, STATREQ.size), admin.counters);
    const request = DEFREQ.encode({ cmd: SERVICE.GET_DEFS, length: 0, version: 4, reserved: 0 }, {});
    const defaults = await handleRequest(request, admin);
    assert.equal(defaults.length, 248);
    assert.equal(DEFREQ.read(defaults)?.number('length'), 248);
    assert.equal(DEFREQ.read(defaults)?.number('version'), 4);
    assert.equal(DEFAULTS.read(defaults, 132)?.number('rule_natt_port'), 27);
  });

  it('dump Phase 1 SAs one by one, though some go on the way', async () => {
    const admin = new SimulatedAdministration();
    for (const index of [1, 2, 3, 4])
      admin.add(phase1Sa({ initiatorCookie: `000000000000000${String(index)}` }));
    const seen: string[] = [];
    let next = 0;
    do {
      const reply = await handleRequest(dump(SERVICE.DUMP_P1S, next), admin);
      const head = DUMP.read(reply);
      const sa = decodePhase1Sa(reply, DUMP.size);
      assert.ok(head && sa.ok);
      assert.equal(head.number('length'), reply.length);
      seen.push(sa.value.initiatorCookie);
      next = head.number('next');
      admin.sas.delete(2);
    } while (next !== 0);
    assert.deepEqual(seen, ['0000000000000001', '0000000000000003', '0000000000000004']);
    admin.flushPhase1();
    refused(await handleRequest(dump(SERVICE.DUMP_P1S, 0), admin), 'NO_OBJ');
  });

  it('find Phase 1 SAs by addresses and by cookies in the order of the client', async () => {
    const admin = new SimulatedAdministration().add(phase1Sa());
    for (const request of [
      get(SERVICE.GET_P1, ID_TYPE.ADDR_PAIR, ADDRESSES),
      get(SERVICE.GET_P1, ID_TYPE.CKY_PAIR, COOKIES),
    ]) {
      const reply = await handleRequest(request, admin);
      const sa = decodePhase1Sa(reply, GET.size);
      assert.ok(sa.ok);
      assert.equal(sa.value.initiatorCookie, '0123456789abcdef');
      assert.equal(GET.read(reply)?.number('length'), reply.length);
    }
    assert.equal(Buffer.from(COOKIES).readBigUInt64LE(0), 0x0123456789abcdefn);
  });

  it('delete and flush', async () => {
    const admin = new SimulatedAdministration()
      .add(phase1Sa())
      .add(phase1Sa({ remote: { address: '::1', port: 1 } }));
    const request = get(SERVICE.DEL_P1, ID_TYPE.ADDR_PAIR, ADDRESSES);
    assert.equal(CMD.read(await handleRequest(request, admin))?.number('cmd'), SERVICE.DEL_P1);
    assert.equal(admin.sas.size, 1);
    refused(await handleRequest(request, admin), 'NO_OBJ');
    const flush = await handleRequest(FLUSH.encode({ cmd: SERVICE.FLUSH_P1S }, {}), admin);
    assert.equal(CMD.read(flush)?.number('cmd'), SERVICE.FLUSH_P1S);
    assert.equal(admin.sas.size, 0);
  });

  it('refuse identifications that cannot be read', async () => {
    const admin = new SimulatedAdministration().add(phase1Sa());
    const ask = (idType: number, id: Bytes, length?: number): Promise<Bytes> =>
      handleRequest(get(SERVICE.GET_P1, idType, id, length), admin);
    refused(await ask(ID_TYPE.LABEL, new Uint8Array(256)), 'ID_INVALID');
    refused(await ask(ID_TYPE.CKY_PAIR, COOKIES.subarray(1)), 'ID_INVALID');
    refused(await ask(ID_TYPE.ADDR_PAIR, new Uint8Array(512)), 'ID_INVALID');
    refused(await ask(ID_TYPE.ADDR_PAIR, ADDRESSES, 16), 'REQ_INVALID');
    refused(await handleRequest(new Uint8Array(3), admin), 'REQ_INVALID');
    refused(await handleRequest(CMD.encode({ cmd: SERVICE.DUMP_P1S }, {}), admin), 'REQ_INVALID');
  });

  it('show keys at privilege keymat only, and wipe the copies', async () => {
    const admin = new SimulatedAdministration().add(phase1Sa());
    const keysAt = async (level: 0 | 1 | 2): Promise<readonly string[]> => {
      admin.level = level;
      const sa = decodePhase1Sa(await handleRequest(dump(SERVICE.DUMP_P1S, 0), admin), DUMP.size);
      assert.ok(sa.ok);
      return sa.value.keys.map(({ bytes }) => Buffer.from(bytes ?? []).toString('hex'));
    };
    assert.deepEqual(await keysAt(0), []);
    assert.deepEqual(await keysAt(1), []);
    assert.deepEqual(await keysAt(2), [SKEYID]);
    assert.ok(
      admin.handedOut.length > 0 && admin.handedOut.every((bytes) => bytes.every((byte) => byte === 0)),
    );
  });

  it('tell commands that do not exist, are not supported or need more privilege apart', async () => {
    const admin = new SimulatedAdministration();
    const ask = (cmd: number): Promise<Bytes> => handleRequest(CMD.encode({ cmd }, {}), admin);
    for (const cmd of [SERVICE.ERROR, 31, 0x0fff_ffff, 0x1000_0099, 0xffff_ffff])
      refused(await ask(cmd), 'CMD_INVALID');
    const rule = NEW.encode({ cmd: SERVICE.NEW_RULE, length: 336, align: 0 }, {});
    refused(await handleRequest(rule, admin), 'CMD_NOTSUP');
    refused(await ask(SERVICE.SET_PIN), 'REQ_INVALID');
    for (const cmd of [SERVICE.GET_PS, SERVICE.WRITE_PS]) refused(await ask(cmd), 'NO_PRIV');
    admin.level = 1;
    refused(await ask(SERVICE.GET_PS), 'REQ_INVALID');
  });

  it('list algorithms with the values of IKE', async () => {
    const admin = new SimulatedAdministration();
    const entries = async <T>(
      cmd: number,
      decode: (bytes: Bytes, at: number) => T,
    ): Promise<readonly T[]> => {
      const first = await handleRequest(dump(cmd, 0), admin);
      const second = await handleRequest(dump(cmd, DUMP.read(first)?.number('next') ?? 9), admin);
      assert.equal(DUMP.read(second)?.number('next'), 0);
      return [decode(first, DUMP.size), decode(second, DUMP.size)];
    };
    assert.deepEqual(await entries(SERVICE.DUMP_GROUPS, decodeGroup), [
      { number: 2, bits: 77, label: '1024-bit MODP (group 2)' },
      { number: 14, bits: 110, label: '2048-bit MODP (group 14)' },
    ]);
    assert.deepEqual(await entries(SERVICE.DUMP_ENCRALGS, decodeCipher), [
      { value: 5, name: '3des-cbc', shortest: 0, longest: 0 },
      { value: 7, name: 'aes-cbc', shortest: 128, longest: 256 },
    ]);
    assert.deepEqual(await entries(SERVICE.DUMP_AUTHALGS, decodeHash), [
      { value: 2, name: 'hmac-sha1' },
      { value: 4, name: 'hmac-sha256' },
    ]);
  });

  it('negotiate on demand', async () => {
    const admin = new SimulatedAdministration();
    const ask = (value: unknown): Promise<Bytes> => handleRequest(encodeOwn(OWN_SERVICE.UP, value), admin);
    const reply = await ask({ source: '192.0.2.1', destination: '198.51.100.7', protocol: 6 });
    assert.deepEqual(admin.asked, [{ source: '192.0.2.1', destination: '198.51.100.7', protocol: 6 }]);
    assert.equal(CMD.read(reply)?.number('cmd'), OWN_SERVICE.UP);
    refused(await ask({ source: '192.0.2.1', destination: '::1', protocol: 6 }), 'ID_INVALID');
    refused(await ask({ source: 'alpha', destination: '::1', protocol: 6 }), 'REQ_INVALID');
    refused(await ask({ source: '192.0.2.1', destination: '192.0.2.2', protocol: 256 }), 'REQ_INVALID');
    refused(await ask('no'), 'REQ_INVALID');
    assert.equal(admin.asked.length, 1);
  });

  it('turn a defect of the daemon into a system error, and report it', async () => {
    const admin = new SimulatedAdministration();
    const defect = new Error('a defect');
    admin.outcome = () => Promise.reject(defect);
    const seen: DoorObservation[] = [];
    const request = encodeOwn(OWN_SERVICE.UP, { source: '192.0.2.1', destination: '192.0.2.2', protocol: 0 });
    refused(await handleRequest(request, admin, (observation) => seen.push(observation)), 'SYS_ERR');
    assert.deepEqual(seen, [
      { command: 'UP', error: 'SYS_ERR', caller: { uid: undefined, rights: 'all' }, defect },
    ]);
  });

  it('never throw, whatever comes: 20 000 random and mutated requests', async () => {
    const admin = new SimulatedAdministration();
    admin.level = 2;
    const seeds: readonly Bytes[] = [
      get(SERVICE.GET_P1, ID_TYPE.ADDR_PAIR, ADDRESSES),
      get(SERVICE.DEL_P1, ID_TYPE.CKY_PAIR, COOKIES),
      dump(SERVICE.DUMP_P1S, 0),
      PRIV.encode({ cmd: SERVICE.SET_PRIV, level: 2 }, {}),
      encodeOwn(OWN_SERVICE.UP, { source: '192.0.2.1', destination: '192.0.2.2', protocol: 0 }),
    ];
    const mutated = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(540), fc.nat(255)), { maxLength: 4 }),
        fc.nat(600),
      )
      .map(([seed, changes, length]) => {
        const bytes = seed.slice(0, length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        return bytes;
      });
    const numbered = fc
      .tuple(
        fc.oneof(fc.nat(40), fc.constantFrom(...Object.values(OWN_SERVICE))),
        fc.uint8Array({ maxLength: 600 }),
      )
      .map(([cmd, rest]) => concat(CMD.encode({ cmd }, {}), rest));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, numbered, fc.uint8Array({ maxLength: 40 })), async (request) => {
        if (admin.sas.size === 0) admin.add(phase1Sa());
        const defects: unknown[] = [];
        const reply = await handleRequest(request, admin, ({ defect }) => defects.push(defect));
        assert.ok(CMD.read(reply));
        assert.deepEqual(defects, [undefined]);
      }),
      { numRuns: 20_000 },
    );
  });

  it('of a caller who may use tokens only are refused, except those on tokens', async () => {
    const admin = new SimulatedAdministration();
    const ask = (request: Bytes): Promise<Bytes> =>
      handleCall({ request, files: [], takesFiles: true, caller: { uid: 1000, rights: 'token' } }, admin);
    for (const cmd of [SERVICE.GET_DBG, SERVICE.FLUSH_P1S, SERVICE.SET_PRIV, OWN_SERVICE.UP, 77]) {
      refused(await ask(DBG.encode({ cmd, level: 0 }, {})), 'NO_AUTH');
    }
    for (const cmd of [SERVICE.SET_PIN, SERVICE.DEL_PIN]) {
      assert.notEqual(errorOf(await ask(new Uint8Array([cmd, 0, 0, 0])))?.code, DOOR_ERROR.NO_AUTH);
    }
  });
});

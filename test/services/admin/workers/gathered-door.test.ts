/** One view over several workers. */
import assert from 'node:assert/strict';
import { encodeRequestCookies } from '../../../../services/admin/door/cookie-pair.js';
import { DOOR_ERROR } from '../../../../services/admin/door/door-error.js';
import {
  CMD,
  DEL,
  DUMP,
  errorOf,
  FLUSH,
  GET,
  ID_TYPE,
  PRIV,
  STATREQ,
} from '../../../../services/admin/door/heads.js';
import { readExplanations } from '../../../../services/admin/door/own-explanations.js';
import { decodeOwn, encodeOwn } from '../../../../services/admin/door/own-messages.js';
import { decodePhase1Sa } from '../../../../services/admin/door/phase1-sa.js';
import { OWN_SERVICE, SERVICE } from '../../../../services/admin/door/service.js';
import { decodeStatistics } from '../../../../services/admin/door/statistics.js';
import { ownCall } from '../../../../services/admin/door-call.js';
import { handleRequest } from '../../../../services/admin/handle-request.js';
import { gather } from '../../../../services/admin/workers/gathered-door.js';
import { readLoad } from '../../../../services/admin/load.js';
import type { Bytes } from '../../../../services/bytes.js';
import type { Explanation } from '../../../../services/explain/explanation.js';
import { phase1Sa, SimulatedAdministration } from '../simulated-administration.js';

const RESPONDER = 'fedcba9876543210';

describe('the door of several workers', () => {
  let admins: SimulatedAdministration[];
  /** Of `workerFor`. */
  let asked: string[];

  beforeEach(() => {
    admins = [0, 1, 2].map(() => new SimulatedAdministration());
    asked = [];
  });

  function call(request: Bytes): Promise<Bytes> {
    return gather(request, {
      count: admins.length,
      ask: (worker, question) => handleRequest(ownCall(Uint8Array.from(question)), adminOf(worker)),
      workerFor: (remote) => {
        asked.push(remote);
        return 2;
      },
    });
  }

  function adminOf(worker: number): SimulatedAdministration {
    const admin = admins[worker];
    assert.ok(admin);
    return admin;
  }

  /** As `Numbers` gives them: 1, 4, 7 to the first of three. */
  function stand(worker: number, nth: number): string {
    const serial = nth * admins.length + worker + 1;
    const initiatorCookie = serial.toString(16).padStart(16, '0');
    adminOf(worker).sas.set(serial, phase1Sa({ initiatorCookie }));
    return initiatorCookie;
  }

  async function dumped(): Promise<readonly string[]> {
    const cookies: string[] = [];
    for (let next = 0; ;) {
      const reply = await call(
        DUMP.encode({ cmd: SERVICE.DUMP_P1S, length: DUMP.size, next, reserved: 0 }, {}),
      );
      if (errorOf(reply)?.code === DOOR_ERROR.NO_OBJ) return cookies;
      const sa = decodePhase1Sa(reply, DUMP.size);
      assert.ok(sa.ok);
      cookies.push(sa.value.initiatorCookie);
      next = DUMP.read(reply)?.number('next') ?? 0;
      if (next === 0) return cookies;
    }
  }

  function named(cmd: number, initiatorCookie: string): Bytes {
    const pair = encodeRequestCookies({ initiatorCookie, responderCookie: RESPONDER });
    const head = GET.encode(
      { cmd, length: GET.size + pair.length, idType: ID_TYPE.CKY_PAIR, reserved: 0 },
      {},
    );
    return Buffer.concat([head, pair]);
  }

  it('dumps the SAs of all, whoever has none', async () => {
    assert.deepEqual(await dumped(), []);
    for (const having of [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2]]) {
      for (const admin of admins) admin.sas.clear();
      const wanted = having.flatMap((worker) => [stand(worker, 0), stand(worker, 5)]);
      assert.deepEqual(await dumped(), wanted, having.join());
    }
  });

  it('goes on with the next where an SA has gone between two calls', async () => {
    const [one, other] = [stand(0, 0), stand(2, 3)];
    stand(0, 1);
    const first = await call(
      DUMP.encode({ cmd: SERVICE.DUMP_P1S, length: DUMP.size, next: 0, reserved: 0 }, {}),
    );
    const next = DUMP.read(first)?.number('next') ?? 0;
    admins[0]?.sas.clear();
    const second = await call(
      DUMP.encode({ cmd: SERVICE.DUMP_P1S, length: DUMP.size, next, reserved: 0 }, {}),
    );
    const sas = [first, second].map((reply) => decodePhase1Sa(reply, DUMP.size));
    assert.deepEqual(
      sas.map((sa) => sa.ok && sa.value.initiatorCookie),
      [one, other],
    );
    assert.equal(DUMP.read(second)?.number('next'), 0);
  });

  it('gets and deletes an SA where it stands, and says so where it stands nowhere', async () => {
    const cookie = stand(1, 2);
    assert.equal(errorOf(await call(named(SERVICE.GET_P1, cookie))), undefined);
    assert.equal(errorOf(await call(named(SERVICE.DEL_P1, cookie))), undefined);
    assert.equal(admins[1]?.sas.size, 0);
    for (const cmd of [SERVICE.GET_P1, SERVICE.DEL_P1])
      assert.equal(errorOf(await call(named(cmd, cookie)))?.code, DOOR_ERROR.NO_OBJ);
    assert.equal(
      errorOf(await call(DEL.encode({ cmd: SERVICE.DEL_P1, length: 0, idType: 0, reserved: 0 }, {})))?.code,
      DOOR_ERROR.REQ_INVALID,
    );
  });

  it('flushes and lowers the privilege of all', async () => {
    for (const worker of [0, 1, 2]) {
      stand(worker, 0);
      adminOf(worker).level = 2;
    }
    await call(FLUSH.encode({ cmd: SERVICE.FLUSH_P1S }, {}));
    await call(PRIV.encode({ cmd: SERVICE.SET_PRIV, level: 1 }, {}));
    assert.deepEqual(
      admins.map(({ sas, level }) => [sas.size, level]),
      [0, 1, 2].map(() => [0, 1]),
    );
    // The first refuses: nobody has changed.
    const refused = await call(PRIV.encode({ cmd: SERVICE.SET_PRIV, level: 2 }, {}));
    assert.equal(errorOf(refused)?.code, DOOR_ERROR.NO_PRIV);
  });

  it('says when one of them could not', async () => {
    adminOf(0).level = adminOf(1).level = 2;
    const refused = await call(PRIV.encode({ cmd: SERVICE.SET_PRIV, level: 1 }, {}));
    assert.equal(errorOf(refused)?.code, DOOR_ERROR.NO_PRIV);
  });

  it('adds up counters', async () => {
    const reply = await call(STATREQ.encode({ cmd: SERVICE.GET_STATS, length: 0 }, {}));
    const [one] = admins;
    assert.ok(one);
    const sum = decodeStatistics(reply, STATREQ.size);
    const { library, ...counters } = one.counters;
    const threefold = Object.fromEntries(Object.entries(counters).map(([name, count]) => [name, count * 3]));
    assert.deepEqual(sum, { ...threefold, library });
  });

  it('shows what is asked of each worker, in their order', async () => {
    admins.forEach((admin, index) => {
      admin.underLoad = { ...admin.underLoad, messages: index, dropped: { [`noise ${String(index)}`]: 1 } };
    });
    const reports = readLoad(decodeOwn(await call(encodeOwn(OWN_SERVICE.LOAD, {}))));
    assert.deepEqual(
      reports,
      admins.map(({ underLoad }) => underLoad),
    );
  });

  it('asks the worker with which something stands to begin', async () => {
    const up = encodeOwn(OWN_SERVICE.UP, {
      source: '192.0.2.1',
      destination: '198.51.100.7',
      protocol: 0,
    });
    assert.equal(errorOf(await call(up)), undefined);
    assert.deepEqual(asked, ['198.51.100.7']);
    assert.deepEqual(
      admins.map((admin) => admin.asked.length),
      [0, 0, 1],
    );
  });

  it('explains whoever knows, and of what failed last the last', async () => {
    const about = (negotiation: string, endedMsAgo: number): Explanation => ({
      about: {
        negotiation,
        chart: 'main-mode-initiator',
        local: '192.0.2.1:500',
        remote: '198.51.100.7:500',
        rule: 'peer',
        related: [],
        beganMsAgo: endedMsAgo + 100,
        endedMsAgo,
      },
      standing: 'failed',
      summary: '',
      happened: '',
      where: '',
      why: '',
      evidence: [],
      changes: [],
      comparisons: [],
      equivalents: [],
      sources: [],
      messages: [],
    });
    adminOf(1).explanations = [about('p1-2', 900)];
    adminOf(2).explanations = [about('p1-3', 400), about('p1-6', 300)];
    const explained = async (subject: string): Promise<readonly string[] | undefined> => {
      const reply = await call(encodeOwn(OWN_SERVICE.WHY, { subject }));
      return readExplanations(decodeOwn(reply))?.map((one) => one.about.negotiation);
    };
    assert.deepEqual(await explained('p1-3'), ['p1-3']);
    assert.deepEqual(await explained('last'), ['p1-6']);
    assert.deepEqual(await explained('198.51.100.7'), ['p1-2', 'p1-3', 'p1-6']);
    const nothing = await call(encodeOwn(OWN_SERVICE.WHY, { subject: 'p1-77' }));
    assert.equal(errorOf(nothing)?.code, DOOR_ERROR.NO_OBJ);
  });

  it('answers what all know alike once, and has no page', async () => {
    adminOf(0).debug = 7;
    const level = await call(CMD.encode({ cmd: SERVICE.GET_DBG }, {}));
    assert.equal(CMD.read(level)?.number('cmd'), SERVICE.GET_DBG);
    const page = errorOf(await call(encodeOwn(OWN_SERVICE.INSPECT_SET, { state: 'off' })));
    assert.ok(page);
    assert.equal(page.code, DOOR_ERROR.CMD_NOTSUP);
    assert.match(page.details.join(), /run it without --workers/);
  });
});

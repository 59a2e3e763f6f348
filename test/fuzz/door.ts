/**
 * Fuzz target: requests at the door, spoiled from good ones of every command, before the production handler and the
 * administration of an engine that has SAs with a peer; a hundredth of them through a real socket, whose frames are
 * spoiled as well. A case is one request.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import { frame, FrameReader } from '../../adapters/door/frames.js';
import { openDoor } from '../../adapters/door/unix-door.js';
import type { Administration } from '../../services/admin/administration.js';
import { doorErrorName } from '../../services/admin/door/door-error.js';
import { CMD, DBG, DUMP, errorOf, GET } from '../../services/admin/door/heads.js';
import { decodeOwn } from '../../services/admin/door/own-messages.js';
import { OWN_SERVICE, SERVICE, serviceName } from '../../services/admin/door/service.js';
import { handleRequest } from '../../services/admin/handle-request.js';
import { asPrivilegeLevel, PRIVILEGE, type PrivilegeLevel } from '../../services/admin/privilege-levels.js';
import type { Bytes } from '../../services/bytes.js';
import { makeScratch } from '../cli/in.iked/scratch.js';
import { administrationOf } from '../daemon/administration-of.js';
import { FileInMemory } from '../services/admin/file-in-memory.js';
import {
  ANOTHER_KEY,
  ANOTHER_RULE,
  type NamedRequest,
  requestsOfAllKinds,
} from '../services/admin/requests-of-all-kinds.js';
import { Dice } from '../sim/dice.js';
import { runUntil, settle } from '../sim/simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../sim/two-gateways.js';
import { mutateBytes } from './byte-mutations.js';
import { caseSeed, type Finding, type FuzzReport, type FuzzTarget, MOST_FINDINGS, Tally } from './target.js';
import { mutateText } from './text-mutations.js';

/** Cases between two repairs: deleted rules, keys and SAs are made anew. */
const REPAIR_EVERY = 100;
/** Of virtual time, that a negotiation by UP may take until it has failed. */
const LONGEST_UP_MS = 120_000;
/** Past the time for which keys of a replaced configuration are kept. */
const ALL_WINDOWS_MS = 1_300_000;
const SOCKET_SHARE = 100;
const LONGEST_WAIT_MS = 10_000;

class Siege {
  readonly tally = new Tally();
  readonly pair: Pair;
  readonly #administration: ReturnType<typeof administrationOf>['administration'];
  level: PrivilegeLevel = PRIVILEGE.keymat;

  constructor(pair: Pair) {
    this.pair = pair;
    this.#administration = administrationOf(pair.east).administration;
  }

  /** The engine's own, with a privilege that goes up again for the next case. */
  get admin(): Administration {
    return {
      ...this.#administration,
      privilege: () => this.level,
      lowerPrivilege: (level) => {
        this.level = level;
      },
    };
  }

  models(): readonly NamedRequest[] {
    const [entry] = this.pair.east.engine.table.phase1();
    const { initiatorCookie, responderCookie } = entry?.sa ?? { initiatorCookie: '0', responderCookie: '0' };
    const [rule] = this.pair.east.engine.settings.config.rules;
    const label = rule?.label ?? 'none';
    return requestsOfAllKinds({ local: EAST, remote: WEST, initiatorCookie, responderCookie, label });
  }

  /** What the requests took away or put in is as it was. */
  async repair(): Promise<void> {
    const { config, preshared } = gatewayPlan('east');
    const rules = await this.admin.readRules({ text: config, source: 'config' });
    const keys = await this.admin.readPreshared({ text: preshared, source: 'keys' });
    assert.deepEqual([rules.ok, keys.ok], [true, true]);
    const { east, clock } = this.pair;
    if (east.engine.table.phase1Count > 0) return;
    east.kernel.output(packetToWest());
    await runUntil(clock, () => east.engine.table.phase1Count > 0, LONGEST_UP_MS);
    this.tally.add('SAs made anew');
  }

  async answer(request: Bytes, file: FileInMemory | undefined): Promise<Bytes> {
    const defects: unknown[] = [];
    const files = file === undefined ? [] : [file];
    let reply: Bytes | undefined;
    const caller = { uid: 0, rights: 'all' } as const;
    const answered = handleRequest({ request, files, takesFiles: true, caller }, this.admin, ({ defect }) => {
      if (defect !== undefined) defects.push(defect);
    }).then((bytes) => {
      reply = bytes;
    });
    await settle();
    if (reply === undefined) await runUntil(this.pair.clock, () => reply !== undefined, LONGEST_UP_MS);
    if (reply === undefined) throw new Error('there was no reply');
    await answered;
    if (defects.length > 0) throw defects[0];
    return reply;
  }

  /** Forgets what was recorded meanwhile; a defect among it is a finding. */
  look(): void {
    for (const daemon of [this.pair.east, this.pair.west]) {
      for (const event of daemon.events)
        if (event.type === 'internal.error') throw new Error(`${event.where}: ${event.error}`);
      daemon.events.length = 0;
      daemon.trace.length = 0;
      daemon.delivered.length = 0;
    }
    this.pair.network.sent.length = 0;
  }
}

export const door: FuzzTarget = {
  name: 'door',
  fullCount: 100_000,
  async run({ seed, count }): Promise<FuzzReport> {
    const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
    const siege = new Siege(pair);
    const keysAtStart = pair.east.keys.size;
    const findings: Finding[] = [];
    for (let at = 0; at < count && findings.length < MOST_FINDINGS; at++) {
      let request: Bytes = new Uint8Array(0);
      try {
        siege.level = PRIVILEGE.keymat;
        if (at % REPAIR_EVERY === 0) await siege.repair();
        const dice = new Dice(caseSeed(seed, at));
        siege.level = asPrivilegeLevel(dice.below(3)) ?? PRIVILEGE.base;
        const model = dice.pick(siege.models());
        request = spoiled(dice, model.request, dice.pick(siege.models()).request);
        const asked = Uint8Array.from(request);
        const reply = await siege.answer(asked, fileFor(dice, model));
        siege.tally.add(judge(request, reply));
        siege.look();
      } catch (error) {
        findings.push({ target: 'door', seed, at, input: request, error });
      }
    }
    try {
      await overSocket(siege, new Dice(seed), Math.ceil(count / SOCKET_SHARE));
      siege.level = PRIVILEGE.keymat;
      await siege.repair();
      siege.admin.flushPhase1();
      await runUntil(pair.clock, () => false, ALL_WINDOWS_MS);
      siege.look();
      assert.equal(pair.east.engine.table.phase1Count, 0, 'SAs are left');
      assert.equal(pair.east.keys.size, keysAtStart, 'keys are left');
    } catch (error) {
      findings.push({ target: 'door', seed, at: count, input: '', error });
    }
    return { findings, reached: siege.tally.counts() };
  },
};

/** Now and then as it is; else with a number changed where lengths, types and offsets stand, or anywhere. */
function spoiled(dice: Dice, model: Bytes, other: Bytes): Bytes {
  if (dice.chance(0.15)) return model;
  if (dice.chance(0.4) && model.length >= 8) {
    const bytes = Uint8Array.from(model);
    const view = new DataView(bytes.buffer);
    for (let n = dice.below(3); n >= 0; n--) {
      const at = 4 + 2 * dice.below((bytes.length - 4) >> 1);
      view.setUint16(at, dice.pick([0, 1, 2, 4, 15, 16, 17, 255, 256, bytes.length, 0x7fff, 0xffff]), true);
    }
    return bytes;
  }
  const bytes = mutateBytes(dice, model, other);
  // Most of the time the command stays, so that its own handler reads the rest.
  if (bytes.length >= 4 && model.length >= 4 && dice.chance(0.8)) bytes.set(model.subarray(0, 4));
  return bytes;
}

function fileFor(dice: Dice, { file }: NamedRequest): FileInMemory | undefined {
  if (dice.chance(file === undefined ? 0.9 : 0.1)) return undefined;
  const texts = [
    file ?? '',
    ANOTHER_RULE,
    ANOTHER_KEY,
    gatewayPlan('east').config,
    gatewayPlan('east').preshared,
  ];
  // What the request is about comes more often: else a rule is added once in two thousand cases, or never.
  const text = file !== undefined && dice.chance(0.5) ? file : dice.pick(texts);
  const made = new FileInMemory(dice.chance(0.5) ? text : mutateText(dice, text, dice.pick(texts)));
  made.readOnly = dice.chance(0.2);
  made.exposed = dice.chance(0.1);
  return made;
}

/** What a reply came to; throws when it is none that the protocol knows. */
function judge(request: Bytes, reply: Bytes): string {
  const refusal = errorOf(reply);
  if (refusal !== undefined) {
    const name = doorErrorName(refusal.code);
    assert.ok(name !== undefined, `error ${String(refusal.code)}`);
    return `refused: ${name}`;
  }
  const cmd = CMD.read(reply)?.number('cmd');
  assert.ok(cmd !== undefined && cmd === CMD.read(request)?.number('cmd'), 'the reply is to another command');
  const name = serviceName(cmd);
  if (Object.values<number>(OWN_SERVICE).includes(cmd)) {
    assert.notEqual(decodeOwn(reply), undefined, `${name}: no JSON`);
  } else if (name.startsWith('DUMP_')) {
    assert.equal(DUMP.read(reply)?.number('length'), reply.length, name);
  } else if (name.startsWith('GET_') && SIZED.has(cmd)) {
    assert.equal(GET.read(reply)?.number('length'), reply.length, name);
  }
  return `answered: ${name}`;
}

const SIZED: ReadonlySet<number> = new Set([
  ...[SERVICE.GET_P1, SERVICE.GET_RULE, SERVICE.GET_PS, SERVICE.GET_STATS, SERVICE.GET_DEFS],
]);

/** Frames as spoiled as what is in them; after each the door must answer somebody else. */
async function overSocket(siege: Siege, dice: Dice, count: number): Promise<void> {
  const scratch = makeScratch();
  const path = join(scratch.folder, 'door');
  const opened = await openDoor(path, ({ request }) => siege.answer(request, undefined));
  try {
    for (let at = 0; at < count; at++) {
      siege.level = PRIVILEGE.keymat;
      const models = siege.models();
      const request = spoiled(dice, dice.pick(models).request, dice.pick(models).request);
      const framed = dice.chance(0.5) ? frame(request) : mutateBytes(dice, frame(request), frame(request));
      const rude = await connected(path);
      rude.write(framed);
      if (dice.chance(0.5)) rude.destroy();
      const polite = await connected(path);
      const reply = await ask(polite, DBG.encode({ cmd: SERVICE.GET_DBG, level: 0 }, {}));
      assert.equal(CMD.read(reply)?.number('cmd'), SERVICE.GET_DBG);
      polite.destroy();
      rude.destroy();
      siege.tally.add('answered beside a spoiled frame');
    }
  } finally {
    await opened.close();
    scratch.remove();
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function ask(socket: Socket, request: Bytes): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader(65_536);
    socket.setTimeout(LONGEST_WAIT_MS, () => {
      reject(new Error('the door does not answer any more'));
    });
    socket.on('close', () => {
      reject(new Error('the door closed on a good request'));
    });
    socket.on('data', (chunk) => {
      reader.push(chunk);
      const reply = reader.next();
      if (typeof reply !== 'string') resolve(reply);
    });
    socket.write(frame(request));
  });
}

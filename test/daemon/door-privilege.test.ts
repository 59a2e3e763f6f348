/** Which command needs which privilege, asked of the real handler before a real engine; and that keys stay inside. */
import assert from 'node:assert/strict';
import { DOOR_ERROR } from '../../services/admin/door/door-error.js';
import { errorOf } from '../../services/admin/door/heads.js';
import { OWN_SERVICE, SERVICE } from '../../services/admin/door/service.js';
import { handleRequest } from '../../services/admin/handle-request.js';
import { PRIVILEGE, type PrivilegeLevel } from '../../services/admin/privilege-levels.js';
import type { Bytes } from '../../services/bytes.js';
import { FileInMemory } from '../services/admin/file-in-memory.js';
import { type NamedRequest, requestsOfAllKinds } from '../services/admin/requests-of-all-kinds.js';
import { runUntil, type SimulatedDaemon } from '../sim/simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../sim/two-gateways.js';
import { administrationOf } from './administration-of.js';

/** ikeadm(8): everything not named here is answered at base. */
const NEEDS: Readonly<Record<string, PrivilegeLevel>> = {
  GET_PS: PRIVILEGE.modkeys,
  NEW_PS: PRIVILEGE.modkeys,
  DEL_PS: PRIVILEGE.modkeys,
  DUMP_PS: PRIVILEGE.modkeys,
  READ_PS: PRIVILEGE.modkeys,
  WRITE_PS: PRIVILEGE.modkeys,
  PACKET_LIST: PRIVILEGE.keymat,
};
/** Our texts need what their object needs; keys as text leave at keymat only. */
const TEXTS_OF_KEYS: Readonly<Record<string, PrivilegeLevel>> = {
  READ_TEXT: PRIVILEGE.modkeys,
  ADD_TEXT: PRIVILEGE.modkeys,
  WRITE_TEXT: PRIVILEGE.keymat,
};

function needs({ command, request }: NamedRequest): PrivilegeLevel {
  const ofKeys = Buffer.from(request).includes('"preshared"') ? TEXTS_OF_KEYS[command] : undefined;
  const asksForSecrets = /"(secrets":true|state":"with secrets)/.test(Buffer.from(request).toString());
  if (asksForSecrets) return PRIVILEGE.keymat;
  return ofKeys ?? NEEDS[command] ?? PRIVILEGE.base;
}

async function established(): Promise<Pair> {
  const pair = await startPair(21, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
  return pair;
}

function namedBy({ engine }: SimulatedDaemon): readonly NamedRequest[] {
  const [entry] = engine.table.phase1();
  assert.ok(entry);
  const { initiatorCookie, responderCookie, rule } = entry.sa;
  return requestsOfAllKinds({
    local: EAST,
    remote: WEST,
    initiatorCookie,
    responderCookie,
    label: rule.label,
  });
}

/** Everything secret that the daemon holds: the pre-shared keys and those of its Phase 1 SAs. */
function secretsOf({ engine, keys }: SimulatedDaemon): readonly Bytes[] {
  const { presharedKeys } = engine.settings;
  const handles = presharedKeys.map(({ key }) => key);
  for (const { sa } of engine.table.phase1())
    handles.push(sa.keys.skeyid, sa.keys.skeyidD, sa.keys.skeyidA, sa.keys.skeyidE, sa.keys.encryptionKey);
  return handles.map((handle) => Uint8Array.from(keys.bytes(handle)));
}

/** As bytes, or as the hex that texts have them in. */
function shows(reply: Bytes, secret: Bytes): boolean {
  const bytes = Buffer.from(reply);
  return (
    bytes.includes(Buffer.from(secret)) ||
    bytes.toString('latin1').toLowerCase().includes(Buffer.from(secret).toString('hex'))
  );
}

async function answerOf(
  { request, file }: NamedRequest,
  admin: Parameters<typeof handleRequest>[1],
): Promise<Bytes> {
  const files = file === undefined ? [] : [new FileInMemory(file)];
  const defects: unknown[] = [];
  const call = {
    request: Uint8Array.from(request),
    files,
    takesFiles: true,
    caller: { uid: 0, rights: 'all' },
  } as const;
  const reply = await handleRequest(call, admin, ({ defect }) => defects.push(defect));
  assert.deepEqual(defects, [undefined]);
  return reply;
}

describe('privilege at the door', () => {
  it('is asked for by every command there is', async () => {
    const { east } = await established();
    const walked = new Set(namedBy(east).map(({ command }) => command));
    const all = [...Object.keys(SERVICE), ...Object.keys(OWN_SERVICE)].filter((name) => name !== 'ERROR');
    assert.deepEqual(
      all.filter((name) => !walked.has(name)),
      [],
    );
  });

  for (const level of [PRIVILEGE.base, PRIVILEGE.modkeys, PRIVILEGE.keymat]) {
    it(`at level ${String(level)} lets through what it should, and shows keys at keymat only`, async () => {
      const { east } = await established();
      const secrets = secretsOf(east);
      assert.ok(secrets.length >= 6 && secrets.every(({ length }) => length >= 8));
      const shown = new Set<string>();
      for (const asked of namedBy(east)) {
        // The answer would take a negotiation, or wait for something to happen; neither has to do with keys.
        if (['UP', 'EVENTS', 'DOCTOR'].includes(asked.command)) continue;
        const { administration } = administrationOf(east);
        administration.lowerPrivilege(level);
        const reply = await answerOf(asked, administration);
        const refusal = errorOf(reply)?.code;
        assert.equal(
          refusal === DOOR_ERROR.NO_PRIV,
          needs(asked) > level,
          `${asked.command}: ${String(refusal)}`,
        );
        for (const secret of secrets) if (shows(reply, secret)) shown.add(asked.command);
      }
      assert.deepEqual(
        [...shown].sort(),
        level === PRIVILEGE.keymat ? ['DUMP_P1S', 'DUMP_PS', 'GET_P1', 'GET_PS', 'WRITE_TEXT'] : [],
      );
    });
  }

  it('lets the doctor mend from modkeys on', async () => {
    const { east } = await established();
    const { administration } = administrationOf(east);
    administration.lowerPrivilege(PRIVILEGE.base);
    const [, mending] = namedBy(east).filter(({ command }) => command === 'DOCTOR');
    assert.ok(mending);
    assert.equal(errorOf(await answerOf(mending, administration))?.code, DOOR_ERROR.NO_PRIV);
  });

  it('only goes down, and stays there for whoever asks', async () => {
    const { east } = await established();
    const { administration } = administrationOf(east);
    const setTo = (level: number) => Uint8Array.of(SERVICE.SET_PRIV, 0, 0, 0, level, 0, 0, 0);
    const ask = async (level: number) =>
      errorOf(await answerOf({ command: '', request: setTo(level) }, administration));
    assert.equal(await ask(1), undefined);
    assert.equal((await ask(2))?.code, DOOR_ERROR.NO_PRIV);
    assert.equal((await ask(3))?.code, DOOR_ERROR.DATA_INVALID);
    assert.equal(administration.privilege(), 1);
  });

  it('does not help a caller who may use tokens only', async () => {
    const { east } = await established();
    const { administration } = administrationOf(east);
    for (const { command, request } of namedBy(east)) {
      const caller = { uid: 1000, rights: 'token' } as const;
      const reply = await handleRequest({ request, files: [], takesFiles: true, caller }, administration);
      const refused = errorOf(reply)?.code === DOOR_ERROR.NO_AUTH;
      assert.equal(refused, command !== 'SET_PIN' && command !== 'DEL_PIN', command);
    }
    assert.equal(east.engine.table.phase1Count, 1);
  });
});

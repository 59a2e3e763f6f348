/** `get priv`, `set priv level`. */
import { PRIV } from '../../../services/admin/door/heads.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import {
  parsePrivilegeLevel,
  privilegeName,
  privilegeText,
} from '../../../services/admin/privilege-levels.js';
import { bail, bailMessage, doorError, failed, type Outcome } from '../outcome.js';
import type { Session } from '../session.js';

export async function getPrivilege(session: Session): Promise<Outcome> {
  const answer = await exchange(session, SERVICE.GET_PRIV, 0, 'error getting privilege level');
  if (typeof answer !== 'number') return answer;
  return {
    text: `Current privilege level is 0x${answer.toString(16)}, ${privilegeText(answer)} enabled\n`,
    json: { level: answer, name: privilegeName(answer) },
  };
}

export async function setPrivilege(
  session: Session,
  [levelText, ...more]: readonly string[],
): Promise<Outcome> {
  if (levelText === undefined) return bail('unspecified level');
  if (more.length > 0) return bail('Too many arguments to "set priv"');
  const level = parsePrivilegeLevel(levelText);
  if (level === undefined) return bailMessage(`Bad privilege flag: ${levelText}`);
  const old = await exchange(session, SERVICE.SET_PRIV, level, 'error setting privilege level');
  if (typeof old !== 'number') return old;
  const change = `from 0x${old.toString(16)} to 0x${level.toString(16)}`;
  return {
    text: `Successfully changed privilege level ${change}\nNew privilege level 0x${level.toString(16)} enables ${privilegeText(level)}\n`,
    json: { old: { level: old, name: privilegeName(old) }, new: { level, name: privilegeName(level) } },
  };
}

/** The level of the reply, or what went wrong. */
async function exchange(
  session: Session,
  cmd: number,
  level: number,
  doing: string,
): Promise<number | Outcome> {
  const reply = await session.call(PRIV.encode({ cmd, level }, {}));
  if (!reply.ok) return failed(doorError(doing, reply.error));
  const head = PRIV.read(reply.value);
  return head?.number('level') ?? failed(doorError(doing, { kind: 'unreadable', why: 'it is too short' }));
}

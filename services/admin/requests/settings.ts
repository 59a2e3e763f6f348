/** The debug level, the privilege level, counters and defaults. */
import { concat, type Bytes } from '../../bytes.js';
import { ok } from '../../result.js';
import { isDebugLevel } from '../debug-levels.js';
import { DEFAULTS, encodeDefaults } from '../door/defaults.js';
import { DBG, DEFREQ, PRIV, STATREQ } from '../door/heads.js';
import { DOOR_VERSION, SERVICE } from '../door/service.js';
import { encodeStatistics, STATS } from '../door/statistics.js';
import { asPrivilegeLevel, PRIVILEGE } from '../privilege-levels.js';
import { refuse, type Handler } from './answer.js';

export const SETTINGS_HANDLERS: readonly (readonly [number, Handler])[] = [
  [SERVICE.GET_DBG, atBase((_request, admin) => ok(debug(SERVICE.GET_DBG, admin.debugLevel())))],
  [
    SERVICE.SET_DBG,
    atBase((request, admin, [file]) => {
      const level = DBG.read(request)?.number('level');
      if (level === undefined) return refuse('REQ_INVALID');
      if (!isDebugLevel(level)) return refuse('DATA_INVALID');
      const old = admin.debugLevel();
      const done = admin.setDebugLevel(level, file);
      return done.ok ? ok(debug(SERVICE.SET_DBG, old)) : done;
    }),
  ],
  [SERVICE.GET_PRIV, atBase((_request, admin) => ok(privilege(SERVICE.GET_PRIV, admin.privilege())))],
  [
    SERVICE.SET_PRIV,
    atBase((request, admin) => {
      const head = PRIV.read(request);
      if (head === undefined) return refuse('REQ_INVALID');
      const level = asPrivilegeLevel(head.number('level'));
      if (level === undefined) return refuse('DATA_INVALID');
      const old = admin.privilege();
      if (level > old) return refuse('NO_PRIV');
      admin.lowerPrivilege(level);
      return ok(privilege(SERVICE.SET_PRIV, old));
    }),
  ],
  [
    SERVICE.GET_STATS,
    atBase((_request, admin) => {
      const length = STATREQ.size + STATS.size;
      const head = STATREQ.encode({ cmd: SERVICE.GET_STATS, length }, {});
      return ok(concat(head, encodeStatistics(admin.statistics())));
    }),
  ],
  [
    SERVICE.GET_DEFS,
    atBase((_request, admin) => {
      const length = DEFREQ.size + 2 * DEFAULTS.size;
      const head = DEFREQ.encode({ cmd: SERVICE.GET_DEFS, length, version: DOOR_VERSION, reserved: 0 }, {});
      const { builtIn, inUse } = admin.defaults();
      return ok(concat(head, encodeDefaults(builtIn), encodeDefaults(inUse)));
    }),
  ],
];

function atBase(answer: Handler['answer']): Handler {
  return { needs: PRIVILEGE.base, answer };
}

function debug(cmd: number, level: number): Bytes {
  return DBG.encode({ cmd, level }, {});
}

function privilege(cmd: number, level: number): Bytes {
  return PRIV.encode({ cmd, level }, {});
}

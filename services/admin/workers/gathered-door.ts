/** The door of a daemon with several workers: one view over all. */
import type { Bytes } from '../../bytes.js';
import { CMD, encodeError } from '../door/heads.js';
import { OWN_SERVICE, SERVICE } from '../door/service.js';
import {
  doctor,
  dumpPhase1,
  load,
  packet,
  packetCounters,
  packets,
  recordings,
  statistics,
  up,
  why,
} from './merged-answers.js';
import { allWhoHaveIt, each, first, type Way, whoeverHasIt, type Workers } from './ways.js';

const NO_PAGE = [
  'The inspector shows one process, and this in.iked has workers: run it without --workers to watch its charts. "ikeadm monitor" prints what happens in all of them.',
];

/** Whatever is not here is known to all alike, and the first answers. */
const WAYS: ReadonlyMap<number, Way> = new Map<number, Way>([
  [SERVICE.SET_DBG, each],
  [SERVICE.SET_PRIV, each],
  [SERVICE.GET_STATS, statistics],
  [SERVICE.GET_P1, whoeverHasIt],
  [SERVICE.DEL_P1, allWhoHaveIt],
  [SERVICE.DUMP_P1S, dumpPhase1],
  [SERVICE.FLUSH_P1S, each],
  [SERVICE.NEW_RULE, each],
  [SERVICE.DEL_RULE, each],
  [SERVICE.READ_RULES, each],
  [SERVICE.NEW_PS, each],
  [SERVICE.DEL_PS, each],
  [SERVICE.READ_PS, each],
  [SERVICE.SET_PIN, each],
  [SERVICE.DEL_PIN, each],
  [SERVICE.FLUSH_CERTCACHE, each],
  [OWN_SERVICE.UP, up],
  [OWN_SERVICE.PACKET_SEND, packet],
  [OWN_SERVICE.PACKET_LIST, packets],
  [OWN_SERVICE.PACKET_STATS, packetCounters],
  [OWN_SERVICE.LOAD, load],
  [OWN_SERVICE.READ_TEXT, each],
  [OWN_SERVICE.ADD_TEXT, each],
  [OWN_SERVICE.WHY, why],
  [OWN_SERVICE.RECORD_LIST, recordings],
  [OWN_SERVICE.RECORD_READ, whoeverHasIt],
  [OWN_SERVICE.RECORD_SET, each],
  [OWN_SERVICE.DOCTOR, doctor],
  [OWN_SERVICE.INSPECT_SET, () => Promise.resolve(encodeError({ name: 'CMD_NOTSUP', details: NO_PAGE }))],
]);

/** The reply to one call. Rejects only if `workers.ask` does. */
export function gather(request: Bytes, workers: Workers): Promise<Bytes> {
  const command = CMD.read(request)?.number('cmd');
  const way = command === undefined ? undefined : WAYS.get(command);
  return (way ?? first)(request, workers);
}

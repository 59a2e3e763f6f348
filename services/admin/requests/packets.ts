/** Our own PACKET_SEND, PACKET_LIST and PACKET_STATS: packets through the embedded kernel. */
import { err, ok, type Result } from '../../result.js';
import type { DoorError } from '../door/door-error.js';
import { decodeOwn, encodeOwn } from '../door/own-messages.js';
import { OWN_SERVICE } from '../door/service.js';
import { readPacketRequest } from '../packets.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { type Handler, refuse } from './answer.js';

export const PACKET_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    OWN_SERVICE.PACKET_SEND,
    {
      needs: PRIVILEGE.base,
      async answer(request, admin) {
        const packet = readPacketRequest(decodeOwn(request));
        if (packet === undefined) return refuse('DATA_INVALID');
        const outcome = await admin.packets?.send(packet);
        return outcome === undefined ? elsewhere() : ok(encodeOwn(OWN_SERVICE.PACKET_SEND, { outcome }));
      },
    },
  ],
  [
    OWN_SERVICE.PACKET_LIST,
    {
      // What came out of protection is what the keys protect.
      needs: PRIVILEGE.keymat,
      answer(_request, admin) {
        const recent = admin.packets?.recent();
        return recent === undefined ? elsewhere() : ok(encodeOwn(OWN_SERVICE.PACKET_LIST, recent));
      },
    },
  ],
  [
    OWN_SERVICE.PACKET_STATS,
    {
      needs: PRIVILEGE.base,
      async answer(_request, admin) {
        const counters = await admin.packets?.counters();
        if (counters === undefined) return elsewhere();
        return counters.ok
          ? ok(encodeOwn(OWN_SERVICE.PACKET_STATS, counters.value))
          : err({ name: 'SYS_ERR', details: [counters.error] });
      },
    },
  ],
];

function elsewhere(): Result<never, DoorError> {
  return err({
    name: 'CMD_NOTSUP',
    details: [
      'Packets are the business of the kernel of this system: in.iked carries them only with --kernel embedded. On Linux see "ip -s xfrm state" and /proc/net/xfrm_stat.',
    ],
  });
}

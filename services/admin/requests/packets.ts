/** Our own PACKET_SEND and PACKET_LIST: packets by hand through the embedded kernel. */
import { ok } from '../../result.js';
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
        if (admin.packets === undefined) return refuse('CMD_NOTSUP');
        const packet = readPacketRequest(decodeOwn(request));
        if (packet === undefined) return refuse('DATA_INVALID');
        return ok(encodeOwn(OWN_SERVICE.PACKET_SEND, { outcome: await admin.packets.send(packet) }));
      },
    },
  ],
  [
    OWN_SERVICE.PACKET_LIST,
    {
      // What came out of protection is what the keys protect.
      needs: PRIVILEGE.keymat,
      answer(_request, admin) {
        if (admin.packets === undefined) return refuse('CMD_NOTSUP');
        return ok(encodeOwn(OWN_SERVICE.PACKET_LIST, admin.packets.recent()));
      },
    },
  ],
];

/** Packets on the door: counters read field by field, and a refusal where packets are the system's. */
import assert from 'node:assert/strict';
import { DOOR_ERROR } from '../../../services/admin/door/door-error.js';
import { errorOf } from '../../../services/admin/door/heads.js';
import { decodeOwn, encodeOwn } from '../../../services/admin/door/own-messages.js';
import { OWN_SERVICE } from '../../../services/admin/door/service.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import { type PacketDesk, readPacketCounters } from '../../../services/admin/packets.js';
import type { PacketCounters } from '../../../services/ports/packet-counters.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { Bytes } from '../../../services/bytes.js';
import { SimulatedAdministration } from './simulated-administration.js';

const COUNTERS: PacketCounters = {
  ...{ sent: 3, received: 2, bypassed: 0, acquires: 1 },
  dropped: { outbound: { 'no-sa': 1 }, inbound: { 'bad-icv': 2, duplicate: 4 } },
};

function ask(
  service: 'PACKET_SEND' | 'PACKET_LIST' | 'PACKET_STATS',
  counters: Result<PacketCounters, string> | undefined,
): Promise<Bytes> {
  const desk: PacketDesk = {
    send: () => Promise.resolve(counters && 'sent'),
    recent: () => counters && [],
    counters: () => Promise.resolve(counters),
  };
  const admin = Object.assign(new SimulatedAdministration(), { packets: desk });
  admin.level = 2;
  return handleRequest(ownCall(encodeOwn(OWN_SERVICE[service], { packet: '45' })), admin);
}

describe('packets on the door', () => {
  it('are counted, and the counters arrive as they were', async () => {
    const reply = await ask('PACKET_STATS', ok(COUNTERS));
    assert.deepEqual(readPacketCounters(decodeOwn(reply)), COUNTERS);
  });

  it('are not told where the kernel does not answer, and the reason is', async () => {
    const error = errorOf(await ask('PACKET_STATS', err('The thread is gone.')));
    assert.deepEqual(error?.details, ['The thread is gone.']);
  });

  it('are refused, with the place to look, where they are the system’s', async () => {
    for (const service of ['PACKET_SEND', 'PACKET_LIST', 'PACKET_STATS'] as const) {
      const error = errorOf(await ask(service, undefined));
      assert.equal(error?.code, DOOR_ERROR.CMD_NOTSUP);
      assert.match(error.details.join(), /--kernel embedded.*xfrm_stat/);
    }
  });

  it('have no counters where a field is missing or of another kind', () => {
    const { dropped, ...others } = COUNTERS;
    for (const bad of [
      undefined,
      [],
      others,
      { ...COUNTERS, sent: '3' },
      { ...COUNTERS, acquires: -1 },
      { ...COUNTERS, dropped: { outbound: dropped.outbound } },
      { ...COUNTERS, dropped: { ...dropped, inbound: { duplicate: 1.5 } } },
    ])
      assert.equal(readPacketCounters(bad), undefined, JSON.stringify(bad));
  });
});

/** More begins than a daemon can finish: established peers notice nothing of it. */
import assert from 'node:assert/strict';
import { concat } from '../../services/bytes.js';
import { decodeHeader, encodeHeader, HEADER_LENGTH } from '../../services/isakmp/header.js';
import { assertEmpty } from './outcome.js';
import { runUntil, settle } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, type Pair, startPair, WEST } from './two-gateways.js';

const GLOBALS = 'p1_lifetime_secs 120 p2_lifetime_secs 90 dpd_interval_secs 5';
const XFORM = 'p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128) }';
/** The benchmark network, RFC 2544: whoever is there may negotiate. */
const ANYBODY = `{ label "anybody" local_addr ${WEST} remote_addr 198.18.0.0/15 p2_pfs 0 ${XFORM} }\n`;
const east = gatewayPlan('east', { words: { globals: GLOBALS } });
const west = gatewayPlan('west', { words: { globals: GLOBALS }, turnMs: 32 });
const crowdedWest = { ...west, config: west.config + ANYBODY };
const PER_SECOND = 500;

async function firstMessage(): Promise<Uint8Array> {
  const pair = await startPair(99, east, west);
  pair.east.kernel.output(packetToWest());
  await settle();
  const [first] = pair.network.sent;
  assert.ok(first);
  return first.bytes;
}

/** First messages from ever new addresses, twice what west works off. */
function flood({ clock, west: victim }: Pair, offer: Uint8Array): { stop(): void } {
  const header = decodeHeader(offer);
  assert.ok(header.ok);
  let number = 0;
  let stopped = false;
  const next = (): void => {
    if (stopped) return;
    for (let one = 0; one < PER_SECOND / 20; one++) {
      number += 1;
      const initiatorCookie = number.toString(16).padStart(16, 'c');
      const address = `198.18.${String((number >> 8) & 255)}.${String(number & 255)}`;
      victim.receive({
        local: { address: WEST, port: 500 },
        remote: { address, port: 500 },
        bytes: concat(encodeHeader({ ...header.value, initiatorCookie }), offer.subarray(HEADER_LENGTH)),
      });
    }
    clock.setTimeout(next, 50);
  };
  next();
  return {
    stop: () => {
      stopped = true;
    },
  };
}

describe('a daemon that is asked for twice what it can do', () => {
  it('answers an established peer, and renews both phases with it, and loses none of its packets', async function () {
    this.timeout(60_000);
    const pair = await startPair(1, east, crowdedWest);
    const { clock } = pair;
    const offer = await firstMessage();
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(clock, () => pair.west.delivered.length > 0, 10_000));
    const attack = flood(pair, offer);
    let sent = 1;
    for (let second = 0; second < 12; second++) {
      // It leaves only, so that east has to ask whether west lives.
      pair.east.kernel.output(packetToWest());
      sent += 1;
      await runUntil(clock, () => false, 1000);
    }
    // Renewal of both phases begins with the flood still on: a Phase 1 of a known peer is a first message too.
    const before = pair.east.events.filter(({ type }) => type === 'phase1.established').length;
    const [entry] = pair.east.engine.table.phase1();
    assert.ok(entry);
    pair.east.engine.peers.isakmpSas.renew(entry);
    for (const child of pair.east.engine.table.phase2()) pair.east.engine.peers.ipsecSas.softLimit(child);
    for (let second = 0; second < 12; second++) {
      pair.east.kernel.output(packetToWest());
      sent += 1;
      await runUntil(clock, () => false, 1000);
    }
    attack.stop();
    const events = pair.west.events;
    const states = events.flatMap((event) => (event.type === 'admission.state' ? [event.state] : []));
    assert.ok(states.length > 0 && states.every((state) => state !== 'open'), states.join(' '));
    assert.ok(events.some((event) => event.type === 'admission.refused'));
    assert.equal(pair.east.events.filter(({ type }) => type === 'peer.dead').length, 0);
    const installed = pair.east.events.filter(({ type }) => type === 'phase2.installed').length;
    const made = pair.east.events.filter(({ type }) => type === 'phase1.established').length;
    assert.ok(made > before, 'Phase 1 was renewed');
    assert.ok(installed >= 2, 'Phase 2 was renewed');
    const asked = pair.east.events.filter(
      (event) => event.type === 'message.sent' && event.message.exchange === 'Informational',
    );
    assert.ok(asked.length > 0, 'the peer was asked');
    const repeated = pair.east.events.filter(
      (event) => event.type === 'message.sent' && event.retransmission > 0,
    );
    assert.deepEqual(repeated, [], 'nothing had to be sent twice');
    await runUntil(clock, () => false, 1000);
    assert.equal(pair.west.delivered.length, sent);
    await runUntil(clock, () => false, 1_000_000);
    assertEmpty(pair, 'afterwards');
  });
});

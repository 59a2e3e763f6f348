/** Message 1 by the thousand, by the letter and out of it: good peers come through, and the work and the bytes are bounded. */
import assert from 'node:assert/strict';
import type { DaemonEvent } from '../../services/events/event.js';
import { concat } from '../../services/bytes.js';
import {
  decodeHeader,
  encodeHeader,
  HEADER_LENGTH,
  type IsakmpHeader,
} from '../../services/isakmp/header.js';
import { encodeMessage } from '../../services/isakmp/message.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { countingCrypto } from './counting-crypto.js';
import { Dice } from './dice.js';
import { notifyAbout } from './informational-message.js';
import { assertEmpty, assertEstablished, isBusy } from './outcome.js';
import { runUntil, settle, type SimulatedDaemon } from './simulated-daemon.js';
import {
  EAST,
  gatewayPlan,
  packetToWest,
  type Pair,
  presharedText,
  startPair,
  WEST,
} from './two-gateways.js';

const AT_WEST = { address: WEST, port: 500 };
const WINDOW_MS = 40_000;
const PROPOSAL = 'p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128) }';
/** The benchmark network, RFC 2544: whoever is there may negotiate, as roaming peers may. */
const ANYBODY = `{ label "anybody" local_addr ${WEST} remote_addr 198.18.0.0/15 p2_pfs 0 ${PROPOSAL} }\n`;

const eastPlan = gatewayPlan('east');
const westPlan = {
  ...gatewayPlan('west', {
    preshared: `${presharedText('west')}{ localid ${WEST} remoteidtype prefix remoteid 198.18.0.0/15 key 00ff }\n`,
  }),
  config: gatewayPlan('west').config + ANYBODY,
};

/** A message 1 as east sends it, taken from a run of its own. */
async function offerOfEast(): Promise<Uint8Array> {
  const pair = await startPair(99, eastPlan, westPlan);
  pair.east.kernel.output(packetToWest());
  await settle();
  const [offer] = pair.network.sent;
  assert.ok(offer);
  return offer.bytes;
}

function changed(bytes: Uint8Array, changes: Partial<IsakmpHeader>): Uint8Array {
  const header = decodeHeader(bytes);
  assert.ok(header.ok);
  return concat(encodeHeader({ ...header.value, ...changes }), bytes.subarray(HEADER_LENGTH));
}

function cookie(number: number): string {
  return `c${number.toString(16).padStart(15, '0')}`;
}

function forged(number: number): string {
  return `198.18.${String((number >> 8) & 255)}.${String(number & 255)}`;
}

/** Sends `perSecond` messages 1 for as long as virtual time is moved on, each with a cookie of its own. */
function flood(
  { clock, west }: Pair,
  offer: Uint8Array,
  source: (number: number) => string,
  perSecond: number,
): { stop(): void; readonly sent: () => number } {
  let number = 0;
  let stopped = false;
  const next = (): void => {
    if (stopped) return;
    const remote = { address: source(number), port: 500 };
    west.engine.receive({
      local: AT_WEST,
      remote,
      bytes: changed(offer, { initiatorCookie: cookie(number) }),
    });
    number += 1;
    clock.setTimeout(next, 1000 / perSecond);
  };
  next();
  return {
    sent: () => number,
    stop: () => {
      stopped = true;
    },
  };
}

function halfOpenAt(daemon: SimulatedDaemon): number {
  return [...daemon.engine.phase1.live()].filter(({ record }) => record.role === 'responder').length;
}

describe('a flood of messages 1', () => {
  const sources: readonly (readonly [string, (number: number) => string])[] = [
    ['one address', () => '198.18.0.1'],
    ['a thousand forged addresses', (number) => forged(number % 1000)],
    ['ever new forged addresses', forged],
    ["the good peer's own address, forged", () => EAST],
  ];
  for (const [what, source] of sources) {
    it(`from ${what} does not keep a good peer from its tunnel`, async function () {
      this.timeout(60_000);
      const pair = await startPair(1, eastPlan, westPlan);
      pair.network.weather = { loss: 0, duplication: 0, delayMs: 40, jitterMs: 0 };
      const attack = flood(pair, await offerOfEast(), source, 500);
      await runUntil(pair.clock, () => attack.sent() > 1000, WINDOW_MS);
      const before = halfOpenAt(pair.west);
      assert.ok(before <= 4096, `${String(before)} half-open`);
      pair.east.kernel.output(packetToWest());
      assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 30_000), 'no tunnel');
      attack.stop();
      await runUntil(pair.clock, () => false, 700_000);
      assertEstablished(pair, 1, what);
    });
  }

  it('leaves nothing, and says once a second and source what happened', async function () {
    this.timeout(60_000);
    const pair = await startPair(2, eastPlan, westPlan);
    const attack = flood(pair, await offerOfEast(), () => '198.18.0.1', 1000);
    await runUntil(pair.clock, () => false, 4000);
    attack.stop();
    const told = pair.west.events.filter(({ type }) => type === 'datagram.dropped').length;
    assert.ok(told <= 5, `${String(told)} events in four seconds`);
    const begun = pair.west.events.filter(({ type }) => type === 'negotiation.started').length;
    assert.ok(begun <= 500 + 4 * 500, `${String(begun)} negotiations begun`);
    await runUntil(pair.clock, () => false, 400_000);
    assertEmpty(pair, 'afterwards');
  });

  it('gets no answer twice, and fewer bytes than it sent', async function () {
    this.timeout(60_000);
    const pair = await startPair(3, eastPlan, westPlan);
    const { network, west, clock } = pair;
    const offer = await offerOfEast();
    const dice = new Dice(7);
    const received = new Map<string, number>();
    const earlier: Uint8Array[] = [offer];
    for (let number = 0; number < 1500; number++) {
      const address = forged(dice.below(20));
      // New ones, old ones again, and some that nothing can be chosen from.
      const fresh = changed(offer, { initiatorCookie: cookie(dice.below(1_000_000)) });
      const bytes = dice.chance(0.5) ? fresh : Uint8Array.from(dice.pick(earlier));
      if (dice.chance(0.2)) bytes[bytes.length - 1 - dice.below(40)] = dice.below(256);
      earlier.push(bytes);
      received.set(address, (received.get(address) ?? 0) + bytes.length);
      west.engine.receive({ local: AT_WEST, remote: { address, port: 500 }, bytes });
      clock.advance(dice.below(50));
      if (number % 50 === 0) await settle();
    }
    await runUntil(clock, () => false, 400_000);
    assert.ok(network.sent.length > 100, 'the flood is answered at all');
    const answered = new Map<string, number>();
    for (const { to, bytes } of network.sent)
      answered.set(to.address, (answered.get(to.address) ?? 0) + bytes.length);
    for (const [address, bytes] of answered) {
      const came = received.get(address) ?? 0;
      assert.ok(bytes <= came, `${address} sent ${String(came)} bytes and got ${String(bytes)}`);
    }
    assertEmpty(pair, 'afterwards');
  });
});

describe('peers that go on to message 3 and no further', () => {
  it('get as many answers as they pay for, and no more Diffie-Hellman than the rate of their source', async function () {
    this.timeout(120_000);
    const counting = countingCrypto();
    const pair = await startPair(4, eastPlan, { ...westPlan, crypto: counting.crypto });
    const { network, west, clock } = pair;
    const offer = await offerOfEast();
    const address = '198.18.7.7';
    const dice = new Dice(1);
    const bytes = { in: 0, out: 0, negotiations: 0 };
    const put = (datagram: Uint8Array): void => {
      bytes.in += datagram.length;
      west.engine.receive({ local: AT_WEST, remote: { address, port: 500 }, bytes: datagram });
    };
    // It answers each message 2 with a message 3 of its own, and each message 4 not at all.
    network.filter = ({ to, bytes: answer }) => {
      if (to.address !== address) return 'pass';
      bytes.out += answer.length;
      const header = decodeHeader(answer);
      assert.ok(header.ok);
      if (header.value.nextPayload !== 1) return 'drop';
      bytes.negotiations += 1;
      const third = encodeMessage({ ...header.value, flags: 0 }, [
        { kind: 'KE', data: Uint8Array.from([0x5a, ...dice.bytes(127)]) },
        { kind: 'NONCE', data: dice.bytes(16) },
      ]);
      clock.setTimeout(() => {
        put(third);
      }, 10);
      return 'drop';
    };
    const SECONDS = 10;
    for (let number = 0; number < SECONDS * 100; number++) {
      put(changed(offer, { initiatorCookie: cookie(number) }));
      clock.advance(10);
      await settle();
    }
    assert.ok(bytes.negotiations > 64);
    assert.ok(counting.keyPairs() > 32, 'some Diffie-Hellman is done');
    assert.ok(counting.keyPairs() <= 32 + SECONDS * 10 + 1, `${String(counting.keyPairs())} key pairs`);
    // Message 4 may be longer than message 3 by the difference of the nonces, 20 bytes to 16.
    assert.ok(bytes.out <= bytes.in + 4 * bytes.negotiations, JSON.stringify(bytes));
    network.filter = () => 'pass';
    await runUntil(clock, () => false, 400_000);
    assertEmpty(pair, 'afterwards');
  });
});

describe('a flood of first messages of Aggressive Mode', () => {
  const rule = { rule: 'ike_mode aggressive' };
  const eastAggressive = gatewayPlan('east', { words: rule });
  const westAggressive = {
    ...westPlan,
    config: `${gatewayPlan('west', { words: rule }).config}${ANYBODY.replace('p2_pfs', 'ike_mode aggressive p2_pfs')}`,
  };

  async function aggressiveOffer(): Promise<Uint8Array> {
    const pair = await startPair(99, eastAggressive, westAggressive);
    pair.east.kernel.output(packetToWest());
    await settle();
    const [offer] = pair.network.sent;
    assert.ok(offer);
    return offer.bytes;
  }

  it('gets no more Diffie-Hellman, and no more answers, than the narrow limits of that mode', async function () {
    this.timeout(60_000);
    const counting = countingCrypto();
    const pair = await startPair(6, eastAggressive, { ...westAggressive, crypto: counting.crypto });
    const offer = await aggressiveOffer();
    const one = flood(pair, offer, () => '198.18.0.1', 100);
    await runUntil(pair.clock, () => false, 5000);
    one.stop();
    assert.ok(counting.keyPairs() >= 8, 'some is done');
    assert.ok(counting.keyPairs() <= 8 + 5 + 1, `${String(counting.keyPairs())} key pairs for one source`);
    const answers = pair.network.sent.length;
    assert.ok(answers <= counting.keyPairs(), `${String(answers)} answers`);
    const before = counting.keyPairs();
    const many = flood(pair, offer, (number) => forged(number + 10), 500);
    await runUntil(pair.clock, () => false, 5000);
    many.stop();
    const more = counting.keyPairs() - before;
    assert.ok(more <= 200 + 5 * 50 + 1, `${String(more)} key pairs for all sources`);
    await runUntil(pair.clock, () => false, 400_000);
    assertEmpty(pair, 'afterwards');
  });

  it('gets one answer for each message at most, longer by its HASH and what NAT detection needs', async function () {
    this.timeout(60_000);
    const pair = await startPair(7, eastAggressive, westAggressive);
    const offer = await aggressiveOffer();
    // A SHA-1 HASH and two NAT-D payloads with their heads; nonces and identities are as long as those that came.
    const LONGER = 3 * (4 + 20);
    const at = { local: AT_WEST, remote: { address: '198.18.0.9', port: 500 } };
    let sent = 0;
    for (let number = 0; number < 100; number++) {
      pair.west.engine.receive({ ...at, bytes: changed(offer, { initiatorCookie: cookie(number % 5) }) });
      sent += 1;
      await runUntil(pair.clock, () => false, 100);
    }
    const answers = pair.network.sent.filter(({ to }) => to.address === at.remote.address);
    assert.ok(answers.length > 0 && answers.length <= sent, `${String(answers.length)} answers`);
    for (const { bytes } of answers)
      assert.ok(
        bytes.length <= offer.length + LONGER,
        `${String(bytes.length)} for ${String(offer.length)} bytes`,
      );
    await runUntil(pair.clock, () => false, 400_000);
    assertEmpty(pair, 'afterwards');
  });
});

describe('an unauthenticated notify', () => {
  const TYPES = Object.entries(NOTIFY);
  it(`of any of the ${String(TYPES.length)} types changes no negotiation and no SA`, async function () {
    this.timeout(60_000);
    const pair = await startPair(5, eastPlan, westPlan);
    const { network, east, west } = pair;
    const told: DaemonEvent[] = [];
    east.stream.subscribe((event) => told.push(event));
    // With every message that arrives come all notifies there are, with its cookies and from its sender.
    network.filter = ({ from, to, bytes }) => {
      const daemon = to.address === EAST ? east : west;
      const header = decodeHeader(bytes);
      assert.ok(header.ok);
      for (const [, notifyType] of TYPES) {
        const notify = encodeMessage(
          { ...header.value, exchangeType: EXCHANGE.informational, messageId: 5, flags: 0 },
          [notifyAbout(notifyType)],
        );
        daemon.engine.receive({ local: to, remote: from, bytes: notify });
      }
      return 'pass';
    };
    east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => west.delivered.length > 0, WINDOW_MS);
    const isInformational = ({ bytes }: { readonly bytes: Uint8Array }): boolean => {
      const header = decodeHeader(bytes);
      return header.ok && header.value.exchangeType === EXCHANGE.informational;
    };
    const others = network.sent.filter((datagram) => !isInformational(datagram));
    assert.equal(others.length, 9, 'none is answered, and none makes anything be sent again');
    // INVALID-COOKIE makes each end ask the other once, and be answered.
    assert.ok(network.sent.length - others.length <= 4);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.ok(told.some(({ type }) => type === 'notify.received' || type === 'datagram.dropped'));
    assertEstablished(pair, 1, 'in spite of all notifies');
    assert.equal(isBusy(east) || isBusy(west), false);
  });
});

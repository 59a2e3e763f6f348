/** Each of the nine messages lost, doubled or late, once: the tunnel comes up all the same, and no storm with it. */
import assert from 'node:assert/strict';
import { assertEstablished } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import type { SentDatagram, SimulatedNetwork } from './simulated-network.js';
import { gatewayPlan, packetToWest, startPair } from './two-gateways.js';

const MESSAGES = [
  'Main Mode 1',
  'Main Mode 2',
  'Main Mode 3',
  'Main Mode 4',
  'Main Mode 5',
  'Main Mode 6',
  'Quick Mode 1',
  'Quick Mode 2',
  'Quick Mode 3',
] as const;

/** Past every retry window of the defaults. */
const WINDOW_MS = 40_000;

/** Does something else with the first copy of the `nth` message that is different from all before it. */
function onceTo(network: SimulatedNetwork, nth: number, fate: (datagram: SentDatagram) => 'pass' | 'drop') {
  const seen = new Set<string>();
  network.filter = (datagram) => {
    const text = Buffer.from(datagram.bytes).toString('latin1');
    if (seen.has(text)) return 'pass';
    seen.add(text);
    return seen.size === nth ? fate(datagram) : 'pass';
  };
}

interface Mishap {
  readonly name: string;
  /** Datagrams that may be sent in all, the doubled ones not counted. */
  readonly most: number;
  readonly fate: (network: SimulatedNetwork, datagram: SentDatagram) => 'pass' | 'drop';
}

const MISHAPS: readonly Mishap[] = [
  // Nine, one sent again, and where it was an answer that was lost, the answer again.
  { name: 'lost', most: 11, fate: () => 'drop' },
  {
    name: 'doubled',
    most: 10,
    fate: (network, { from, to, bytes }) => {
      network.send(from, to, bytes);
      return 'pass';
    },
  },
  {
    // By then it has been sent again and answered, so that the next message is there first.
    name: 'overtaken by what follows it',
    most: 12,
    fate: (network, { from, to, bytes }) => {
      network.clock.setTimeout(() => {
        network.send(from, to, bytes);
      }, 1000);
      return 'drop';
    },
  },
];

describe('a message of nine', () => {
  MESSAGES.forEach((message, index) => {
    for (const { name, most, fate } of MISHAPS) {
      it(`${message} ${name}`, async () => {
        const pair = await startPair(index + 1, gatewayPlan('east'), gatewayPlan('west'));
        const { clock, network, east, west } = pair;
        let forged = 0;
        onceTo(network, index + 1, (datagram) => {
          forged += name === 'lost' ? 0 : 1;
          return fate(network, datagram);
        });
        east.kernel.output(packetToWest());
        await runUntil(clock, () => false, WINDOW_MS);
        assertEstablished(pair, 1, message);
        assert.equal(west.delivered.length, 1);
        const sent = network.sent.length - forged;
        const least = name === 'lost' ? 10 : 9;
        assert.ok(sent >= least && sent <= most, `${String(sent)} datagrams`);
      });
    }
  });
});

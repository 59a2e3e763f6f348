/** Stories of two simulated daemons that between them take every transition of the exchange charts. */
import type { ChartPreparation } from '../../daemon/exchange-machines.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { DaemonPlan, SimulatedDaemon } from '../sim/simulated-daemon.js';
import { runUntil } from '../sim/simulated-daemon.js';
import {
  AES128_SHA1,
  configText,
  EAST,
  gatewayPlan,
  packetToWest,
  type Pair,
  presharedText,
  startPair,
  tunnelPolicy,
  WEST,
} from '../sim/two-gateways.js';
import { notifyAbout, protectedMessage } from '../sim/informational-message.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import {
  committing,
  garbled,
  isEncrypted,
  loseEverythingOnce,
  openRefusal,
  otherHash,
  pointless,
  precedeOnce,
  replaceOnce,
  unluckyCrypto,
  unluckyKernel,
} from './mishaps.js';
import { phase1Stories } from './phase1-stories.js';
import {
  fromEast,
  fromWest,
  LONG,
  nth,
  CROWDED,
  OPERATOR,
  phase1Crypto,
  quickFrom,
  reach,
  type Scenario,
} from './scenario.js';

function phase2Crypto(
  who: 'east' | 'west',
  call: 'generateKeyPair' | 'sharedSecret' | 'publicValueFault',
): Scenario {
  return {
    name: `${who}: ${call} fails in Quick Mode`,
    pfs: true,
    [who]: { crypto: unluckyCrypto({ call, nth: 2, how: 'fails' }) },
  };
}

function kernelCall(
  who: 'east' | 'west',
  call: 'getSpi' | 'update' | 'add' | 'policyFor',
  how: 'fails' | 'hangs' = 'fails',
): Scenario {
  return { name: `${who}: kernel ${call} ${how}`, [who]: { kernel: unluckyKernel({ call, nth: 1, how }) } };
}

/** Under the message ID of the Quick Mode itself, as RFC 2408 3.1 wants it. */
function sayConnected({ east, west }: Pair): void {
  const [negotiation] = east.engine.phase2.live();
  if (negotiation === undefined) throw new Error('no Quick Mode is under way');
  const bytes = protectedMessage(west, [notifyAbout(NOTIFY.connected)], negotiation.record.messageId);
  const [local, remote] = [EAST, WEST].map((address) => ({ address, port: 500 }));
  if (local !== undefined && remote !== undefined) east.engine.receive({ local, remote, bytes });
}

/** Fresh each time: mishaps count their calls. */
export function scenarios(): readonly Scenario[] {
  return [
    { name: 'all goes well' },
    { name: 'all goes well with PFS', pfs: true },
    {
      name: 'SAs that stand are renewed',
      then: async (pair) => {
        const { clock, east } = pair;
        await runUntil(clock, () => [...east.engine.table.phase2()].length === 1, LONG);
        const [entry] = east.engine.table.phase2();
        if (entry === undefined) throw new Error('nothing stands');
        void east.engine.acquires.ask(entry.policy, entry.phase1, entry.standing);
        await reach(pair, 'quick-mode-initiator', 'awaitingTakeover');
        await runUntil(clock, () => [...east.engine.table.phase2()].length === 2, LONG);
      },
    },
    {
      name: 'every message is lost once',
      prepare: ({ network }) => {
        loseEverythingOnce(network);
      },
    },
    {
      name: 'the peer is silent',
      prepare: ({ network }) => {
        network.filter = (datagram) => (fromWest(datagram) ? 'drop' : 'pass');
      },
    },
    {
      name: 'the peer is silent in Quick Mode',
      prepare: ({ network }) => {
        network.filter = (datagram) => (quickFrom(fromWest)(datagram) ? 'drop' : 'pass');
      },
    },
    {
      name: 'message 3 of Quick Mode never arrives',
      prepare: ({ network }) => {
        const third = nth(quickFrom(fromEast), 1);
        let first: Uint8Array | undefined;
        network.filter = (datagram) => {
          if (!quickFrom(fromEast)(datagram)) return 'pass';
          if (third(datagram)) first = datagram.bytes;
          return first !== undefined && Buffer.compare(first, datagram.bytes) === 0 ? 'pass' : 'drop';
        };
      },
    },
    {
      name: 'the peer sets the commit bit, and says no more',
      prepare: ({ network }) => {
        replaceOnce(network, quickFrom(fromWest), committing);
      },
    },
    {
      name: 'the peer sets the commit bit, and says CONNECTED',
      prepare: ({ network }) => {
        replaceOnce(network, quickFrom(fromWest), committing);
      },
      then: async (pair) => {
        await reach(pair, 'quick-mode-initiator', 'awaitingConnected');
        sayConnected(pair);
      },
    },
    { name: 'different pre-shared keys', west: { preshared: presharedText('west', 'ffffffffffffffff') } },
    {
      name: 'no common Phase 1 proposal',
      west: {
        config: configText('west', {
          transform: 'auth_method preshared oakley_group 2 auth_alg md5 encr_alg 3des',
        }),
      },
    },
    {
      name: 'no common Phase 2 proposal',
      west: { policies: [tunnelPolicy('west', [{ ...AES128_SHA1, integrity: 'hmac-md5-96' }])] },
    },
    {
      name: 'the choice was not offered',
      prepare: ({ network }) => {
        replaceOnce(network, fromWest, otherHash);
      },
    },
    {
      name: 'the public value of the responder is bad',
      east: { crypto: unluckyCrypto({ call: 'publicValueFault', nth: 1, how: 'fails' }) },
    },
    {
      name: 'the public value of the initiator is bad',
      west: { crypto: unluckyCrypto({ call: 'publicValueFault', nth: 1, how: 'fails' }) },
    },
    {
      name: 'the proof of the responder is bad',
      east: { crypto: unluckyCrypto({ call: 'equal', nth: 1, how: 'fails' }) },
    },
    {
      name: 'the proof of the initiator is bad',
      west: { crypto: unluckyCrypto({ call: 'equal', nth: 1, how: 'fails' }) },
    },
    {
      name: 'message 6 is garbled on its way',
      prepare: ({ network }) => {
        replaceOnce(network, (d) => fromWest(d) && isEncrypted(d), garbled);
      },
    },
    {
      name: 'message 2 of Quick Mode is garbled on its way',
      prepare: ({ network }) => {
        replaceOnce(network, quickFrom(fromWest), garbled);
      },
    },
    {
      name: 'message 3 of Quick Mode is garbled on its way',
      prepare: ({ network }) => {
        replaceOnce(network, nth(quickFrom(fromEast), 2), garbled);
      },
    },
    {
      name: 'a pointless message before message 2',
      prepare: ({ network }) => {
        precedeOnce(network, fromWest, pointless);
      },
    },
    {
      name: 'a pointless message before message 3',
      prepare: ({ network }) => {
        precedeOnce(network, nth(fromEast, 2), pointless);
      },
    },
    {
      name: 'a pointless message before message 2 of Quick Mode',
      prepare: ({ network }) => {
        precedeOnce(network, quickFrom(fromWest), pointless);
      },
    },
    {
      name: 'a pointless message before message 3 of Quick Mode',
      prepare: ({ network }) => {
        precedeOnce(network, nth(quickFrom(fromEast), 2), pointless);
      },
    },
    {
      name: 'somebody warns the responder',
      prepare: ({ network }) => {
        precedeOnce(network, nth(fromEast, 2), openRefusal);
      },
    },
    ...(['east', 'west'] as const).flatMap((who) => [
      phase1Crypto(who, 'generateKeyPair', 'fails'),
      phase1Crypto(who, 'generateKeyPair', 'hangs'),
      phase1Crypto(who, 'sharedSecret', 'fails'),
      phase2Crypto(who, 'generateKeyPair'),
      phase2Crypto(who, 'sharedSecret'),
      phase2Crypto(who, 'publicValueFault'),
      kernelCall(who, 'getSpi'),
      kernelCall(who, 'getSpi', 'hangs'),
      kernelCall(who, 'update'),
      kernelCall(who, 'update', 'hangs'),
      kernelCall(who, 'add'),
      kernelCall(who, 'add', 'hangs'),
    ]),
    kernelCall('west', 'policyFor'),
    ...phase1Stories(),
    {
      name: 'the Phase 1 of west makes room for others',
      then: async (pair) => {
        await reach(pair, 'main-mode-responder', 'awaitingKeyExchange');
        for (const negotiation of [...pair.west.engine.phase1.live()])
          negotiation.send({ type: 'DISPLACED', failure: CROWDED });
      },
    },
    ...(['east', 'west'] as const).flatMap((who): Scenario[] => [
      {
        name: `an operator deletes the Phase 1 of ${who} under way`,
        then: async (pair) => {
          await reach(pair, 'main-mode-responder', 'awaitingKeyExchange');
          for (const negotiation of [...pair[who].engine.phase1.live()])
            negotiation.send({ type: 'OPERATOR_DELETE', failure: OPERATOR });
        },
      },
      {
        name: `an operator deletes the Quick Mode of ${who} under way`,
        then: async (pair) => {
          await reach(pair, 'quick-mode-responder', 'awaitingConfirmation');
          for (const negotiation of [...pair[who].engine.phase2.live()])
            negotiation.send({ type: 'OPERATOR_DELETE', failure: OPERATOR });
        },
      },
      {
        name: `the Phase 1 of ${who} goes away under a Quick Mode`,
        then: async (pair) => {
          await reach(pair, 'quick-mode-responder', 'awaitingConfirmation');
          for (const entry of [...pair[who].engine.table.phase1()])
            pair[who].engine.deletePhase1(entry, 'a test wanted it');
        },
      },
    ]),
  ];
}

export interface Story {
  /** Edges each chart took, by the name of its run at its end: `east p1-1 main-mode-initiator`. */
  readonly taken: ReadonlyMap<string, readonly string[]>;
  /** All that can be told from outside, as text to compare. */
  readonly outcome: string;
}

/** Plays a scenario; `prepareChart` may alter the charts of both ends. */
export async function play(scenario: Scenario, prepareChart?: ChartPreparation): Promise<Story> {
  const pair = await perform(scenario, prepareChart);
  return { taken: takenBy(pair), outcome: outcomeOf(pair) };
}

/** The two ends as a scenario leaves them when nothing is under way any more. */
export async function perform(scenario: Scenario, prepareChart?: ChartPreparation): Promise<Pair> {
  const words = { pfs: scenario.pfs === true ? 2 : 0 };
  const plan = (end: 'east' | 'west'): DaemonPlan => ({
    ...gatewayPlan(end, { words }),
    watched: true,
    ...(prepareChart === undefined ? {} : { prepareChart }),
    ...scenario[end],
  });
  const pair = await startPair(7, plan('east'), plan('west'));
  scenario.prepare?.(pair);
  pair.east.kernel.output(packetToWest());
  await scenario.then?.(pair);
  const busy = ({ engine }: SimulatedDaemon): boolean =>
    !engine.phase1.live().next().done || !engine.phase2.live().next().done;
  await runUntil(pair.clock, () => false, 31_000);
  await runUntil(pair.clock, () => !busy(pair.east) && !busy(pair.west), LONG);
  return pair;
}

function takenBy({ east, west }: Pair): ReadonlyMap<string, readonly string[]> {
  const taken = new Map<string, string[]>();
  for (const [end, daemon] of Object.entries({ east, west })) {
    for (const event of daemon.events) {
      if (event.type !== 'negotiation.transition') continue;
      const key = `${end} ${event.negotiation}`;
      taken.set(key, [...(taken.get(key) ?? []), ...event.edges]);
    }
  }
  return taken;
}

function outcomeOf({ east, west, network }: Pair): string {
  const of = (daemon: SimulatedDaemon) => ({
    ended: daemon.events
      .filter((event) => event.type === 'negotiation.ended')
      .map((event) => [event.at, event.negotiation, event.outcome, event.failure?.code]),
    noticed: daemon.events.filter(isNoticed).map((event) => event.type),
    sas: daemon.kernel.sas().length,
    delivered: daemon.delivered.length,
  });
  return JSON.stringify({ east: of(east), west: of(west), sent: network.sent.length });
}

function isNoticed(event: StampedEvent): boolean {
  return ['message.ignored', 'negotiation.suspicion', 'notify.received', 'internal.error'].includes(
    event.type,
  );
}

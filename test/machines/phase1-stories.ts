/** Stories of Aggressive Mode, and of the methods that sign and decrypt. */
import type { DaemonPlan } from '../sim/simulated-daemon.js';
import { certificatePlan } from '../sim/certificate-gateways.js';
import { authority } from '../sim/certificates.js';
import { configText, gatewayPlan } from '../sim/two-gateways.js';
import {
  garbled,
  loseEverythingOnce,
  openRefusal,
  otherHash,
  pointless,
  precedeOnce,
  replaceOnce,
  unluckyCrypto,
} from './mishaps.js';
import {
  fromEast,
  fromWest,
  nth,
  CROWDED,
  OPERATOR,
  phase1Crypto,
  reach,
  type Scenario,
} from './scenario.js';

const MADE = await authority();

/** Both ends prove themselves otherwise than by a pre-shared key in Main Mode, and one of them may have a mishap. */
function phase1Of(
  method: 'preshared' | 'rsa_sig' | 'rsa_encrypt',
  mode: 'main' | 'aggressive',
  story: Scenario,
): Scenario {
  const plan = (end: 'east' | 'west'): DaemonPlan =>
    method === 'preshared'
      ? gatewayPlan(end, { words: { rule: `ike_mode ${mode}` } })
      : certificatePlan(end, MADE, { method, mode });
  return {
    ...story,
    name: `${method} in ${mode} mode: ${story.name}`,
    east: { ...plan('east'), ...story.east },
    west: { ...plan('west'), ...story.west },
  };
}

/** What happens in every Phase 1 chart of its mode. */
function aggressiveStories(): readonly Scenario[] {
  return [
    {
      name: 'the peer is silent',
      prepare: ({ network }) => {
        network.filter = (datagram) => (fromWest(datagram) ? 'drop' : 'pass');
      },
    },
    {
      name: 'every message is lost once',
      prepare: ({ network }) => {
        loseEverythingOnce(network);
      },
    },
    {
      name: 'message 3 never arrives',
      prepare: ({ network }) => {
        const first = nth(fromEast, 1);
        network.filter = (datagram) => (fromWest(datagram) || first(datagram) ? 'pass' : 'drop');
      },
    },
    {
      name: 'no common proposal',
      west: {
        config: configText('west', {
          rule: 'ike_mode aggressive',
          transform: 'auth_method preshared oakley_group 2 auth_alg md5 encr_alg 3des',
        }),
      },
    },
    {
      name: 'the choice was not offered',
      prepare: ({ network }) => {
        replaceOnce(network, fromWest, otherHash);
      },
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
      name: 'message 3 is garbled on its way',
      prepare: ({ network }) => {
        replaceOnce(network, nth(fromEast, 2), garbled);
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
      name: 'somebody warns the responder',
      prepare: ({ network }) => {
        precedeOnce(network, nth(fromEast, 2), openRefusal);
      },
    },
    {
      name: 'somebody warns the initiator',
      prepare: ({ network }) => {
        precedeOnce(network, fromWest, openRefusal);
      },
    },
    ...(['east', 'west'] as const).flatMap((who): Scenario[] => [
      phase1Crypto(who, 'generateKeyPair', 'fails'),
      phase1Crypto(who, 'generateKeyPair', 'hangs'),
      phase1Crypto(who, 'sharedSecret', 'fails'),
      phase1Crypto(who, 'sharedSecret', 'hangs'),
      {
        name: `an operator deletes the Phase 1 of ${who} under way`,
        then: async (pair) => {
          await reach(
            pair,
            who === 'east' ? 'aggressive-mode-initiator' : 'aggressive-mode-responder',
            who === 'east' ? 'awaitingAnswer' : 'awaitingProof',
          );
          for (const negotiation of [...pair[who].engine.phase1.live()])
            negotiation.send({ type: 'OPERATOR_DELETE', failure: OPERATOR });
        },
      },
    ]),
    {
      name: 'the Phase 1 of west makes room for others',
      then: async (pair) => {
        await reach(pair, 'aggressive-mode-responder', 'awaitingProof');
        for (const negotiation of [...pair.west.engine.phase1.live()])
          negotiation.send({ type: 'DISPLACED', failure: CROWDED });
      },
    },
  ];
}

/** Signing and decrypting, which only some methods do. */
function certificateStories(call: 'signRsa' | 'decryptRsa'): readonly Scenario[] {
  return [
    { name: 'all goes well' },
    ...(['east', 'west'] as const).flatMap((who): Scenario[] => [
      { name: `${who}: ${call} fails`, [who]: { crypto: unluckyCrypto({ call, nth: 1, how: 'fails' }) } },
    ]),
  ];
}

export function phase1Stories(): readonly Scenario[] {
  const modes = ['main', 'aggressive'] as const;
  return [
    phase1Of('preshared', 'aggressive', { name: 'all goes well' }),
    ...aggressiveStories().map((story) => phase1Of('preshared', 'aggressive', story)),
    ...modes.flatMap((mode) => [
      ...certificateStories('signRsa').map((story) => phase1Of('rsa_sig', mode, story)),
      ...certificateStories('decryptRsa').map((story) => phase1Of('rsa_encrypt', mode, story)),
    ]),
  ];
}

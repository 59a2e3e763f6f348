/** Failures of rules, offers and choices. */
import { phase1Administration } from '../../../daemon/phase1-administration.js';
import { HEADER_LENGTH } from '../../../services/isakmp/header.js';
import { decodePayloads, encodeMessage } from '../../../services/isakmp/message.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';
import { headerOf, unluckyKernel } from '../../machines/mishaps.js';
import { NatBox } from '../nat-box.js';
import { runUntil } from '../simulated-daemon.js';
import {
  basic,
  espProposal,
  phase1Pair,
  phase2Sa,
  reactionToRequest,
} from '../../conformance/scripted-peer.js';
import {
  configText,
  EAST,
  gatewayPlan,
  packetToWest,
  presharedText,
  startPair,
  tunnelPolicy,
  WEST,
} from '../two-gateways.js';
import {
  asked,
  AT_EAST,
  AT_WEST,
  type Provocation,
  replaceOnce,
  askedOfSpoilt,
  until,
} from './provocation.js';

const AGGRESSIVE = { words: { rule: 'ike_mode aggressive' } };
const at = (end: 'east' | 'west', changes: Partial<IpsecPolicy>): readonly IpsecPolicy[] => [
  { ...tunnelPolicy(end), position: { file: 'policies', line: 4 }, ...changes },
];
const AH = [[{ protocol: 51, integrity: 'hmac-sha1-96' } as const]];
const OUTER = '203.0.113.1';

export const OFFERS: readonly Provocation[] = [
  {
    code: 'no-rule',
    when: 'the rule of the responder is for another address',
    blame: 'config',
    names: /config:2/,
    async provoke() {
      const pair = await asked({}, { config: configText('west').replace(EAST, '192.0.2.99') });
      return until(pair, pair.west, 'no-rule');
    },
  },
  {
    code: 'rule-unusable',
    when: 'the rule needs a group that is not built',
    blame: 'local',
    names: /config:2/,
    async provoke() {
      const transform = 'auth_method preshared oakley_group 3 auth_alg sha1 encr_alg aes';
      const pair = await asked({}, { words: { transform } });
      return until(pair, pair.west, 'rule-unusable');
    },
  },
  {
    code: 'wrong-mode',
    when: 'the peer begins Aggressive Mode where only Main Mode is allowed',
    blame: 'config',
    names: /config:2/,
    async provoke() {
      const pair = await asked(AGGRESSIVE);
      return until(pair, pair.west, 'wrong-mode');
    },
  },
  {
    code: 'no-common-phase1-proposal',
    when: 'hash and group differ',
    blame: 'config',
    names:
      /config:3.*proposals = aes128-sha256-modp2048.*ike=aes128-sha2_256;modp2048.* hash sha256.* group 14/,
    async provoke() {
      const transform = 'auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes(128..128)';
      const pair = await asked({}, { words: { transform } });
      return until(pair, pair.west, 'no-common-phase1-proposal');
    },
  },
  {
    code: 'peer-refused',
    when: 'the peer answers NO-PROPOSAL-CHOSEN',
    blame: 'config',
    names: /NO-PROPOSAL-CHOSEN.*\(config:2\).*proposals = aes128-sha1-modp1024/,
    async provoke() {
      const transform = 'auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes(128..128)';
      const pair = await asked({}, { words: { transform } });
      return until(pair, pair.east, 'peer-refused');
    },
  },
  {
    code: 'bad-message',
    when: 'message 1 of Aggressive Mode holds what its method does not have',
    blame: 'peer',
    names: /message 1 of Aggressive Mode/,
    async provoke() {
      const pair = await asked(AGGRESSIVE, AGGRESSIVE, (prepared) => {
        replaceOnce(
          prepared,
          ({ from }) => from === EAST,
          (bytes) => {
            const header = headerOf({ at: 0, from: AT_EAST, to: AT_WEST, bytes });
            const chain = decodePayloads(header.nextPayload, bytes.subarray(HEADER_LENGTH));
            if (!chain.ok) throw new Error(chain.error.explanation);
            return encodeMessage(header, [
              ...chain.value.payloads,
              { kind: 'HASH', data: new Uint8Array(20) },
            ]);
          },
        );
      });
      return until(pair, pair.west, 'bad-message');
    },
  },
  {
    code: 'bad-phase1-choice',
    when: 'the choice of the responder was not offered',
    blame: 'peer',
    names: /config:3/,
    async provoke() {
      const pair = await asked({}, {}, (prepared) => {
        replaceOnce(
          prepared,
          ({ from }) => from === WEST,
          // Group 2 as a basic attribute becomes group 5.
          (bytes) => Buffer.from(Buffer.from(bytes).toString('hex').replace('80040002', '80040005'), 'hex'),
        );
      });
      return until(pair, pair.east, 'bad-phase1-choice');
    },
  },
  {
    code: 'no-common-phase2-proposal',
    when: 'the algorithms of the policies differ',
    blame: 'config',
    names: /! encr_algs ESP_AES-CBC ESP_3DES .*policies:4.*esp_proposals = 3des-md5.*esp-3des esp-md5-hmac/,
    async provoke() {
      const proposals = [
        [
          {
            protocol: 50,
            encryption: '3des',
            keyBits: { low: 192, high: 192 },
            integrity: 'hmac-md5-96',
          } as const,
        ],
      ];
      const pair = await asked({}, { policies: at('west', { proposals }) });
      return until(pair, pair.west, 'no-common-phase2-proposal');
    },
  },
  {
    code: 'bad-phase2-choice',
    when: 'the responder answers with a lifetime that was not offered',
    blame: 'peer',
    names: /policies:4/,
    async provoke() {
      const pair = await askedOfSpoilt({ policies: at('east', {}) }, ({ chosen }) => ({
        chosen: chosen.map((proposal) => ({
          ...proposal,
          transforms: proposal.transforms.map((transform) => ({
            ...transform,
            attributes: transform.attributes.map(({ type }) => basic(type, 1)),
          })),
        })),
      }));
      return until(pair, pair.east, 'bad-phase2-choice');
    },
  },
  {
    code: 'several-sa-payloads',
    when: 'a Quick Mode asks for two sets of SAs',
    blame: 'peer',
    names: /message 1 of Quick Mode/,
    async provoke() {
      const pair = await phase1Pair();
      const sa = phase2Sa(espProposal(1, [{ number: 1, id: 3, attributes: [basic(4, 1), basic(5, 2)] }]));
      await reactionToRequest(pair, [sa, sa, { kind: 'NONCE', data: new Uint8Array(16) }]);
      return pair.west;
    },
  },
  {
    code: 'ah-behind-nat',
    when: 'the policy has nothing but AH and there is a NAT',
    blame: 'config',
    names: /policies:4/,
    async provoke() {
      const seen = (text: string): string => text.replaceAll(EAST, OUTER);
      const outer = { local: WEST, remote: OUTER };
      const pair = await asked(
        { policies: at('east', { proposals: AH }) },
        {
          config: seen(configText('west')),
          preshared: seen(presharedText('west')),
          policies: at('west', { proposals: AH, outer }),
        },
        ({ clock, network }) => {
          network.putBehind(new NatBox(clock, { address: OUTER, idleMs: 300_000 }), EAST);
        },
      );
      return until(pair, pair.east, 'ah-behind-nat');
    },
  },
  {
    code: 'no-policy',
    when: 'the responder has no policy for the networks',
    blame: 'config',
    names: /10\.1\.0\.0\/16.*remote_ts = 10\.2\.0\.0\/16/,
    async provoke() {
      const pair = await asked({}, { policies: [] });
      return until(pair, pair.west, 'no-policy');
    },
  },
  {
    code: 'pfs-mismatch',
    when: 'the responder wants a group and is offered none',
    blame: 'config',
    names: /config:2.*set pfs group14/,
    async provoke() {
      const pair = await asked({}, { words: { pfs: 14 } });
      return until(pair, pair.west, 'pfs-mismatch');
    },
  },
  {
    code: 'kernel-refused',
    when: 'the kernel of the initiator does not take the SA',
    blame: 'local',
    names: /update.*encr_algs aes-cbc\(128\)/,
    async provoke() {
      const kernel = unluckyKernel({ call: 'update', nth: 1, how: 'fails' });
      const pair = await asked({ kernel });
      return until(pair, pair.east, 'kernel-refused');
    },
  },
  {
    code: 'operator-deleted',
    when: 'Phase 1 is flushed while it is negotiated',
    blame: 'local',
    names: /operator/,
    async provoke() {
      const pair = await asked({}, {}, ({ network }) => (network.filter = () => 'drop'));
      await runUntil(pair.clock, () => false, 1000);
      phase1Administration(pair.east.engine).flushPhase1();
      return until(pair, pair.east, 'operator-deleted');
    },
  },
  {
    code: 'internal',
    when: 'an adapter throws where it must not',
    blame: 'local',
    names: /defect/,
    async provoke() {
      const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
      const { udp } = pair.east.engine.ports;
      const endpointAt = udp.endpointAt.bind(udp);
      let calls = 0;
      udp.endpointAt = (address) => {
        calls += 1;
        if (calls > 1) throw new Error('the list of sockets is gone');
        return endpointAt(address);
      };
      pair.east.kernel.output(packetToWest());
      return until(pair, pair.east, 'internal');
    },
  },
];

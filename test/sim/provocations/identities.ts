/** Failures of pre-shared keys, identities and networks. */
import { addressIdentity, selectorIdentity } from '../../../services/exchange/identity.js';
import { prefixRange } from '../../../services/net/address.js';
import {
  basic,
  espProposal,
  phase1Pair,
  phase2Sa,
  reactionToRequest,
} from '../../conformance/scripted-peer.js';
import { unluckyCrypto } from '../../machines/mishaps.js';
import { EAST, presharedText, tunnelPolicy } from '../two-gateways.js';
import { asked, askedOfSpoilt, EXPIRY_MS, type Provocation, spoilPhase1, until } from './provocation.js';

export const IDENTITIES: readonly Provocation[] = [
  {
    code: 'no-preshared-key',
    when: 'no entry is for the address of the peer',
    blame: 'config',
    names: /remoteid 192\.0\.2\.1.*crypto isakmp key <text> address 192\.0\.2\.2/,
    async provoke() {
      const preshared = presharedText('west').replace(EAST, '192.0.2.77');
      const pair = await asked({}, { preshared });
      return until(pair, pair.west, 'no-preshared-key');
    },
  },
  {
    code: 'wrong-preshared-key',
    when: 'message 5 cannot be read',
    blame: 'config',
    names: /message 5 of Main Mode.*ike\.preshared:1.*ipsec\.secrets/,
    async provoke() {
      const pair = await asked({}, { preshared: presharedText('west', 'fedcba98') });
      return until(pair, pair.west, 'wrong-preshared-key', EXPIRY_MS);
    },
  },
  {
    code: 'identity-mismatch',
    when: 'the peer calls itself by another address than it has',
    blame: 'config',
    names: /198\.51\.100\.9.*message 5 of Main Mode.*what would match 192\.0\.2\.1 /,
    async provoke() {
      const pair = await asked({}, {}, (prepared) => {
        spoilPhase1(prepared, 'east', () => ({ ownIdentity: addressIdentity('198.51.100.9') }));
      });
      return until(pair, pair.west, 'identity-mismatch');
    },
  },
  {
    code: 'bad-identity',
    when: 'the networks of a Quick Mode are of two IP protocols',
    blame: 'peer',
    names: /IP protocols 6 and 17.*message 1 of Quick Mode/,
    async provoke() {
      const pair = await phase1Pair();
      await reactionToRequest(pair, [
        phase2Sa(espProposal(1, [{ number: 1, id: 3, attributes: [basic(4, 1), basic(5, 2)] }])),
        { kind: 'NONCE', data: new Uint8Array(16) },
        selectorIdentity(prefixRange('10.1.0.0', 16), 6, 0),
        selectorIdentity(prefixRange('10.2.0.0', 16), 17, 0),
      ]);
      return pair.west;
    },
  },
  {
    code: 'bad-proof',
    when: 'the hash of the peer is wrong',
    blame: 'peer',
    names: /message 5 of Main Mode.*ike\.preshared:1/,
    async provoke() {
      const pair = await asked({}, { crypto: unluckyCrypto({ call: 'equal', nth: 1, how: 'fails' }) });
      return until(pair, pair.west, 'bad-proof');
    },
  },
  {
    code: 'selector-mismatch',
    when: 'the responder answers for other networks',
    blame: 'peer',
    names: /10\.2\.7\.0\/24.*message 2 of Quick Mode.*policies:9.*local_ts = 10\.2\.0\.0\/16/,
    async provoke() {
      const east = { policies: [{ ...tunnelPolicy('east'), position: { file: 'policies', line: 9 } }] };
      const pair = await askedOfSpoilt(east, ({ identities }) => {
        const [initiator] = identities ?? [];
        return initiator === undefined
          ? {}
          : { identities: [initiator, selectorIdentity(prefixRange('10.2.7.0', 24), 0, 0)] };
      });
      return until(pair, pair.east, 'selector-mismatch');
    },
  },
];

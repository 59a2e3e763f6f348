/** Failures of delivery, of time, and of this host. */
import { concat } from '../../../services/bytes.js';
import { decodeHeader, encodeHeader, HEADER_LENGTH } from '../../../services/isakmp/header.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { headerOf, unluckyCrypto } from '../../machines/mishaps.js';
import { onlyPhase1 } from '../informational-message.js';
import { runUntil } from '../simulated-daemon.js';
import { EAST, packetToWest } from '../two-gateways.js';
import { asked, AT_EAST, AT_WEST, EXPIRY_MS, type Provocation, until } from './provocation.js';

export const LIFE: readonly Provocation[] = [
  {
    code: 'peer-silent',
    when: 'nothing of the peer comes back',
    blame: 'network',
    names: /message 1 of Main Mode.*filter on the way drops UDP 500.*no rule for our address/,
    async provoke() {
      const pair = await asked({}, {}, ({ network }) => (network.filter = () => 'drop'));
      return until(pair, pair.east, 'peer-silent');
    },
  },
  {
    code: 'peer-dead',
    when: 'the peer of an established SA is gone',
    blame: 'network',
    names: /R-U-THERE.*dpd_interval/,
    async provoke() {
      const pair = await asked();
      await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
      pair.network.filter = () => 'drop';
      for (let second = 0; second < 100; second++) {
        pair.east.kernel.output(packetToWest('into the void'));
        await until(pair, pair.east, 'peer-dead', 1000);
      }
      return pair.east;
    },
  },
  {
    code: 'expired',
    when: 'the initiator says nothing after its offer',
    blame: 'network',
    names: /expire_timer/,
    async provoke() {
      const pair = await asked({}, {}, ({ network }) => {
        let offers = 0;
        network.filter = ({ from }) => (from.address === EAST && ++offers === 1 ? 'pass' : 'drop');
      });
      return until(pair, pair.west, 'expired', EXPIRY_MS);
    },
  },
  {
    code: 'phase1-lost',
    when: 'the Phase 1 SA is deleted while a Quick Mode runs under it',
    blame: 'peer',
    names: /Phase 1 SA with 192\.0\.2\.2:500 went away/,
    async provoke() {
      const pair = await asked({}, {}, ({ network }) => {
        network.filter = (datagram) =>
          headerOf(datagram).exchangeType === EXCHANGE.quickMode ? 'drop' : 'pass';
      });
      const { engine } = pair.east;
      await runUntil(pair.clock, () => engine.table.phase1Count > 0, 60_000);
      engine.deletePhase1(onlyPhase1(pair.east), 'an operator deleted it');
      return until(pair, pair.east, 'phase1-lost');
    },
  },
  {
    code: 'bad-public-value',
    when: 'the Diffie-Hellman value of the peer is nought',
    blame: 'peer',
    names: /message 3 of Main Mode/,
    async provoke() {
      const pair = await asked(
        {},
        { crypto: unluckyCrypto({ call: 'publicValueFault', nth: 1, how: 'fails' }) },
      );
      return until(pair, pair.west, 'bad-public-value');
    },
  },
  {
    code: 'crypto-failed',
    when: 'a computation of this host fails',
    blame: 'local',
    names: /the engine is on fire/,
    async provoke() {
      const pair = await asked({ crypto: unluckyCrypto({ call: 'sharedSecret', nth: 1, how: 'fails' }) });
      return until(pair, pair.east, 'crypto-failed');
    },
  },
  {
    code: 'crowded-out',
    when: 'one source begins more negotiations than it may',
    blame: 'network',
    names: /made room for others/,
    async provoke() {
      const pair = await asked({}, {}, ({ network }) => (network.filter = () => 'drop'));
      await runUntil(pair.clock, () => false, 10);
      const [offer] = pair.network.sent;
      const header = offer && decodeHeader(offer.bytes);
      if (offer === undefined || header?.ok !== true) throw new Error('no offer was sent');
      for (let number = 0; number < 140; number++) {
        const initiatorCookie = (0x1000 + number).toString(16).padStart(16, 'c');
        const head = encodeHeader({ ...header.value, initiatorCookie });
        const bytes = concat(head, offer.bytes.subarray(HEADER_LENGTH));
        pair.west.engine.receive({ local: AT_WEST, remote: AT_EAST, bytes });
      }
      return pair.west;
    },
  },
  {
    code: 'daemon-stopping',
    when: 'the daemon stops in the middle',
    blame: 'local',
    names: /stopping/,
    async provoke() {
      const pair = await asked({}, {}, ({ network }) => (network.filter = () => 'drop'));
      await runUntil(pair.clock, () => false, 1000);
      void pair.east.engine.sayGoodbye();
      return until(pair, pair.east, 'daemon-stopping');
    },
  },
];

/** IKE fragmentation (payload type 132), where a chain of certificates does not fit a packet. */
import assert from 'node:assert/strict';
import { useLab } from './lab/lab.js';
import { assertEstablishes, ROLES } from './lab/roles.js';
import { scenario, type Wishes } from './lab/scenario.js';

const CASES: Readonly<Record<string, Wishes>> = {
  'main RSA': {},
  'main RSA, in UDP': { more: { connection: { fragmentation: 'force', encap: 'yes' } } },
  'aggressive RSA': { exchange: 'aggressive' },
};

describe('fragmentation', () => {
  const lab = useLab({ charon: { fragment_size: 576 } });

  for (const role of ROLES) {
    for (const [name, wishes] of Object.entries(CASES)) {
      it(`${role}: ${name}, a chain of certificates in fragments of 576 bytes`, async () => {
        const pair = await lab.arrange(
          scenario({
            auth: 'rsa',
            identity: 'dn',
            certificate: { ours: 'chained', peers: 'chained' },
            more: { connection: { fragmentation: 'force' } },
            ...wishes,
          }),
        );
        await assertEstablishes(role, pair);
        const { place } = pair.scenario;
        const fragments = await lab.capture.rows('isakmp.nextpayload == 132', 'ip.src', 'ip.len');
        const lengths = (from: string): readonly number[] =>
          fragments.filter(([source]) => source === from).map(([, length]) => Number(length));
        assert.ok(lengths(place.ours.own[4]).length >= 2, 'we send fragments');
        assert.ok(lengths(place.peers.own[4]).length >= 2, 'the peer sends fragments');
        assert.ok(lengths(place.peers.own[4]).every((length) => length <= 576));
      });
    }

    it(`${role}: no fragments to a peer that does not take them`, async () => {
      const pair = await lab.arrange(
        scenario({ auth: 'rsa', identity: 'dn', more: { connection: { fragmentation: 'no' } } }),
      );
      await assertEstablishes(role, pair);
      assert.deepEqual(await lab.capture.rows('isakmp.nextpayload == 132', 'ip.src'), []);
    });
  }
});

/** Phase 1 with certificates: every method in both modes, between two production engines in virtual time. */
import assert from 'node:assert/strict';
import { certificatePlan, type CertificateWish } from './certificate-gateways.js';
import { authority } from './certificates.js';
import { assertClean, assertEstablished, failedCodes, failures } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import { packetToWest, type Pair, startPair } from './two-gateways.js';

const WINDOW_MS = 60_000;
const EXPIRY_MS = 400_000;

async function meet(
  east: CertificateWish,
  west: CertificateWish,
  seed = 1,
  prepare?: (pair: Pair) => void,
): Promise<Pair> {
  const made = await authority();
  const pair = await startPair(
    seed,
    certificatePlan('east', made, east),
    certificatePlan('west', made, west),
  );
  prepare?.(pair);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
  await runUntil(pair.clock, () => false, WINDOW_MS);
  return pair;
}

describe('Phase 1 with certificates', function () {
  this.timeout(60_000);

  for (const method of ['rsa_sig', 'dss_sig', 'rsa_encrypt'] as const) {
    for (const mode of ['main', 'aggressive'] as const) {
      for (const idType of ['fqdn', 'user_fqdn', 'dn'] as const) {
        it(`builds a tunnel by ${method} in ${mode} mode with identities of type ${idType}`, async () => {
          const wish: CertificateWish = { method, mode, idType };
          const pair = await meet(wish, wish);
          assertEstablished(pair, 1, failures(pair));
          assert.equal(pair.west.delivered.length, 1);
        });
      }
      it(`survives the loss of every message once by ${method} in ${mode} mode`, async () => {
        const pair = await meet({ method, mode }, { method, mode }, 2, ({ network }) => {
          const seen = new Set<string>();
          network.filter = ({ bytes }) => {
            const text = Buffer.from(bytes).toString('latin1');
            if (seen.has(text)) return 'pass';
            seen.add(text);
            return 'drop';
          };
        });
        assertEstablished(pair, 1, failures(pair));
      });
      it(`refuses by ${method} in ${mode} mode who is not selected by remote_id`, async () => {
        const pair = await meet(
          { method, mode, known: ['west-rsa'] },
          { method, mode, own: 'mallory', known: ['east-rsa'] },
        );
        await runUntil(pair.clock, () => false, EXPIRY_MS);
        assertClean(pair, 'mallory');
        assert.equal(pair.east.engine.table.phase2Count, 0);
        assert.equal(pair.east.engine.table.phase1Count, 0);
      });
    }
  }

  describe('over a path that takes no more than 1280 bytes', () => {
    const FRAGMENTATION = '4048b7d56ebce88525e7de7f00d6c2d3';
    const longest = ({ network }: Pair): number => Math.max(...network.sent.map(({ bytes }) => bytes.length));

    it('sends long messages in fragments, which survive loss', async () => {
      const wish: CertificateWish = { method: 'dss_sig', mode: 'aggressive' };
      let lost = 0;
      const pair = await meet(wish, wish, 3, ({ network }) => {
        network.mtu = 1280;
        network.filter = ({ bytes }) => (bytes[16] === 132 && ++lost % 3 === 1 ? 'drop' : 'pass');
      });
      assertEstablished(pair, 1, failures(pair));
      assert.ok(lost >= 3, 'fragments were sent');
      assert.ok(longest(pair) <= 1200);
    });

    it('sends them whole to a peer that does not say it takes fragments', async () => {
      const wish: CertificateWish = { method: 'dss_sig', mode: 'aggressive' };
      const pair = await meet(wish, wish, 3, ({ network }) => {
        const sent = new WeakSet<Uint8Array>();
        network.filter = (datagram) => {
          const at = Buffer.from(datagram.bytes).indexOf(Buffer.from(FRAGMENTATION, 'hex'));
          if (at < 0 || sent.has(datagram.bytes)) return 'pass';
          const bytes = datagram.bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte));
          sent.add(bytes);
          network.send(datagram.from, datagram.to, bytes);
          return 'drop';
        };
      });
      assertEstablished(pair, 1, failures(pair));
      assert.ok(longest(pair) > 1200);
    });
  });

  it('keeps to the rule whose remote_id fits, where several agree to the offer', async () => {
    const made = await authority();
    const west = certificatePlan('west', made, { method: 'rsa_sig', remoteId: 'DNS=somebody.example' });
    const second = certificatePlan('west', made, { method: 'rsa_sig' })
      .config.replace(/^[^{]*/, '')
      .replace('"peer"', '"second"');
    const pair = await startPair(5, certificatePlan('east', made, { method: 'rsa_sig' }), {
      ...west,
      config: west.config + second,
    });
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
    const [sa] = [...pair.west.engine.table.phase1()];
    assert.equal(sa?.sa.rule.label, 'second', failures(pair));
  });

  it('names what is missing before it offers anything', async () => {
    const pair = await meet({ method: 'rsa_encrypt', known: [] }, { method: 'rsa_encrypt' });
    assert.deepEqual(failedCodes(pair.west), []);
    assert.equal(failedCodes(pair.east).length > 0, true);
    assert.equal(pair.network.sent.length, 0);
  });

  it('refuses revised public-key encryption, and the comparison names it', async () => {
    // Method 5 stands in the offer in the place of 4.
    const pair = await meet({ method: 'rsa_encrypt' }, { method: 'rsa_encrypt' }, 6, ({ network }) => {
      let done = false;
      network.filter = (datagram) => {
        const at = Buffer.from(datagram.bytes).indexOf(Buffer.from('80030004', 'hex'));
        if (done || at < 0) return 'pass';
        done = true;
        network.send(
          datagram.from,
          datagram.to,
          datagram.bytes.map((byte, index) => (index === at + 3 ? 5 : byte)),
        );
        return 'drop';
      };
    });
    const refusal = pair.west.events.find(
      (event) => event.type === 'negotiation.ended' && event.failure?.code === 'no-common-phase1-proposal',
    );
    assert.ok(refusal?.type === 'negotiation.ended');
    const method = refusal.failure?.comparisons?.[0]?.attributes.find(({ name }) => name === 'auth_method');
    assert.match(method?.offered ?? '', /revised/i);
  });
});

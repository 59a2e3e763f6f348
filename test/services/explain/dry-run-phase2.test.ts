/** Would a Quick Mode be accepted: by which rule and IPsec policy, and why not; the same as when it happens. */
import assert from 'node:assert/strict';
import { Spd } from '../../../adapters/kernel/embedded/spd.js';
import { explanationAdministration } from '../../../daemon/explanation-administration.js';
import {
  phase2DryRunRequest,
  readPhase2DryRunRequest,
} from '../../../services/admin/door/own-dry-run-phase2.js';
import { readVerdict } from '../../../services/admin/door/own-dry-run.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { Verdict } from '../../../services/explain/verdict.js';
import {
  dryRunPhase2,
  type Phase2DryOffer,
  type StandingWithPeer,
} from '../../../services/explain/dry-run-phase2.js';
import { prefixRange, single } from '../../../services/net/address.js';
import { readOfferText } from '../../../services/offer-text/read-offer.js';
import type { EspProtection, IpsecPolicy, TrafficSelectors } from '../../../services/ports/kernel.js';
import type { Result } from '../../../services/result.js';
import { failedCodes } from '../../sim/outcome.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import {
  AES128_SHA1,
  configText,
  EAST,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  startPair,
  tunnelPolicy,
  WEST,
} from '../../sim/two-gateways.js';

const TRAFFIC = tunnelPolicy('west').selectors;

function offerOf(text: string, more: Partial<Phase2DryOffer> = {}): Phase2DryOffer {
  const offer = readOfferText(text, 2);
  assert.ok(offer.ok && offer.value.phase === 2, text);
  const { proposals, traffic, peer, local } = offer.value;
  const asked = readPhase2DryRunRequest(
    JSON.parse(JSON.stringify(phase2DryRunRequest({ proposals, traffic, peer, local, ...more }))),
  );
  assert.ok(asked, 'the request comes whole over the door');
  return asked;
}

interface Host {
  readonly policies?: readonly IpsecPolicy[];
  readonly config?: string;
  readonly standing?: StandingWithPeer;
}

function ask(
  text: string,
  more: Partial<Phase2DryOffer> = {},
  host: Host = {},
): Promise<Result<Verdict, string>> {
  const { config } = parseIkeConfig(host.config ?? configText('west', { pfs: 14 }), 'config');
  assert.ok(config);
  const place = { file: 'policy', line: 4 };
  const spd = new Spd(
    (host.policies ?? [tunnelPolicy('west')]).map((policy) => ({ ...policy, position: place })),
  );
  return dryRunPhase2(offerOf(text, more), {
    config,
    kernel: {
      policyFor: (ends, selectors) => Promise.resolve(spd.covering(ends, selectors)),
      policyForPacket: (packet) => Promise.resolve(spd.forecast(packet)),
    },
    standing: () => host.standing ?? { rule: undefined, traffic: [] },
  });
}

async function verdictOn(
  text: string,
  more: Partial<Phase2DryOffer> = { traffic: TRAFFIC },
  host: Host = {},
) {
  const verdict = await ask(text, more, host);
  assert.ok(verdict.ok, verdict.ok ? '' : verdict.error);
  assert.deepEqual(readVerdict(JSON.parse(JSON.stringify(verdict.value))), verdict.value);
  return verdict.value;
}

async function question(text: string, more: Partial<Phase2DryOffer>, host: Host = {}): Promise<string> {
  const verdict = await ask(text, more, host);
  assert.ok(!verdict.ok);
  return verdict.error;
}

const net = (local: string, remote: string): TrafficSelectors => ({
  local: { addresses: prefixRange(local, 16), port: 0 },
  remote: { addresses: prefixRange(remote, 16), port: 0 },
  protocol: 0,
});

describe('a dry run of Phase 2', () => {
  it('accepts by a rule and an IPsec policy, with their lines', async () => {
    const verdict = await verdictOn('esp=aes256-sha256-modp2048,aes128-sha1-modp2048');
    assert.ok(verdict.accepted);
    assert.match(
      verdict.summary,
      /^Accepted: proposal 2 of the offer for 10\.2\.0\.0\/16 <-> 10\.1\.0\.0\/16/,
    );
    assert.deepEqual(
      verdict.places.map(({ file, line }) => `${file}:${String(line)}`),
      ['config:2', 'policy:4'],
    );
    assert.match(verdict.agreed, /encr_algs aes-cbc\(128\) encr_auth_algs hmac-sha1-96.*PFS with group 14/);
    assert.match(verdict.remarks.join(), /does not say tunnel or transport: tunnel/);
  });

  it('refuses algorithms with the table, nearest first, and what would fit', async () => {
    const verdict = await verdictOn('esp=3des-md5-modp2048,aes128-sha256-modp2048');
    assert.match(verdict.summary, /^Refused: no proposal is accepted by the IPsec policy/);
    assert.deepEqual(
      verdict.comparisons[0]?.attributes.filter(({ agrees }) => !agrees).map(({ name }) => name),
      ['encr_auth_algs'],
    );
    assert.deepEqual(verdict.comparisons[0].where, { file: 'policy', line: 4 });
    assert.match(JSON.stringify(verdict.equivalents), /esp_proposals = aes128-sha1-modp2048/);
  });

  it('refuses another PFS group by the rule, and says what else is wrong', async () => {
    const none = await verdictOn('esp=aes128-sha1');
    assert.match(none.summary, /^Refused: it offers no PFS, and rule "peer" wants p2_pfs 14 \(modp2048\)/);
    assert.deepEqual(none.comparisons, []);
    const both = await verdictOn('esp=3des-sha1-modp1024');
    assert.match(both.summary, /PFS with group 2 \(modp1024\), and rule "peer" wants/);
    assert.match(both.remarks.join(), /Besides, no proposal is accepted/);
    const two = await verdictOn('esp=aes128-sha1-modp2048,aes128-sha1-modp1024');
    assert.match(two.summary, /different PFS groups/);
    const unknown = await verdictOn('esp=aes128-sha1-dh28', undefined, { config: configText('west') });
    assert.match(unknown.summary, /a group that this host does not have/);
  });

  it('refuses traffic that no policy covers, and says what it would meet instead', async () => {
    const wide = await verdictOn('esp=aes128-sha1-modp2048', { traffic: net('10.2.0.0', '10.9.0.0') });
    assert.match(
      wide.summary,
      /no IPsec policy covers 10\.2\.0\.0\/16 <-> 10\.9\.0\.0\/16 with 192\.0\.2\.1/,
    );
    assert.match(wide.remarks.join(), /No policy protects packets/);
    const larger = { ...TRAFFIC, remote: { addresses: prefixRange('10.1.0.0', 8), port: 0 } };
    const near = { ...larger, remote: { addresses: { begin: '10.1.0.0', end: '10.9.0.0' }, port: 0 } };
    const cut = await verdictOn('esp=aes128-sha1', { traffic: near });
    assert.match(cut.remarks.join(), /packets meet is the policy for 10\.2\.0\.0\/16 <-> 10\.1\.0\.0\/16/);
    assert.match(cut.remarks.join(), /offers no PFS/, 'and PFS is wrong, too');
    assert.match(JSON.stringify(cut.equivalents), /local_ts = 10\.1\.0\.0\/16/);
  });

  it('says where the tunnel of the traffic goes instead', async () => {
    const elsewhere = { ...tunnelPolicy('west'), outer: { local: WEST, remote: '192.0.2.77' } };
    const verdict = await verdictOn('esp=aes128-sha1-modp2048', undefined, { policies: [elsewhere] });
    assert.match(verdict.remarks.join(), /whose tunnel is from 192\.0\.2\.2 to 192\.0\.2\.77/);
    assert.deepEqual(verdict.equivalents, []);
  });

  it('takes the traffic of standing SAs, or of the two hosts, and else asks for it', async () => {
    const standing = { rule: 'peer', traffic: [otherPolicy('west').selectors, TRAFFIC] };
    const policies = [tunnelPolicy('west'), otherPolicy('west')];
    const known = await verdictOn('esp=aes128-sha1-modp2048', {}, { standing, policies });
    assert.match(known.summary, /for 10\.4\.0\.0\/16 <-> 10\.3\.0\.0\/16/);
    assert.match(known.remarks.join(), /that of the IPsec SAs with this peer was taken/);
    const hosts: IpsecPolicy = {
      ...tunnelPolicy('west'),
      mode: 'transport',
      selectors: {
        local: { addresses: single(WEST), port: 0 },
        remote: { addresses: single(EAST), port: 0 },
        protocol: 0,
      },
    };
    const between = await verdictOn('esp=aes128-sha1-modp2048', {}, { policies: [hosts] });
    assert.match(between.remarks.join(), /that between the two hosts was taken/);
    assert.match(await question('esp=aes128-sha1-modp2048', {}), /say it, this host's side with "ours"/);
  });

  it('asks for an address that is not said and not to be known', async () => {
    const config = configText('west').replace(`remote_addr ${EAST}`, 'remote_addr 0.0.0.0/0');
    assert.match(await question('esp=aes128-sha1', { traffic: TRAFFIC }, { config }), /with "peer"/);
    const open = configText('west').replace(`local_addr ${WEST}`, 'local_addr 0.0.0.0/0');
    assert.match(await question('esp=aes128-sha1', { traffic: TRAFFIC }, { config: open }), /with "local"/);
  });

  it('refuses a stranger; of its own offer it says how to ask', async () => {
    const stranger = await verdictOn('esp=aes128-sha1', { traffic: TRAFFIC, peer: '198.51.100.1' });
    assert.match(stranger.summary, /no rule covers 198\.51\.100\.1/);
    const own = await verdictOn('esp=aes128-sha1', { traffic: TRAFFIC, peer: WEST, local: EAST });
    assert.match(own.remarks.join(), /"peer 192\.0\.2\.1 local 192\.0\.2\.2"/);
  });

  it('goes by the rule under which Phase 1 stands, and says where several differ', async () => {
    const config = `${configText('west', { pfs: 14 })}${configText('west', { pfs: 2 }).replace('"peer"', '"second"')}`;
    const free = await verdictOn('esp=aes128-sha1-modp1024', undefined, { config });
    assert.match(free.summary, /under rule "second"/);
    assert.match(free.remarks.join(), /Several rules .* "second"/);
    const standing = { rule: 'second', traffic: [] };
    const bound = await verdictOn('esp=aes128-sha1-modp1024', undefined, { config, standing });
    assert.match(bound.summary, /under rule "second"/);
  });

  it('knows ESP in UDP, through which AH cannot pass', async () => {
    const [esp] = offerOf('esp=aes128-sha1-modp2048').proposals;
    assert.ok(esp);
    const inUdp = esp.transforms.map((transform) => ({
      ...transform,
      attributes: [...transform.attributes, { type: 4, form: 'basic', value: 3 } as const],
    }));
    const proposals = [{ ...esp, transforms: inUdp }];
    const verdict = await verdictOn('esp=aes128-sha1', { traffic: TRAFFIC, proposals });
    assert.ok(verdict.accepted, verdict.summary);
    assert.match(verdict.remarks.join(), /through a NAT/);
    const ah: IpsecPolicy = {
      ...tunnelPolicy('west'),
      proposals: [[{ protocol: 51, integrity: 'hmac-sha1-96' }]],
    };
    const lost = await verdictOn('esp=aes128-sha1', { traffic: TRAFFIC, proposals }, { policies: [ah] });
    assert.match(lost.summary, /wants AH, which cannot pass a NAT/);
  });

  it('is not asked with what is no offer', () => {
    const transforms = [{ number: 1, id: 12, attributes: [[4, 1]] }];
    const proposal = { number: 1, protocol: 3, transforms };
    const side = { begin: '10.0.0.0', end: '10.0.0.9', port: 0 };
    const good = { phase: 2, proposals: [proposal], traffic: { local: side, remote: side, protocol: 0 } };
    assert.ok(readPhase2DryRunRequest(good));
    for (const bad of [
      undefined,
      { phase: 2 },
      { phase: 2, proposals: [] },
      { phase: 2, proposals: Array(65).fill(proposal) },
      { phase: 2, proposals: [{ ...proposal, protocol: 300 }] },
      { phase: 2, proposals: [{ ...proposal, transforms: [] }] },
      { phase: 2, proposals: [{ ...proposal, transforms: [{ number: 1, id: 12, attributes: [[4, -1]] }] }] },
      { ...good, peer: 'host' },
      { ...good, local: 7 },
      { ...good, traffic: { local: side, remote: side } },
      { ...good, traffic: { local: { ...side, end: '9.0.0.0' }, remote: side, protocol: 0 } },
      { ...good, traffic: { local: { begin: '::1', end: '::2', port: 0 }, remote: side, protocol: 0 } },
    ])
      assert.equal(readPhase2DryRunRequest(bad), undefined, JSON.stringify(bad));
  });

  const esp = (
    encryption: EspProtection['encryption'],
    bits: number,
    integrity: EspProtection['integrity'],
  ): EspProtection => ({ protocol: 50, encryption, keyBits: { low: bits, high: bits }, integrity });
  const aes256 = esp('aes-cbc', 256, 'hmac-sha2-256-128');
  const gcm = esp('aes-gcm-16', 256, undefined);
  // What is typed, the same as a policy of the end that offers, what the other accepts, and p2_pfs of both.
  for (const [offer, own, accepts, theirs, ours] of [
    ['esp=aes128-sha1-modp1024', AES128_SHA1, AES128_SHA1, 2, 2],
    ['esp=aes128-sha1-modp1024', AES128_SHA1, AES128_SHA1, 2, 0],
    ['esp=aes128-sha1', AES128_SHA1, AES128_SHA1, 0, 2],
    ['esp=aes256-sha256', aes256, aes256, 0, 0],
    ['esp=aes256gcm16', gcm, gcm, 0, 0],
    ['esp=3des-md5', esp('3des', 192, 'hmac-md5-96'), esp('3des', 192, 'hmac-sha1-96'), 0, 0],
  ] as const) {
    it(`says what comes of ${offer} against ${accepts.encryption} and p2_pfs ${String(ours)}`, async () => {
      const offered = offerOf(offer);
      const policies = [tunnelPolicy('east', [own])];
      const pair = await startPair(
        5,
        gatewayPlan('east', { policies, words: { pfs: theirs } }),
        gatewayPlan('west', { policies: [tunnelPolicy('west', [accepts])], words: { pfs: ours } }),
      );
      const admin = explanationAdministration(pair.west.engine);
      const verdict = await admin.dryRunPhase2({ ...offered, traffic: TRAFFIC });
      assert.ok(verdict.ok);
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => pair.west.delivered.length > 0, 5000);
      const [failed] = failedCodes(pair.west);
      assert.equal(
        verdict.value.accepted,
        failed === undefined,
        `${verdict.value.summary} ${String(failed)}`,
      );
    });
  }
});

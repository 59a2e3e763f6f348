/** What would fit us, in the words of other makes. */
import assert from 'node:assert/strict';
import { phase1Equivalents } from '../../../services/explain/equivalent-phase1.js';
import { phase2Equivalents, trafficEquivalents } from '../../../services/explain/equivalent-phase2.js';
import type { Equivalent } from '../../../services/explain/explanation.js';
import { prefixRange, single } from '../../../services/net/address.js';
import type { Phase1Transform } from '../../../services/policy/rule.js';
import { AES128_SHA1, tunnelPolicy } from '../../sim/two-gateways.js';

const TRANSFORM: Phase1Transform = {
  method: 'preshared',
  group: 14,
  hash: 'sha256',
  cipher: 'aes',
  keyBits: { low: 128, high: 256 },
  lifetimeSeconds: 3600,
  position: { file: 'config', line: 3, column: 1 },
};

function linesFor(product: Equivalent['product'], all: readonly Equivalent[]): readonly string[] {
  return all.find((one) => one.product === product)?.lines ?? [];
}

describe('a Phase 1 transform of ours elsewhere', () => {
  it('is a proposal of strongSwan and an ike= of libreswan', () => {
    const all = phase1Equivalents(TRANSFORM, 'main');
    assert.ok(linesFor('strongSwan', all).includes('proposals = aes256-sha256-modp2048'));
    assert.ok(linesFor('libreswan', all).includes('ike=aes256-sha2_256;modp2048'));
  });

  it('is a whole isakmp policy of IOS', () => {
    assert.deepEqual(linesFor('Cisco IOS', phase1Equivalents(TRANSFORM, 'main')), [
      'crypto isakmp policy 10',
      ' encr aes 256',
      ' hash sha256',
      ' authentication pre-share',
      ' group 14',
      ' lifetime 3600',
    ]);
    const des3 = { ...TRANSFORM, cipher: '3des', keyBits: undefined, hash: 'sha1' } as const;
    const lines = linesFor('Cisco IOS', phase1Equivalents(des3, 'main'));
    assert.deepEqual(lines.slice(1, 3), [' encr 3des', ' hash sha']);
  });

  it('says what the other make does not have', () => {
    const odd = { ...TRANSFORM, cipher: 'blowfish', method: 'dss_sig', group: 17 } as const;
    const all = phase1Equivalents(odd, 'main');
    assert.ok(linesFor('Cisco IOS', all).includes(' ! IOS does not have blowfish'));
    assert.ok(linesFor('Cisco IOS', all).includes(' ! IOS does not have group 17'));
    assert.ok(linesFor('libreswan', all).includes('# libreswan does not have blowfish in IKE'));
    assert.ok(linesFor('strongSwan', all).includes('# strongSwan does not have dss_sig'));
  });

  it('asks for Aggressive Mode only where the rule has nothing else', () => {
    const asks = (mode: 'main' | 'aggressive' | 'both'): boolean =>
      linesFor('strongSwan', phase1Equivalents(TRANSFORM, mode)).includes('aggressive = yes');
    assert.deepEqual([asks('main'), asks('both'), asks('aggressive')], [false, false, true]);
  });
});

describe('an IPsec policy of ours elsewhere', () => {
  const policy = tunnelPolicy('east');

  it('names algorithms, mode and PFS', () => {
    const all = phase2Equivalents({ policy, pfsGroup: 14, lifetimeSeconds: 3600 });
    assert.deepEqual(linesFor('strongSwan', all), [
      'esp_proposals = aes128-sha1-modp2048',
      'mode = tunnel',
      'life_time = 3600s',
    ]);
    assert.ok(linesFor('libreswan', all).includes('esp=aes128-sha1;modp2048'));
    assert.ok(
      linesFor('Cisco IOS', all).includes('crypto ipsec transform-set TO-IKECHART esp-aes 128 esp-sha-hmac'),
    );
    assert.ok(linesFor('Cisco IOS', all).includes(' set pfs group14'));
  });

  it('knows combined modes and AH', () => {
    const gcm = { ...AES128_SHA1, encryption: 'aes-gcm-16', integrity: undefined } as const;
    const ah = { protocol: 51, integrity: 'hmac-sha2-256-128' } as const;
    const of = (proposals: typeof policy.proposals) =>
      phase2Equivalents({ policy: { ...policy, proposals }, pfsGroup: 0, lifetimeSeconds: undefined });
    assert.equal(linesFor('strongSwan', of([[gcm]]))[0], 'esp_proposals = aes128gcm16');
    assert.equal(linesFor('strongSwan', of([[ah]]))[0], 'ah_proposals = sha256');
    assert.equal(
      linesFor('libreswan', of([[ah, AES128_SHA1]]))[0],
      '# libreswan does not have AH and ESP together',
    );
  });

  it('mirrors the traffic', () => {
    const all = trafficEquivalents(policy.selectors);
    assert.deepEqual(linesFor('strongSwan', all), ['local_ts = 10.2.0.0/16', 'remote_ts = 10.1.0.0/16']);
    assert.equal(
      linesFor('Cisco IOS', all)[0],
      'access-list 110 permit ip 10.2.0.0 0.0.255.255 10.1.0.0 0.0.255.255',
    );
    const host = trafficEquivalents({
      local: { addresses: single('192.0.2.1'), port: 0 },
      remote: { addresses: prefixRange('198.51.100.0', 25), port: 80 },
      protocol: 6,
    });
    assert.equal(linesFor('strongSwan', host)[0], 'local_ts = 198.51.100.0/25[6/80]');
    assert.equal(
      linesFor('Cisco IOS', host)[0],
      'access-list 110 permit 6 198.51.100.0 0.0.0.127 host 192.0.2.1',
    );
  });
});

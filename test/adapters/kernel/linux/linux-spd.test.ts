/** Which policy of a Linux kernel traffic meets. */
import assert from 'node:assert/strict';
import { defaultProposals } from '../../../../adapters/kernel/linux/default-proposals.js';
import { LinuxSpd } from '../../../../adapters/kernel/linux/linux-spd.js';
import { entriesFor } from '../../../../adapters/kernel/linux/policy-entries.js';
import type { SpdEntry } from '../../../../adapters/kernel/linux/spd-entry.js';
import { prefixRange, single } from '../../../../services/net/address.js';
import type { IpsecPolicy } from '../../../../services/ports/kernel.js';
import { EAST, tunnelPolicy, WEST } from '../../../sim/two-gateways.js';

const OUTER = { local: EAST, remote: WEST };

function spd(entries: readonly SpdEntry[], own: ReadonlyMap<number, IpsecPolicy> = new Map()): LinuxSpd {
  return new LinuxSpd({
    entries,
    own,
    proposalsFor: (protocols) => defaultProposals(protocols, () => undefined),
  });
}

function pass(begin: string, length: number, priority: number): SpdEntry {
  const [out] = entriesFor(tunnelPolicy('east'), 0, priority);
  assert.ok(out !== undefined);
  const source = { addresses: prefixRange(begin, length), port: 0 };
  return { ...out, action: 'pass', source, templates: [] };
}

function hosts(local: string, remote: string) {
  return {
    local: { addresses: single(local), port: 0 },
    remote: { addresses: single(remote), port: 0 },
    protocol: 0,
  };
}

describe('the SPD of a Linux kernel', () => {
  it('gives a foreign tunnel its request id and what is offered by default', () => {
    const found = spd(entriesFor(tunnelPolicy('east'), 5, 9)).covering(OUTER, tunnelPolicy('east').selectors);
    assert.equal(found?.origin?.requestId, 5);
    assert.deepEqual(found.proposals[0]?.[0], {
      protocol: 50,
      encryption: 'aes-gcm-16',
      keyBits: { low: 128, high: 256 },
      integrity: undefined,
    });
  });

  it('gives our own policy back as it was given, its rule too', () => {
    const given = { ...tunnelPolicy('east'), ruleLabel: 'peer' };
    const found = spd(entriesFor(given, 0x3000, 9), new Map([[0x3000, given]])).forecast(
      hosts('10.1.2.3', '10.2.0.1'),
    );
    assert.deepEqual(found, given);
  });

  it('lets what passes before a policy pass, and not what passes behind it', () => {
    const tunnel = entriesFor(tunnelPolicy('east'), 5, 9);
    const traffic = hosts('10.1.2.3', '10.2.0.1');
    assert.equal(spd([...tunnel, pass('10.1.2.0', 24, 1)]).forecast(traffic), undefined);
    assert.notEqual(spd([...tunnel, pass('10.1.2.0', 24, 10)]).forecast(traffic), undefined);
    assert.notEqual(spd([...tunnel, pass('10.1.9.0', 24, 1)]).forecast(traffic), undefined);
  });

  it('asks the older of two with the same priority, which its dump has behind the younger', () => {
    const [first] = entriesFor(tunnelPolicy('east'), 1, 9);
    const [second] = entriesFor(tunnelPolicy('east'), 2, 9);
    assert.ok(first !== undefined && second !== undefined);
    const found = spd([second, first]).forecast(hosts('10.1.2.3', '10.2.0.1'));
    assert.equal(found?.origin?.requestId, 1);
  });

  it('makes the ends of a transport policy for networks those of the packet', () => {
    const policy: IpsecPolicy = { ...tunnelPolicy('east'), mode: 'transport' };
    const found = spd(entriesFor(policy, 5, 9)).forecast(hosts('10.1.2.3', '10.2.0.1'));
    assert.deepEqual(found?.outer, { local: '10.1.2.3', remote: '10.2.0.1' });
    assert.deepEqual(found.selectors, hosts('10.1.2.3', '10.2.0.1'));
  });
});

describe('what is offered by default', () => {
  it('is what the kernel has, strongest first, and nothing weaker than 3DES and SHA-1', () => {
    const withoutAead = defaultProposals([50], (protection) =>
      protection.protocol === 50 && protection.encryption === 'aes-gcm-16' ? 'no AEAD' : undefined,
    );
    assert.deepEqual(
      withoutAead.map(([esp]) => esp?.integrity),
      ['hmac-sha2-512-256', 'hmac-sha2-384-192', 'hmac-sha2-256-128', 'hmac-sha1-96', 'hmac-sha1-96'],
    );
    assert.deepEqual(
      defaultProposals([50], () => 'nothing'),
      [],
    );
  });

  it('puts AH outside and leaves the proof to it where a policy wants both', () => {
    const [best] = defaultProposals([50, 51], () => undefined);
    assert.deepEqual(
      best?.map(({ protocol, integrity }) => [protocol, integrity]),
      [
        [51, 'hmac-sha2-512-256'],
        [50, undefined],
      ],
    );
    assert.deepEqual(defaultProposals([51], () => undefined)[0]?.length, 1);
  });
});

/** The examples that are shipped are good, fit each other, and hold no key. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { parsePreshared } from '../../../services/config/ike-preshared.js';
import { parseIpsecPolicies } from '../../../services/config/ipsec-policy.js';
import type { IkeConfig } from '../../../services/policy/rule.js';
import { ruleForInitiator } from '../../../services/policy/select-rule.js';
import { presharedKeyFor } from '../../../services/policy/select-preshared-key.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';
import type { PresharedKey } from '../../../services/policy/preshared-key.js';
import { KeyStore } from '../../../daemon/key-store.js';

interface Example {
  readonly config: IkeConfig;
  readonly policies: readonly IpsecPolicy[];
  readonly keys: readonly PresharedKey[];
}

function read(folder: string): Example {
  const text = (name: string): string =>
    readFileSync(new URL(`../../../examples/${folder}/${name}`, import.meta.url), 'utf8');
  const template = text('ike.preshared');
  const store = new KeyStore();
  const keep = store.put.bind(store);
  assert.match(template, /^\s*key +@KEY@$/m);
  assert.equal(parsePreshared(template, folder, keep).keys, undefined, 'the template is no key file');
  const readings = {
    config: parseIkeConfig(text('config'), folder),
    policies: parseIpsecPolicies(text('ipsec-policy'), folder),
    keys: parsePreshared(template.replaceAll('@KEY@', 'ab'.repeat(32)), folder, keep),
  };
  assert.deepEqual(
    Object.values(readings).flatMap(({ diagnostics }) => diagnostics),
    [],
  );
  const { config } = readings.config;
  const { policies } = readings.policies;
  const { keys } = readings.keys;
  assert.ok(config && policies && keys);
  return { config, policies, keys };
}

describe('examples', () => {
  for (const folder of ['two-gateways/east', 'two-gateways/west', 'host-to-host']) {
    it(`${folder} has a rule and a key for every policy`, () => {
      const { config, policies, keys } = read(folder);
      assert.ok(policies.length > 0);
      for (const { outer, ruleLabel } of policies) {
        assert.ok(ruleForInitiator(config, outer.local, outer.remote, ruleLabel).ok);
        assert.ok(presharedKeyFor(keys, outer.local, outer.remote, 'main').ok);
      }
    });
  }

  it('the two gateways mirror each other', () => {
    const [east] = read('two-gateways/east').policies;
    const [west] = read('two-gateways/west').policies;
    assert.ok(east && west);
    assert.deepEqual(east.outer, { local: west.outer.remote, remote: west.outer.local });
    assert.deepEqual(east.selectors.local, west.selectors.remote);
    assert.deepEqual(east.selectors.remote, west.selectors.local);
    assert.deepEqual(east.proposals, west.proposals);
    assert.equal(east.mode, 'tunnel');
  });
});

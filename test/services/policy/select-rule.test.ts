import assert from 'node:assert/strict';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { IkeConfig } from '../../../services/policy/rule.js';
import { ruleForInitiator, rulesForResponder } from '../../../services/policy/select-rule.js';

const PSK = 'p1_xform { auth_method preshared oakley_group 14 auth_alg sha1 encr_alg aes }';
const EC2N = PSK.replace('14', '3');

function config(
  ...rules: readonly [label: string, local: string, remote: string, transform?: string][]
): IkeConfig {
  const text = rules
    .map(
      ([label, local, remote, transform = PSK]) =>
        `{ label "${label}" local_addr ${local} remote_addr ${remote} ${transform} }`,
    )
    .join('\n');
  const reading = parseIkeConfig(text, 'select.config');
  assert.ok(reading.config);
  return reading.config;
}

const TWO = config(
  ['lame', '192.0.2.0/24', '198.51.100.7', EC2N],
  ['net', '192.0.2.0/24', '198.51.100.0/24'],
  ['host', '192.0.2.1', '198.51.100.7'],
  ['six', '2001:db8::/32', '::/0'],
);

describe('choosing a rule', () => {
  it('takes the first usable rule that covers both addresses, in file order', () => {
    const found = ruleForInitiator(TWO, '192.0.2.1', '198.51.100.7');
    assert.equal(found.ok && found.value.label, 'net');
    const six = ruleForInitiator(TWO, '2001:db8::5', '2001:db8:ffff::1');
    assert.equal(six.ok && six.value.label, 'six');
  });

  it('takes the rule that the policy names, whatever the addresses', () => {
    const found = ruleForInitiator(TWO, '192.0.2.1', '198.51.100.7', 'host');
    assert.equal(found.ok && found.value.label, 'host');
  });

  it('tells which rule the policy names in vain', () => {
    const found = ruleForInitiator(TWO, '192.0.2.1', '198.51.100.7', 'gone');
    assert.ok(!found.ok);
    assert.equal(found.error.code, 'no-rule');
    assert.match(found.error.explanation, /gone/);
  });

  it('tells why the only rule cannot be used, and where it is', () => {
    const lame = config(['lame', '192.0.2.1', '198.51.100.7', EC2N]);
    for (const label of [undefined, 'lame']) {
      const found = ruleForInitiator(lame, '192.0.2.1', '198.51.100.7', label);
      assert.ok(!found.ok);
      assert.equal(found.error.code, 'rule-unusable');
      assert.match(found.error.explanation, /"lame".*select\.config:1.*EC2N 155\) is not built/);
    }
  });

  it('names the rules that came near when none covers both', () => {
    const found = ruleForInitiator(TWO, '192.0.2.1', '203.0.113.9');
    assert.ok(!found.ok);
    assert.equal(found.error.code, 'no-rule');
    assert.equal(found.error.blame, 'config');
    assert.match(found.error.explanation, /203\.0\.113\.9/);
    assert.match(found.error.explanation, /"net" \(select\.config:2\)/);
    assert.doesNotMatch(found.error.explanation, /"six"/);
  });

  it('gives a responder every candidate, usable and not', () => {
    const { usable, unusable } = rulesForResponder(TWO, '192.0.2.1', '198.51.100.7');
    assert.deepEqual(
      usable.map(({ label }) => label),
      ['net', 'host'],
    );
    assert.deepEqual(
      unusable.map(({ label }) => label),
      ['lame'],
    );
  });
});

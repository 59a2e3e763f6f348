import assert from 'node:assert/strict';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { changedConfig } from '../../../services/record/change-config.js';

const XFORM = 'auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes';
const TEXT = `retry_limit 3
p1_xform { ${XFORM} }
{ label "one" local_addr 192.0.2.1 remote_addr 192.0.2.2 p2_pfs 2 }
{ label "two" local_addr 192.0.2.1 remote_addr 192.0.2.3 p1_xform { ${XFORM} } }
`;

function changed(line: string) {
  const text = changedConfig(TEXT, line);
  assert.ok(text.ok, text.ok ? '' : text.error);
  const { config } = parseIkeConfig(text.value, 'test');
  assert.ok(config);
  return config;
}

describe('a line of the configuration changed', () => {
  it('is a parameter of the file', () => {
    assert.equal(changed('retry_limit 9').globals.retryLimit, 9);
    assert.equal(changed('expire_timer 77').globals.expireTimerSeconds, 77);
  });

  it('is a setting of the rules', () => {
    assert.deepEqual(
      changed('p2_pfs 14').rules.map(({ phase2 }) => phase2.pfsGroup),
      [14, 14],
    );
    const { rules } = changed(
      `p1_xform { auth_method preshared oakley_group 14 auth_alg sha1 encr_alg 3des }`,
    );
    assert.deepEqual(
      rules.map(({ transforms }) => transforms.map(({ group, cipher }) => [group, cipher])),
      [[[14, '3des']], [[14, '3des']]],
    );
  });

  it('is a rule, in the place of its like or before all', () => {
    const rule = (label: string) =>
      `{ label "${label}" local_addr 192.0.2.1 remote_addr 192.0.2.9 p1_xform { ${XFORM} } }`;
    assert.deepEqual(
      changed(rule('two')).rules.map(({ label, remoteAddresses }) => [label, remoteAddresses[0]?.begin]),
      [
        ['one', '192.0.2.2'],
        ['two', '192.0.2.9'],
      ],
    );
    assert.deepEqual(
      changed(rule('new')).rules.map(({ label }) => label),
      ['new', 'one', 'two'],
    );
  });

  for (const line of ['frob 3', '{ label "x" }', 'p2_pfs 99', '{', 'p1_xform { }'])
    it(`is refused with what is wrong: ${line}`, () => {
      const text = changedConfig(TEXT, line);
      assert.ok(!text.ok);
      assert.match(text.error, /expected|no |needs|not/);
    });
});

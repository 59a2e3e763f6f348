/** What -c and the start warn of in rules that are valid. */
import assert from 'node:assert/strict';
import { ruleAdvice } from '../../../services/advice/rule-advice.js';
import { formatDiagnostic } from '../../../services/config/diagnostic.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';

const GOOD = 'auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes';

function rule(label: string, remote: string, { more = '', xform = GOOD } = {}): string {
  return `{ label "${label}" local_addr 192.0.2.1 remote_addr ${remote} ${more}
p1_xform { ${xform} } }
`;
}

function advice(text: string): readonly string[] {
  const { config, diagnostics } = parseIkeConfig(text, 'config');
  assert.ok(config, JSON.stringify(diagnostics));
  return ruleAdvice(config).map(formatDiagnostic);
}

describe('advice on rules', () => {
  it('says nothing of good ones', () => {
    assert.deepEqual(advice(rule('a', '198.51.100.1') + rule('b', '198.51.100.2')), []);
  });

  it('says of a rule behind one that covers and accepts all of it that it can never match', () => {
    const [line, ...more] = advice(rule('all', '0.0.0.0/0') + rule('one', '198.51.100.1'));
    assert.match(line ?? '', /^config:3:\d+: warning: rule "one": it can never match: rule "all" of line 1 /);
    assert.deepEqual(more, []);
  });

  it('says of one that accepts more that it begins no negotiation', () => {
    const other = 'auth_method preshared oakley_group 16 auth_alg sha512 encr_alg aes';
    const [line] = advice(rule('all', '198.51.100.0/24') + rule('one', '198.51.100.1', { xform: other }));
    assert.match(line ?? '', /rule "one": it begins no negotiation: rule "all"/);
  });

  it('says nothing of the wider rule behind the narrow one', () => {
    assert.deepEqual(advice(rule('one', '198.51.100.1') + rule('all', '0.0.0.0/0')), []);
  });

  it('names weak groups, DES and MD5 at the line of the transform', () => {
    const xform = 'auth_method preshared oakley_group 5 auth_alg md5 encr_alg des';
    const lines = advice(rule('a', '198.51.100.1', { xform, more: 'p2_pfs 2' }));
    assert.deepEqual(
      lines.map((line) => /^config:(\d+):\d+: warning: rule "a": (\S+ \S+)/.exec(line)?.slice(1)),
      [
        ['2', 'oakley_group 5'],
        ['2', 'DES can'],
        ['2', 'MD5 is'],
        ['1', 'p2_pfs 2'],
      ],
    );
  });

  it('warns of Aggressive Mode with a pre-shared key', () => {
    for (const mode of ['aggressive', 'both'])
      assert.match(
        advice(rule('a', '198.51.100.1', { more: `ike_mode ${mode}` })).join(),
        /Aggressive Mode with a pre-shared key shows identities/,
      );
  });

  it('complains of a default that several rules inherit once', () => {
    const text = `p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes }
{ label "a" local_addr 192.0.2.1 remote_addr 198.51.100.1 }
{ label "b" local_addr 192.0.2.1 remote_addr 198.51.100.2 }
`;
    assert.equal(advice(text).length, 1);
  });
});

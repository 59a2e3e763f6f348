/** What -c and the start warn of in policies that are valid. */
import assert from 'node:assert/strict';
import { policyAdvice } from '../../../services/advice/policy-advice.js';
import { formatDiagnostic } from '../../../services/config/diagnostic.js';
import { parseIpsecPolicies } from '../../../services/config/ipsec-policy.js';

const GOOD = 'encr_algs aes encr_auth_algs sha256';

function policy(local: string, remote: string, { more = '', algorithms = GOOD } = {}): string {
  const tunnel = 'tunnel 192.0.2.1-192.0.2.2 negotiate tunnel';
  return `{ laddr ${local} raddr ${remote} ${more} dir both ${tunnel} } ipsec { ${algorithms} }\n`;
}

function advice(text: string): readonly string[] {
  const { policies, diagnostics } = parseIpsecPolicies(text, 'policy');
  assert.ok(policies, JSON.stringify(diagnostics));
  return policyAdvice(policies).map(formatDiagnostic);
}

describe('advice on policies', () => {
  it('says nothing of good ones, nor of the wide one behind the narrow', () => {
    assert.deepEqual(advice(policy('10.1.0.0/24', '10.2.0.0/24') + policy('10.1.0.0/16', '10.2.0.0/16')), []);
    assert.deepEqual(
      advice(
        policy('10.1.0.0/16', '10.2.0.0/16', { more: 'ulp tcp' }) + policy('10.1.0.0/16', '10.2.0.0/16'),
      ),
      [],
    );
  });

  it('names the earlier one that covers all of the traffic', () => {
    const [line, ...more] = advice(
      policy('10.1.0.0/16', '10.2.0.0/16') + policy('10.1.0.0/24', '10.2.0.0/24', { more: 'ulp tcp' }),
    );
    assert.match(
      line ?? '',
      /^policy:2:1: warning: no packet ever meets this policy: that of line 1 .*; put it/,
    );
    assert.deepEqual(more, []);
  });

  it('names DES and MD5, in AH too', () => {
    const lines = advice(
      policy('10.1.0.0/16', '10.2.0.0/16', { algorithms: 'encr_algs des encr_auth_algs md5' }) +
        policy('10.3.0.0/16', '10.2.0.0/16', { algorithms: 'auth_algs md5' }),
    );
    assert.deepEqual(
      lines.map((line) => /^policy:(\d):1: warning: (\w+).*; use /.exec(line)?.slice(1)),
      [
        ['1', 'DES'],
        ['1', 'MD5'],
        ['2', 'MD5'],
      ],
    );
  });
});

/** `why`: what is asked, and what is printed. */
import assert from 'node:assert/strict';
import type { Explanation } from '../../../services/explain/explanation.js';
import { SimulatedAdministration } from '../../services/admin/simulated-administration.js';
import { run } from './simulated-world.js';

const EXPLANATION: Explanation = {
  about: {
    negotiation: 'p1-3',
    chart: 'main-mode-responder',
    local: '192.0.2.1:500',
    remote: '198.51.100.7:500',
    rule: 'alpha to beta',
    related: [],
    beganMsAgo: 1500,
    endedMsAgo: 1000,
  },
  standing: 'failed',
  code: 'identity-mismatch',
  summary: 'the peer proved an identity other than the one expected',
  happened: 'The peer calls itself evil\u001b[2J.',
  where: 'message 5 of Main Mode: identity and proof of the initiator, encrypted',
  blame: { who: 'config', words: 'the two configurations' },
  why: 'It happens.',
  evidence: [{ name: 'what would match', value: '198.51.100.7' }],
  changes: [
    { at: 'this host', what: 'Change remote_id', place: { what: 'rule "a"', file: '/etc/config', line: 7 } },
  ],
  comparisons: [],
  equivalents: [{ product: 'libreswan', file: 'ipsec.conf', lines: ['leftid="198.51.100.7"'] }],
  sources: ['RFC 2409 5.4'],
  messages: [],
};

describe('ikeadm why', () => {
  const admin = new SimulatedAdministration();
  admin.level = 0;
  admin.explanations = [EXPLANATION];

  it('prints where, why, who, the line to change and the line for the other end', async () => {
    const { stdout, exit } = await run('why p1-3', admin);
    assert.equal(exit, 0);
    for (const part of [
      /^p1-3, main-mode-responder with 198\.51\.100\.7:500, .*: failed 1\.0 s ago, after 0\.5 s$/m,
      /^identity-mismatch: the peer proved/m,
      /At message 5 of Main Mode/,
      /1\. Change remote_id: rule "a" \(\/etc\/config:7\)$/m,
      /leftid="198\.51\.100\.7"/,
      /docs\/failures\.md#identity-mismatch/,
    ])
      assert.match(stdout, part);
  });

  it('lets nothing of the peer reach the terminal as a control character', async () => {
    assert.match((await run('why last', admin)).stdout, /evil\\x1b\[2J/);
  });

  it('is asked of what failed last, of an address, and of a host by its name', async () => {
    const whole = (await run('why p1-3', admin)).stdout;
    for (const words of ['why', 'why last', 'why 198.51.100.7'])
      assert.equal((await run(words, admin)).stdout, whole, words);
    const { exit, stderr } = await run('why alpha', admin);
    assert.deepEqual([exit, stderr.split('\n', 1)], [1, ['ikeadm: Nothing is known of 192.0.2.1.']]);
  });

  it('says when nothing has failed', async () => {
    const { stdout, exit } = await run('why', new SimulatedAdministration());
    assert.deepEqual([stdout, exit], ['Nothing has failed since in.iked started.\n', 0]);
  });

  it('names what is remembered when another is asked for', async () => {
    const { stderr, exit } = await run('why p1-9', admin);
    assert.equal(exit, 1);
    assert.match(stderr, /Nothing is known of p1-9\.\np1-9 has not been.*What failed last: p1-3\./);
  });

  it('gives the same as JSON', async () => {
    const json: unknown = JSON.parse((await run('-j why', admin)).stdout);
    assert.deepEqual(json, { explanations: [EXPLANATION] });
  });
});

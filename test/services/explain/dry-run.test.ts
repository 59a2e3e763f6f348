/** Would it be accepted: by which rule, and why not. */
import assert from 'node:assert/strict';
import { KeyStore } from '../../../daemon/key-store.js';
import { readDryRunRequest, dryRunRequest, readVerdict } from '../../../services/admin/door/own-dry-run.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { dryRun, type DryOffer } from '../../../services/explain/dry-run.js';
import type { Verdict } from '../../../services/explain/verdict.js';
import { readOfferText } from '../../../services/offer-text/read-offer.js';
import { parsePresharedKeys } from '../../sim/parse-keys.js';
import { configText, presharedText } from '../../sim/two-gateways.js';

const { config } = parseIkeConfig(configText('west'), 'config');
assert.ok(config);
const settings = { config, presharedKeys: parsePresharedKeys(presharedText('west'), new KeyStore()) };

function verdictOn(text: string, more: Partial<DryOffer> = {}): Verdict {
  const offer = readOfferText(text);
  assert.ok(offer.ok && offer.value.phase === 1);
  const { transforms, mode, peer, local } = offer.value;
  const asked = readDryRunRequest(
    JSON.parse(JSON.stringify(dryRunRequest({ transforms, mode, peer, local, ...more }))),
  );
  assert.ok(asked, 'the request comes whole over the door');
  const verdict = dryRun(asked, settings);
  assert.deepEqual(readVerdict(JSON.parse(JSON.stringify(verdict))), verdict, 'and so does the verdict');
  return verdict;
}

describe('a dry run', () => {
  it('accepts by a rule and a transform, with their lines, and says which key', () => {
    const verdict = verdictOn('3des-sha1-modp1024-psk,aes128-sha1-modp1024-psk', { peer: '192.0.2.1' });
    assert.ok(verdict.accepted);
    assert.match(verdict.summary, /transform 2 of the offer, by rule "peer"/);
    assert.deepEqual(
      verdict.places.map(({ file, line }) => `${file}:${String(line)}`),
      ['config:2', 'config:3'],
    );
    assert.match(verdict.agreed, /encr_alg aes\(128\)/);
    assert.match(verdict.remarks.join(), /ike\.preshared:1/);
  });

  it('refuses with the table, nearest first, and what would fit', () => {
    const verdict = verdictOn('aes256-md5-modp2048-psk,aes128-sha1-modp2048-psk', { peer: '192.0.2.1' });
    assert.ok(!verdict.accepted);
    const [nearest] = verdict.comparisons;
    assert.deepEqual(
      nearest?.attributes.filter(({ agrees }) => !agrees).map(({ name }) => name),
      ['oakley_group'],
    );
    assert.deepEqual(nearest.where, { file: 'config', line: 3 });
    assert.match(JSON.stringify(verdict.equivalents), /aes128-sha1-modp1024/);
  });

  it('refuses a stranger, and names the rules that there are', () => {
    const verdict = verdictOn('aes128-sha1-modp1024-psk', { peer: '198.51.100.1' });
    assert.deepEqual([verdict.accepted, verdict.comparisons], [false, []]);
    assert.match(verdict.remarks.join(), /remote_addr 192\.0\.2\.1/);
  });

  it('refuses a mode that the rules do not allow', () => {
    const verdict = verdictOn('aes128-sha1-modp1024-psk', { peer: '192.0.2.1', mode: 'aggressive' });
    assert.match(verdict.summary, /do not allow Aggressive Mode/);
  });

  it('says when the key would be missing', () => {
    const verdict = dryRun(
      { transforms: [], mode: undefined, peer: '192.0.2.1', local: undefined },
      { ...settings, presharedKeys: [] },
    );
    assert.equal(verdict.accepted, false);
    const offer = readOfferText('aes128-sha1-modp1024-psk');
    assert.ok(offer.ok && offer.value.phase === 1);
    const keyless = dryRun({ ...offer.value, peer: '192.0.2.1' }, { ...settings, presharedKeys: [] });
    assert.match(keyless.remarks.join(), /refused all the same, for want of a key/);
  });

  it('is not asked with what is no offer', () => {
    for (const bad of [
      undefined,
      {},
      { transforms: [] },
      { transforms: [[[1]]] },
      { transforms: [[[1, -1]]] },
      { transforms: [[[1, 7]]], mode: 'base' },
      { transforms: [[[1, 7]]], peer: 'host' },
      { transforms: Array(300).fill([[1, 7]]) },
    ])
      assert.equal(readDryRunRequest(bad), undefined);
  });
});

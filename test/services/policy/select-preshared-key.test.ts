import assert from 'node:assert/strict';
import { KeyStore } from '../../../daemon/key-store.js';
import { parsePreshared } from '../../../services/config/ike-preshared.js';
import type { PresharedKey } from '../../../services/policy/preshared-key.js';
import { presharedKeyFor } from '../../../services/policy/select-preshared-key.js';

/** One entry a line, so that its line tells which it is. */
function keys(
  ...entries: readonly [local: string, remote: string, more?: string][]
): readonly PresharedKey[] {
  const store = new KeyStore();
  const text = entries
    .map(([local, remote, more = '']) => `{ localid ${local} remoteid ${remote} ${more} key 5eec7e }`)
    .join('\n');
  const reading = parsePreshared(text, 'select.preshared', (bytes) => store.put(bytes));
  assert.ok(reading.keys);
  return reading.keys;
}

function lineFor(
  list: readonly PresharedKey[],
  local: string,
  remote: string,
  mode: 'main' | 'aggressive' = 'main',
) {
  const found = presharedKeyFor(list, local, remote, mode);
  return found.ok ? found.value.key.position.line : undefined;
}

describe('choosing a pre-shared key', () => {
  const LIST = keys(
    ['192.0.2.1', '198.51.0.0/16'],
    ['192.0.2.1', '198.51.100.0/24'],
    ['192.0.2.0/24', '198.51.100.7'],
    ['192.0.2.1', '198.51.100.7'],
    ['192.0.2.1', '203.0.113.5', 'remoteidtype ipv4 ike_mode aggressive'],
    ['192.0.2.1', 'peer.example', 'remoteidtype fqdn'],
  );

  it('prefers the exact pair', () => {
    assert.equal(lineFor(LIST, '192.0.2.1', '198.51.100.7'), 4);
  });

  it('prefers the longest prefix on the remote side, then on the local one', () => {
    assert.equal(lineFor(LIST, '192.0.2.2', '198.51.100.7'), 3);
    assert.equal(lineFor(LIST, '192.0.2.1', '198.51.100.8'), 2);
    assert.equal(lineFor(LIST, '192.0.2.1', '198.51.7.8'), 1);
  });

  it('looks at the mode of an entry', () => {
    assert.equal(lineFor(LIST, '192.0.2.1', '203.0.113.5'), undefined);
    assert.equal(lineFor(LIST, '192.0.2.1', '203.0.113.5', 'aggressive'), 5);
    assert.equal(lineFor(keys(['192.0.2.1', '192.0.2.2', 'ike_mode both']), '192.0.2.1', '192.0.2.2'), 1);
  });

  it('tells which entry was used', () => {
    const found = presharedKeyFor(LIST, '192.0.2.1', '198.51.100.8', 'main');
    assert.match(found.ok ? found.value.why : '', /select\.preshared:2.*198\.51\.100\.0\/24/);
  });

  it('names the entries that came close, and no key', () => {
    const found = presharedKeyFor(LIST, '192.0.2.9', '203.0.113.200', 'main');
    assert.ok(!found.ok);
    assert.equal(found.error.code, 'no-preshared-key');
    assert.match(found.error.explanation, /select\.preshared:3/);
    assert.doesNotMatch(JSON.stringify(found.error), /5eec7e/);
  });
});

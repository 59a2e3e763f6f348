/** Keys of Aggressive Mode by the name of the peer: the index finds what a look at each entry would find. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { KeyStore } from '../../../daemon/key-store.js';
import { parsePreshared } from '../../../services/config/ike-preshared.js';
import { sameIdentity, presharedName } from '../../../services/exchange/phase1-identity.js';
import { namedKeys } from '../../../services/exchange/preshared-by-name.js';
import type { IdPayload } from '../../../services/isakmp/payloads/identification.js';
import { ID_TYPE } from '../../../services/isakmp/registries/id-types.js';
import { inRange } from '../../../services/net/address.js';
import type { PresharedKey } from '../../../services/policy/preshared-key.js';

function keysOf(entries: readonly string[]): readonly PresharedKey[] {
  const store = new KeyStore();
  const text = entries.map((entry) => `{ ${entry} key 5eec7e }`).join('\n');
  const reading = parsePreshared(text, 'named.preshared', (bytes) => store.put(bytes));
  assert.ok(reading.keys, JSON.stringify(reading));
  return reading.keys;
}

function named(text: string, idType: number = ID_TYPE.fqdn): IdPayload {
  return { kind: 'ID', idType, protocol: 0, port: 0, data: new TextEncoder().encode(text) };
}

/** What the index is to find, one entry after the other. */
function byScan(keys: readonly PresharedKey[], name: IdPayload | undefined, address: string) {
  const named = keys.filter(({ mode, local, remote }) => {
    const some = presharedName(local) !== undefined || presharedName(remote) !== undefined;
    return mode !== 'main' && some;
  });
  const isNamed = ({ remote }: PresharedKey): boolean => {
    const own = presharedName(remote);
    return own !== undefined && name !== undefined && sameIdentity(own, name);
  };
  const covers = ({ remote }: PresharedKey): boolean => 'range' in remote && inRange(address, remote.range);
  return [...named.filter(isNamed), ...named.filter(covers)];
}

describe('keys of Aggressive Mode by name', () => {
  it('are those that a look at each entry finds, in the order of the file', () => {
    const names = ['one.example', 'ONE.example', 'two.example', 'Ann@example.com'];
    const end = (side: 'local' | 'remote') =>
      fc.oneof(
        fc.constantFrom(...names).map((name) => {
          const type = name.includes('@') ? 'user_fqdn' : 'fqdn';
          return `${side}idtype ${type} ${side}id ${name}`;
        }),
        fc.constantFrom('192.0.2.1', '192.0.2.2').map((address) => `${side}idtype ip ${side}id ${address}`),
        fc
          .constantFrom('192.0.2.0/24', '198.51.100.0/24', '128.0.0.0/1')
          .map((range) => `${side}idtype prefix ${side}id ${range}`),
      );
    const mode = fc.constantFrom('', 'ike_mode main', 'ike_mode aggressive', 'ike_mode both');
    const entry = fc.tuple(end('local'), end('remote'), mode).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 12 }),
        fc.option(fc.constantFrom(...names), { nil: undefined }),
        fc.constantFrom('192.0.2.1', '192.0.2.9', '203.0.113.5'),
        (entries, name, address) => {
          const keys = keysOf(entries);
          const peer =
            name === undefined
              ? undefined
              : named(name, name.includes('@') ? ID_TYPE.userFqdn : ID_TYPE.fqdn);
          assert.deepEqual(
            namedKeys(keys)
              .ofPeer(peer, address)
              .map(({ position }) => position.line),
            byScan(keys, peer, address).map(({ position }) => position.line),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of one type are not those of another, and case counts in what is no name', () => {
    const keys = keysOf([
      'localidtype ip localid 192.0.2.1 remoteidtype keyid remoteid Peer',
      'localidtype ip localid 192.0.2.1 remoteidtype fqdn remoteid peer',
    ]);
    const linesOf = (name: IdPayload): readonly number[] =>
      namedKeys(keys)
        .ofPeer(name, '203.0.113.5')
        .map(({ position }) => position.line);
    assert.deepEqual(linesOf(named('PEER')), [2]);
    assert.deepEqual(linesOf(named('Peer', ID_TYPE.keyId)), [1]);
    assert.deepEqual(linesOf(named('peer', ID_TYPE.keyId)), []);
  });
});

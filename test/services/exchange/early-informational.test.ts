import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { AuthMethod } from '../../../services/algorithms.js';
import { NO_STORES } from '../../../services/certs/stores.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { suspectEarly } from '../../../services/exchange/early-informational.js';
import { notification, protectInformational } from '../../../services/exchange/informational.js';
import { blankPhase1, type Phase1Record } from '../../../services/exchange/phase1-record.js';
import { sealMessage } from '../../../services/exchange/protection.js';
import type { Failure } from '../../../services/failure/failure.js';
import { decodeHeader } from '../../../services/isakmp/header.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { NOTIFY } from '../../../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../../../services/isakmp/registries/protocols.js';
import { phase2Iv } from '../../../services/keymat/initialization-vectors.js';
import { Dice } from '../../sim/dice.js';

const MESSAGE_ID = 0x01020304;

describe('an encrypted Informational before Phase 1 is established', () => {
  const store = new KeyStore();
  const crypto = new NodeCrypto(store, new Dice(1), { workers: false });
  const key = (fill: number, length: number) => store.put(new Uint8Array(length).fill(fill));
  const keysOf = (fill: number) => ({
    skeyid: key(fill, 20),
    skeyidD: key(fill + 1, 20),
    skeyidA: key(fill + 2, 20),
    skeyidE: key(fill + 3, 20),
    encryptionKey: key(fill + 4, 16),
  });
  const { config } = parseIkeConfig('', 'config');
  assert.ok(config !== undefined);
  const beginning = {
    ...({ mode: 'main', role: 'initiator', begunAt: 0, config, stores: NO_STORES } as const),
    local: { address: '192.0.2.1', port: 500 },
    remote: { address: '192.0.2.2', port: 500 },
    initiatorCookie: '0102030405060708',
  } as const;

  /** As it is after message 5, whose last block is the IV. */
  const waiting = (method: AuthMethod, fill = 7): Phase1Record => ({
    ...blankPhase1(beginning),
    responderCookie: '1112131415161718',
    method,
    suite: {
      ...({ cipher: 'aes', keyBits: 128, hash: 'sha1', group: 2 } as const),
      ...{ method, lifetimeSeconds: 3600, lifetimeKb: undefined },
    },
    keys: keysOf(fill),
    iv: new Uint8Array(16).fill(9),
  });

  /** What the peer makes of it, who has the same keys or others. */
  const suspect = (record: Phase1Record, peer = record): Failure | undefined => {
    const { suite, keys, iv } = peer;
    assert.ok(suite !== undefined && keys !== undefined);
    const payloads = [notification(PROTOCOL.isakmp, new Uint8Array(0), NOTIFY.authenticationFailed)];
    const { bytes } = sealMessage(
      crypto,
      { suite, key: keys.encryptionKey, iv: phase2Iv(crypto, suite.hash, suite.cipher, iv, MESSAGE_ID) },
      {
        initiatorCookie: peer.initiatorCookie,
        responderCookie: peer.responderCookie,
        exchangeType: EXCHANGE.informational,
        messageId: MESSAGE_ID,
      },
      protectInformational({ suite, keys }, MESSAGE_ID, payloads, crypto),
    );
    const header = decodeHeader(bytes);
    assert.ok(header.ok);
    return suspectEarly(record, header.value, bytes, crypto);
  };

  for (const method of ['preshared', 'rsa_sig'] as const) {
    it(`is read, and says what the peer refuses: ${method}`, () => {
      const suspicion = suspect(waiting(method));
      assert.equal(suspicion?.code, 'peer-refused');
      assert.match(suspicion.explanation, /AUTHENTICATION-FAILED/);
    });
  }

  it('that cannot be read makes us suspect the pre-shared key, where there is one', () => {
    const record = waiting('preshared');
    assert.equal(suspect(record, waiting('preshared', 70))?.code, 'wrong-preshared-key');
  });

  it('that cannot be read says nothing of pre-shared keys where signatures prove', () => {
    const suspicion = suspect(waiting('rsa_sig'), waiting('rsa_sig', 70));
    assert.equal(suspicion?.code, 'peer-refused');
    assert.doesNotMatch(suspicion.explanation, /key/);
  });

  it('that was changed on its way is not believed', () => {
    const record = waiting('rsa_sig');
    // The same cipher key, so that it can be read, and another SKEYID_a.
    const keys = { ...keysOf(70), encryptionKey: record.keys?.encryptionKey ?? key(0, 16) };
    const suspicion = suspect(record, { ...record, keys });
    assert.doesNotMatch(suspicion?.explanation ?? '', /AUTHENTICATION-FAILED/);
  });

  it('is about nothing while there are no keys', () => {
    const record = waiting('rsa_sig');
    assert.equal(suspect({ ...record, keys: undefined }, record), undefined);
  });
});

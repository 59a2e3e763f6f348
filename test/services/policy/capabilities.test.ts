import assert from 'node:assert/strict';
import {
  BUILT_PHASE1_CIPHERS,
  missingForGroup,
  missingForPhase1,
} from '../../../services/policy/capabilities.js';

const AES = { low: 128, high: 256 };

describe('what this version can run', () => {
  it('names each thing that a Phase 1 transform lacks', () => {
    assert.deepEqual(missingForPhase1({ method: 'preshared', cipher: 'aes', hash: 'sha512', group: 21 }), []);
    const missing = missingForPhase1({ method: 'rsa_encrypt_revised', cipher: 'des', hash: 'md5', group: 4 });
    assert.equal(missing.length, 2);
    for (const name of ['rsa_encrypt_revised', 'EC2N 185'])
      assert.ok(missing.some((reason) => reason.includes(name)));
  });

  it('knows the groups that are built', () => {
    const built = Array.from({ length: 30 }, (_, group) => group).filter(
      (group) => missingForGroup(group) === undefined,
    );
    assert.deepEqual(built, [1, 2, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26]);
  });

  it('lists the Phase 1 ciphers with the sizes they can have', () => {
    assert.deepEqual(BUILT_PHASE1_CIPHERS, [
      { cipher: 'des', keyBits: undefined },
      { cipher: '3des', keyBits: undefined },
      { cipher: 'blowfish', keyBits: { low: 40, high: 448 } },
      { cipher: 'aes', keyBits: AES },
    ]);
  });
});

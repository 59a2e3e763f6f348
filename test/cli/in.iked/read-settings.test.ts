import assert from 'node:assert/strict';
import { orErased, readSettings } from '../../../cli/in.iked/read-settings.js';
import { pathsUnder } from '../../../cli/in.iked/paths.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { EAST, presharedKey, rule, WEST, writeRoot } from './gateways.js';
import { makeScratch } from './scratch.js';

describe('settings that were read and cannot be used after all', () => {
  it('leave no key in the key store: a refresh whose log cannot be opened kept them all', () => {
    const scratch = makeScratch();
    const { folder } = scratch;
    try {
      const preshared = presharedKey(EAST, WEST, 'ab'.repeat(16)) + presharedKey(EAST, '192.0.2.1', '00ff');
      writeRoot(folder, { config: rule(EAST, WEST), preshared, policy: '' });
      const keys = new KeyStore();
      const { settings } = readSettings(pathsUnder(folder, undefined), {
        policyFile: undefined,
        keys,
        now: 0,
        ignoreErrors: false,
      });
      assert.equal(keys.size, 2);
      assert.equal(
        orErased(keys, settings, () => 'used'),
        'used',
      );
      assert.equal(keys.size, 2);
      const refuse = (): never => {
        throw new Error('the log cannot be opened');
      };
      assert.throws(() => orErased(keys, settings, refuse), /the log cannot be opened/);
      assert.equal(keys.size, 0);
    } finally {
      scratch.remove();
    }
  });
});

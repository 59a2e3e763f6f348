/** What the embedded kernel says of policies whose packets it would lose. */
import assert from 'node:assert/strict';
import { policiesNotCarried } from '../../../../adapters/kernel/embedded/policies-not-carried.js';
import type { Protection } from '../../../../services/ports/kernel.js';
import { TUNNEL } from './two-kernels.js';

const AH: Protection = { protocol: 51, integrity: 'hmac-sha1-96' };
const esp = (encryption: 'aes-cbc' | 'blowfish' | 'des'): Protection => ({
  ...{ protocol: 50, encryption, keyBits: { low: 128, high: 128 } },
  integrity: 'hmac-sha1-96',
});

function said(tun: boolean, ...proposals: (readonly Protection[])[]): string {
  const policy = { ...TUNNEL, proposals, position: { file: 'ipsecinit.conf', line: 3 } };
  return policiesNotCarried([policy], tun).join('\n');
}

describe('policies that the embedded kernel cannot carry', () => {
  it('are named with their line and with what cannot be carried', () => {
    assert.match(
      said(false, [AH]),
      /^ipsecinit\.conf:3: warning: packets of AH without --tun are dropped: .* Add --tun, .*xfrm/,
    );
    assert.match(said(true, [AH, esp('aes-cbc')]), /packets of AH and ESP together are dropped:/);
    assert.match(
      said(true, [esp('des')], [esp('blowfish')]),
      /ESP with des and of ESP with blowfish are dropped:/,
    );
  });

  it('may have alternatives that can be carried', () => {
    assert.match(
      said(true, [esp('aes-cbc')], [esp('des')]),
      /ESP with des are dropped where the peer chooses it:/,
    );
  });

  it('are none where all can be carried', () => {
    assert.equal(said(true, [AH], [esp('aes-cbc')]), '');
    assert.equal(said(false, [esp('aes-cbc')]), '');
  });
});

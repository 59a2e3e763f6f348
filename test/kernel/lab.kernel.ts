/** The laboratory itself: its kernel has what the other tests are about. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { succeed } from '../interop/lab/shell.js';

describe('the kernel of the laboratory', () => {
  it('speaks PF_KEY', () => {
    assert.ok(existsSync('/proc/net/pfkey'));
  });

  it('has ESP and AH, of IPv4 and of IPv6', async () => {
    for (const [source, destination] of [
      ['10.0.0.1', '10.0.0.2'],
      ['2001:db8::1', '2001:db8::2'],
    ] as const) {
      const ends = ['src', source, 'dst', destination, 'spi', '0x1000'];
      const key = `0x${'11'.repeat(20)}`;
      const esp = ['proto', 'esp', 'enc', 'cipher_null', '', 'auth', 'hmac(sha1)', key];
      await succeed('ip', ['xfrm', 'state', 'add', ...ends, ...esp]);
      await succeed('ip', ['xfrm', 'state', 'add', ...ends, 'proto', 'ah', 'auth', 'hmac(sha1)', key]);
      for (const protocol of ['esp', 'ah'])
        await succeed('ip', ['xfrm', 'state', 'delete', ...ends.slice(2), 'proto', protocol]);
    }
  });
});

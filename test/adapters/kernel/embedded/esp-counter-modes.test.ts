/** AES-CTR and AES-GCM in ESP: known answers, and what forgery meets. */
import assert from 'node:assert/strict';
import { type EspSuite, open, seal } from '../../../../adapters/kernel/embedded/esp.js';
import { hex } from '../../../../services/bytes.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'));

describe('ESP with AES in counter modes', () => {
  it('CTR is as in the first test vector of RFC 3686', () => {
    const suite: EspSuite = {
      cipher: 'aes-ctr',
      cipherKey: bytes('ae6852f8121067cc4bf7a5765577f39e 00000030'),
      integrity: 'hmac-sha1-96',
      integrityKey: new Uint8Array(20),
    };
    const payload = new Uint8Array(Buffer.from('Single block msg'));
    const packet = seal(suite, { spi: 0x1000, sequence: 1 }, new Uint8Array(8), { payload, nextHeader: 4 });
    assert.equal(hex(packet.subarray(16, 32)), 'e4095d4fb7a7b3792d6175a3261311b8');
    const opened = open(suite, packet);
    assert.ok(opened.ok);
    assert.equal(hex(opened.value.payload), hex(payload));
  });

  const gcm: EspSuite = {
    cipher: 'aes-gcm-16',
    cipherKey: bytes('feffe9928665731c6d6a8f9467308308 cafebabe'),
    integrity: undefined,
    integrityKey: new Uint8Array(0),
  };
  const dns = bytes(`4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d00100000100000000
    00000373697009637962657263697479 02646b0000010001`);
  const sealed = (): Uint8Array =>
    seal(gcm, { spi: 0xa5f8, sequence: 10 }, bytes('facedbaddecaf888'), { payload: dns, nextHeader: 1 });

  it('GCM is as in the ESP example of draft-mcgrew-gcm-test', () => {
    assert.equal(
      hex(sealed()),
      hex(
        bytes(`0000a5f80000000a facedbaddecaf888
          deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c
          3de81827c10e9a4f51330d0eec416642cfbb85a5b47e48a4ec3b9ba95d918bd1
          83b70d3aa8bc6ee4c309e9d85a41ad4a`),
      ),
    );
    const opened = open(gcm, sealed());
    assert.ok(opened.ok);
    assert.equal(hex(opened.value.payload), hex(dns));
  });

  it('GCM finds a bit turned anywhere: in the head, the IV, the ciphertext and the ICV', () => {
    for (const at of [0, 7, 8, 15, 16, 60, 80, 95]) {
      const packet = sealed();
      packet[at] = (packet[at] ?? 0) ^ 1;
      assert.deepEqual(open(gcm, packet), { ok: false, error: 'bad-icv' }, String(at));
    }
    assert.deepEqual(open(gcm, sealed().subarray(0, 30)), { ok: false, error: 'truncated-esp' });
  });
});

/** Given the keys of `--sadb-trace`, another program decrypts the demo's ESP packet. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { readSaLines } from './lab/sa-log.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** LINKTYPE_RAW: packets begin with their IP header. */
const RAW_IP = 101;

/** A capture file of one packet. */
function pcap(packet: Uint8Array): Uint8Array {
  const header = Buffer.alloc(24 + 16);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(RAW_IP, 20);
  header.writeUInt32LE(packet.length, 32);
  header.writeUInt32LE(packet.length, 36);
  return Buffer.concat([header, packet]);
}

describe("tshark with the keys of the demo's SADB trace", function () {
  this.timeout(60_000);

  it('decrypts its ESP packet and shows the inner one', () => {
    execFileSync(process.execPath, ['tools/build.mjs'], { cwd: ROOT });
    const folder = mkdtempSync(join(tmpdir(), 'ikechart-esp-'));
    try {
      execFileSync(process.execPath, ['dist/demo.js', '--once', '--keep', folder], { cwd: ROOT });
      const [port = '', hex = ''] = readFileSync(join(folder, 'esp.hex'), 'utf8').trim().split(' ');
      const esp = new Uint8Array(Buffer.from(hex, 'hex'));
      const spi = hex.slice(0, 8);
      const sa = readSaLines(join(folder, 'east', 'sadb.jsonl')).find(
        (line) => line.op !== 'delete' && line.spi === spi,
      );
      assert.ok(sa?.enc && sa.auth, 'the trace has the SA of the packet');
      const capture = join(folder, 'esp.pcap');
      writeFileSync(capture, pcap(udpPacket(sa.src ?? '', sa.dst, Number(port), Number(port), esp)));
      const association = [
        'IPv4',
        sa.src,
        sa.dst,
        `0x${spi}`,
        'AES-CBC [RFC3602]',
        `0x${sa.enc.key}`,
        'HMAC-SHA-1-96 [RFC2404]',
        `0x${sa.auth.key}`,
      ];
      const shown = execFileSync(
        'tshark',
        [
          ...['-r', capture, '-d', `udp.port==${port},udpencap`],
          ...['-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE'],
          ...['-o', `uat:esp_sa:${association.map((field) => `"${field ?? ''}"`).join(',')}`],
          ...[
            '-T',
            'fields',
            '-e',
            'esp.icv_good',
            '-e',
            'ip.src',
            '-e',
            'ip.dst',
            '-e',
            'data.text',
            '-e',
            'data.data',
          ],
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      );
      assert.match(shown, /127\.0\.0\.1,10\.1\.0\.5/);
      assert.match(shown, /127\.0\.0\.2,10\.2\.0\.9/);
      assert.ok(shown.includes(Buffer.from('Hello from the eastern network!').toString('hex')), shown);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

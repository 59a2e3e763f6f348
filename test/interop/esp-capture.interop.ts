/** Given the keys of `--sadb-trace`, another program decrypts the demo's ESP packet. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { readSaLines, type SaLine } from './lab/sa-log.js';

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

/** What tshark makes of the one packet of `capture`, given the SA: fields of both IP headers, the ICV's verdict, the data. */
function dissected(capture: string, port: string, sa: SaLine, encryptionKey: string): string {
  const association = [
    ...['IPv4', sa.src ?? '', sa.dst, `0x${sa.spi}`],
    ...['AES-CBC [RFC3602]', `0x${encryptionKey}`],
    ...['HMAC-SHA-1-96 [RFC2404]', `0x${sa.auth?.key ?? ''}`],
  ];
  const fields = ['ip.src', 'ip.dst', 'udp.length', 'esp.icv_good', 'data.data'];
  return execFileSync(
    'tshark',
    [
      ...['-r', capture, '-d', `udp.port==${port},udpencap`],
      ...['-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE'],
      ...['-o', `uat:esp_sa:${association.map((field) => `"${field}"`).join(',')}`],
      ...['-T', 'fields', '-E', 'separator=;', ...fields.flatMap((field) => ['-e', field])],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  ).trim();
}

describe("tshark with the keys of the demo's SADB trace", function () {
  this.timeout(60_000);
  let folder: string;

  before(() => {
    execFileSync(process.execPath, ['tools/build.mjs'], { cwd: ROOT });
    folder = mkdtempSync(join(tmpdir(), 'ikechart-esp-'));
    execFileSync(process.execPath, ['dist/demo.js', '--once', '--keep', folder], { cwd: ROOT });
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('decrypts its ESP packet and shows the inner one; with another key it does not', () => {
    const [port = '', hex = ''] = readFileSync(join(folder, 'esp.hex'), 'utf8').trim().split(' ');
    const esp = new Uint8Array(Buffer.from(hex, 'hex'));
    const sa = readSaLines(join(folder, 'east', 'sadb.jsonl')).find(
      (line) => line.op !== 'delete' && line.spi === hex.slice(0, 8),
    );
    assert.ok(sa?.enc && sa.auth, 'the trace has the SA of the packet');
    const capture = join(folder, 'esp.pcap');
    writeFileSync(capture, pcap(udpPacket(sa.src ?? '', sa.dst, Number(port), Number(port), esp)));

    const greeting = Buffer.from('Hello from the eastern network!');
    // Of the outer UDP and of the inner one: eight bytes of header and what follows.
    const lengths = `${String(8 + esp.length)},${String(8 + greeting.length)}`;
    assert.equal(
      dissected(capture, port, sa, sa.enc.key),
      `127.0.0.1,10.1.0.5;127.0.0.2,10.2.0.9;${lengths};1;${greeting.toString('hex')}`,
    );
    const another = sa.enc.key.replace(/./g, (digit) => (15 - Number.parseInt(digit, 16)).toString(16));
    const garbled = dissected(capture, port, sa, another);
    assert.match(garbled, /^127\.0\.0\.1/);
    assert.ok(!garbled.includes('10.1.0.5') && !garbled.includes(greeting.toString('hex')), garbled);
  });
});

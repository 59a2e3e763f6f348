/**
 * What the embedded kernel makes of packets, without sockets: from an IP packet to the ESP packet, policy and SA looked
 * up, and back, for each algorithm. `npm run bench -- esp`; `BENCH_PACKETS` sets how many of each kind (default 20 000).
 * One line of JSON for each; the first says which machine.
 */
import { randomBytes } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { WheelClock } from '../adapters/clock/wheel-clock.js';
import { EmbeddedKernel } from '../adapters/kernel/embedded/embedded-kernel.js';
import { udpPacket } from '../adapters/kernel/embedded/ip-packet.js';
import { NodeRandom } from '../adapters/random/node-random.js';
import { KeyStore } from '../daemon/key-store.js';
import { INTEGRITY, type EspCipher, type IntegrityAlgorithm } from '../services/algorithms.js';
import type { Bytes } from '../services/bytes.js';
import { prefixRange } from '../services/net/address.js';
import type { IpsecPolicy, KernelSa } from '../services/ports/kernel.js';

const PACKETS = Number(process.env.BENCH_PACKETS ?? 20_000);
/** ESP packets between the two ways; all of them are kept until they are opened. */
const PORTION = 500;
const LENGTHS = [100, 1400];
const [WEST, EAST, SPI] = ['192.0.2.1', '192.0.2.2', 0x1000];
const HEADERS = 28;

interface Suite {
  readonly cipher: EspCipher;
  readonly keyLength: number;
  readonly integrity: IntegrityAlgorithm | undefined;
}

const SUITES: readonly Suite[] = [
  { cipher: 'null', keyLength: 0, integrity: 'hmac-md5-96' },
  { cipher: 'null', keyLength: 0, integrity: 'hmac-sha1-96' },
  { cipher: 'null', keyLength: 0, integrity: 'hmac-sha2-256-128' },
  { cipher: 'null', keyLength: 0, integrity: 'hmac-sha2-384-192' },
  { cipher: 'null', keyLength: 0, integrity: 'hmac-sha2-512-256' },
  { cipher: '3des', keyLength: 24, integrity: 'hmac-sha1-96' },
  { cipher: 'aes-cbc', keyLength: 16, integrity: 'hmac-sha1-96' },
  { cipher: 'aes-cbc', keyLength: 32, integrity: 'hmac-sha2-256-128' },
  { cipher: 'aes-ctr', keyLength: 20, integrity: 'hmac-sha1-96' },
  { cipher: 'aes-gcm-16', keyLength: 20, integrity: undefined },
  { cipher: 'aes-gcm-16', keyLength: 36, integrity: undefined },
];

const POLICY: IpsecPolicy = {
  selectors: {
    local: { addresses: prefixRange('10.1.0.0', 16), port: 0 },
    remote: { addresses: prefixRange('10.2.0.0', 16), port: 0 },
    protocol: 0,
  },
  mode: 'tunnel',
  outer: { local: WEST, remote: EAST },
  proposals: [],
  ruleLabel: undefined,
};
const MIRRORED: IpsecPolicy = {
  ...POLICY,
  selectors: { local: POLICY.selectors.remote, remote: POLICY.selectors.local, protocol: 0 },
  outer: { local: EAST, remote: WEST },
};

const clock = new WheelClock({
  onError: (error) => {
    throw error;
  },
});
const keys = new KeyStore();

async function station(
  policy: IpsecPolicy,
  sent: (esp: Bytes) => void,
  got: () => void,
): Promise<EmbeddedKernel> {
  const kernel = new EmbeddedKernel({
    ...{ clock, keys, random: new NodeRandom(), policies: [policy] },
    transmit: (_local, _remote, esp) => {
      sent(esp);
    },
    deliver: got,
  });
  const nothing = (): void => undefined;
  await kernel.open({ acquire: nothing, expire: nothing, deleted: nothing, flushed: nothing });
  return kernel;
}

/** Microseconds of this process for one packet each way. */
async function measure(suite: Suite, length: number): Promise<{ readonly out: number; readonly in: number }> {
  const esp: Bytes[] = [];
  let delivered = 0;
  const west = await station(
    POLICY,
    (packet) => esp.push(packet),
    () => undefined,
  );
  const east = await station(
    MIRRORED,
    () => undefined,
    () => (delivered += 1),
  );
  const { cipher, keyLength, integrity } = suite;
  const sa = {
    ...{
      source: WEST,
      destination: EAST,
      protocol: 50,
      spi: SPI,
      pairSpi: SPI,
      bundle: [{ protocol: 50, spi: SPI }],
    },
    ...{
      mode: 'tunnel',
      encapsulation: undefined,
      encryption: { algorithm: cipher, key: keys.put(randomBytes(keyLength)) },
    },
    integrity:
      integrity === undefined
        ? undefined
        : { algorithm: integrity, key: keys.put(randomBytes(INTEGRITY[integrity].keyLength)) },
    lifetimes: { softSeconds: undefined, hardSeconds: undefined, softBytes: undefined, hardBytes: undefined },
  } as const satisfies Partial<KernelSa>;
  await west.add({ ...sa, direction: 'outbound', selectors: POLICY.selectors });
  await east.add({ ...sa, direction: 'inbound', selectors: MIRRORED.selectors });
  const packet = udpPacket('10.1.0.1', '10.2.0.1', 1000, 2000, randomBytes(length - HEADERS));
  const spent = { out: 0, in: 0 };
  const portion = (): void => {
    esp.length = 0;
    const begun = cpu();
    for (let i = 0; i < PORTION; i++) west.output(packet);
    const sealed = cpu();
    for (const one of esp) east.input(EAST, WEST, one);
    spent.out += sealed - begun;
    spent.in += cpu() - sealed;
  };
  // What was compiled for the algorithm before is measured no more.
  for (let i = 0; i < 8; i++) portion();
  Object.assign(spent, { out: 0, in: 0 });
  delivered = 0;
  const portions = Math.ceil(PACKETS / PORTION);
  for (let i = 0; i < portions; i++) portion();
  if (delivered !== portions * PORTION) throw new Error(`${String(delivered)} packets came out`);
  await Promise.all([west.close(), east.close()]);
  const each = (microseconds: number): number => microseconds / (portions * PORTION);
  return { out: each(spent.out), in: each(spent.in) };
}

/** Of this process, its collector included, in microseconds: what others do on the machine is not counted. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

console.log(JSON.stringify({ machine: cpus()[0]?.model, processors: cpus().length, node: process.version }));
for (const suite of SUITES) {
  for (const length of LENGTHS) {
    const each = await measure(suite, length);
    const bits =
      (suite.keyLength - (suite.cipher === 'aes-ctr' || suite.cipher === 'aes-gcm-16' ? 4 : 0)) * 8;
    const way = (microseconds: number): object => ({
      microseconds: round(microseconds),
      packetsPerSecond: Math.round(1e6 / microseconds),
      mbitPerSecond: Math.round((length * 8) / microseconds),
    });
    console.log(
      JSON.stringify({
        ...{ cipher: suite.cipher, bits, integrity: suite.integrity ?? 'none', length },
        ...{ load: round(loadavg()[0] ?? 0), out: way(each.out), in: way(each.in) },
      }),
    );
  }
}
clock.close();

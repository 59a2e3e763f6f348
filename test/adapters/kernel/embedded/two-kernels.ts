/** Two embedded kernels back to back, in virtual time, and the SAs between them. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import {
  EmbeddedKernel,
  type EmbeddedKernelParts,
} from '../../../../adapters/kernel/embedded/embedded-kernel.js';
import type { KernelObservation } from '../../../../adapters/kernel/embedded/observation.js';
import { KeyStore } from '../../../../daemon/key-store.js';
import { INTEGRITY, type EspCipher, type IntegrityAlgorithm } from '../../../../services/algorithms.js';
import { hex, type Bytes } from '../../../../services/bytes.js';
import { parseAddress, prefixRange, single, type Address } from '../../../../services/net/address.js';
import type {
  Acquire,
  IpsecPolicy,
  KernelSa,
  Lifetimes,
  SaExpiry,
  TrafficSelectors,
} from '../../../../services/ports/kernel.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';

export const NO_LIMITS: Lifetimes = {
  softSeconds: undefined,
  hardSeconds: undefined,
  softBytes: undefined,
  hardBytes: undefined,
};

export const WEST = '192.0.2.1';
export const EAST = '192.0.2.2';

/** `a` or `a/len`, with an optional port. */
export function side(text: string, port = 0): TrafficSelectors['local'] {
  const [address = '', length] = text.split('/');
  if (parseAddress(address) !== address) throw new Error(`${address} is no canonical address`);
  return { addresses: length === undefined ? single(address) : prefixRange(address, Number(length)), port };
}

export function selectors(local: string, remote: string, protocol = 0): TrafficSelectors {
  return { local: side(local), remote: side(remote), protocol };
}

export function mirrored(of: TrafficSelectors): TrafficSelectors {
  return { ...of, local: of.remote, remote: of.local };
}

export function policy(
  mode: 'transport' | 'tunnel',
  of: TrafficSelectors,
  outer = { local: WEST, remote: EAST },
): IpsecPolicy {
  return {
    selectors: of,
    mode,
    outer,
    proposals: [
      [
        {
          protocol: 50,
          encryption: 'aes-cbc',
          keyBits: { low: 128, high: 128 },
          integrity: 'hmac-sha1-96',
        },
      ],
    ],
    ruleLabel: undefined,
  };
}

export function mirroredPolicy(of: IpsecPolicy): IpsecPolicy {
  return {
    ...of,
    selectors: mirrored(of.selectors),
    outer: { local: of.outer.remote, remote: of.outer.local },
  };
}

export const TUNNEL = policy('tunnel', selectors('10.1.0.0/16', '10.2.0.0/16'));

/** A kernel with everything it says written down. */
export class Station {
  readonly keys = new KeyStore();
  readonly kernel: EmbeddedKernel;
  readonly delivered: Bytes[] = [];
  readonly acquires: Acquire[] = [];
  readonly expiries: SaExpiry[] = [];
  readonly observed: KernelObservation[] = [];
  readonly trace: string[] = [];
  readonly wire: {
    readonly local: Address;
    readonly remote: Address;
    readonly port: number | undefined;
    readonly esp: Bytes;
  }[] = [];
  /** Where its ESP goes; nowhere until it is connected. */
  peer: Station | undefined;

  constructor(
    clock: VirtualClock,
    policies: readonly IpsecPolicy[],
    parts: Partial<EmbeddedKernelParts> = {},
  ) {
    this.kernel = new EmbeddedKernel({
      clock,
      random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
      keys: this.keys,
      policies,
      transmit: (local, remote, esp) => {
        this.wire.push({ local, remote: remote.address, port: remote.port, esp });
        this.peer?.kernel.input(remote.address, local, esp);
      },
      deliver: (packet) => this.delivered.push(packet),
      observe: (what) => this.observed.push(what),
      trace: (line) => this.trace.push(line),
      ...parts,
    });
  }

  async open(): Promise<this> {
    await this.kernel.open({
      acquire: (acquire) => this.acquires.push(acquire),
      expire: (expiry) => this.expiries.push(expiry),
      deleted: () => undefined,
      flushed: () => undefined,
    });
    return this;
  }

  /** Reasons of all drops so far. */
  get drops(): string[] {
    return this.observed.flatMap((what) => (what.type === 'packet.dropped' ? [what.reason] : []));
  }

  /** Fresh handles each time: the kernel's copy must be enough. */
  sa(of: Omit<KernelSa, 'encryption' | 'integrity'>, suite: Suite, key: KeyBytes): KernelSa {
    return {
      ...of,
      encryption: { algorithm: suite.encryption, key: this.keys.put(key.encryption) },
      integrity:
        suite.integrity === undefined
          ? undefined
          : { algorithm: suite.integrity, key: this.keys.put(key.integrity) },
    };
  }
}

export interface Suite {
  readonly encryption: EspCipher;
  readonly keyLength: number;
  readonly integrity: IntegrityAlgorithm | undefined;
}

export interface KeyBytes {
  readonly encryption: Bytes;
  readonly integrity: Bytes;
}

export const AES_SHA1: Suite = { encryption: 'aes-cbc', keyLength: 16, integrity: 'hmac-sha1-96' };

export function freshKey(suite: Suite): KeyBytes {
  const length = suite.integrity === undefined ? 0 : INTEGRITY[suite.integrity].keyLength;
  return {
    encryption: new Uint8Array(randomBytes(suite.keyLength)),
    integrity: new Uint8Array(randomBytes(length)),
  };
}

export interface Connection {
  readonly clock: VirtualClock;
  readonly west: Station;
  readonly east: Station;
}

export async function connect(
  policies: readonly IpsecPolicy[],
  parts: Partial<EmbeddedKernelParts> = {},
): Promise<Connection> {
  const clock = new VirtualClock();
  const west = await new Station(clock, policies, parts).open();
  const east = await new Station(clock, policies.map(mirroredPolicy), parts).open();
  west.peer = east;
  east.peer = west;
  return { clock, west, east };
}

/** What a Quick Mode does: one SA each way. Returns their SPIs by the direction as the west sees it. */
export async function negotiate(
  { west, east }: Connection,
  asked: Pick<IpsecPolicy, 'mode' | 'outer' | 'selectors'>,
  { suite = AES_SHA1, lifetimes = NO_LIMITS }: { suite?: Suite; lifetimes?: Lifetimes } = {},
): Promise<{ outbound: number; inbound: number }> {
  const { local, remote } = asked.outer;
  const inbound = await west.kernel.getSpi(remote, local, 50);
  const outbound = await east.kernel.getSpi(local, remote, 50);
  const esp = (spi: number, pairSpi: number) =>
    ({ protocol: 50, spi, pairSpi, bundle: [{ protocol: 50, spi }], encapsulation: undefined }) as const;
  const out = { source: local, destination: remote, ...esp(outbound, inbound) };
  const back = { source: remote, destination: local, ...esp(inbound, outbound) };
  const shared = { mode: asked.mode, lifetimes };
  const atWest = { ...shared, selectors: asked.selectors };
  const atEast = { ...shared, selectors: mirrored(asked.selectors) };
  const [outKey, backKey] = [freshKey(suite), freshKey(suite)];
  await install(east, 'update', { ...out, ...atEast, direction: 'inbound' }, suite, outKey);
  await install(west, 'update', { ...back, ...atWest, direction: 'inbound' }, suite, backKey);
  await install(east, 'add', { ...back, ...atEast, direction: 'outbound' }, suite, backKey);
  await install(west, 'add', { ...out, ...atWest, direction: 'outbound' }, suite, outKey);
  return { outbound, inbound };
}

async function install(
  at: Station,
  how: 'add' | 'update',
  of: Omit<KernelSa, 'encryption' | 'integrity'>,
  suite: Suite,
  key: KeyBytes,
): Promise<void> {
  const sa = at.sa(of, suite, key);
  const done = how === 'add' ? at.kernel.add(sa) : at.kernel.update(sa);
  // The port's promise: the bytes are copied before the call returns.
  for (const part of [sa.encryption, sa.integrity]) if (part !== undefined) at.keys.erase(part.key);
  await done;
}

export const HELLO = new TextEncoder().encode('hello');
export const PACKET = udpPacket('10.1.0.1', '10.2.0.1', 1000, 2000, HELLO);
export const REPLY = udpPacket('10.2.0.1', '10.1.0.1', 2000, 1000, HELLO);
export const HOSTS = policy('transport', selectors('192.0.2.0/24', '192.0.2.0/24'));

export function hexes(packets: readonly Bytes[]): string[] {
  return packets.map(hex);
}

/** The last ESP packet the west sent. */
export function lastEsp({ west }: Connection): Bytes {
  const last = west.wire.at(-1);
  assert.ok(last !== undefined);
  return last.esp;
}

export async function tunnel(suite?: Suite): Promise<Connection> {
  const connection = await connect([TUNNEL]);
  await negotiate(connection, TUNNEL, suite === undefined ? {} : { suite });
  return connection;
}

/** As `tunnel`, with nothing on the wire: the test carries the packets itself. */
export async function cutTunnel(): Promise<Connection> {
  const connection = await tunnel();
  connection.west.peer = undefined;
  return connection;
}

export function sendMany(connection: Connection, count: number): Bytes[] {
  for (let packet = 0; packet < count; packet++) assert.equal(connection.west.kernel.output(PACKET), 'sent');
  return connection.west.wire.map(({ esp }) => esp);
}

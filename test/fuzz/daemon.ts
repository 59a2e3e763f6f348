/**
 * Fuzz target: a daemon in a process of its own, on loopback, under spoiled datagrams from many addresses and from a
 * rogue peer with the right keys, while a good peer builds a tunnel again and again. After the first tenth its memory
 * must not grow, and when all is over nothing may be left in its collections. A case is one datagram.
 */
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { CAPTURES } from '../services/isakmp/capture.js';
import { makeScratch } from '../cli/in.iked/scratch.js';
import { freePorts, type Ports, writeRoot } from '../cli/in.iked/gateways.js';
import { Dice } from '../sim/dice.js';
import { mutateDatagram } from './byte-mutations.js';
import type { ChildReport } from './daemon-child.js';
import { DaemonUnderFire } from './daemon-process.js';
import { type LoopbackPeer, type LoopbackPlan, openPeer } from './loopback-peer.js';
import { authenticNonsense, lyingCrypto } from './rogue.js';
import type { Finding, FuzzReport, FuzzTarget } from './target.js';
import { Tally } from './target.js';

const DAEMON = '127.0.0.1';
const GOOD = '127.0.0.2';
const ROGUE = '127.0.0.3';
const STRANGERS = Array.from({ length: 48 }, (_, index) => `127.0.1.${String(index + 1)}`);
/** A rogue peer that spoils what it says of NATs may leave an SA that only its lifetime ends. */
const SHORT = 'p1_lifetime_secs 20\np2_lifetime_secs 20\n';
/** The daemon's: what it remembers is gone soon. */
const GLOBALS = 'retry_limit 1\nretry_timer_init 0.4\nexpire_timer 5\n' + SHORT;
/** A peer's: the machine may be slow, and sockets lose something. */
const PATIENT = SHORT;
/** Past the lifetimes, `expire_timer`, the retry windows and the repeated Deletes. */
const ALL_WINDOWS_MS = 32_000;
const TRANSFORM = 'p1_xform { auth_method preshared oakley_group 19 auth_alg sha1 encr_alg aes(128..128) }';
const KEY = '0123456789abcdef0123456789abcdef';

/** Datagrams between two pauses for the daemon to catch up: fewer than its sockets and its queue hold. */
const VOLLEY = 200;
/** How much of what the rogue peer encrypts is spoiled before. */
const LIES = 0.15;
const MOST_OVERHEARD = 400;
const ROGUE_EVERY = 40;
const GOOD_EVERY_VOLLEYS = 10;
const MOST_GROWTH = 2_000_000;
const WARM_UP = 100_000;

const rule = (local: string, remote: string): string =>
  `{ label "${remote}" local_addr ${local} remote_addr ${remote} p2_pfs 0 ${TRANSFORM} }\n`;
const key = (local: string, remote: string): string => `{ localid ${local} remoteid ${remote} key ${KEY} }\n`;
const NETWORK: Readonly<Record<string, string>> = {
  [DAEMON]: '10.1.0.0/16',
  [GOOD]: '10.2.0.0/16',
  [ROGUE]: '10.3.0.0/16',
};

function policy(local: string, remote: string): string {
  return `{ laddr ${NETWORK[local] ?? ''} raddr ${NETWORK[remote] ?? ''} tunnel ${local}-${remote} negotiate tunnel } ipsec { encr_algs aes(128) encr_auth_algs sha1 }\n`;
}

function peerPlan(address: string, ports: Ports): LoopbackPlan {
  return {
    address,
    ...ports,
    config: PATIENT + rule(address, DAEMON),
    preshared: key(address, DAEMON),
    policy: policy(address, DAEMON),
  };
}

class Bombardment {
  readonly dice: Dice;
  readonly tally = new Tally();
  readonly #ports: Ports;
  readonly #sockets: readonly Socket[];
  readonly #overheard: Uint8Array[] = CAPTURES.flatMap(({ messages }) =>
    messages.map(({ datagram }) => datagram),
  );
  sent = 0;
  /** For a while the rogue peer is as good as the good one. */
  honest = false;

  private constructor(seed: number, ports: Ports, sockets: readonly Socket[]) {
    this.dice = new Dice(seed);
    this.#ports = ports;
    this.#sockets = sockets;
  }

  static async open(seed: number, ports: Ports): Promise<Bombardment> {
    const bind = (address: string) =>
      new Promise<Socket>((resolve, reject) => {
        const socket = createSocket('udp4');
        socket.once('error', reject);
        socket.bind({ address, port: ports.port }, () => {
          resolve(socket);
        });
      });
    return new Bombardment(seed, ports, await Promise.all(STRANGERS.map(bind)));
  }

  overhear(bytes: Uint8Array): void {
    if (this.#overheard.length < MOST_OVERHEARD) this.#overheard.push(Uint8Array.from(bytes));
    else this.#overheard[this.dice.below(MOST_OVERHEARD)] = Uint8Array.from(bytes);
  }

  spoiled(bytes: Uint8Array): Uint8Array {
    return mutateDatagram(this.dice, bytes, this.dice.pick(this.#overheard));
  }

  /** One datagram of a stranger; now and then to the NAT-T port, with its marker or without. */
  async shoot(): Promise<void> {
    const { dice } = this;
    const model = dice.pick(this.#overheard);
    const bytes = dice.chance(0.25) ? model : this.spoiled(model);
    const natt = dice.chance(0.1);
    const marked = natt && dice.chance(0.8) ? Buffer.concat([Buffer.alloc(4), bytes]) : bytes;
    this.sent += 1;
    this.tally.add(natt ? 'to the NAT-T port' : 'to the IKE port');
    const socket = dice.pick(this.#sockets);
    const port = natt ? this.#ports.nattPort : this.#ports.port;
    await new Promise<void>((resolve) => {
      socket.send(marked, port, DAEMON, () => {
        resolve();
      });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

export const daemon: FuzzTarget = {
  name: 'daemon',
  fullCount: 1_000_000,
  async run({ seed, count }): Promise<FuzzReport> {
    const scratch = makeScratch();
    const findings: Finding[] = [];
    const ports = await freePorts(DAEMON, GOOD, ROGUE, ...STRANGERS);
    writeRoot(scratch.folder, {
      config: GLOBALS + rule(DAEMON, GOOD) + rule(DAEMON, ROGUE),
      preshared: key(DAEMON, GOOD) + key(DAEMON, ROGUE),
      policy: policy(DAEMON, GOOD) + policy(DAEMON, ROGUE),
    });
    const args = ['-R', scratch.folder, '--listen', DAEMON, '--port', String(ports.port)];
    args.push('--natt-port', String(ports.nattPort), '--policy', `${scratch.folder}/etc/inet/ipsecinit.conf`);
    // The flight recorder keeps a bounded number of conversations, which fills up for longer than a warm-up lasts.
    args.push('--no-record');
    const target = new DaemonUnderFire(args);
    const bombardment = await Bombardment.open(seed, ports);
    const reached: Record<string, number> = {};
    try {
      await target.running();
      Object.assign(reached, await siege(target, bombardment, ports, count));
    } catch (error) {
      findings.push({ target: 'daemon', seed, at: bombardment.sent, input: '', error });
    } finally {
      bombardment.close();
      await target.stop();
      scratch.remove();
    }
    return { findings, reached: { ...bombardment.tally.counts(), ...reached } };
  },
};

async function siege(
  target: DaemonUnderFire,
  bombardment: Bombardment,
  ports: Ports,
  count: number,
): Promise<Readonly<Record<string, number>>> {
  const { dice } = bombardment;
  const good = await openPeer(peerPlan(GOOD, ports));
  const rogue = await openPeer({
    ...peerPlan(ROGUE, ports),
    crypto: lyingCrypto(dice, () => (bombardment.honest ? 0 : LIES)),
    udp: (udp) => ({
      send: (local, remote, bytes) => {
        bombardment.overhear(bytes);
        bombardment.sent += 1;
        udp.send(local, remote, bombardment.honest || dice.chance(0.6) ? bytes : bombardment.spoiled(bytes));
      },
      keepalive: (local, remote) => {
        udp.keepalive(local, remote);
      },
      onDatagram: (listener) => {
        udp.onDatagram(listener);
      },
      open: () => udp.open(),
      endpoints: () => udp.endpoints(),
      endpointAt: (address) => udp.endpointAt(address),
      close: () => udp.close(),
    }),
  });
  const start = await target.report();
  let handshakes = 0;
  const fire = async (until: number): Promise<void> => {
    for (let volley = 0; bombardment.sent < until; volley++) {
      const handshake = volley % GOOD_EVERY_VOLLEYS === 0 ? beGood(good) : undefined;
      for (let shot = 0; shot < VOLLEY; shot++) {
        if (shot % ROGUE_EVERY === 0) misbehave(dice, rogue);
        await bombardment.shoot();
      }
      const nonsense = authenticNonsense(dice, rogue);
      const local = { address: ROGUE, port: ports.port };
      if (nonsense !== undefined)
        rogue.engine.ports.udp.send(local, { address: DAEMON, port: ports.port }, nonsense);
      await target.ping();
      if (handshake !== undefined) {
        const fault = await handshake;
        assert.equal(fault, undefined, `the good peer's handshake failed: ${fault ?? ''}`);
        handshakes += 1;
      }
      assert.deepEqual(target.defects, []);
    }
  };
  const quiet = async (): Promise<ChildReport> => {
    // What the rogue peer said of its SAs may have got lost: it makes new ones, with which the old ones go, and deletes them.
    bombardment.honest = true;
    for (const [{ engine }, inside] of [
      [good, '10.2.0.9'],
      [rogue, '10.3.0.9'],
    ] as const) {
      void engine.sayGoodbye();
      const last = await engine.up(inside, '10.1.0.5', 0);
      assert.ok(last.ok, last.ok ? '' : last.error.explanation);
      void engine.sayGoodbye();
    }
    bombardment.honest = false;
    await new Promise((resolve) => setTimeout(resolve, ALL_WINDOWS_MS));
    return target.report();
  };
  await fire(Math.min(WARM_UP, count / 10));
  const warm = await quiet();
  await fire(count);
  const end = await quiet();
  await Promise.all([good.close(), rogue.close()]);
  assertNothingLeft(start, end);
  const grown = end.memory - warm.memory;
  assert.ok(grown < MOST_GROWTH, `memory grew by ${String(grown)} bytes, from ${String(warm.memory)}`);
  return {
    'good handshakes': handshakes,
    'bytes of heap and external after the warm-up': warm.memory,
    'bytes more in the end': grown,
  };
}

/** A tunnel from nothing, asked for by the peer; the reason when there is none. */
async function beGood({ engine }: LoopbackPeer): Promise<string | undefined> {
  void engine.sayGoodbye();
  const result = await engine.up('10.2.0.9', '10.1.0.5', 0);
  return result.ok ? undefined : `${result.error.code}: ${result.error.explanation}`;
}

function misbehave(dice: Dice, rogue: LoopbackPeer): void {
  if (dice.chance(0.1)) void rogue.engine.sayGoodbye();
  else if (dice.chance(0.2)) void rogue.engine.up('10.3.0.9', '10.1.0.5', 0);
}

/** A bounded table of sources that stays until others need its room. */
const REMEMBERS = /^DropCounter\.#sources$/;

function assertNothingLeft(start: ChildReport, end: ChildReport): void {
  const left = Object.entries(end.sizes).flatMap(([collection, size]) => {
    const before = start.sizes[collection] ?? 0;
    const grown = size > before && !REMEMBERS.test(collection);
    return grown ? [`${collection}: ${String(before)} at the start, ${String(size)} in the end`] : [];
  });
  assert.deepEqual(left, []);
}

/** Frames that left a device: tcpdump writes them down, and what of them is in the clear is told by their headers alone. */
import { readFileSync } from 'node:fs';
import { startBackground, type Background } from '../../interop/lab/background.js';
import { attempt, eventually } from '../../interop/lab/shell.js';

const GLOBAL_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const ARP = 0x0806;
const UDP = 17;
const FRAGMENT = 44;
const ICMP6 = 58;
const IKE_PORTS: ReadonlySet<number> = new Set([500, 4500]);

/** What a frame is, in a word: `esp`, `ah`, `esp-in-udp`, `ike`, `neighbours`, or `clear` with its protocol. */
export type FrameKind = string;

export class Frames {
  readonly #file: string;
  readonly #process: Background;

  private constructor(file: string, process: Background) {
    this.#file = file;
    this.#process = process;
  }

  /** Of the one cable of a namespace, outward only: inward, a tunnel's inner packet is seen after it was opened. */
  static async start(namespace: string, file: string): Promise<Frames> {
    const { stdout } = await attempt('ip', ['-n', namespace, '-o', 'link', 'show', 'type', 'veth']);
    const device = /^\d+: ([^@:]+)/.exec(stdout)?.[1];
    if (device === undefined) throw new Error(`${namespace} has no cable`);
    const log = { stdout: `${file}.log`, stderr: `${file}.log` };
    const tcpdump = [
      'tcpdump',
      '-Z',
      'root',
      '-U',
      '--immediate-mode',
      // Headers: whole frames of 64 KiB fill what the kernel keeps for a slow reader, and the next are lost.
      '-s',
      '128',
      '-Q',
      'out',
      '-i',
      device,
      '-w',
      file,
    ];
    const started = startBackground('ip', ['netns', 'exec', namespace, ...tcpdump], log);
    await eventually('tcpdump listens', 20, () =>
      readFileSync(log.stderr, 'utf8').includes('listening on') ? true : undefined,
    );
    return new Frames(file, started);
  }

  /** How many of each kind there were until now, and no more are counted. */
  async kinds(): Promise<Readonly<Record<FrameKind, number>>> {
    await this.#process.stop();
    return this.soFar();
  }

  /** How many of each kind have been written down; some that left may not be yet. */
  soFar(): Readonly<Record<FrameKind, number>> {
    const bytes = readFileSync(this.#file);
    const counts: Record<FrameKind, number> = {};
    for (let at = GLOBAL_HEADER; at + RECORD_HEADER <= bytes.length;) {
      const length = bytes.readUInt32LE(at + 8);
      if (at + RECORD_HEADER + length > bytes.length) break;
      const frame = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
      const kind = kindOf(frame);
      counts[kind] = (counts[kind] ?? 0) + 1;
      at += RECORD_HEADER + length;
    }
    return counts;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

function kindOf(frame: Buffer): FrameKind {
  const type = frame.readUInt16BE(12);
  if (type === ARP) return 'neighbours';
  if (type === IPV4) {
    const header = ((frame[ETHERNET] ?? 0) & 0xf) * 4;
    return kindOfProtocol(frame[ETHERNET + 9] ?? 0, frame.subarray(ETHERNET + header));
  }
  if (type === IPV6) return kindOfProtocol(frame[ETHERNET + 6] ?? 0, frame.subarray(ETHERNET + 40));
  return `clear: type ${String(type)}`;
}

function kindOfProtocol(protocol: number, payload: Buffer): FrameKind {
  // A fragment of IPv6 says what it is a part of.
  if (protocol === FRAGMENT) return kindOfProtocol(payload[0] ?? 0, payload.subarray(8));
  if (protocol === 50) return 'esp';
  if (protocol === 51) return 'ah';
  // Neighbour discovery, and who listens to which group.
  const icmp = payload[0] ?? 0;
  if (protocol === 0 || (protocol === ICMP6 && icmp >= 130)) return 'neighbours';
  // A NAT may have given the other end any port.
  if (protocol === UDP && IKE_PORTS.has(payload.readUInt16BE(0))) {
    const marked = payload.readUInt16BE(0) === 4500 && payload.length > 12 && payload.readUInt32BE(8) !== 0;
    return marked ? 'esp-in-udp' : 'ike';
  }
  return `clear: protocol ${String(protocol)}`;
}

/**
 * The `DataPath` of a Linux host: a TUN device, to which routes lead what the policies protect, and raw sockets. Root, or
 * CAP_NET_ADMIN and CAP_NET_RAW.
 */
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { Bytes } from '../../services/bytes.js';
import type { Address } from '../../services/net/address.js';
import { inRange } from '../../services/net/address.js';
import type { DataPath, DataPathListener } from '../../services/ports/data-path.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { err, ok, type Result } from '../../services/result.js';
import type { DataPathCalls } from './calls.js';
import { deviceMtu } from './device-mtu.js';
import { type Drain, drain, type DrainParts } from './drain.js';
import { ownAddresses } from './own-addresses.js';
import { RawSockets } from './raw-sockets.js';
import { prepare, replaceRoutes, type RouteNames } from './routes.js';

/** Of the device's own name, when no other was asked for: the first that is free. */
const FAMILY_NAME = 'iked';
const MOST_DEVICES = 16;
/** Table and mark have the number at the end of the device's name added. */
const TABLE_BASE = 4500;
const MARK_BASE = 0x49_4b_00;

const { EBUSY, EPERM, EACCES, ENOENT } = constants.errno;

export interface TunPathOptions extends DrainParts {
  /** 1 to 15 characters that ends in a number from 0 to 15, or `auto`. */
  readonly name: string;
  /** Undefined: all addresses of this host. */
  readonly listen: readonly Address[] | undefined;
}

/** The name of a device is part of routes: letters and digits, and at the end its number. */
export function isDeviceName(text: string): boolean {
  const [, number] = /^[a-z][a-z0-9]{0,12}?(\d{1,2})$/.exec(text) ?? [];
  return number !== undefined && Number(number) < MOST_DEVICES;
}

interface OpenDevice {
  readonly names: RouteNames;
  readonly device: Drain;
  readonly raw: RawSockets;
  readonly listener: DataPathListener;
}

export class TunPath implements DataPath {
  readonly #options: TunPathOptions;
  /** Taken when the path is made, because sockets that are opened before must have the mark. */
  readonly #taken: Result<{ readonly names: RouteNames; readonly descriptor: number }, string>;
  #open: OpenDevice | undefined;
  #policies: readonly IpsecPolicy[] = [];
  #mtus: ReadonlyMap<Address, number> = new Map();
  /** One change of routes after the other. */
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: TunPathOptions) {
    this.#options = options;
    this.#taken = takeDevice(options.calls, options.name);
  }

  /** Sockets of this process whose packets must not come here send with this mark. */
  get mark(): Result<number, string> {
    return this.#taken.ok ? ok(this.#taken.value.names.mark) : this.#taken;
  }

  get deviceName(): string | undefined {
    return this.#taken.ok ? this.#taken.value.names.device : undefined;
  }

  async open(policies: readonly IpsecPolicy[], listener: DataPathListener): Promise<Result<void, string>> {
    if (!this.#taken.ok) return this.#taken;
    const { names, descriptor } = this.#taken.value;
    const device = drain(this.#options, {
      name: `The TUN device ${names.device}`,
      descriptor,
      read: this.#options.calls.readPacket,
      take: (bytes) => {
        listener.packet(bytes);
      },
    });
    this.#open = { names, device, raw: new RawSockets(this.#options, names.mark), listener };
    const heard = this.#open.raw.hear((word) => {
      listener.tooBig(word);
    });
    const prepared = heard.ok ? await prepare(names, deviceMtu(policies)) : heard;
    const routed = prepared.ok ? await this.route(policies) : prepared;
    if (!routed.ok) await this.close();
    return routed;
  }

  async route(policies: readonly IpsecPolicy[]): Promise<Result<void, string>> {
    if (this.#open === undefined) return ok(undefined);
    const { names, raw, listener } = this.#open;
    const heard = raw.listen(this.#localsOf(policies), {
      esp: (local, remote, esp) => {
        listener.esp(local, remote, esp);
      },
      ah: (local, remote, packet) => {
        listener.ah(local, remote, packet);
      },
    });
    if (!heard.ok) return heard;
    this.#policies = policies;
    return this.#inTurn(() => replaceRoutes(names, policies, deviceMtu(policies), this.#mtus));
  }

  limit(mtus: ReadonlyMap<Address, number>): Promise<Result<void, string>> {
    this.#mtus = mtus;
    return this.#inTurn(() =>
      this.#open === undefined
        ? Promise.resolve(ok(undefined))
        : replaceRoutes(this.#open.names, this.#policies, deviceMtu(this.#policies), this.#mtus),
    );
  }

  deliver(packet: Bytes): void {
    if (this.#open !== undefined) this.#options.calls.writePacket(this.#open.device.descriptor, packet);
  }

  release(packet: Bytes): void {
    if (leavesHost(packet)) this.#open?.raw.sendWhole(packet);
  }

  sendWhole(packet: Bytes): void {
    this.#open?.raw.sendWhole(packet);
  }

  sendEsp(local: Address, remote: Address, esp: Bytes): void {
    this.#open?.raw.sendEsp(local, remote, esp);
  }

  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    // Routes and rules first: afterwards nothing would take away the rules.
    await this.#inTurn(() => replaceRoutes(open.names, [], Infinity, new Map()));
    open.raw.close();
    open.device.close();
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(change);
    this.#changing = done.catch(() => undefined);
    return done;
  }

  /** Addresses of this host between which and others the policies have SAs. */
  #localsOf(policies: readonly IpsecPolicy[]): readonly Address[] {
    const listen = this.#options.listen ?? ownAddresses().map(({ address }) => address);
    return listen.filter((address) =>
      policies.some((policy) =>
        policy.mode === 'tunnel'
          ? policy.outer.local === address
          : inRange(address, policy.selectors.local.addresses),
      ),
    );
  }
}

/** What the host says to the device itself stays there: multicast, and packets without a source. */
function leavesHost(packet: Bytes): boolean {
  if ((packet[0] ?? 0) >>> 4 === 4) return (packet[16] ?? 0) < 224;
  return packet[24] !== 0xff && packet.subarray(8, 24).some((byte) => byte !== 0);
}

function takeDevice(
  calls: DataPathCalls,
  wanted: string,
): Result<{ readonly names: RouteNames; readonly descriptor: number }, string> {
  const tried =
    wanted === 'auto'
      ? Array.from({ length: MOST_DEVICES }, (_, index) => `${FAMILY_NAME}${String(index)}`)
      : [wanted];
  let fault = 0;
  for (const device of tried) {
    const descriptor = calls.openTun(new TextEncoder().encode(device));
    if (descriptor >= 0) {
      const number = Number(/\d{1,2}$/.exec(device)?.[0] ?? 0);
      const names = { device, table: TABLE_BASE + number, mark: MARK_BASE + number };
      return ok({ names, descriptor });
    }
    fault = -descriptor;
    if (fault !== EBUSY) break;
  }
  return err(tunFault(wanted, fault));
}

function tunFault(wanted: string, fault: number): string {
  switch (fault) {
    case EPERM:
    case EACCES:
      return 'A TUN device may not be made by this user: run as root, or with CAP_NET_ADMIN and CAP_NET_RAW, or leave out --tun.';
    case ENOENT:
      return 'This host has no /dev/net/tun: load its module (modprobe tun), or leave out --tun.';
    case EBUSY:
      return wanted === 'auto'
        ? `All TUN devices from ${FAMILY_NAME}0 to ${FAMILY_NAME}${String(MOST_DEVICES - 1)} are in use.`
        : `The TUN device ${wanted} is in use by another program: choose another name for --tun.`;
    default:
      return `No TUN device can be made: ${getSystemErrorName(-fault)}.`;
  }
}

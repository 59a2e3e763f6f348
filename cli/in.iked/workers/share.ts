/** What a daemon has that is one of several workers, where one that is alone has the world itself. */
import { closeSync } from 'node:fs';
import type { OpenDoor } from '../../../adapters/door/door-access.js';
import type { HandleCall } from '../../../adapters/door/door-connection.js';
import type { EventLogOptions } from '../../../adapters/log/event-log.js';
import type { UdpSocketsOptions } from '../../../adapters/udp/udp-sockets.js';
import type { DaemonEvent } from '../../../services/events/event.js';
import { workerOfBegin, type WorkerPlace } from '../../../services/isakmp/worker-of-cookie.js';
import type { Address, Endpoint } from '../../../services/net/address.js';
import type { Events, EventType } from '../../../services/ports/events.js';
import type { LabelCookieFile } from '../../../services/ports/label-cookie-file.js';
import type { Datagram } from '../../../services/ports/udp.js';
import { readU32 } from '../../../services/bytes.js';
import { err, ok } from '../../../services/result.js';
import type { Fellows } from './fellows.js';
import type { SocketNews } from './messages.js';

export interface WorkerShare {
  readonly fellows: Fellows;
  readonly sockets: GivenSockets;
  readonly traffic: Traffic;
  readonly stderr: EventLogOptions['stderr'];
  readonly computingThreads: number;
  /** It has read its files, and waits until all have: then they are root again. */
  hasRead(): Promise<void>;
  /** Calls come from the head, which has the door. */
  openDoor(handle: HandleCall): OpenDoor;
}

/** What the head says for all of them, at each worker. */
const SAID_BY_THE_HEAD: ReadonlySet<DaemonEvent['type']> = new Set(['daemon.state', 'door.request']);

/** What happens to all of them alike. */
const SAID_BY_THE_FIRST: ReadonlySet<DaemonEvent['type']> = new Set<DaemonEvent['type']>([
  'config.read',
  'config.refused',
  'config.ignored',
  'config.note',
  'config.changed',
  'kernel.note',
  'socket.opened',
  'socket.closed',
  'log.reopened',
]);

/** The stream of a worker for those who read those of all. */
export function ownNews(events: Events, worker: number): Events {
  const isOwn = (type: EventType): boolean =>
    !SAID_BY_THE_HEAD.has(type) && (worker === 0 || !SAID_BY_THE_FIRST.has(type));
  return {
    emit: (event) => {
      events.emit(event);
    },
    // What nobody wants is never made: that is most of what happens.
    subscribe: (reader, wants = () => true) => events.subscribe(reader, (type) => isOwn(type) && wants(type)),
  };
}

/** The file of label numbers, for those workers that do not write it. */
export function onlyRead(file: LabelCookieFile): LabelCookieFile {
  return { read: () => file.read(), write: () => ok(undefined) };
}

/** Descriptors that the head has made for this worker, until its sockets take them. */
export class GivenSockets {
  #addresses: readonly Address[] = [];
  readonly #descriptors = new Map<string, number>();

  constructor(first: SocketNews) {
    this.take(first);
  }

  readonly addresses: NonNullable<UdpSocketsOptions['addresses']> = () => this.#addresses;

  readonly openBound: NonNullable<UdpSocketsOptions['openBound']> = (local) => {
    const descriptor = this.#descriptors.get(key(local));
    if (descriptor === undefined) return err({ code: 'EADDRNOTAVAIL' });
    this.#descriptors.delete(key(local));
    return ok({ descriptor, adopted: () => undefined });
  };

  take({ addresses, descriptors }: SocketNews): void {
    this.#addresses = addresses;
    for (const { address, port, descriptor } of descriptors) {
      const local = { address, port };
      // It was given before and not taken: the address was there for a moment.
      this.#close(key(local));
      this.#descriptors.set(key(local), descriptor);
    }
    // Nor is this to be taken any more; while it is open, nobody else can have the port there.
    const places = new Set(addresses.map((address) => placeOf(address)));
    for (const place of [...this.#descriptors.keys()])
      if (!places.has(place.slice(0, place.indexOf(' ') + 1))) this.#close(place);
  }

  #close(place: string): void {
    const untaken = this.#descriptors.get(place);
    if (untaken !== undefined) closeSync(untaken);
    this.#descriptors.delete(place);
  }
}

/** Counts what should have come to another worker. */
export class Traffic {
  readonly #place: WorkerPlace;
  #astray = 0;

  constructor(place: WorkerPlace) {
    this.#place = place;
  }

  get astray(): number {
    return this.#astray;
  }

  /** Whether the rest of its negotiation comes to another worker. */
  strays({ bytes }: Datagram): boolean {
    const { index, count } = this.#place;
    if (bytes.length < COOKIE_LENGTH || workerOfBegin(readU32(bytes, 0), count) === index) return false;
    this.#astray += 1;
    return true;
  }
}

const COOKIE_LENGTH = 8;

function key({ address, port }: Endpoint): string {
  return `${placeOf(address)}${String(port)}`;
}

function placeOf(address: Address): string {
  return `${address} `;
}

/** Feeds the open pages: the list of negotiations in small differences, and the events of the one each page selected. */
import type { WebSocket } from 'ws';
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { Inspection, NegotiationView } from '../../services/ports/inspection.js';
import { parseClientFrame, type ServerFrame } from './frames.js';

/** A page that lets this many bytes pile up is dropped; it reconnects when it can. */
const MOST_UNSENT_BYTES = 1 << 20;
/** Under load the list changes faster than anyone reads. */
const LIST_INTERVAL_MS = 50;
const LIST_LENGTH = 500;

export class Feed {
  readonly #inspection: Inspection;
  readonly #pages = new Map<WebSocket, { selected: NegotiationId | undefined }>();
  readonly #changed = new Set<NegotiationId>();
  /** What the pages were told of, oldest first. */
  readonly #listed = new Set<NegotiationId>();
  #timer: NodeJS.Timeout | undefined;
  #unwatch: (() => void) | undefined;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  get size(): number {
    return this.#pages.size;
  }

  /** Takes over an open socket. */
  add(socket: WebSocket): void {
    // Nobody looks, nothing is followed.
    this.#unwatch ??= this.#inspection.watch((event) => {
      this.#happened(event);
    });
    this.#pages.set(socket, { selected: undefined });
    socket.on('message', (data, binary) => {
      if (!binary && Buffer.isBuffer(data)) this.#heard(socket, data.toString('utf8'));
    });
    socket.on('close', () => {
      this.#remove(socket);
    });
    // A broken connection closes too.
    socket.on('error', () => undefined);
    this.#sendList(socket);
  }

  close(): void {
    for (const socket of this.#pages.keys()) socket.terminate();
    this.#pages.clear();
    this.#rest();
  }

  #remove(socket: WebSocket): void {
    this.#pages.delete(socket);
    if (this.#pages.size === 0) this.#rest();
  }

  #rest(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#changed.clear();
    this.#listed.clear();
  }

  #heard(socket: WebSocket, text: string): void {
    const frame = parseClientFrame(text);
    const page = this.#pages.get(socket);
    if (frame === undefined || page === undefined) return;
    if (frame.type === 'why') {
      this.#send(socket, {
        type: 'why',
        id: frame.id,
        explanation: this.#inspection.explanation(frame.id),
      });
      return;
    }
    if (frame.type === 'message') {
      this.#send(socket, {
        type: 'message',
        id: frame.id,
        sequence: frame.sequence,
        parts: this.#inspection.message(frame.id, frame.sequence),
        veiled: !this.#inspection.showsPlaintext(),
      });
      return;
    }
    page.selected = frame.id;
    const negotiation = this.#inspection.negotiation(frame.id);
    this.#send(socket, {
      type: 'selected',
      id: frame.id,
      negotiation,
      history: this.#inspection.history(frame.id),
    });
  }

  #happened(event: StampedEvent): void {
    if (!('negotiation' in event) || event.negotiation === undefined) return;
    for (const [socket, { selected }] of this.#pages) {
      if (selected === event.negotiation) this.#send(socket, { type: 'event', event });
    }
    this.#changed.add(event.negotiation);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sendChanges();
    }, LIST_INTERVAL_MS).unref();
  }

  #sendList(socket: WebSocket): void {
    const all = this.#inspection.negotiations();
    const negotiations = all.slice(-LIST_LENGTH);
    for (const { id } of negotiations) this.#listed.add(id);
    this.#send(socket, {
      type: 'negotiations',
      now: this.#inspection.now(),
      total: all.length,
      negotiations,
    });
  }

  #sendChanges(): void {
    const negotiations: NegotiationView[] = [];
    const forgotten: NegotiationId[] = [];
    for (const id of this.#changed) {
      const view = this.#inspection.negotiation(id);
      if (view === undefined) continue;
      this.#listed.add(id);
      negotiations.push(view);
    }
    this.#changed.clear();
    for (const id of this.#listed) {
      const excess = this.#listed.size > LIST_LENGTH;
      if (!excess && this.#inspection.negotiation(id) !== undefined) continue;
      this.#listed.delete(id);
      forgotten.push(id);
    }
    const kept = negotiations.filter((view) => this.#listed.has(view.id));
    const total = this.#inspection.size();
    const frame: ServerFrame = {
      type: 'changed',
      now: this.#inspection.now(),
      total,
      negotiations: kept,
      forgotten,
    };
    for (const socket of this.#pages.keys()) this.#send(socket, frame);
  }

  #send(socket: WebSocket, frame: ServerFrame): void {
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) {
      socket.terminate();
      return;
    }
    socket.send(JSON.stringify(frame));
  }
}

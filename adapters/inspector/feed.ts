/**
 * Feeds the open pages: the list in small differences, and of the one that each page has selected everything that happens
 * to it. Both at intervals: however much happens, a page gets a bounded number of frames. Where nothing happens, nothing runs.
 */
import type { WebSocket } from 'ws';
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { Inspection, NegotiationView } from '../../services/ports/inspection.js';
import { type ClientFrame, parseClientFrame, type Portion, type ServerFrame } from './frames.js';
import { changeOf, type RowChange, rowOf } from './list-row.js';

/** A page that lets this many bytes pile up is dropped; it reconnects when it can. */
const MOST_UNSENT_BYTES = 1 << 20;
/** Under load things change faster than anyone reads. */
const INTERVAL_MS = 50;
/** Of the whole list in one frame: the next goes when the socket has taken it. */
const ROWS_AT_ONCE = 500;

interface Page {
  selected: NegotiationId | undefined;
  /** Of the selected one, not sent yet. */
  events: StampedEvent[];
}

export class Feed {
  readonly #inspection: Inspection;
  readonly #pages = new Map<WebSocket, Page>();
  /** As the pages were told of it last. */
  readonly #told = new Map<NegotiationId, NegotiationView>();
  /** Since then. */
  readonly #changed = new Set<NegotiationId>();
  readonly #forgotten = new Set<NegotiationId>();
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
    this.#unwatch ??= this.#watch();
    // Whoever comes now is told of everything as it is: differences to it begin here.
    this.#sendChanges();
    this.#pages.set(socket, { selected: undefined, events: [] });
    socket.on('message', (data, binary) => {
      if (!binary && Buffer.isBuffer(data)) this.#heard(socket, data.toString('utf8'));
    });
    socket.on('close', () => {
      this.#remove(socket);
    });
    // A broken connection closes too.
    socket.on('error', () => undefined);
    this.#send(socket, {
      type: 'hello',
      now: this.#inspection.now(),
      recording: this.#inspection.recording(),
    });
    this.#sendList(
      socket,
      this.#inspection.negotiations().map(({ id }) => id),
    );
  }

  close(): void {
    for (const socket of this.#pages.keys()) socket.terminate();
    this.#pages.clear();
    this.#rest();
  }

  /** Nobody looks, nothing is followed. */
  #watch(): () => void {
    for (const view of this.#inspection.negotiations()) this.#told.set(view.id, view);
    return this.#inspection.watch(
      (event) => {
        this.#happened(event);
      },
      (id) => {
        this.#forgotten.add(id);
        this.#soon();
      },
    );
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
    for (const remembered of [this.#told, this.#changed, this.#forgotten]) remembered.clear();
  }

  #heard(socket: WebSocket, text: string): void {
    const frame = parseClientFrame(text);
    const page = this.#pages.get(socket);
    if (frame === undefined || page === undefined) return;
    if (frame.type === 'select') {
      page.selected = frame.id;
      // They are in the history.
      page.events = [];
    }
    this.#send(socket, this.#answer(frame));
  }

  #answer(frame: ClientFrame): ServerFrame {
    const { id } = frame;
    switch (frame.type) {
      case 'select':
        return {
          type: 'selected',
          id,
          negotiation: this.#inspection.negotiation(id),
          history: this.#inspection.history(id),
        };
      case 'why':
        return { type: 'why', id, explanation: this.#inspection.explanation(id) };
      case 'message':
        return {
          type: 'message',
          id,
          sequence: frame.sequence,
          parts: this.#inspection.message(id, frame.sequence),
          veiled: !this.#inspection.showsPlaintext(),
        };
    }
  }

  #happened(event: StampedEvent): void {
    if (!('negotiation' in event) || event.negotiation === undefined) return;
    for (const page of this.#pages.values()) {
      if (page.selected === event.negotiation) page.events.push(event);
    }
    this.#changed.add(event.negotiation);
    this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sendEvents();
      this.#sendChanges();
    }, INTERVAL_MS).unref();
  }

  #sendEvents(): void {
    for (const [socket, page] of this.#pages) {
      const { selected, events } = page;
      if (selected === undefined || events.length === 0) continue;
      page.events = [];
      const negotiation = this.#inspection.negotiation(selected);
      if (negotiation !== undefined) this.#send(socket, { type: 'events', negotiation, events });
    }
  }

  /** The list as it is, portion by portion; what changes meanwhile goes beside it. */
  #sendList(socket: WebSocket, ids: readonly NegotiationId[], from = 0): void {
    const next = from + ROWS_AT_ONCE;
    const more = next < ids.length;
    const portion = more ? 'list' : 'end of list';
    const rows = ids.slice(from, next).flatMap((id) => {
      const view = this.#inspection.negotiation(id);
      return view === undefined ? [] : [rowOf(view)];
    });
    this.#send(socket, this.#rows(rows, [], portion), () => {
      if (more && this.#pages.has(socket)) this.#sendList(socket, ids, next);
    });
  }

  #sendChanges(): void {
    const rows: RowChange[] = [];
    for (const id of this.#changed) {
      const view = this.#inspection.negotiation(id);
      if (view === undefined) continue;
      const before = this.#told.get(id);
      const change = before === undefined ? rowOf(view) : changeOf(before, view);
      this.#told.set(id, view);
      if (change !== undefined) rows.push(change);
    }
    this.#changed.clear();
    // One that began again under its name is not forgotten.
    const forgotten = [...this.#forgotten].filter((id) => this.#inspection.negotiation(id) === undefined);
    this.#forgotten.clear();
    for (const id of forgotten) this.#told.delete(id);
    if (rows.length === 0 && forgotten.length === 0) return;
    const text = JSON.stringify(this.#rows(rows, forgotten, 'changes'));
    for (const socket of this.#pages.keys()) this.#sendText(socket, text);
  }

  #rows(rows: readonly RowChange[], forgotten: readonly NegotiationId[], portion: Portion): ServerFrame {
    const [now, total] = [this.#inspection.now(), this.#inspection.size()];
    return { type: 'rows', now, total, rows, forgotten, portion };
  }

  /** `sent` is called once the socket has taken it. */
  #send(socket: WebSocket, frame: ServerFrame, sent?: () => void): void {
    this.#sendText(socket, JSON.stringify(frame), sent);
  }

  #sendText(socket: WebSocket, text: string, sent: () => void = () => undefined): void {
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) {
      socket.terminate();
      return;
    }
    socket.send(text, (error) => {
      if (!error) sent();
    });
  }
}

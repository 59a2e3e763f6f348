/**
 * Feeds the open pages: the list in small differences, and of the one that each page has selected everything that happens
 * to it. Both at intervals: however much happens, a page gets a bounded number of frames with a bounded number of rows,
 * and asks a bounded number of questions. Where nothing happens, nothing runs.
 */
import type { WebSocket } from 'ws';
import { PlaceMap } from '../../services/collections/place-map.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { Inspection } from '../../services/ports/inspection.js';
import { type ClientFrame, parseClientFrame, type Portion, type ServerFrame } from './frames.js';
import { changeOf, type ListRow, type RowChange, rowOf } from './list-row.js';

/** A page that lets this many bytes pile up is dropped; it reconnects when it can. */
const MOST_UNSENT_BYTES = 1 << 20;
/** Under load things change faster than anyone reads. */
const INTERVAL_MS = 100;
/** While rows wait for room nobody follows them by eye. */
const BUSY_INTERVAL_MS = 250;
/** Of changes in one frame, the newest: more than a window shows. The others go when there is room. */
const CHANGES_AT_ONCE = 100;
/** Of the whole list in one frame: the next goes when the socket has taken it. */
const ROWS_AT_ONCE = 500;

interface Page {
  selected: NegotiationId | undefined;
  /** It has been selected, and the answer waits for the next interval. */
  waits: boolean;
  /** When the last such answer went. */
  answeredAt: number;
  /** Of the selected one, not sent yet. */
  events: StampedEvent[];
}

/** What changes no row is no concern of the list. */
const CHANGES_ROWS: ReadonlySet<StampedEvent['type']> = new Set([
  'negotiation.started',
  'negotiation.rule',
  'negotiation.state',
  'negotiation.ended',
]);

export class Feed {
  readonly #inspection: Inspection;
  readonly #pages = new Map<WebSocket, Page>();
  /** As the pages were told of it last. */
  readonly #told = new PlaceMap<NegotiationId, ListRow>();
  /** Since the last interval. */
  readonly #changed = new Set<NegotiationId>();
  /** Before that, and there was no room for them yet. */
  readonly #late = new Set<NegotiationId>();
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
    this.#pages.set(socket, {
      ...{ selected: undefined, waits: false, answeredAt: Number.NEGATIVE_INFINITY, events: [] },
    });
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
    return this.#inspection.watch({
      happened: (event) => {
        this.#happened(event);
      },
      forgotten: (id) => {
        this.#late.delete(id);
        // No page has heard of the others.
        if (!this.#told.has(id)) return;
        this.#forgotten.add(id);
        this.#soon();
      },
    });
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
    for (const remembered of [this.#told, this.#changed, this.#late, this.#forgotten]) remembered.clear();
  }

  #heard(socket: WebSocket, text: string): void {
    const frame = parseClientFrame(text);
    const page = this.#pages.get(socket);
    if (frame === undefined || page === undefined) return;
    if (frame.type !== 'select') {
      this.#send(socket, this.#answer(frame));
      return;
    }
    page.selected = frame.id;
    page.waits = true;
    // A page that follows the newest asks as often as there is one.
    if (performance.now() - page.answeredAt >= this.#interval) this.#answerSelect(socket, page, frame.id);
    else this.#soon();
  }

  #answerSelect(socket: WebSocket, page: Page, id: NegotiationId): void {
    page.waits = false;
    page.answeredAt = performance.now();
    // They are in the history.
    page.events = [];
    this.#inspection.follow(id);
    const [negotiation, history] = [this.#inspection.negotiation(id), this.#inspection.history(id)];
    this.#send(socket, { type: 'selected', id, negotiation, history });
  }

  #answer(frame: Exclude<ClientFrame, { type: 'select' }>): ServerFrame {
    const { id } = frame;
    switch (frame.type) {
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
    let concerns = CHANGES_ROWS.has(event.type);
    if (concerns) this.#changed.add(event.negotiation);
    for (const page of this.#pages.values()) {
      if (page.selected !== event.negotiation) continue;
      page.events.push(event);
      concerns = true;
    }
    if (concerns) this.#soon();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#sendEvents();
      this.#sendChanges();
    }, this.#interval).unref();
  }

  get #interval(): number {
    return this.#late.size > 0 ? BUSY_INTERVAL_MS : INTERVAL_MS;
  }

  #sendEvents(): void {
    /** Pages that have selected the same are mostly told the same. */
    const made = new Map<string, string>();
    for (const [socket, page] of this.#pages) {
      const { selected, waits, events } = page;
      if (selected === undefined) continue;
      if (waits) {
        this.#answerSelect(socket, page, selected);
        continue;
      }
      const [first] = events;
      if (first === undefined) continue;
      page.events = [];
      const negotiation = this.#inspection.negotiation(selected);
      if (negotiation === undefined) continue;
      const key = `${selected} ${String(first.sequence)}`;
      const text =
        made.get(key) ?? JSON.stringify({ type: 'events', negotiation, events } satisfies ServerFrame);
      made.set(key, text);
      this.#sendText(socket, text);
    }
  }

  /** The list as it is, portion by portion; what changes meanwhile goes beside it. */
  #sendList(socket: WebSocket, ids: readonly NegotiationId[], from = 0): void {
    const next = from + ROWS_AT_ONCE;
    const more = next < ids.length;
    const portion = more ? 'list' : 'end of list';
    const rows = ids.slice(from, next).flatMap((id) => {
      const [told, view] = [this.#told.get(id), this.#inspection.negotiation(id)];
      // What no page has heard of yet goes to all as a change.
      if (view === undefined || (told === undefined && (this.#changed.has(id) || this.#late.has(id))))
        return [];
      const row = rowOf(view);
      if (told === undefined) {
        this.#told.set(id, row);
        return [row];
      }
      // As all were told: what has changed since goes to all, as the difference to that.
      if (changeOf(told, row) !== undefined) {
        this.#changed.add(id);
        this.#soon();
      }
      return [told];
    });
    this.#send(socket, this.#rows(rows, [], portion), () => {
      if (more && this.#pages.has(socket)) this.#sendList(socket, ids, next);
    });
  }

  #sendChanges(): void {
    const rows: RowChange[] = [];
    for (const id of this.#whichGoNow()) {
      const view = this.#inspection.negotiation(id);
      if (view === undefined) continue;
      const [before, row] = [this.#told.get(id), rowOf(view)];
      const change = before === undefined ? row : changeOf(before, row);
      this.#told.set(id, row);
      if (change !== undefined) rows.push(change);
    }
    // One that began again under its name is not forgotten.
    const forgotten = [...this.#forgotten].filter((id) => this.#inspection.negotiation(id) === undefined);
    this.#forgotten.clear();
    for (const id of forgotten) this.#told.delete(id);
    if (rows.length === 0 && forgotten.length === 0) return;
    const text = JSON.stringify(this.#rows(rows, forgotten, 'changes'));
    for (const socket of this.#pages.keys()) this.#sendText(socket, text);
  }

  /** In the order of their changes: the newest, and what has waited. */
  #whichGoNow(): readonly NegotiationId[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    const now = changed.slice(-CHANGES_AT_ONCE);
    for (const id of now) this.#late.delete(id);
    for (const id of changed.slice(0, -CHANGES_AT_ONCE)) this.#late.add(id);
    const waited: NegotiationId[] = [];
    for (const id of this.#late) {
      if (now.length + waited.length >= CHANGES_AT_ONCE) break;
      waited.push(id);
      this.#late.delete(id);
    }
    if (this.#late.size > 0) this.#soon();
    return [...waited, ...now];
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

/** Tells the clients of one socket of every negotiation, in the frames of another tool. Nothing they say is obeyed. */
import type { WebSocket } from 'ws';
import type { NegotiationId } from '../../../services/events/event.js';
import type { StampedEvent } from '../../../services/ports/events.js';
import type { ChartDescription, Inspection, NegotiationView } from '../../../services/ports/inspection.js';

/** How a tool is told; `wall` is now, milliseconds since 1970. */
export interface BridgeFrames {
  begun(view: NegotiationView, chart: ChartDescription, wall: number): readonly object[];
  happened(
    event: StampedEvent,
    view: NegotiationView,
    chart: ChartDescription,
    wall: number,
  ): readonly object[];
  gone(id: NegotiationId): readonly object[];
}

const MOST_UNSENT_BYTES = 1 << 20;
/** The newest that a client is told of when it comes. */
const MOST_AT_ONCE = 200;

export class Bridge {
  readonly #inspection: Inspection;
  readonly #frames: BridgeFrames;
  readonly #charts: ReadonlyMap<string, ChartDescription>;
  readonly #wall: () => number;
  readonly #clients = new Map<WebSocket, Set<NegotiationId>>();
  #unwatch: (() => void) | undefined;

  constructor(inspection: Inspection, frames: BridgeFrames, wall: () => number) {
    this.#inspection = inspection;
    this.#frames = frames;
    this.#wall = wall;
    this.#charts = new Map(inspection.charts().map((chart) => [chart.id, chart]));
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Takes over an open socket. */
  add(socket: WebSocket): void {
    this.#unwatch ??= this.#inspection.watch({
      happened: (event) => {
        this.#happened(event);
      },
      everything: true,
    });
    this.#clients.set(socket, new Set());
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#clients.delete(socket);
      if (this.#clients.size === 0) this.#rest();
    });
    for (const view of this.#inspection.negotiations().slice(-MOST_AT_ONCE)) {
      this.#begin(socket, view);
      const state = this.#inspection.history(view.id).findLast((event) => event.type === 'negotiation.state');
      if (state !== undefined) this.#tell(socket, state, view);
      if (view.endedAt !== undefined) this.#send(socket, this.#frames.gone(view.id));
    }
  }

  close(): void {
    for (const socket of this.#clients.keys()) socket.terminate();
    this.#clients.clear();
    this.#rest();
  }

  #rest(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #happened(event: StampedEvent): void {
    if (!('negotiation' in event) || event.negotiation === undefined) return;
    const view = this.#inspection.negotiation(event.negotiation);
    if (view === undefined) return;
    for (const [socket, known] of this.#clients) {
      // A standing SA sleeps as a record, and begins again under the same name.
      if (event.type === 'negotiation.started' || !known.has(view.id)) this.#begin(socket, view);
      this.#tell(socket, event, view);
      if (event.type === 'negotiation.ended') known.delete(view.id);
    }
  }

  #begin(socket: WebSocket, view: NegotiationView): void {
    const chart = this.#charts.get(view.chart);
    if (chart === undefined) return;
    this.#clients.get(socket)?.add(view.id);
    this.#send(socket, this.#frames.begun(view, chart, this.#wall()));
  }

  #tell(socket: WebSocket, event: StampedEvent, view: NegotiationView): void {
    const chart = this.#charts.get(view.chart);
    if (chart !== undefined) this.#send(socket, this.#frames.happened(event, view, chart, this.#wall()));
  }

  #send(socket: WebSocket, frames: readonly object[]): void {
    if (socket.bufferedAmount > MOST_UNSENT_BYTES) {
      socket.terminate();
      return;
    }
    for (const frame of frames) socket.send(JSON.stringify(frame));
  }
}

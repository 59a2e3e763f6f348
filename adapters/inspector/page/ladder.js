/** The packets of a negotiation between its two ends, top to bottom in time. */
import { byId, html, svg } from './element.js';
import { duration, payloadWords } from './words.js';

/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */
/** @typedef {import('../../../services/ports/inspection.js').NegotiationView} View */

/**
 * One row: an arrow from end to end, or a mark across.
 * @typedef {object} Row
 * @property {'sent' | 'received' | 'mark'} way
 * @property {string} look class names
 * @property {string} number
 * @property {string} label
 * @property {string} detail
 * @property {boolean} locked encrypted
 * @property {number} at
 * @property {number} event its number
 * @property {number | undefined} sequence of the event, where a message can be opened
 */

const TIME_WIDTH = 58;
const TOP = 46;
const ROW = 38;
const HEAD = 8;
const CHARACTER = 6.6;
/** Rows drawn beyond either edge. */
const BEYOND = 6;

export class Ladder {
  #pane = byId('ladder');
  /** @type {View | undefined} */
  #view;
  /** @type {readonly Row[]} */
  #rows = [];
  /** The rows in view, by their place. @type {Map<number, SVGGElement>} */
  #drawn = new Map();
  #paper = svg('svg', { class: 'ladder-svg' });
  #group = svg('g');
  #lives = [svg('line', { class: 'life' }), svg('line', { class: 'life' })];
  /** What the drawn rows are drawn for. */
  #base = '';
  #shown = '';

  /** @param {(sequence: number, title: string) => void} onOpen a message is to be opened */
  constructor(onOpen) {
    const open = (/** @type {Event} */ event) => {
      const row = event.target instanceof Element ? event.target.closest('[data-sequence]') : null;
      if (row === null) return;
      event.preventDefault();
      onOpen(Number(row.getAttribute('data-sequence')), row.getAttribute('data-title') ?? '');
    };
    this.#pane.addEventListener('click', open);
    this.#pane.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') open(event);
    });
    this.#pane.addEventListener('scroll', () => this.#render(), { passive: true });
    new ResizeObserver(() => this.#lay()).observe(this.#pane);
  }

  /**
   * @param {View | undefined} view
   * @param {readonly StampedEvent[]} events
   */
  draw(view, events) {
    const shown = [
      view?.id,
      view?.startedAt,
      events.length,
      events[0]?.sequence,
      events.at(-1)?.sequence,
    ].join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#view = view;
    this.#rows = events.flatMap(rowOf);
    const atEnd = this.#pane.scrollTop + this.#pane.clientHeight >= this.#pane.scrollHeight - 8;
    this.#lay();
    if (!atEnd) return;
    this.#pane.scrollTop = this.#pane.scrollHeight;
    this.#render();
  }

  /** Gives the drawing its size; rows of another negotiation, width or beginning are drawn anew. */
  #lay() {
    const view = this.#view;
    const width = Math.max(280, this.#pane.clientWidth);
    const base = [view?.id, view?.startedAt, width, this.#rows[0]?.event].join();
    const silent = !this.#rows.some((row) => row.way !== 'mark');
    if (base !== this.#base) {
      this.#base = base;
      this.#drawn.clear();
      this.#group.replaceChildren();
    }
    if (view === undefined || silent) {
      const nothing = html('p', { class: 'empty' }, 'It has sent and received no packets itself.');
      this.#pane.replaceChildren(...(view === undefined ? [] : [nothing]));
      return;
    }
    const [left, right] = sides(width);
    const height = TOP + this.#rows.length * ROW + 14;
    for (const [name, value] of Object.entries({ width, height }))
      this.#paper.setAttribute(name, String(value));
    this.#lives.forEach((line, side) => {
      const x = side === 0 ? left : right;
      for (const [name, value] of Object.entries({ x1: x, x2: x, y1: TOP - 8, y2: height }))
        line.setAttribute(name, String(value));
    });
    const ends = [
      ...end('this end', view.local, left - 8, 'start'),
      ...end('peer', view.remote, right + 14, 'end'),
    ];
    if (this.#paper.parentElement === null || this.#drawn.size === 0) {
      this.#paper.replaceChildren(...this.#lives, ...ends, this.#group);
      this.#pane.replaceChildren(this.#paper);
    }
    this.#render();
  }

  /** Draws the rows in view, and the one that has the focus. Those that are there stay the elements they are. */
  #render() {
    const view = this.#view;
    if (view === undefined || this.#paper.parentElement === null) return;
    const [left, right] = sides(Math.max(280, this.#pane.clientWidth));
    const first = Math.max(0, Math.floor((this.#pane.scrollTop - TOP) / ROW) - BEYOND);
    const last = Math.ceil((this.#pane.scrollTop + this.#pane.clientHeight - TOP) / ROW) + BEYOND;
    for (const [place, element] of this.#drawn) {
      const away = place < first || place >= last;
      if (place < this.#rows.length && !(away && !element.contains(document.activeElement))) continue;
      element.remove();
      this.#drawn.delete(place);
    }
    for (let place = first; place < Math.min(last, this.#rows.length); place++) {
      const row = this.#rows[place];
      if (row === undefined || this.#drawn.has(place)) continue;
      const element = draw(row, TOP + (place + 1) * ROW - 10, left, right, row.at - view.startedAt);
      this.#drawn.set(place, element);
      const after = [...this.#drawn.keys()].filter((other) => other > place).sort((a, b) => a - b)[0];
      this.#group.insertBefore(element, this.#drawn.get(after ?? -1) ?? null);
    }
  }
}

/** @param {number} width */
function sides(width) {
  return /** @type {const} */ ([TIME_WIDTH + 14, width - 22]);
}

/**
 * @param {string} name
 * @param {string} address
 * @param {number} x
 * @param {'start' | 'end'} anchor
 */
function end(name, address, x, anchor) {
  return [
    svg('text', { class: 'end', x, y: 17, 'text-anchor': anchor }, name),
    svg('text', { class: 'where', x, y: 32, 'text-anchor': anchor }, address),
  ];
}

/**
 * @param {Row} row
 * @param {number} y
 * @param {number} left
 * @param {number} right
 * @param {number} offset since the negotiation began, milliseconds
 */
function draw(row, y, left, right, offset) {
  const time = svg(
    'text',
    { class: 'time', x: TIME_WIDTH, y: y + 4, 'text-anchor': 'end' },
    `+${duration(offset)}`,
  );
  const title = svg('title', {}, row.detail);
  const middle = (left + right) / 2;
  if (row.way === 'mark') {
    const room = right - left - 24;
    const label = shortened(row.label, room);
    const wide = Math.min(room, label.length * CHARACTER + 22);
    const box = svg('rect', { x: middle - wide / 2, y: y - 11, width: wide, height: 21, rx: 10 });
    const text = svg('text', { class: 'label', x: middle, y: y + 4, 'text-anchor': 'middle' }, label);
    return svg('g', { class: `mark ${row.look}` }, title, time, box, text);
  }
  const name = row.detail.split('\n')[0] ?? row.label;
  const lost = row.look.includes('ignored');
  const from = row.way === 'sent' ? left : right;
  const way = row.way === 'sent' ? 1 : -1;
  const to = lost ? middle : row.way === 'sent' ? right : left;
  const neck = to - way * HEAD;
  const tip = lost
    ? svg('path', { class: 'cross', d: `M${to - 5} ${y - 5}l10 10m0 -10l-10 10` })
    : svg('path', { class: 'head', d: `M${to} ${y}L${neck} ${y - 4.5}L${neck} ${y + 4.5}Z` });
  const number = row.number === '' ? '' : `${row.number}  `;
  const room = right - left - 22 - (row.locked ? 16 : 0);
  const label = shortened(row.label, room - number.length * CHARACTER);
  const half = ((number.length + label.length) * CHARACTER) / 2;
  return svg(
    'g',
    {
      class: row.look === '' ? row.way : `${row.way} ${row.look}`,
      ...(row.sequence === undefined ? {} : { 'data-sequence': row.sequence, 'data-title': name }),
    },
    title,
    time,
    svg('line', { class: 'wire', x1: from, x2: lost ? to : neck, y1: y, y2: y }),
    tip,
    svg(
      'text',
      { class: 'label', x: middle, y: y - 7, 'text-anchor': 'middle' },
      svg('tspan', { class: 'number' }, number),
      label,
    ),
    row.locked ? lock(Math.max(left + 8, middle - half - 14), y - 16) : undefined,
    // On top, and without text inside: its name says more than what is written on the arrow.
    row.sequence === undefined
      ? undefined
      : svg('rect', {
          class: 'touch',
          tabindex: 0,
          role: 'button',
          'aria-label': name,
          ...{ x: 0, y: y - 22, width: right + 22, height: ROW - 2 },
        }),
  );
}

/**
 * @param {number} x
 * @param {number} y
 */
function lock(x, y) {
  return svg('path', {
    class: 'lock',
    d: `M${x} ${y + 4.5}h8v5.5h-8zM${x + 1.8} ${y + 4.5}v-2a2.2 2.2 0 0 1 4.4 0v2`,
  });
}

/**
 * @param {string} text
 * @param {number} room px
 */
function shortened(text, room) {
  const most = Math.max(4, Math.floor(room / CHARACTER));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/**
 * @param {StampedEvent} event
 * @returns {Row[]}
 */
function rowOf(event) {
  /** @type {(row: Partial<Row> & Pick<Row, 'way' | 'label'>) => Row[]} */
  const row = (parts) => [
    {
      look: '',
      number: '',
      detail: parts.label,
      locked: false,
      at: event.at,
      event: event.sequence,
      sequence: undefined,
      ...parts,
    },
  ];
  switch (event.type) {
    case 'message.sent':
    case 'message.received': {
      const { message } = event;
      const times = event.type === 'message.sent' ? event.retransmission : 0;
      const payloads = payloadWords(message.payloads);
      return row({
        way: event.type === 'message.sent' ? 'sent' : 'received',
        look: times > 0 ? 'again' : '',
        number: message.number === 0 ? '' : String(message.number),
        label: times > 0 ? `again, ${ordinal(times)} repeat` : payloads,
        detail: `${message.exchange} message ${String(message.number)}: ${payloads}\n${String(message.bytes)} bytes${message.encrypted ? ', encrypted' : ''}, message ID ${message.messageId}`,
        locked: message.encrypted,
        sequence: event.sequence,
      });
    }
    case 'message.duplicate':
      return row({
        way: 'received',
        look: 'lost duplicate',
        label: event.answered ? 'duplicate, answered again' : 'duplicate, dropped',
      });
    case 'message.ignored':
      return row({ way: 'received', look: 'lost ignored', label: `ignored: ${event.reason}` });
    case 'notify.received': {
      const trust = event.authenticated ? '' : ' (unauthenticated)';
      return row({
        way: 'received',
        look: event.authenticated ? '' : 'lost',
        label: `notify ${event.notify}${trust}`,
      });
    }
    case 'negotiation.suspicion':
      return row({
        way: 'mark',
        look: 'doubt',
        label: `suspected: ${event.failure.code}`,
        detail: event.failure.explanation,
      });
    case 'negotiation.ended':
      return row({
        way: 'mark',
        look: event.failure === undefined ? 'good' : 'bad',
        label: event.failure === undefined ? event.outcome : `${event.outcome}: ${event.failure.code}`,
        detail: event.failure?.explanation ?? event.outcome,
      });
    default:
      return [];
  }
}

/** @param {number} count */
function ordinal(count) {
  const suffix =
    count % 100 >= 11 && count % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${String(count)}${suffix}`;
}

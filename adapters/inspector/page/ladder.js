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
 * @property {number | undefined} sequence of the event, where a message can be opened
 */

const TIME_WIDTH = 58;
const TOP = 46;
const ROW = 38;
const HEAD = 8;
const CHARACTER = 6.6;

export class Ladder {
  #pane = byId('ladder');
  #drawn = '';

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
    new ResizeObserver(() => {
      this.#again();
    }).observe(this.#pane);
  }

  /** @type {(() => void)} */
  #again = () => undefined;

  /**
   * @param {View | undefined} view
   * @param {readonly StampedEvent[]} events
   */
  draw(view, events) {
    this.#again = () => {
      this.#render(view, events);
    };
    this.#again();
  }

  /**
   * @param {View | undefined} view
   * @param {readonly StampedEvent[]} events
   */
  #render(view, events) {
    const width = Math.max(280, this.#pane.clientWidth);
    const rows = events.flatMap(rowOf);
    const key = JSON.stringify([view?.id, view?.startedAt, width, events.at(-1)?.sequence]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    if (view === undefined) {
      this.#pane.replaceChildren();
      return;
    }
    if (!rows.some((row) => row.way !== 'mark')) {
      const nothing = 'It has sent and received no packets itself.';
      this.#pane.replaceChildren(html('p', { class: 'empty' }, nothing));
      return;
    }
    const atEnd = this.#pane.scrollTop + this.#pane.clientHeight >= this.#pane.scrollHeight - 8;
    this.#pane.replaceChildren(drawing(view, rows, width));
    if (atEnd) this.#pane.scrollTop = this.#pane.scrollHeight;
  }
}

/**
 * @param {View} view
 * @param {readonly Row[]} rows
 * @param {number} width
 */
function drawing(view, rows, width) {
  const left = TIME_WIDTH + 14;
  const right = width - 22;
  const height = TOP + rows.length * ROW + 14;
  const ends = [end('this end', view.local, left - 8, 'start'), end('peer', view.remote, right + 14, 'end')];
  const lives = [left, right].map((x) =>
    svg('line', { class: 'life', x1: x, x2: x, y1: TOP - 8, y2: height }),
  );
  const lines = rows.map((row, index) =>
    draw(row, TOP + (index + 1) * ROW - 10, left, right, row.at - view.startedAt),
  );
  return svg('svg', { class: 'ladder-svg', width, height }, ...lives, ...ends.flat(), ...lines);
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
    { look: '', number: '', detail: parts.label, locked: false, at: event.at, sequence: undefined, ...parts },
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

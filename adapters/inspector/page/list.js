/**
 * The negotiations and SAs, newest first, of which there may be tens of thousands: only the rows in view are elements. Each
 * is a link to its own address (`#p1-1`), so that keyboard and history work.
 */
import { byId } from './element.js';
import { contents, emptyRow, KINDS, kindsOf, isSa, textOf, whole } from './row.js';
import { duration } from './words.js';

/** @typedef {import('../list-row.js').ListRow} ListRow */
/** @typedef {import('../list-row.js').RowChange} RowChange */
/** @typedef {import('./row.js').Kind} Kind */
/** @typedef {import('./row.js').Drawn} Drawn */
/** @typedef {{ row: ListRow, text: string }} Known */

/** Height of a row, px; as in page.css. */
const ROW = 66;
/** Rows drawn beyond either edge. */
const BEYOND = 4;
const MOST_WORDS = 8;

export class NegotiationList {
  #pane = byId('list-pane');
  #list = byId('negotiations');
  #filter = inputOf('filter');
  /** @type {Map<string, Known>} */
  #known = new Map();
  /** In the order of their beginnings. @type {Known[]} */
  #order = [];
  /** @type {Map<string, Set<string>>} */
  #children = new Map();
  /** Those that fit what is looked for, newest first, and the place of each. @type {ListRow[]} */
  #shown = [];
  /** @type {Map<string, number>} */
  #places = new Map();
  /** @type {Map<string, Drawn>} */
  #drawn = new Map();
  /** @type {Kind} */
  #kind = 'all';
  #stale = false;
  #unsorted = false;
  /** @type {string | undefined} */
  #selected;
  #now = 0;

  constructor() {
    this.#filter.addEventListener('input', () => this.#look());
    for (const kind of KINDS) {
      byId(`kind-${kind}`).addEventListener('click', () => {
        this.#kind = kind;
        for (const other of KINDS) byId(`kind-${other}`).setAttribute('aria-pressed', String(other === kind));
        this.#look();
      });
    }
    this.#pane.addEventListener('scroll', () => this.#render(), { passive: true });
    this.#list.addEventListener('keydown', (event) => this.#walk(event));
    this.#filter.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      this.#focus(this.#places.get(this.#selected ?? '') ?? 0);
    });
    new ResizeObserver(() => this.#render()).observe(this.#pane);
  }

  clear() {
    for (const table of [this.#known, this.#children]) table.clear();
    this.#order = [];
    this.#stale = true;
  }

  /** @param {string} id */
  knows(id) {
    return this.#known.has(id);
  }

  /** Of the negotiation that began last; where there are only SAs, of the SA. */
  newest() {
    this.#sort();
    return (this.#order.findLast(({ row }) => !isSa(row)) ?? this.#order.at(-1))?.row;
  }

  /**
   * Those that `id` began.
   * @param {string} id
   * @returns {readonly string[]}
   */
  childrenOf(id) {
    return [...(this.#children.get(id) ?? [])];
  }

  /** @param {RowChange} change */
  put(change) {
    const known = this.#known.get(change.id);
    const row = known === undefined ? whole(change) : { ...known.row, ...change };
    // Of one that is still to come.
    if (row === undefined) return;
    const next = known ?? { row, text: '' };
    next.row = row;
    next.text = textOf(row);
    if (known === undefined) {
      this.#known.set(row.id, next);
      this.#unsorted ||= row.startedAt < (this.#order.at(-1)?.row.startedAt ?? 0);
      this.#order.push(next);
      if (row.parent !== undefined) childrenIn(this.#children, row.parent).add(row.id);
    }
    this.#stale = true;
  }

  /** @param {readonly string[]} ids */
  remove(ids) {
    for (const id of ids) {
      const parent = this.#known.get(id)?.row.parent;
      if (parent !== undefined) this.#children.get(parent)?.delete(id);
      this.#children.delete(id);
      this.#known.delete(id);
    }
    if (ids.length === 0) return;
    this.#order = this.#order.filter(({ row }) => this.#known.has(row.id));
    this.#stale = true;
  }

  /** @param {string | undefined} id */
  select(id) {
    this.#selected = id;
    for (const [rowId, { link }] of this.#drawn) link.setAttribute('aria-current', String(rowId === id));
  }

  /** Brings the selected one into view, if it is among what is shown. */
  reveal() {
    if (this.#stale) this.#choose();
    const place = this.#places.get(this.#selected ?? '');
    if (place !== undefined) this.#scrollTo(place);
    this.#render();
  }

  /**
   * @param {number} now
   * @param {number} total how many the daemon knows
   */
  refresh(now, total) {
    this.#now = now;
    if (this.#stale) this.#choose();
    this.#render();
    for (const { row, age } of this.#drawn.values()) {
      const text = duration((row.endedAt ?? now) - row.startedAt);
      if (age.textContent !== text) age.textContent = text;
    }
    const shown = this.#shown.length;
    const all = Math.max(total, this.#known.size);
    byId('count').textContent =
      shown < all ? `${grouped(shown)} of ${grouped(all)}` : all === 0 ? '' : grouped(all);
    byId('no-negotiations').hidden = all > 0;
    byId('no-match').hidden = all === 0 || shown > 0;
  }

  /** Something else is looked for. */
  #look() {
    this.#choose();
    this.#pane.scrollTop = 0;
    this.#render();
    byId('found').textContent = `${grouped(this.#shown.length)} shown`;
  }

  /** Follows from what is known and what is looked for. What is in view stays there when rows come above it. */
  #choose() {
    this.#stale = false;
    this.#sort();
    const top = this.#pane.scrollTop;
    const anchor = top > 0 ? this.#shown[Math.floor(top / ROW)]?.id : undefined;
    const before = this.#places.get(anchor ?? '') ?? 0;
    const words = this.#filter.value.trim().toLowerCase().split(/\s+/).slice(0, MOST_WORDS);
    /** @type {Record<Kind, number>} */
    const counts = { all: 0, negotiations: 0, sas: 0, failed: 0 };
    this.#shown = [];
    this.#places = new Map();
    for (let at = this.#order.length - 1; at >= 0; at--) {
      const known = this.#order[at];
      if (known === undefined || !words.every((word) => known.text.includes(word))) continue;
      const kinds = kindsOf(known.row);
      for (const kind of kinds) counts[kind] += 1;
      if (!kinds.includes(this.#kind)) continue;
      this.#places.set(known.row.id, this.#shown.length);
      this.#shown.push(known.row);
    }
    for (const kind of KINDS) byId(`count-${kind}`).textContent = grouped(counts[kind]);
    this.#list.style.height = `${String(this.#shown.length * ROW)}px`;
    const after = this.#places.get(anchor ?? '');
    if (after !== undefined && after !== before) this.#pane.scrollTop = top + (after - before) * ROW;
  }

  #sort() {
    if (!this.#unsorted) return;
    this.#unsorted = false;
    this.#order.sort((a, b) => a.row.startedAt - b.row.startedAt);
  }

  /** Draws the rows in view, and the one that has the focus, wherever it is. */
  #render() {
    const first = Math.max(0, Math.floor(this.#pane.scrollTop / ROW) - BEYOND);
    const end = Math.ceil((this.#pane.scrollTop + this.#pane.clientHeight) / ROW) + BEYOND;
    const places = new Set(this.#shown.slice(first, end).map((_, index) => first + index));
    const focused = this.#focused();
    const focusedAt = focused === undefined ? undefined : this.#places.get(focused);
    if (focusedAt !== undefined) places.add(focusedAt);
    const rows = [...places].sort((a, b) => a - b);
    const wanted = new Set(rows.map((place) => this.#shown[place]?.id));
    for (const [id, { item }] of this.#drawn) {
      if (wanted.has(id)) continue;
      item.remove();
      this.#drawn.delete(id);
    }
    const stop = focused ?? (wanted.has(this.#selected) ? this.#selected : this.#shown[rows[0] ?? 0]?.id);
    let next = this.#list.firstElementChild;
    for (const place of rows) {
      const row = this.#shown[place];
      if (row === undefined) continue;
      const drawn = this.#draw(row, place);
      drawn.link.tabIndex = row.id === stop ? 0 : -1;
      // What stands at its place is not moved: it would lose the focus.
      if (drawn.item === next) next = next.nextElementSibling;
      else this.#list.insertBefore(drawn.item, next);
    }
  }

  /**
   * @param {ListRow} row
   * @param {number} place
   * @returns {Drawn}
   */
  #draw(row, place) {
    const known = this.#drawn.get(row.id);
    const drawn = known ?? emptyRow(row);
    const [size, at] = [String(this.#shown.length), String(place + 1)];
    if (drawn.item.ariaSetSize !== size) drawn.item.ariaSetSize = size;
    if (drawn.item.ariaPosInSet !== at) {
      drawn.item.ariaPosInSet = at;
      drawn.item.style.top = `${String(place * ROW)}px`;
    }
    if (known !== undefined && known.row === row) return known;
    drawn.row = row;
    drawn.link.setAttribute('aria-current', String(row.id === this.#selected));
    drawn.link.replaceChildren(...contents(row, drawn.age));
    drawn.age.textContent = duration((row.endedAt ?? this.#now) - row.startedAt);
    this.#drawn.set(row.id, drawn);
    return drawn;
  }

  /** Id of the row that has the focus. */
  #focused() {
    for (const [id, { link }] of this.#drawn) if (link === document.activeElement) return id;
    return undefined;
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const page = Math.max(1, Math.floor(this.#pane.clientHeight / ROW) - 1);
    /** @type {Readonly<Record<string, number>>} */
    const steps = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    const place = this.#places.get(this.#focused() ?? '');
    if (step === undefined || place === undefined) return;
    event.preventDefault();
    this.#focus(place + step);
  }

  /** @param {number} place */
  #focus(place) {
    const within = Math.min(this.#shown.length - 1, Math.max(0, place));
    const row = this.#shown[within];
    if (row === undefined) return;
    this.#scrollTo(within);
    this.#render();
    this.#drawn.get(row.id)?.link.focus({ preventScroll: true });
    this.#render();
  }

  /** @param {number} place */
  #scrollTo(place) {
    const [top, height] = [this.#pane.scrollTop, this.#pane.clientHeight];
    if (place * ROW < top) this.#pane.scrollTop = place * ROW;
    else if ((place + 1) * ROW > top + height) this.#pane.scrollTop = (place + 1) * ROW - height;
  }
}

/**
 * @param {Map<string, Set<string>>} children
 * @param {string} parent
 */
function childrenIn(children, parent) {
  const known = children.get(parent) ?? new Set();
  children.set(parent, known);
  return known;
}

/**
 * `10 000`, with a space that does not break.
 * @param {number} count
 */
function grouped(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/**
 * @param {string} id
 * @returns {HTMLInputElement}
 */
function inputOf(id) {
  const element = byId(id);
  if (!(element instanceof HTMLInputElement)) throw new Error(`#${id} is no input`);
  return element;
}

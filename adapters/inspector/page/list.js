/** The negotiations, newest first. Each is a link to its own address (`#p1-1`), so keyboard and history work. */
import { byId, html } from './element.js';
import { colour, duration, leaves, stateName } from './words.js';

/** @typedef {import('../../../services/ports/inspection.js').NegotiationView} View */

export class NegotiationList {
  /** @type {Map<string, { view: View, item: HTMLLIElement, age: HTMLSpanElement | undefined }>} */
  #rows = new Map();
  #list = byId('negotiations');
  #filter = '';
  /** @type {string | undefined} */
  #selected;

  constructor() {
    byId('filter').addEventListener('input', ({ target }) => {
      this.#filter = target instanceof HTMLInputElement ? target.value.trim().toLowerCase() : '';
      for (const { view, item } of this.#rows.values()) item.hidden = !this.#matches(view);
    });
    this.#list.addEventListener('keydown', (event) => {
      this.#walk(event);
    });
  }

  clear() {
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  /** @param {string} id */
  view(id) {
    return this.#rows.get(id)?.view;
  }

  /** Of the latest that began. */
  newest() {
    return [...this.#rows.values()].reduce(
      (/** @type {View | undefined} */ newest, { view }) =>
        newest === undefined || view.startedAt >= newest.startedAt ? view : newest,
      undefined,
    );
  }

  /**
   * Those that `id` began.
   * @param {string} id
   */
  childrenOf(id) {
    return [...this.#rows.values()].map((row) => row.view).filter((view) => view.parent === id);
  }

  /** @param {View} view */
  put(view) {
    const known = this.#rows.get(view.id);
    const item = known?.item ?? html('li');
    if (known === undefined) this.#list.prepend(item);
    const age = html('span', { class: 'age' });
    this.#rows.set(view.id, { view, item, age });
    const focused = item.contains(document.activeElement);
    item.replaceChildren(this.#row(view, age));
    item.hidden = !this.#matches(view);
    if (focused) item.querySelector('a')?.focus();
  }

  /** @param {string} id */
  remove(id) {
    this.#rows.get(id)?.item.remove();
    this.#rows.delete(id);
  }

  /** @param {string | undefined} id */
  select(id) {
    this.#selected = id;
    for (const [rowId, { item }] of this.#rows) {
      item.querySelector('a')?.setAttribute('aria-current', String(rowId === id));
    }
  }

  /**
   * @param {number} now
   * @param {number} total how many the daemon knows
   */
  refresh(now, total) {
    for (const { view, age } of this.#rows.values()) {
      const text = duration((view.endedAt ?? now) - view.startedAt);
      if (age !== undefined && age.textContent !== text) age.textContent = text;
    }
    const shown = this.#rows.size;
    byId('count').textContent =
      shown < total ? `${String(shown)} newest of ${String(total)}` : String(total === 0 ? '' : total);
    byId('no-negotiations').hidden = shown > 0;
  }

  /**
   * @param {View} view
   * @param {HTMLSpanElement} age
   */
  #row(view, age) {
    const where = view.rule === undefined ? view.remote : `${view.remote} · ${view.rule}`;
    return html(
      'a',
      { href: `#${view.id}`, 'aria-current': String(view.id === this.#selected) },
      html('span', { class: 'name' }, view.id, ' ', html('span', {}, view.chart)),
      html('span', { class: `chip ${colour(view.outcome)}` }, view.outcome ?? 'live'),
      html('span', { class: 'line' }, html('span', { title: where }, where), age),
      view.outcome === undefined
        ? html('span', { class: 'line' }, html('span', {}, leaves(view.active).map(stateName).join(' · ')))
        : undefined,
      view.failure === undefined ? undefined : html('span', { class: 'why' }, view.failure.explanation),
    );
  }

  /** @param {View} view */
  #matches(view) {
    const { id, chart, local, remote, rule, outcome, failure } = view;
    const words = [id, chart, local, remote, rule, outcome ?? 'live', failure?.code, failure?.explanation];
    return words.join(' ').toLowerCase().includes(this.#filter);
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const links = [...this.#list.querySelectorAll('li:not([hidden]) > a')];
    const place = links.findIndex((link) => link === document.activeElement);
    const next = links[place + step];
    if (next instanceof HTMLElement) next.focus();
  }
}

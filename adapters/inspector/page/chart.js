/** The drawing of the selected negotiation's chart, with what is active, visited and last taken lit. */
import { byId, html, svg } from './element.js';
import { StateWords } from './state-words.js';
import { duration, leaves } from './words.js';

/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */

/** Small enough to see the next steps, large enough to read. */
const READABLE = 0.72;

/** What of a chart is lit; follows from the events alone. */
export class Light {
  /** @type {readonly string[]} */
  active = [];
  /** @type {Set<string>} states */
  visited = new Set();
  /** @type {Set<string>} transitions */
  taken = new Set();
  /** @type {Set<string>} transitions of the last step */
  last = new Set();
  #settled = true;

  /** @returns {Light} another that goes on from here */
  copy() {
    const copy = new Light();
    copy.active = this.active;
    copy.visited = new Set(this.visited);
    copy.taken = new Set(this.taken);
    copy.last = new Set(this.last);
    copy.#settled = this.#settled;
    return copy;
  }

  /** @param {StampedEvent} event */
  apply(event) {
    if (event.type === 'negotiation.transition') {
      if (this.#settled) this.last = new Set();
      this.#settled = false;
      for (const edge of event.edges) {
        this.taken.add(edge);
        this.last.add(edge);
      }
    } else if (event.type === 'negotiation.state') {
      this.#settled = true;
      this.active = event.active;
      for (const id of event.active) this.visited.add(id);
    }
  }
}

export class ChartView {
  #pane = byId('chart');
  #words = new StateWords(this.#pane);
  /** @type {Map<string, Promise<SVGSVGElement>>} */
  #drawings = new Map();
  /** @type {SVGSVGElement | undefined} */
  #drawing;
  /** @type {Element | null} */
  #firstBox = null;
  /** @type {string | undefined} */
  #chart;
  /** @type {Map<string, Element>} */
  #nodes = new Map();
  /** @type {Map<string, Element[]>} */
  #edges = new Map();
  /** @type {number | 'readable' | 'whole'} */
  #zoom = 'readable';
  #follow = true;
  #focus = '';

  constructor() {
    const follow = byId('follow');
    const setFollow = (/** @type {boolean} */ on) => {
      this.#follow = on;
      follow.setAttribute('aria-pressed', String(on));
      if (on) this.#reveal(true);
    };
    follow.addEventListener('click', () => {
      setFollow(!this.#follow);
    });
    // Who scrolls wants to look elsewhere.
    for (const gesture of ['wheel', 'pointerdown', 'touchstart']) {
      this.#pane.addEventListener(gesture, () => setFollow(false), { passive: true });
    }
    this.#pane.addEventListener('keydown', ({ key }) => {
      if (key !== 'Tab' && key !== 'Shift') setFollow(false);
    });
    byId('whole').addEventListener('click', () =>
      this.#setZoom(this.#zoom === 'whole' ? 'readable' : 'whole'),
    );
    byId('smaller').addEventListener('click', () => this.#setZoom(this.#scale() / 1.2));
    byId('larger').addEventListener('click', () => this.#setZoom(this.#scale() * 1.2));
    new ResizeObserver(() => {
      this.#resize();
      this.#reveal(false);
    }).observe(this.#pane);
  }

  /**
   * Shows the drawing of a chart; resolves when it is there.
   * @param {string | undefined} chart
   */
  async show(chart) {
    if (chart === this.#chart) return;
    this.#chart = chart;
    this.#drawing = undefined;
    this.#focus = '';
    if (chart === undefined) {
      this.#pane.replaceChildren(html('p', { class: 'empty' }, 'Select a negotiation to see its chart.'));
      return;
    }
    // The first time, the server lays it out now.
    this.#pane.replaceChildren(html('p', { class: 'empty' }, `Drawing the chart ${chart} …`));
    try {
      const drawing = await this.#load(chart);
      if (this.#chart === chart) this.#place(drawing);
    } catch {
      if (this.#chart === chart) {
        this.#chart = undefined;
        this.#pane.replaceChildren(html('p', { class: 'empty' }, `The chart ${chart} could not be loaded.`));
      }
    }
  }

  /**
   * What a state is, in the chart's own words.
   * @param {string} id
   */
  description(id) {
    return this.#words.of(id);
  }

  /**
   * @param {Light} light
   * @param {boolean} bad whether it ended badly
   * @param {ReadonlyMap<string, number>} spent milliseconds in each innermost state
   */
  light(light, bad, spent) {
    if (this.#drawing === undefined) return;
    const active = new Set(light.active);
    const ends = leaves(light.active);
    for (const [id, node] of this.#nodes) {
      node.classList.toggle('active', active.has(id));
      node.classList.toggle('visited', light.visited.has(id));
      node.classList.toggle('bad', bad && ends.includes(id));
      tellTime(node, spent.get(id));
    }
    /** @type {Set<Element>} */
    const last = new Set();
    /** @type {Set<Element>} */
    const taken = new Set();
    for (const [id, elements] of this.#edges) {
      for (const element of elements) {
        if (light.last.has(id)) last.add(element);
        if (light.taken.has(id)) taken.add(element);
      }
    }
    for (const element of new Set([...this.#edges.values()].flat())) {
      element.classList.toggle('last', last.has(element));
      element.classList.toggle('visited', taken.has(element));
    }
    for (const element of [...taken, ...last]) this.#raise(element);
    const [focus] = ends;
    if (focus !== undefined && focus !== this.#focus) {
      this.#focus = focus;
      this.#reveal(false);
    }
  }

  /**
   * Lines share stems: the lit one must lie above the others.
   * @param {Element} element
   */
  #raise(element) {
    if (element.classList.contains('edge')) this.#firstBox?.before(element);
  }

  /** @param {string} chart */
  #load(chart) {
    const known = this.#drawings.get(chart);
    if (known !== undefined) return known;
    const loading = fetchDrawing(chart).then((drawing) => {
      this.#words.adopt(drawing);
      return drawing;
    });
    this.#drawings.set(chart, loading);
    loading.catch(() => this.#drawings.delete(chart));
    return loading;
  }

  /** @param {SVGSVGElement} drawing */
  #place(drawing) {
    this.#drawing = drawing;
    this.#firstBox = drawing.querySelector('.node:not(.group)');
    this.#nodes = new Map();
    this.#edges = new Map();
    for (const node of drawing.querySelectorAll('[data-node]')) {
      this.#nodes.set(node.getAttribute('data-node') ?? '', node);
    }
    for (const text of drawing.querySelectorAll('[data-edge]')) {
      const id = text.getAttribute('data-edge') ?? '';
      const line = text.closest('.edge');
      this.#edges.set(id, [...(this.#edges.get(id) ?? []), text, ...(line === null ? [] : [line])]);
    }
    this.#pane.replaceChildren(drawing);
    this.#words.show(drawing);
    this.#resize();
    this.#pane.scrollTo(0, 0);
  }

  /** @param {number | 'readable' | 'whole'} zoom */
  #setZoom(zoom) {
    this.#zoom = typeof zoom === 'number' ? Math.min(3, Math.max(0.2, zoom)) : zoom;
    byId('whole').setAttribute('aria-pressed', String(zoom === 'whole'));
    this.#resize();
    this.#reveal(true);
  }

  #scale() {
    if (typeof this.#zoom === 'number') return this.#zoom;
    const box = this.#drawing?.viewBox.baseVal;
    if (box === undefined || box.width === 0) return 1;
    const wide = this.#pane.clientWidth / box.width;
    if (this.#zoom === 'whole') return Math.min(1, wide, this.#pane.clientHeight / box.height);
    return Math.min(1, Math.max(READABLE, wide));
  }

  #resize() {
    const drawing = this.#drawing;
    if (drawing === undefined) return;
    const { width, height } = drawing.viewBox.baseVal;
    const scale = this.#scale();
    drawing.setAttribute('width', String(Math.floor(width * scale)));
    drawing.setAttribute('height', String(Math.floor(height * scale)));
  }

  /**
   * Scrolls so that the active state is in view.
   * @param {boolean} always also when it is in view already
   */
  #reveal(always) {
    const node = this.#nodes.get(this.#focus);
    if (!this.#follow || this.#drawing === undefined || node === undefined) return;
    const pane = this.#pane.getBoundingClientRect();
    const box = node.getBoundingClientRect();
    const margin = 40;
    const inside =
      box.left >= pane.left + margin &&
      box.right <= pane.right - margin &&
      box.top >= pane.top + margin &&
      box.bottom <= pane.bottom - margin * 2;
    if (inside && !always) return;
    this.#pane.scrollBy({
      left: (box.left + box.right - pane.left - pane.right) / 2,
      top: (box.top + box.bottom) / 2 - pane.top - pane.height * 0.42,
      behavior: 'instant',
    });
  }
}

/**
 * How long it was in a state, above the state's right corner.
 * @param {Element} node
 * @param {number | undefined} ms
 */
function tellTime(node, ms) {
  const known = node.querySelector(':scope > .spent');
  const box = node.querySelector(':scope > .box');
  if (ms === undefined || ms < 0.5 || box === null) {
    known?.remove();
    return;
  }
  const [x, y, width] = ['x', 'y', 'width'].map((name) => Number(box.getAttribute(name)));
  const text =
    known ??
    svg('text', { class: 'spent', x: (x ?? 0) + (width ?? 0), y: (y ?? 0) - 4, 'text-anchor': 'end' });
  const words = duration(ms);
  if (text.textContent !== words) text.textContent = words;
  if (known === null) node.append(text);
}

/**
 * @param {string} chart
 * @returns {Promise<SVGSVGElement>}
 */
async function fetchDrawing(chart) {
  const response = await fetch(`/charts/${encodeURIComponent(chart)}.svg`);
  if (!response.ok) throw new Error(`status ${String(response.status)}`);
  const root = new DOMParser().parseFromString(await response.text(), 'image/svg+xml').documentElement;
  const drawing = document.importNode(root, true);
  if (!(drawing instanceof SVGSVGElement)) throw new Error('not a drawing');
  return drawing;
}

/** What the states of a drawing are, in the chart's own words: pointed at, tapped, or walked to with the arrow keys. */
import { byId, html } from './element.js';
import { stateName } from './words.js';

export class StateWords {
  #caption = byId('state-words');
  /** @type {Map<string, string>} */
  #descriptions = new Map();
  /** In reading order. @type {SVGElement[]} */
  #nodes = [];

  /** @param {HTMLElement} pane where drawings are placed */
  constructor(pane) {
    for (const gesture of ['pointerover', 'focusin', 'click']) {
      pane.addEventListener(gesture, ({ target }) => this.#tell(nodeOf(target)));
    }
    for (const gesture of ['pointerleave', 'focusout'])
      pane.addEventListener(gesture, () => this.#tell(null));
    pane.addEventListener('keydown', (event) => this.#walk(event));
  }

  /**
   * Of a drawing that was just loaded: its states become things to point at and to walk to.
   * @param {SVGSVGElement} drawing
   */
  adopt(drawing) {
    drawing.setAttribute('role', 'group');
    for (const node of drawing.querySelectorAll('[data-node]')) {
      const title = node.querySelector(':scope > title');
      const name = stateName(node.getAttribute('data-node') ?? '');
      node.setAttribute('data-words', title?.textContent ?? '');
      node.setAttribute('role', 'img');
      node.setAttribute('tabindex', '-1');
      node.setAttribute(
        'aria-label',
        [name, title?.textContent ?? ''].filter((text) => text !== '').join(': '),
      );
      // The page says it itself, to the keyboard too.
      title?.remove();
    }
  }

  /** @param {SVGSVGElement} drawing the one that is shown now */
  show(drawing) {
    this.#tell(null);
    const nodes = [...drawing.querySelectorAll('[data-node]')].filter((node) => node instanceof SVGElement);
    this.#descriptions = new Map(
      nodes.map((node) => [node.getAttribute('data-node') ?? '', node.getAttribute('data-words') ?? '']),
    );
    this.#nodes = nodes.sort((a, b) => place(a).y - place(b).y || place(a).x - place(b).x);
    this.#stopAt(this.#nodes[0]);
  }

  /** @param {string} id */
  of(id) {
    return this.#descriptions.get(id) ?? '';
  }

  /** @param {SVGElement | null} node */
  #tell(node) {
    const id = node?.getAttribute('data-node') ?? '';
    const words = this.of(id);
    this.#caption.hidden = node === null;
    this.#caption.replaceChildren(html('b', {}, stateName(id)), words === '' ? '' : ` ${words}`);
  }

  /** @param {SVGElement | undefined} node the one that Tab comes to */
  #stopAt(node) {
    for (const other of this.#nodes) other.setAttribute('tabindex', other === node ? '0' : '-1');
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const at = this.#nodes.findIndex((node) => node === document.activeElement);
    /** @type {Readonly<Record<string, number>>} */
    const to = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: this.#nodes.length - 1,
    };
    const next = this.#nodes[to[event.key] ?? -1];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    this.#stopAt(next);
    next.focus();
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {SVGElement | null}
 */
function nodeOf(target) {
  return target instanceof Element ? target.closest('[data-node]') : null;
}

/** @param {Element} node */
function place(node) {
  const box = node.querySelector(':scope > .box');
  return { x: Number(box?.getAttribute('x')), y: Number(box?.getAttribute('y')) };
}

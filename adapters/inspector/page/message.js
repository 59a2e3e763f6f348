/** One message taken apart: the tree of its payloads beside its bytes, each field with what it says and where that is written. */
import { byId, html } from './element.js';

/** @typedef {import('../../../services/isakmp/dissect.js').DissectedPart} Part */
/** @typedef {import('../../../services/isakmp/dissect.js').DissectedField} Field */

const ROW = 16;

export class MessageView {
  #dialog = dialog();
  #body = byId('message-body');

  constructor() {
    byId('message-close').addEventListener('click', () => {
      this.#dialog.close();
    });
  }

  /**
   * @param {string} title
   * @param {readonly Part[] | undefined} parts undefined: its bytes are not kept
   * @param {boolean} veiled whether decrypted bytes may not be shown
   */
  show(title, parts, veiled) {
    byId('message-title').textContent = title;
    const encrypted = parts?.some(({ fields }) => fields.some(({ name }) => name === 'encrypted')) === true;
    this.#body.replaceChildren(
      ...(parts === undefined
        ? [html('p', {}, 'Its bytes are not kept: the flight recorder is off, or they had to make room.')]
        : parts.map((part) => section(part))),
      ...(encrypted && veiled
        ? [html('p', { class: 'note' }, 'What is encrypted is shown at the privilege keymat (in.iked -p 2).')]
        : []),
    );
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}

/** @param {Part} part */
function section(part) {
  const bytes = part.bytes.match(/../g) ?? [];
  const cells = bytes.map((byte) => html('span', {}, byte));
  const detail = html('p', { class: 'detail', 'aria-live': 'polite' }, 'Point at a field, or at a byte.');
  /** @type {{ field: Field, item: HTMLElement }[]} */
  const known = [];
  const mark = (/** @type {Field | undefined} */ field) => {
    cells.forEach((cell, index) => {
      cell.classList.toggle(
        'lit',
        field !== undefined && index >= field.offset && index < field.offset + field.length,
      );
    });
    for (const { field: other, item } of known) item.classList.toggle('lit', other === field);
    detail.textContent = field === undefined ? '' : words(field);
  };
  const tree = html('ul', { class: 'tree' }, ...part.fields.map((field) => branch(field, mark, known)));
  cells.forEach((cell, index) => {
    cell.addEventListener('pointerenter', () => {
      const inside = known.filter(
        ({ field }) => index >= field.offset && index < field.offset + field.length,
      );
      mark(inside.at(-1)?.field);
    });
  });
  const rows = Array.from({ length: Math.ceil(cells.length / ROW) }, (_, row) =>
    html(
      'div',
      {},
      html('b', {}, (row * ROW).toString(16).padStart(4, '0')),
      ...cells.slice(row * ROW, (row + 1) * ROW),
    ),
  );
  return html(
    'section',
    { class: 'part' },
    html('h3', {}, `${part.name}, ${String(bytes.length)} bytes`),
    part.fault === undefined ? undefined : html('p', { class: 'fault' }, part.fault),
    html(
      'div',
      { class: 'beside' },
      html('div', { class: 'trees', tabindex: '0', role: 'group', 'aria-label': 'Payloads' }, tree),
      html('div', { class: 'bytes mono', tabindex: '0', role: 'group', 'aria-label': 'Bytes' }, ...rows),
    ),
    detail,
  );
}

/** @param {Field} field */
function words({ name, offset, length, words: said, source }) {
  const place =
    length === 1 ? `byte ${String(offset)}` : `bytes ${String(offset)} to ${String(offset + length - 1)}`;
  return [name, said, place, source].filter((part) => part !== '').join(' · ');
}

/**
 * @param {Field} field
 * @param {(field: Field) => void} mark
 * @param {{ field: Field, item: HTMLElement }[]} known
 * @returns {HTMLLIElement}
 */
function branch(field, mark, known) {
  const line = html(
    'button',
    { type: 'button' },
    html('b', {}, field.name),
    field.words === '' ? undefined : ` ${field.words}`,
    field.source === '' ? undefined : html('i', {}, field.source),
  );
  known.push({ field, item: line });
  for (const gesture of ['pointerenter', 'focus', 'click']) line.addEventListener(gesture, () => mark(field));
  return html(
    'li',
    {},
    line,
    field.fields.length === 0
      ? undefined
      : html('ul', {}, ...field.fields.map((inner) => branch(inner, mark, known))),
  );
}

/** @returns {HTMLDialogElement} */
function dialog() {
  const element = byId('message');
  if (!(element instanceof HTMLDialogElement)) throw new Error('#message is no dialog');
  return element;
}

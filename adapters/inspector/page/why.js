/** The explanation of the selected negotiation, as `ikeadm why` gives it: what happened, who is to blame, what to change. */
import { byId, html } from './element.js';

/** @typedef {import('../../../services/explain/explanation.js').Explanation} Explanation */
/** @typedef {import('../../../services/explain/explanation.js').Change} Change */
/** @typedef {import('../../../services/failure/failure.js').Comparison} Comparison */
/** @typedef {import('../../../services/failure/failure.js').NamedPlace} NamedPlace */

const MOST_COMPARISONS = 5;

export class Why {
  #panel = byId('why');
  #button = byId('ask-why');
  /** @type {string | undefined} */
  #shown;

  /** @param {() => void} onAsk somebody wants to know */
  constructor(onAsk) {
    this.#button.addEventListener('click', () => {
      if (this.#panel.hidden) onAsk();
      else this.hide();
    });
  }

  hide() {
    this.#shown = undefined;
    this.#panel.hidden = true;
    this.#button.setAttribute('aria-expanded', 'false');
  }

  /** @param {boolean} can whether there is something to explain */
  offer(can) {
    this.#button.hidden = !can;
    if (!can) this.hide();
  }

  /** @param {Explanation | undefined} explanation undefined: nothing is remembered of it */
  show(explanation) {
    const key = JSON.stringify(explanation);
    this.#panel.hidden = false;
    this.#button.setAttribute('aria-expanded', 'true');
    if (key === this.#shown) return;
    this.#shown = key;
    this.#panel.replaceChildren(
      ...(explanation === undefined
        ? [html('p', {}, 'The daemon no longer remembers why.')]
        : parts(explanation)),
    );
    this.#panel.scrollTop = 0;
  }
}

/** @param {Explanation} explanation */
function parts(explanation) {
  const { code, summary, happened, where, blame, why, evidence, changes, comparisons, equivalents, sources } =
    explanation;
  return [
    html(
      'p',
      { class: 'summary' },
      code === undefined ? undefined : html('code', {}, code),
      code === undefined ? summary : ` ${summary}`,
    ),
    ...section('What happened', happened === '' ? [] : [html('p', {}, happened)]),
    ...section('At', where === '' ? [] : [html('p', {}, where)]),
    ...section('Who is to blame', blame === undefined ? [] : [html('p', {}, blame.words)]),
    ...section('What to do', changes.length === 0 ? [] : [html('ol', {}, ...changes.map(change))]),
    ...section('Offered against accepted, nearest first', [
      ...comparisons.slice(0, MOST_COMPARISONS).map(comparison),
      ...(comparisons.length > MOST_COMPARISONS
        ? [html('p', {}, `and ${String(comparisons.length - MOST_COMPARISONS)} more that fit no better`)]
        : []),
    ]),
    ...section('What it usually means', why === '' ? [] : [html('p', {}, why)]),
    ...section(
      'What would fit at the other end',
      equivalents.map(({ product, file, lines }) =>
        html(
          'details',
          {},
          html('summary', {}, `${product}, ${file}`),
          html('pre', { tabindex: '0' }, lines.join('\n')),
        ),
      ),
    ),
    ...section('Evidence', evidence.length === 0 ? [] : [facts(evidence)]),
    ...section('Read', sources.length === 0 ? [] : [html('p', {}, sources.join(', '))]),
  ];
}

/**
 * @param {string} title
 * @param {readonly Node[]} content nothing: no section
 */
function section(title, content) {
  return content.length === 0 ? [] : [html('h3', {}, title), ...content];
}

/** @param {Change} made */
function change({ at, what, place, lines }) {
  const whither = place === undefined ? '' : ` (${placeWords(place)})`;
  return html(
    'li',
    {},
    at === 'this host' ? '' : html('b', {}, `${at}: `),
    `${what}${whither}`,
    lines === undefined || lines.length === 0 ? undefined : html('pre', { tabindex: '0' }, lines.join('\n')),
  );
}

/** @param {NamedPlace} place */
function placeWords(place) {
  return `${place.file}:${String(place.line)}`;
}

/** @param {Explanation['evidence']} evidence */
function facts(evidence) {
  return html(
    'dl',
    {},
    ...evidence.flatMap(({ name, value }) => [html('dt', {}, name), html('dd', {}, value)]),
  );
}

/** @param {Comparison} compared */
export function comparison({ offered, against, where, attributes }) {
  const place = where === undefined ? '' : ` (${where.file}:${String(where.line)})`;
  return html(
    'table',
    {},
    html('caption', {}, `${offered} against ${against}${place}`),
    html(
      'tr',
      {},
      html('td', {}, ''),
      html('th', { scope: 'col' }, 'offered'),
      html('th', { scope: 'col' }, 'accepted'),
    ),
    ...attributes.map((attribute) =>
      html(
        'tr',
        { class: attribute.agrees ? '' : 'differs' },
        html('th', { scope: 'row' }, attribute.name),
        html('td', {}, attribute.offered),
        html('td', {}, attribute.accepted),
      ),
    ),
  );
}

/** The time line below: live, or anywhere in what happened, step by step. */
import { byId, svg } from './element.js';
import { kindOf, moments } from './moments.js';
import { duration } from './words.js';

/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */

/** A replay keeps the pace of what happened, within reason. */
const SHORTEST_STEP_MS = 90;
const LONGEST_STEP_MS = 900;
/** More marks than this cannot be told apart. */
const MOST_MARKS = 400;

export class TimeLine {
  /** @type {readonly StampedEvent[]} */
  #events = [];
  /** @type {number[]} */
  #moments = [];
  /** Index in the moments; undefined: live, at the end of them. @type {number | undefined} */
  #at;
  #startedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #playing;
  #slider = slider();
  #marked = '';
  #end = 'live';

  /** @param {() => void} onMove the moment shown has changed */
  constructor(onMove) {
    this.onMove = onMove;
    this.#slider.addEventListener('input', () => {
      this.#pause();
      this.#go(Number(this.#slider.value));
    });
    byId('to-begin').addEventListener('click', () => this.#step(-Infinity));
    byId('step-back').addEventListener('click', () => this.#step(-1));
    byId('step-on').addEventListener('click', () => this.#step(1));
    byId('to-live').addEventListener('click', () => this.live());
    byId('play').addEventListener('click', () => this.#play());
    new ResizeObserver(() => this.#mark()).observe(byId('marks'));
  }

  /** @param {string} words what the present is called */
  nameEnd(words) {
    byId('to-live').textContent = words;
    this.#end = words.toLowerCase();
  }

  /** Back to the present, and with it from now on. */
  live() {
    this.#pause();
    this.#at = undefined;
    this.#show();
    this.onMove();
  }

  /**
   * @param {readonly StampedEvent[]} events
   * @param {number} startedAt
   */
  take(events, startedAt) {
    const grown = events.length > this.#events.length && events[0] === this.#events[0];
    // What is forgotten at the front moves every place; the past that is shown goes with it.
    const shown = this.#at === undefined ? undefined : this.#events[(this.#moments[this.#at] ?? 1) - 1];
    this.#events = events;
    this.#moments = moments(events);
    this.#startedAt = startedAt;
    if (!grown && shown !== undefined) {
      const place = this.#moments.findIndex((count) => events[count - 1] === shown);
      this.#at = place < 0 ? undefined : place;
    }
    this.#show();
  }

  /** How many of the events are in the past of the moment shown; undefined when it is the present. */
  get count() {
    return this.#at === undefined ? undefined : this.#moments[this.#at];
  }

  /** @param {number} by moments */
  #step(by) {
    this.#pause();
    this.#go((this.#at ?? this.#moments.length - 1) + by);
  }

  /** @param {number} place */
  #go(place) {
    if (this.#moments.length === 0) return;
    this.#at = Math.min(this.#moments.length - 1, Math.max(0, place));
    this.#show();
    this.onMove();
  }

  #play() {
    if (this.#playing !== undefined) {
      this.#pause();
      this.#show();
      return;
    }
    // From the end there is nothing to play: from the beginning, then.
    if (this.#at === undefined || this.#at >= this.#moments.length - 1) this.#go(0);
    this.#next();
    this.#show();
  }

  #next() {
    const place = this.#at ?? 0;
    const [now, next] = [place, place + 1].map((at) => this.#events[(this.#moments[at] ?? 1) - 1]);
    if (now === undefined || next === undefined || place + 1 >= this.#moments.length) {
      this.#pause();
      this.#show();
      return;
    }
    const pace = Math.min(LONGEST_STEP_MS, Math.max(SHORTEST_STEP_MS, next.at - now.at));
    this.#playing = setTimeout(() => {
      this.#go(place + 1);
      this.#next();
    }, pace);
  }

  #pause() {
    clearTimeout(this.#playing);
    this.#playing = undefined;
  }

  #show() {
    const last = this.#moments.length - 1;
    const place = this.#at ?? last;
    const event = this.#events[(this.#moments[place] ?? 1) - 1];
    const past = event === undefined ? '' : `+${duration(event.at - this.#startedAt)}`;
    const words = `${past}, ${String(place + 1)} of ${String(last + 1)}`;
    this.#slider.max = String(Math.max(0, last));
    this.#slider.value = String(Math.max(0, place));
    this.#slider.setAttribute('aria-valuetext', this.#at === undefined ? `${this.#end}, ${words}` : words);
    byId('moment').textContent = event === undefined ? '' : words;
    byId('to-live').setAttribute('aria-pressed', String(this.#at === undefined));
    byId('play').setAttribute('aria-pressed', String(this.#playing !== undefined));
    byId('play').textContent = this.#playing === undefined ? 'Play' : 'Pause';
    byId('timeline').classList.toggle('past', this.#at !== undefined);
    byId('timeline').hidden = event === undefined;
    this.#mark();
  }

  /** One mark for each moment, in the colours of the ladder. */
  #mark() {
    const strip = byId('marks');
    const width = strip.clientWidth;
    const key = [width, this.#moments.length, this.#events.at(-1)?.sequence].join();
    if (key === this.#marked || width === 0) return;
    this.#marked = key;
    const stride = Math.max(1, Math.ceil(this.#moments.length / MOST_MARKS));
    const room = Math.max(1, this.#moments.length - 1);
    const marks = this.#moments.flatMap((count, place) => {
      const event = this.#events[count - 1];
      if (event === undefined || place % stride !== 0) return [];
      const kind = kindOf(event);
      const x = THUMB / 2 + (place / room) * (width - THUMB);
      const [y1, y2] = kind === 'state' || kind === 'other' ? [7, 11] : [2, 11];
      return [svg('line', { class: kind, x1: x, x2: x, y1, y2 })];
    });
    strip.replaceChildren(svg('svg', { width, height: 12, 'aria-hidden': 'true' }, ...marks));
  }
}

/** Width of the slider's thumb, px: its middle is where the value is. */
const THUMB = 14;

/** @returns {HTMLInputElement} */
function slider() {
  const element = byId('slider');
  if (!(element instanceof HTMLInputElement)) throw new Error('#slider is no input');
  return element;
}

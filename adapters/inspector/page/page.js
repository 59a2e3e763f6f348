/** The page: takes frames, keeps what it knows of the selected negotiation, and draws at most once per animation frame. */
import { ChartView, Light } from './chart.js';
import { Connection } from './connection.js';
import { showDetails } from './details.js';
import { byId, html } from './element.js';
import { Journal } from './journal.js';
import { Ladder } from './ladder.js';
import { NegotiationList } from './list.js';
import { MessageView } from './message.js';
import { timeSpent, viewAt } from './moments.js';
import { TimeLine } from './timeline.js';
import { Why } from './why.js';
import { colour } from './words.js';

/** @typedef {import('../frames.js').ServerFrame} ServerFrame */
/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */
/** @typedef {import('../../../services/ports/inspection.js').NegotiationView} View */

/** What is drawn of them is bounded by what is in view. */
const MOST_EVENTS = 20_000;

const list = new NegotiationList();
const chart = new ChartView();
const message = new MessageView();
let messageTitle = '';
const ladder = new Ladder((sequence, title) => {
  messageTitle = title;
  if (selected !== undefined) connection.send({ type: 'message', id: selected, sequence });
});
const journal = new Journal();
const timeLine = new TimeLine(draw);
const why = new Why(() => {
  if (selected !== undefined) connection.send({ type: 'why', id: selected });
});

/** @type {string | undefined} the one shown */
let selected;
/** Asked for, and not answered yet: whoever asks twice is answered a second time with what is kept then, not with what came between. @type {string | undefined} */
let awaited;
/** @type {View | undefined} */
let view;
/** @type {StampedEvent[]} */
let events = [];
/** Lit by events that are forgotten. */
let forgotten = new Light();
/** Lit by what is shown: the first of the events, as many as that. */
let light = new Light();
let lightCount = 0;
let total = 0;
/** Server clock less ours, milliseconds. */
let clockOffset = 0;
let drawing = false;

/** Of a recording: its time stands still. @type {number | undefined} */
let frozenAt;

const connection = new Connection(receive, (state) => {
  if (state === 'lost') say('red', 'connection lost, trying again');
  if (state === 'lost') awaited = undefined;
  if (state === 'live' && selected !== undefined) select(selected);
});

/** @param {ServerFrame} frame */
function receive(frame) {
  switch (frame.type) {
    case 'hello':
      list.clear();
      greet(frame);
      break;
    case 'rows':
      learn(frame);
      break;
    case 'selected':
      if (frame.id === awaited) awaited = undefined;
      if (frame.id !== selected) return;
      view = frame.negotiation;
      events = frame.history.slice(-MOST_EVENTS);
      forgotten = new Light();
      relight();
      timeLine.live();
      journal.restart(view?.startedAt ?? 0);
      void chart.show(view?.chart).then(draw);
      break;
    case 'why':
      if (frame.id === selected) why.show(frame.explanation);
      return;
    case 'message':
      if (frame.id === selected) message.show(messageTitle, frame.parts, frame.veiled);
      return;
    case 'events':
      // One that was asked for by its address before it began: its history tells the same, and which chart it is.
      if (frame.negotiation.id !== selected || view === undefined) return;
      view = frame.negotiation;
      events = [...events, ...frame.events];
      if (events.length > MOST_EVENTS) {
        for (const event of events.slice(0, -MOST_EVENTS / 2)) forgotten.apply(event);
        events = events.slice(-MOST_EVENTS / 2);
        relight();
      }
      break;
  }
  draw();
}

/** @param {Extract<ServerFrame, { type: 'hello' }>} frame */
function greet({ now, recording }) {
  frozenAt = recording === undefined ? undefined : now;
  say(recording === undefined ? 'green' : 'blue', recording === undefined ? 'live' : 'recording');
  const about = byId('recording');
  about.hidden = recording === undefined;
  about.classList.toggle('parted', recording?.parted === true);
  about.replaceChildren(
    html('span', {}, recording?.about ?? ''),
    ' ',
    html('b', {}, recording?.verdict.join(' ') ?? ''),
  );
  timeLine.nameEnd(recording === undefined ? 'Live' : 'End');
}

/** @param {Extract<ServerFrame, { type: 'rows' }>} frame */
function learn(frame) {
  clockOffset = frame.now - performance.now();
  total = frame.total;
  for (const row of frame.rows) {
    list.put(row);
    // Now it has begun.
    if (row.id === selected && view === undefined && awaited !== row.id) select(row.id);
  }
  list.remove(frame.forgotten);
  if (frame.portion === 'list') return;
  if (asked() === undefined) choose(list.newest()?.id);
  else if (frame.portion === 'end of list') list.reveal();
}

/**
 * @param {'green' | 'blue' | 'red'} look
 * @param {string} words
 */
function say(look, words) {
  const chip = byId('connection');
  chip.className = `chip ${look}`;
  chip.textContent = words;
}

function present() {
  return frozenAt ?? performance.now() + clockOffset;
}

/** Without an address of its own the page follows what began last. */
function asked() {
  const id = decodeURIComponent(location.hash.slice(1));
  return id === '' ? undefined : id;
}

/** @param {string | undefined} id */
function choose(id) {
  if (id === selected) return;
  selected = id;
  view = undefined;
  events = [];
  forgotten = new Light();
  relight();
  timeLine.live();
  why.hide();
  list.select(id);
  if (id === undefined) void chart.show(undefined);
  else select(id);
  draw();
}

/** @param {string} id */
function select(id) {
  awaited = id;
  connection.send({ type: 'select', id });
}

function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const now = present();
    const children = selected === undefined ? [] : list.childrenOf(selected);
    timeLine.take(events, view?.startedAt ?? 0);
    const { count } = timeLine;
    const past = count === undefined ? events : events.slice(0, count);
    const then = view === undefined || count === undefined ? view : viewAt(view, past);
    lightUp(past);
    const until = then?.endedAt ?? (count === undefined ? now : past.at(-1)?.at);
    showDetails({
      view: then,
      id: selected,
      events: past,
      children,
      describe: (id) => chart.description(id),
    });
    why.offer(view !== undefined);
    chart.light(light, colour(then?.outcome) === 'red', timeSpent(past, until ?? now));
    ladder.draw(then, past);
    journal.show(past);
    list.refresh(now, total);
  });
}

function relight() {
  light = forgotten.copy();
  lightCount = 0;
}

/** @param {readonly StampedEvent[]} past what is shown, from the first event that is known */
function lightUp(past) {
  if (past.length < lightCount) relight();
  for (const event of past.slice(lightCount)) light.apply(event);
  lightCount = past.length;
}

addEventListener('hashchange', () => {
  choose(asked() ?? list.newest()?.id);
  list.reveal();
});
setInterval(() => {
  if (view !== undefined && view.endedAt === undefined) draw();
  else list.refresh(present(), total);
}, 500);
choose(asked());
draw();

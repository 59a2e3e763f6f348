/** Everything that happened to the selected negotiation, one line each. */
import { byId, html } from './element.js';
import { duration, leaves, payloadWords, stateName } from './words.js';

/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */

const MOST_LINES = 500;

export class Journal {
  #pane = byId('journal');
  #body = html('tbody');
  #last = 0;
  #startedAt = 0;

  constructor() {
    this.#pane.append(html('table', {}, this.#body));
  }

  /** @param {number} startedAt */
  restart(startedAt) {
    this.#startedAt = startedAt;
    this.#last = 0;
    this.#body.replaceChildren();
  }

  /** @param {readonly StampedEvent[]} events */
  show(events) {
    const end = events.at(-1)?.sequence ?? 0;
    // Back in time: from the beginning again.
    if (end < this.#last) this.restart(this.#startedAt);
    const fresh = events.filter((event) => event.sequence > this.#last).slice(-MOST_LINES);
    if (fresh.length === 0) return;
    const atEnd = this.#pane.scrollTop + this.#pane.clientHeight >= this.#pane.scrollHeight - 8;
    for (const event of fresh) {
      this.#last = event.sequence;
      const { kind, look, text } = lineOf(event);
      const time = `+${duration(event.at - this.#startedAt)}`;
      this.#body.append(
        html('tr', { class: look }, html('td', {}, time), html('td', {}, kind), html('td', {}, text)),
      );
    }
    while (this.#body.childElementCount > MOST_LINES) this.#body.firstElementChild?.remove();
    if (atEnd) this.#pane.scrollTop = this.#pane.scrollHeight;
  }
}

/**
 * @param {StampedEvent} event
 * @returns {{ kind: string, look: string, text: string }}
 */
function lineOf(event) {
  switch (event.type) {
    case 'negotiation.started':
      return { kind: 'began', look: '', text: event.chart };
    case 'negotiation.rule':
      return { kind: 'rule', look: '', text: event.rule };
    case 'negotiation.note':
      return { kind: 'note', look: '', text: event.note };
    case 'negotiation.transition': {
      const from = new Set(event.edges.map((edge) => stateName(edge.slice(0, edge.indexOf('#')))));
      return { kind: 'step', look: '', text: `${[...from].join(', ')}: ${event.event}` };
    }
    case 'negotiation.state':
      return { kind: 'state', look: 'state', text: leaves(event.active).map(stateName).join(' · ') };
    case 'message.sent': {
      const again = event.retransmission > 0 ? `, repeat ${String(event.retransmission)}` : '';
      return {
        kind: 'sent',
        look: event.retransmission > 0 ? 'doubt' : '',
        text: `${packet(event)}${again}`,
      };
    }
    case 'message.received':
      return { kind: 'received', look: '', text: packet(event) };
    case 'message.duplicate':
      return { kind: 'duplicate', look: 'doubt', text: event.answered ? 'answered again' : 'dropped' };
    case 'message.ignored':
      return { kind: 'ignored', look: 'doubt', text: event.reason };
    case 'notify.received': {
      const trust = event.authenticated ? '' : ' (unauthenticated)';
      return { kind: 'notify', look: event.authenticated ? '' : 'doubt', text: `${event.notify}${trust}` };
    }
    case 'phase1.not-renewed':
      return { kind: 'not renewed', look: 'bad', text: event.failure.explanation };
    case 'negotiation.suspicion':
      return { kind: 'suspicion', look: 'doubt', text: event.failure.explanation };
    case 'negotiation.ended':
      return event.failure === undefined
        ? { kind: 'ended', look: 'good', text: event.outcome }
        : { kind: 'ended', look: 'bad', text: `${event.outcome}: ${event.failure.code}` };
    case 'phase1.established':
      return { kind: 'phase 1', look: 'good', text: `${event.cookies} as ${event.role}` };
    case 'phase2.installed':
      return { kind: 'phase 2', look: 'good', text: event.pairs.map(pair).join('; ') };
    default:
      return { kind: event.type, look: '', text: '' };
  }
}

/** @param {Extract<StampedEvent, { type: 'message.sent' | 'message.received' }>} event */
function packet({ message }) {
  const number = message.number === 0 ? '' : ` ${String(message.number)}`;
  return `${message.exchange}${number}: ${payloadWords(message.payloads)} (${String(message.bytes)} bytes)`;
}

/** @param {Extract<StampedEvent, { type: 'phase2.installed' }>['pairs'][number]} pair */
function pair({ protocol, inboundSpi, outboundSpi }) {
  return `${protocol === 51 ? 'AH' : 'ESP'} SPI in ${spi(inboundSpi)}, out ${spi(outboundSpi)}`;
}

/** @param {number} value */
function spi(value) {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

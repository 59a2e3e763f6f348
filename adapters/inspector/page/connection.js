/** The live connection to the inspector's server; it comes back by itself. */

/** @typedef {import('../frames.js').ServerFrame} ServerFrame */
/** @typedef {import('../frames.js').ClientFrame} ClientFrame */

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5000;

export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  #pause = FIRST_PAUSE_MS;

  /**
   * @param {(frame: ServerFrame) => void} onFrame
   * @param {(state: 'live' | 'lost') => void} onState
   */
  constructor(onFrame, onState) {
    this.onFrame = onFrame;
    this.onState = onState;
    this.#open();
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #open() {
    const socket = new WebSocket(new URL('/live', location.href.replace(/^http/, 'ws')));
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#pause = FIRST_PAUSE_MS;
      this.onState('live');
    });
    socket.addEventListener('message', ({ data }) => {
      this.onFrame(JSON.parse(data));
    });
    socket.addEventListener('close', () => {
      this.onState('lost');
      setTimeout(() => {
        this.#open();
      }, this.#pause);
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
    });
  }
}

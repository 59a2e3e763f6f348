import { WebSocket } from 'ws';

/** A page's end of the live connection. `next` takes frames one by one, in order. */
export class LiveClient {
  readonly socket: WebSocket;
  readonly #frames: unknown[] = [];
  #wanted: ((frame: unknown) => void) | undefined;

  /** `url` of the inspector. */
  constructor(url: string, origin: string | undefined, headers: Record<string, string> = {}) {
    const options = { headers, ...(origin === undefined ? {} : { origin }) };
    this.socket = new WebSocket(new URL('/live', url.replace('http', 'ws')), options);
    this.socket.on('message', (data) => {
      const frame: unknown = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '');
      const wanted = this.#wanted;
      this.#wanted = undefined;
      if (wanted === undefined) this.#frames.push(frame);
      else wanted(frame);
    });
  }

  /** HTTP status when the connection is refused, 101 when it is taken. */
  opened(): Promise<number> {
    return new Promise((resolve) => {
      this.socket.on('open', () => {
        resolve(101);
      });
      this.socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      this.socket.on('error', () => undefined);
    });
  }

  closed(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.on('close', () => {
        resolve();
      });
    });
  }

  next(): Promise<unknown> {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift());
    return new Promise((resolve) => (this.#wanted = resolve));
  }

  /** The names in the next frame, which has rows. */
  async rows(): Promise<readonly string[]> {
    const { rows } = (await this.next()) as { readonly rows: readonly { readonly id: string }[] };
    return rows.map(({ id }) => id);
  }
}

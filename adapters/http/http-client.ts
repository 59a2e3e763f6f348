/** GET of `http:` URLs, directly or by way of a proxy, a SOCKS server, or both; everything about it is bounded. */
import { lookup as resolve } from 'node:dns';
import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Bytes } from '../../services/bytes.js';
import type { Http } from '../../services/ports/http.js';
import { err, ok, type Result } from '../../services/result.js';
import { type Hop, hopOf, throughSocks } from './way.js';

export interface HttpOptions {
  /** `http://host:port`, as in ike.config. */
  readonly proxy: string | undefined;
  /** `socks://host:port`, `socks4://...` or `socks5://...`. */
  readonly socks: string | undefined;
  readonly mostBytes: number;
  /** For one URL with all its redirects. */
  readonly timeoutMs: number;
}

const MOST_REDIRECTS = 3;

export class HttpClient implements Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  async get(url: string): Promise<Result<Bytes, string>> {
    const deadline = AbortSignal.timeout(this.#options.timeoutMs);
    let current = parseUrl(url);
    const first = current.ok ? current.value.hostname : '';
    for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
      if (!current.ok) return current;
      const answer = await this.#ask(current.value, first, deadline);
      if (!answer.ok || !('location' in answer.value)) return answer.ok ? ok(bodyOf(answer.value)) : answer;
      current = parseUrl(answer.value.location, current.value);
    }
    return err(`more than ${String(MOST_REDIRECTS)} redirects`);
  }

  async #ask(url: URL, first: string, deadline: AbortSignal): Promise<Result<Answer, string>> {
    const { proxy, socks, mostBytes, timeoutMs } = this.#options;
    try {
      const way = proxy === undefined ? undefined : hopOf(proxy, ['http:'], 8080);
      const target: Hop = way ?? {
        scheme: url.protocol,
        host: bare(url.hostname),
        port: Number(url.port || '80'),
      };
      const options: RequestOptions = {
        host: target.host,
        port: target.port,
        method: 'GET',
        // RFC 9112 3.2.2: a proxy is asked for the whole URL.
        path: way === undefined ? `${url.pathname}${url.search}` : url.href,
        headers: { host: url.host, accept: 'application/pkix-crl, */*', connection: 'close' },
        signal: deadline,
        maxHeaderSize: 16_384,
      };
      if (socks !== undefined) {
        const socket = await throughSocks(socks, target, timeoutMs);
        return await answerOf(request({ ...options, createConnection: () => socket }), mostBytes, url);
      }
      // A server that was asked may send us anywhere on the Internet, but not into our own networks.
      const elsewhere = way === undefined && url.hostname !== first;
      if (elsewhere && isInside(bare(url.hostname)))
        return err(`it redirects to ${url.hostname}, which is not public`);
      return await answerOf(
        request({ ...options, agent: false, ...(elsewhere ? { lookup: outside } : {}) }),
        mostBytes,
        url,
      );
    } catch (error) {
      return err(deadline.aborted ? `no answer within ${String(timeoutMs / 1000)} s` : wordsOf(error));
    }
  }
}

type Answer = { readonly body: Bytes } | { readonly location: string };

function bodyOf(answer: Answer): Bytes {
  return 'body' in answer ? answer.body : new Uint8Array(0);
}

function parseUrl(text: string, base?: URL): Result<URL, string> {
  if (!URL.canParse(text, base?.href)) return err('it is no URL');
  const url = new URL(text, base);
  if (url.protocol !== 'http:') return err(`only http: is fetched, not ${url.protocol}`);
  if (url.username !== '' || url.password !== '') return err('it has a user name');
  return ok(url);
}

const MOVED: readonly (number | undefined)[] = [301, 302, 303, 307, 308];

/** Rejects when the connection breaks. */
function answerOf(asked: ClientRequest, mostBytes: number, url: URL): Promise<Result<Answer, string>> {
  return new Promise((settle, reject) => {
    asked.on('error', reject);
    asked.on('response', (response: IncomingMessage) => {
      const finish = (result: Result<Answer, string>): void => {
        asked.destroy();
        settle(result);
      };
      const { statusCode, headers } = response;
      if (MOVED.includes(statusCode) && headers.location !== undefined) {
        finish(ok({ location: headers.location }));
        return;
      }
      if (statusCode !== 200) {
        finish(err(`status ${String(statusCode)} from ${url.host}`));
        return;
      }
      const tooLong = err(`it is longer than ${String(mostBytes)} bytes`);
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > mostBytes) finish(tooLong);
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        // `end` also comes when the other end closed in the middle.
        finish(response.complete ? ok({ body: Buffer.concat(chunks) }) : err('the answer was cut off'));
      });
    });
    asked.end();
  });
}

/** Addresses that are not of the public Internet. */
function isInside(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() !== 'unicast';
}

const outside: LookupFunction = (hostname, options, done) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    const allowed = error === null ? addresses.filter(({ address }) => !isInside(address)) : [];
    const [one] = allowed;
    if (error !== null) done(error, '', 0);
    else if (one === undefined) done(new Error(`it redirects to ${hostname}, which is not public`), '', 0);
    else if (options.all === true) done(null, allowed);
    else done(null, one.address, one.family);
  });
};

/** A host name without the brackets of IPv6. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

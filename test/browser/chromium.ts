/** Debian's Chromium without a display, as the browser tests use it. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';

const PICTURES = new URL('./out/', import.meta.url);

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page that remembers what went wrong in it and everything it received. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors, refused loads and violations of the content security policy. */
  readonly complaints: string[];
  /** URLs of all requests but those of WebSockets. */
  readonly requested: string[];
  /** Bodies of all responses and all WebSocket frames, as text. */
  readonly received: string[];
  /** The same, unread: what has come when this is called. */
  receivedBytes(): Promise<readonly Buffer[]>;
  /** Puts a screenshot of the window into test/browser/out/. */
  picture(name: string): Promise<void>;
}

export async function openPage(
  browser: Browser,
  url: string,
  look: { readonly scheme: 'light' | 'dark'; readonly width: number; readonly height: number },
): Promise<WatchedPage> {
  mkdirSync(PICTURES, { recursive: true });
  const context = await browser.newContext({
    colorScheme: look.scheme,
    viewport: { width: look.width, height: look.height },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requested: string[] = [];
  const received: string[] = [];
  const bytes: Promise<Buffer>[] = [];
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('response', (response) => {
    bytes.push(response.body().catch(() => Buffer.alloc(0)));
    response.text().then(
      (body) => received.push(body),
      () => undefined,
    );
  });
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      received.push(payload.toString());
      bytes.push(Promise.resolve(Buffer.from(payload)));
    });
  });
  await page.goto(url);
  return {
    page,
    complaints,
    requested,
    received,
    receivedBytes: () => Promise.all(bytes),
    picture: async (name) => {
      await page.screenshot({ path: fileURLToPath(new URL(`${name}.png`, PICTURES)) });
    },
  };
}

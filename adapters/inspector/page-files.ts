/** The page as it is served: a fixed table, read once, so that no request can name a file. */
import { readFile } from 'node:fs/promises';
import { CHART_STYLE } from './chart-style.js';

export interface PageFile {
  readonly contentType: string;
  readonly content: string;
}

/** In the source tree as in the bundle the page lies beside the code that serves it. */
const FOLDER = new URL('./page/', import.meta.url);

const HTML = 'text/html; charset=utf-8';
const CSS = 'text/css; charset=utf-8';
const IMAGE = 'image/svg+xml';
const SCRIPT = 'text/javascript; charset=utf-8';

const FILES: readonly (readonly [name: string, contentType: string])[] = [
  ['index.html', HTML],
  ['icon.svg', IMAGE],
  ['page.css', CSS],
  ['page.js', SCRIPT],
  ['chart.js', SCRIPT],
  ['connection.js', SCRIPT],
  ['details.js', SCRIPT],
  ['element.js', SCRIPT],
  ['journal.js', SCRIPT],
  ['ladder.js', SCRIPT],
  ['list.js', SCRIPT],
  ['message.js', SCRIPT],
  ['moments.js', SCRIPT],
  ['row.js', SCRIPT],
  ['state-words.js', SCRIPT],
  ['timeline.js', SCRIPT],
  ['why.js', SCRIPT],
  ['words.js', SCRIPT],
];

/** By request path. Rejects with an `Error` that says which file is missing. */
export async function readPage(): Promise<ReadonlyMap<string, PageFile>> {
  const page = new Map<string, PageFile>([['/chart.css', { contentType: CSS, content: CHART_STYLE }]]);
  for (const [name, contentType] of FILES) {
    const file = new URL(name, FOLDER);
    const content = await readFile(file, 'utf8').catch(() => {
      throw new Error(`the inspector cannot read its page ${file.pathname}: this installation is incomplete`);
    });
    page.set(name === 'index.html' ? '/' : `/${name}`, { contentType, content });
  }
  return page;
}

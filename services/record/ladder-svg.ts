/** A ladder as a drawing: two ends, messages between them, notes beside. Stands alone: no script, no font, no style sheet. */
import { type Ladder, printable, type Rung } from './ladder.js';

const WIDTH = 960;
const LEFT = 190;
const RIGHT = 560;
const TOP = 60;
const STEP = 26;
const NOTE_AT = RIGHT + 20;
const LONGEST = 62;

export function ladderSvg({ local, remote, rungs }: Ladder): string {
  const height = TOP + rungs.length * STEP + 30;
  const body = rungs.map((rung, index) => drawn(rung, TOP + (index + 1) * STEP)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(`Messages between ${local} and ${remote}`)}</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${String(LEFT)}" y="30" text-anchor="middle" font-weight="bold">${escaped(local)}</text>
<text x="${String(RIGHT)}" y="30" text-anchor="middle" font-weight="bold">${escaped(remote)}</text>
<path d="M${String(LEFT)} 40V${String(height - 10)}M${String(RIGHT)} 40V${String(height - 10)}" stroke="#888"/>
${body}
</svg>
`;
}

function drawn({ at, by, kind, text }: Rung, y: number): string {
  const stamp = `<text x="10" y="${String(y)}" fill="#555">${at.toFixed(1)} ms</text><text x="100" y="${String(y)}" fill="#555">${escaped(by)}</text>`;
  if (kind === 'out' || kind === 'in' || kind === 'lost') {
    const [from, to] = kind === 'out' ? [LEFT, RIGHT] : [RIGHT, LEFT];
    const colour = kind === 'lost' ? ' stroke-dasharray="4 3" stroke="#b00"' : ' stroke="#000"';
    const label = `<text x="${String((LEFT + RIGHT) / 2)}" y="${String(y - 7)}" text-anchor="middle">${shown(text)}</text>`;
    return `${stamp}<path d="M${String(from)} ${String(y - 3)}H${String(to)}"${colour} marker-end="url(#head)"/>${label}`;
  }
  const weight = kind === 'end' ? ' font-weight="bold"' : '';
  return `${stamp}<circle cx="${String(LEFT)}" cy="${String(y - 4)}" r="3"/><text x="${String(NOTE_AT)}" y="${String(y)}"${weight}>${shown(text)}<title>${escaped(printable(text))}</title></text>`;
}

function shown(text: string): string {
  const words = printable(text);
  return escaped(words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A ladder as a drawing: two ends, messages between them, notes beside. Stands alone: no script, no font, no style sheet. */
import { type Ladder, printable, type Rung } from './ladder.js';

const WIDTH = 1000;
const LEFT = 190;
const RIGHT = 560;
const TOP = 60;
const STEP = 26;
/** From one line of a note to the next. */
const LINE = 15;
const NOTE_AT = RIGHT + 20;
/** Characters that have room in a line, of a note and on an arrow. */
const NOTE_LENGTH = 60;
const LABEL_LENGTH = 58;

export function ladderSvg({ local, remote, rungs }: Ladder): string {
  let y = TOP;
  const drawings = rungs.map((rung) => {
    const lines = isArrow(rung) ? [printable(rung.text)] : wrapped(printable(rung.text));
    y += STEP;
    const drawing = drawn(rung, lines, y);
    y += (lines.length - 1) * LINE;
    return drawing;
  });
  const height = y + STEP + 30;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(`Messages between ${local} and ${remote}`)}</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${String(LEFT)}" y="30" text-anchor="middle" font-weight="bold">${escaped(local)}</text>
<text x="${String(RIGHT)}" y="30" text-anchor="middle" font-weight="bold">${escaped(remote)}</text>
<path d="M${String(LEFT)} 40V${String(height - 10)}M${String(RIGHT)} 40V${String(height - 10)}" stroke="#888"/>
${drawings.join('\n')}
</svg>
`;
}

function isArrow({ kind }: Rung): boolean {
  return kind === 'out' || kind === 'in' || kind === 'lost';
}

function drawn({ at, by, kind, text }: Rung, lines: readonly string[], y: number): string {
  const stamp = `<text x="10" y="${String(y)}" fill="#555">${at.toFixed(1)} ms</text><text x="100" y="${String(y)}" fill="#555">${escaped(by)}</text>`;
  if (kind === 'out' || kind === 'in' || kind === 'lost') {
    const [from, to] = kind === 'out' ? [LEFT, RIGHT] : [RIGHT, LEFT];
    const colour = kind === 'lost' ? ' stroke-dasharray="4 3" stroke="#b00"' : ' stroke="#000"';
    const whole = printable(text);
    const label = whole.length > LABEL_LENGTH ? `${whole.slice(0, LABEL_LENGTH - 1)}…` : whole;
    return `${stamp}<path d="M${String(from)} ${String(y - 3)}H${String(to)}"${colour} marker-end="url(#head)"/><text x="${String((LEFT + RIGHT) / 2)}" y="${String(y - 7)}" text-anchor="middle">${escaped(label)}<title>${escaped(whole)}</title></text>`;
  }
  const weight = kind === 'end' ? ' font-weight="bold"' : '';
  const note = lines
    .map(
      (line, index) =>
        `<tspan x="${String(NOTE_AT)}" dy="${index === 0 ? '0' : String(LINE)}">${escaped(line)}</tspan>`,
    )
    .join('');
  return `${stamp}<circle cx="${String(LEFT)}" cy="${String(y - 4)}" r="3"/><text x="${String(NOTE_AT)}" y="${String(y)}"${weight}>${note}</text>`;
}

/** A word that is longer than a line is broken: it may be a peer's. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= NOTE_LENGTH) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    for (; line.length > NOTE_LENGTH; line = line.slice(NOTE_LENGTH)) lines.push(line.slice(0, NOTE_LENGTH));
  }
  return [...lines, line];
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

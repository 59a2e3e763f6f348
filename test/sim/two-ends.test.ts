import assert from 'node:assert/strict';
import { hex } from '../../services/bytes.js';
import { capturedDatagrams, pcapFile, pcapngFile } from '../../services/record/capture.js';
import { ladderOf, ladderText } from '../../services/record/ladder.js';
import { ladderSvg } from '../../services/record/ladder-svg.js';
import { twoEnds } from '../../services/record/two-ends.js';
import { read, recorded, replayed, savedText } from './recorded-pair.js';
import { runUntil } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, type Pair, presharedText, startPair } from './two-gateways.js';

async function bothEnds(ms: number, prepare: (pair: Pair) => void, westKey?: string) {
  const east = recorded(gatewayPlan('east'));
  const west = recorded({
    ...gatewayPlan('west'),
    ...(westKey === undefined ? {} : { preshared: presharedText('west', westKey) }),
  });
  const pair = await startPair(3, east.plan, west.plan);
  prepare(pair);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, ms);
  await runUntil(pair.clock, () => false, 1000);
  const texts = [
    savedText(east.recorder(), pair.east, 'p1-1'),
    savedText(west.recorder(), pair.west, 'p1-1'),
  ] as const;
  return { pair, texts, a: read(texts[0]), b: read(texts[1]) };
}

describe('recordings of both ends', () => {
  it('agree where nothing goes wrong, whatever their clocks say', async () => {
    const { a, b } = await bothEnds(60_000, () => undefined);
    const late = { ...b, header: { ...b.header, epoch: b.header.epoch + 5000 } };
    const ends = twoEnds(a, late);
    assert.equal(ends?.disagreement, undefined);
    assert.ok(Math.abs((ends?.ahead ?? 0) - 5000) < 1);
    assert.deepEqual(
      ends?.crossings.map(({ from, fate }) => `${from} ${fate}`),
      ['A taken', 'B taken', 'A taken', 'B taken', 'A taken', 'B taken', 'A taken', 'B taken', 'A taken'],
    );
  });

  it('say what was lost and sent again', async () => {
    const { a, b } = await bothEnds(60_000, ({ network }) => {
      let n = 0;
      network.filter = () => (++n === 3 ? 'drop' : 'pass');
    });
    const ends = twoEnds(a, b);
    assert.ok(ends);
    // One copy arrived: which of equal ones was lost nobody can tell, and nothing came of it.
    assert.equal(ends.disagreement, undefined);
    const third = ends.crossings.filter(({ message }) => message.startsWith('Main Mode 3'));
    assert.deepEqual(
      third.map(({ again }) => again),
      [0, 1],
    );
    assert.equal(third.filter(({ arrivedAt }) => arrivedAt === undefined).length, 1);
  });

  it('know what was sent before one of them begins: that was not lost', async () => {
    const { a, b } = await bothEnds(60_000, () => undefined);
    const quick = b.entries.findIndex((entry) => entry.kind === 'begin' && entry.by === 'p2-1');
    const first = b.entries.findLastIndex((entry, index) => index < quick && entry.kind === 'in');
    const ends = twoEnds(a, { ...b, entries: b.entries.slice(first) });
    assert.equal(ends?.disagreement, undefined);
    const missing = ends?.crossings.filter(({ arrivedAt }) => arrivedAt === undefined);
    assert.deepEqual(
      [...new Set(missing?.map(({ fate }) => fate))],
      ['before the beginning of the other recording'],
    );
    assert.equal(missing?.length, 3, 'of Main Mode');
  });

  it('name the message at which they part', async () => {
    const { a, b } = await bothEnds(400_000, () => undefined, 'ffffffffffffffffffffffffffffffff');
    assert.match(twoEnds(a, b)?.disagreement?.text ?? '', /^B did not take Main Mode 5 .* of A: ignored/);
  });

  it('have nothing to do with each other when no datagram is in both', async () => {
    const [one, other] = [await bothEnds(60_000, () => undefined), await bothEnds(60_000, () => undefined)];
    const strange = { ...other.a, entries: other.a.entries.filter(({ kind }) => kind === 'event') };
    assert.equal(twoEnds(one.a, strange), undefined);
  });
});

describe('a recording in other forms', () => {
  it('is a capture with every datagram, and one with the plaintexts', async () => {
    const { a, pair } = await bothEnds(60_000, () => undefined);
    const closed = capturedDatagrams(a, false);
    assert.deepEqual(
      closed.map(({ bytes }) => hex(bytes)),
      pair.network.sent.slice(0, closed.length).map(({ bytes }) => hex(bytes)),
    );
    const opened = capturedDatagrams(a, true);
    assert.ok(closed.some(({ bytes }) => ((bytes[19] ?? 0) & 1) === 1));
    for (const { bytes } of opened) {
      assert.equal((bytes[19] ?? 0) & 1, 0);
      assert.equal(new DataView(bytes.buffer, bytes.byteOffset).getUint32(24), bytes.length);
    }
  });

  it('is a file whose times and lengths are right', () => {
    const packets = [{ at: 1_700_000_000_123.4, bytes: Uint8Array.of(1, 2, 3, 4, 5) }];
    const pcap = new DataView(pcapFile(packets).buffer);
    assert.deepEqual(
      [24, 28, 32, 36].map((at) => pcap.getUint32(at, true)),
      [1_700_000_000, 123_400, 5, 5],
    );
    const pcapng = pcapngFile(packets, 'a word');
    const view = new DataView(pcapng.buffer);
    // Each block says its length at both ends, and they fill the file.
    let at = 0;
    while (at < pcapng.length) {
      const length = view.getUint32(at + 4, true);
      assert.equal(view.getUint32(at + length - 4, true), length);
      at += length;
    }
    assert.equal(at, pcapng.length);
  });

  it('is a ladder as text and as a drawing, in which words of a peer are words', async () => {
    const { texts } = await bothEnds(60_000, () => undefined);
    const { events } = await replayed(texts[0]);
    const ladder = ladderOf(events, true);
    const lines = ladderText(ladder).join('\n');
    assert.match(lines, /-+> {2}Main Mode 1 {2}SA/);
    assert.match(lines, /\[awaitingChoice \| waiting\]/);
    const hostile = {
      ...ladder,
      rungs: [{ at: 0, by: 'p1-1', kind: 'note', text: '\u001b[2J<script>&' }],
    } as const;
    assert.ok(ladderText(hostile).join('').includes('\\x1b[2J'));
    const svg = ladderSvg(hostile);
    assert.ok(svg.includes('&lt;script&gt;&amp;') && !svg.includes('<script>'));
    const words = Array.from({ length: 40 }, (_, index) => `word${String(index)}`);
    const long = { at: 0, by: 'p1-1', kind: 'note', text: words.join(' ') } as const;
    const drawn = ladderSvg({ ...ladder, rungs: [long, { ...long, text: 'x'.repeat(150) }] });
    const notes = [...drawn.matchAll(/<tspan[^>]*>([^<]*)</g)].map(([, line = '']) => line);
    assert.ok(notes.every((line) => line.length <= 60));
    assert.equal(
      notes
        .join(' ')
        .split(' ')
        .filter((word) => word.startsWith('word')).length,
      40,
      'nothing is cut',
    );
    assert.equal(/x+/.exec(notes.join(''))?.[0].length, 150);
  });
});

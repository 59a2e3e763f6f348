/** Both ends' recordings in one ladder: A on the left, B on the right. */
import { printable } from '../../../services/record/ladder.js';
import type { TwoEnds } from '../../../services/record/two-ends.js';

const WIDTH = 44;

export function twoEndsLines(
  { crossings, facts, ahead, disagreement }: TwoEnds,
  names: { readonly A: string; readonly B: string },
): readonly string[] {
  const rows = [
    ...crossings.map(({ from, sentAt, arrivedAt, message, again, fate }) => {
      const arrow =
        arrivedAt === undefined
          ? from === 'A'
            ? '------x       '
            : '       x------'
          : from === 'A'
            ? '------------->'
            : '<-------------';
      const repeated = again === 0 ? '' : `, again (${String(again)})`;
      const took = arrivedAt === undefined ? '' : ` +${(arrivedAt - sentAt).toFixed(1)} ms`;
      return {
        at: sentAt,
        text: `A ${arrow} B  ${printable(message)}${repeated}${took}  ${printable(fate)}`,
      };
    }),
    ...facts.map(({ end, at, text }) => ({
      at,
      text: `${end === 'A' ? 'A' : ' '.padEnd(17) + 'B'}  ${printable(text)}`,
    })),
  ].sort((one, other) => one.at - other.at);
  const first = rows[0]?.at ?? 0;
  const side = Math.abs(ahead).toFixed(1);
  return [
    `A is ${names.A}`,
    `B is ${names.B}; its clock is ${side} ms ${ahead < 0 ? 'behind' : 'ahead'}, as far as the datagrams tell`,
    '-'.repeat(WIDTH),
    ...rows.map(({ at, text }) => `${(at - first).toFixed(1).padStart(10)}  ${text}`),
    '-'.repeat(WIDTH),
    disagreement === undefined
      ? 'The two ends agree to the end.'
      : `First disagreement, at ${(disagreement.at - first).toFixed(1)} ms: ${printable(disagreement.text)}.`,
  ];
}

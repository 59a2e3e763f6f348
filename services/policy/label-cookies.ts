/**
 * Numbers of rule labels, by which a key management cookie of PF_KEY names a rule, as lines of `ipsec_kmc_map`: the
 * number, a tab, the label up to the end of the line (usr/src/lib/libipsecutil/common/ipsec_util.c).
 */
import { err, ok, type Result } from '../result.js';

export type LabelCookies = ReadonlyMap<string, number>;

const HIGHEST = 0xffff_ffff;
/** Of a line, in bytes. */
const LONGEST_LINE = 4096;

/** The error names the line. The first of several lines for a label counts. */
export function parseLabelCookies(text: string): Result<LabelCookies, string> {
  const cookies = new Map<string, number>();
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '' && index === lines.length - 1) continue;
    const [, number = '', label = ''] = /^(\d{1,10})[ \t](.+)$/s.exec(line) ?? [];
    const cookie = Number(number);
    if (number === '' || cookie > HIGHEST || Buffer.byteLength(line) > LONGEST_LINE)
      return err(`line ${String(index + 1)} is not a number, a tab and a label`);
    if (!cookies.has(label)) cookies.set(label, cookie);
  }
  return ok(cookies);
}

export function formatLabelCookies(cookies: LabelCookies): string {
  return [...cookies].map(([label, cookie]) => `${String(cookie)}\t${label}\n`).join('');
}

/** With a number for each of `labels`: the one it has, else one above the highest. From 1. */
export function withLabels(cookies: LabelCookies, labels: readonly string[]): LabelCookies {
  const all = new Map(cookies);
  let highest = Math.max(0, ...cookies.values());
  for (const label of labels) {
    if (all.has(label)) continue;
    highest += 1;
    all.set(label, highest);
  }
  return all;
}

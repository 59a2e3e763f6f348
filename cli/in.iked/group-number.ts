/** A group by its name in /etc/group or by its number: Node looks up no groups. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

/** A value of the command line; throws commander's error, which says what to write. */
export function groupNumber(text: string, file = '/etc/group'): number {
  if (/^\d{1,10}$/.test(text)) {
    const number = Number(text);
    if (number < 0xffff_ffff) return number;
  }
  const number = groupsOf(file).get(text);
  if (number === undefined) {
    throw new InvalidArgumentError(`There is no group "${text}" in ${file}: write its number, or make it.`);
  }
  return number;
}

function groupsOf(file: string): ReadonlyMap<string, number> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return new Map();
  }
  const groups = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name = '', , number = ''] = line.split(':');
    if (name !== '' && /^\d+$/.test(number)) groups.set(name, Number(number));
  }
  return groups;
}

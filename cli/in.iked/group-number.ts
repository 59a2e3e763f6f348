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

/** Numbers of the groups that list the user as a member. */
export function groupsWith(user: string, file = '/etc/group'): readonly number[] {
  return entriesOf(file)
    .filter(({ members }) => members.includes(user))
    .map(({ number }) => number);
}

function groupsOf(file: string): ReadonlyMap<string, number> {
  return new Map(entriesOf(file).map(({ name, number }) => [name, number]));
}

interface GroupEntry {
  readonly name: string;
  readonly number: number;
  readonly members: readonly string[];
}

function entriesOf(file: string): readonly GroupEntry[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name = '', , number = '', members = ''] = line.split(':');
    if (name === '' || !/^\d+$/.test(number)) return [];
    return [{ name, number: Number(number), members: members.split(',') }];
  });
}

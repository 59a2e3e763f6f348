/** What `--suites` takes: names of suites, separated by commas. */
import { InvalidArgumentError } from 'commander';

/** For an option of commander: refuses names of suites that a bench has not. */
export function namesAmong(
  suites: readonly { readonly name: string }[],
): (text: string) => readonly string[] {
  return (text) => {
    const wanted = text.split(',').filter((name) => name !== '');
    const unknown = wanted.find((name) => !suites.some((suite) => suite.name === name));
    if (unknown === undefined) return wanted;
    throw new InvalidArgumentError(`"${unknown}" is none of ${suites.map(({ name }) => name).join(', ')}.`);
  };
}

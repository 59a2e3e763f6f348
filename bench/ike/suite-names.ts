/** Which suites are wanted, by `--suites` or `BENCH_SUITES`: names, separated by commas. */
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

/** Those of `BENCH_SUITES`, or all; ends the process where it names one that a bench has not. */
export function suitesWanted<Suite extends { readonly name: string }>(
  suites: readonly Suite[],
): readonly Suite[] {
  const wanted = process.env.BENCH_SUITES?.split(',') ?? suites.map(({ name }) => name);
  const chosen = suites.filter(({ name }) => wanted.includes(name));
  if (chosen.length === wanted.length) return chosen;
  console.error(`BENCH_SUITES: ${wanted.join(',')}; there are ${suites.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

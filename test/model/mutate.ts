/** Loaded before the tests of a mutant: makes the mistake that the environment names, `CHART:NUMBER`, or none. */
import { CHARTS } from '../../machines/charts.js';
import { makeMistake } from './mutants.js';

const wanted = process.env.IKECHART_MUTANT;
if (wanted !== undefined) {
  const [chart = '', number = ''] = wanted.split(':');
  const machine = CHARTS[chart];
  if (machine === undefined) throw new Error('IKECHART_MUTANT names no chart');
  makeMistake(machine, Number(number));
  // Charts that were made before the mistake are made again.
  for (const [name, made] of Object.entries(CHARTS)) Reflect.set(CHARTS, name, made.provide({}));
}

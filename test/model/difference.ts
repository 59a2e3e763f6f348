/** Whether two charts can be told apart from outside, by trying everything that can happen to both. */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { initialTransition, transition } from 'xstate';
import { fateOf } from './run.js';
import { type ChartEvent, inputs, nameOf, placeIn, placeOf, possible } from './subject.js';

type Stepped = readonly [AnyMachineSnapshot, readonly { readonly type: string; readonly params: unknown }[]];

interface Pair {
  readonly one: AnyMachineSnapshot;
  readonly other: AnyMachineSnapshot;
  readonly story: readonly string[];
}

/** What is seen of a step: where it leads, what it does, which alarms it sets, how it ends. */
function seen([snapshot, actions]: Stepped): string {
  const { value, output, jobs } = placeIn(snapshot);
  const done = actions.map(({ type, params }): unknown => [
    type,
    Reflect.get(Object(params), 'id'),
    Reflect.get(Object(params), 'delay'),
  ]);
  return JSON.stringify([value, output, jobs, [...snapshot.tags], done]);
}

/** A shortest story of `events` after which the two differ; undefined when there is none. */
export function difference(
  name: string,
  one: AnyStateMachine,
  other: AnyStateMachine,
  events = (snapshot: AnyMachineSnapshot) => told(name, snapshot),
): readonly string[] | undefined {
  const waiting: Pair[] = [];
  const visited = new Set<string>();
  /** True when they differ. */
  const compare = (a: Stepped, b: Stepped, story: readonly string[]): boolean => {
    if (seen(a) !== seen(b)) return true;
    const key = `${placeOf(a[0])} ${placeOf(b[0])}`;
    if (!visited.has(key)) waiting.push({ one: a[0], other: b[0], story });
    visited.add(key);
    return false;
  };
  for (const input of inputs(name))
    if (compare(initialTransition(one, input), initialTransition(other, input), [])) return [];
  for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
    for (const event of events(pair.one)) {
      const story = [...pair.story, nameOf(event)];
      if (compare(transition(one, pair.one, event), transition(other, pair.other, event), story))
        return story;
    }
  }
  return undefined;
}

function told(name: string, snapshot: AnyMachineSnapshot): readonly ChartEvent[] {
  return possible(snapshot).filter((event) => fateOf(name, snapshot, event) === 'told');
}

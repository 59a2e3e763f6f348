/**
 * An actor of a chart that is run by tables. Its input goes to the interpreter by hand, not among the options of the actor: V8 gives
 * each set of options that adds to XState's own a hidden class, which took a hundredth of what a handshake costs.
 */
import { Actor, type AnyStateMachine, type InputFrom } from 'xstate';
import { isRunByTables } from './step-follower.js';

type Clock = Actor<AnyStateMachine>['clock'];

/** For the actor that is being made. */
let handed: { readonly input: unknown } | undefined;

export function actorOf<M extends AnyStateMachine>(machine: M, input: InputFrom<M>, clock: Clock): Actor<M> {
  if (!isRunByTables(machine)) throw new Error(`chart ${machine.id} is not run by tables`);
  handed = { input };
  const actor = new Actor(machine, { clock });
  // Where the actor's first event takes it from, for those who inspect.
  const options: { input?: unknown } = actor.options;
  options.input = input;
  return actor;
}

/** Asked for when the first snapshot is made, before `actorOf` is over; `given` is what an actor made otherwise was given. */
export function inputOf(given: unknown): unknown {
  const { input } = handed ?? { input: given };
  handed = undefined;
  return input;
}

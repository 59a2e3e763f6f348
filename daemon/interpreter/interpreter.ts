/**
 * Runs a chart as XState does, with what never changes worked out once. XState's own interpreter works out for every
 * event which states are left and entered, and makes a snapshot for every action: in a handshake that took 700 us of
 * processor, four times as long as its Diffie-Hellman; this takes a seventh of that. The chart, the actor, its mailbox,
 * its snapshots and the reports to whoever inspects it are XState's own.
 *
 * The charts of exchanges and of SAs use less than XState has. What they do not use (history, `always`, composed guards,
 * wildcards, final states further in) is refused when the chart is given over, not ignored.
 */
import type {
  AnyActorScope,
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
} from 'xstate';
import { inputOf } from './actor-of.js';
import { Configuration, guardOf } from './configuration.js';
import { insidesOf, isScopeOf } from './insides.js';
import { type Held, type Macrostep, NO_CHILDREN, type Scope, stopChild } from './macrostep.js';
import { entryOf, exitOf, isFunction, type Operation, operationOf, property, unknown } from './operations.js';
import { followerOf, runsByTables } from './step-follower.js';
import { cancelAll } from './timers.js';
import { initialSet } from './transition-sets.js';

/** From now on `machine` is run by tables of its own. It has all its implementations: none is looked up again. */
export function interpretByTables(machine: AnyStateMachine): void {
  const interpreter = new Interpreter(machine);
  machine.transition = (snapshot: AnyMachineSnapshot, event: AnyEventObject, scope: AnyActorScope) =>
    interpreter.transition(snapshot, event, scope);
  runsByTables(machine);
  machine.getInitialSnapshot = (scope: AnyActorScope, input?: unknown) =>
    interpreter.begin(scope, inputOf(input));
}

const NO_ACTORS: Macrostep['unbegun'] = [];
const NO_TRANSITIONS: readonly AnyTransitionDefinition[] = [];

class Interpreter {
  readonly #machine: AnyStateMachine;
  readonly #configurations = new Map<string, Configuration>();
  /** By the very list of states that its snapshots have. */
  readonly #ofSnapshots = new Map<readonly AnyStateNode[], Configuration>();
  readonly #initial: Configuration;
  readonly #initialOperations: readonly Operation[];
  readonly #context: (args: object) => unknown;

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    const context: unknown = property(machine.config, 'context');
    if (!isFunction(context)) throw unknown(machine, 'context', 'no function');
    this.#context = context;
    refuseUnknown(machine, machine.root);
    const entered = initialSet(machine.root);
    this.#initial = this.#at(new Set(entered));
    this.#initialOperations = entered.flatMap((node) => entryOf(machine, node));
  }

  begin(scope: Scope, input: unknown): AnyMachineSnapshot {
    const context = this.#context({ input, self: scope.self });
    if (typeof context !== 'object' || context === null)
      throw unknown(this.#machine, 'context', typeof context);
    const step = macrostepOf(scope, { type: 'xstate.init', input }, { context, children: NO_CHILDREN });
    for (const operation of this.#initialOperations) operation(step);
    return this.#goOn(step, this.#initial, this.#snapshot(step, this.#initial));
  }

  transition(snapshot: AnyMachineSnapshot, event: AnyEventObject, scope: Scope): AnyMachineSnapshot {
    try {
      const after = this.#transition(snapshot, event, scope);
      if (after.status !== 'active') cancelAll(scope.self, scope.system);
      return after;
    } catch (error) {
      // The actor ends with it.
      cancelAll(scope.self, scope.system);
      throw error;
    }
  }

  #transition(snapshot: AnyMachineSnapshot, event: AnyEventObject, scope: Scope): AnyMachineSnapshot {
    const step = macrostepOf(scope, event, snapshot);
    if (event.type === 'xstate.stop')
      return this.#ended(step, { ...snapshot, status: 'stopped', output: undefined, error: undefined });
    const configuration = this.#configurationOf(snapshot);
    const chosen = configuration.chosen(step);
    // A job that fails where nobody provides for it takes its chart along.
    if (chosen.length === 0 && event.type.startsWith('xstate.error.actor'))
      return this.#ended(step, {
        ...snapshot,
        status: 'error',
        output: undefined,
        error: property(event, 'error'),
      });
    return this.#take(step, configuration, snapshot, chosen);
  }

  #take(
    step: Macrostep,
    configuration: Configuration,
    snapshot: AnyMachineSnapshot,
    transitions: readonly AnyTransitionDefinition[],
  ): AnyMachineSnapshot {
    if (transitions.length === 0) {
      reportMicrostep(step, snapshot, transitions);
      return this.#goOn(step, configuration, snapshot);
    }
    const { operations, next } = configuration.microstep(transitions);
    for (const operation of operations) operation(step);
    const after = this.#snapshot(step, next);
    reportMicrostep(step, after, transitions);
    followerOf(step.scope.self)?.stepped(transitions, after);
    return this.#goOn(step, next, after);
  }

  /** Takes what was raised, or stops what still runs at the end. */
  #goOn(step: Macrostep, configuration: Configuration, snapshot: AnyMachineSnapshot): AnyMachineSnapshot {
    if (snapshot.status !== 'active') {
      stopChildren(step);
      return snapshot;
    }
    const event = step.raised.length === 0 ? undefined : step.raised.shift();
    if (event === undefined) return snapshot;
    step.event = event;
    return this.#take(step, configuration, snapshot, configuration.chosen(step));
  }

  #ended(step: Macrostep, snapshot: AnyMachineSnapshot): AnyMachineSnapshot {
    stopChildren(step);
    const ended = { ...snapshot, children: NO_CHILDREN };
    reportMicrostep(step, ended, NO_TRANSITIONS);
    return ended;
  }

  #snapshot({ scope, context, children }: Macrostep, configuration: Configuration): AnyMachineSnapshot {
    const { resting, isFinal } = configuration;
    // Assigned, not spread over: V8 writes a property that is there already by its slow way (1 us for two).
    const snapshot = { ...resting };
    snapshot.context = context;
    snapshot.children = children;
    if (!isFinal) return snapshot;
    const { output } = this.#machine.root;
    const event = { type: `xstate.done.state.${this.#machine.id}`, output: undefined };
    const result = isFunction(output) ? output({ context, event, self: scope.self }) : output;
    return { ...snapshot, status: 'done', output: result, error: undefined };
  }

  #configurationOf({ _nodes }: AnyMachineSnapshot): Configuration {
    const nodes: readonly AnyStateNode[] = _nodes;
    return this.#ofSnapshots.get(nodes) ?? this.#at(new Set(nodes));
  }

  #at(active: ReadonlySet<AnyStateNode>): Configuration {
    const sorted = [...active].sort((a, b) => a.order - b.order);
    const key = sorted.map(({ order }) => order).join(' ');
    const known = this.#configurations.get(key);
    if (known !== undefined) return known;
    const fresh = new Configuration(this.#machine, new Set(sorted), (others) => this.#at(others));
    this.#configurations.set(key, fresh);
    this.#ofSnapshots.set(fresh.resting._nodes, fresh);
    return fresh;
  }
}

function macrostepOf(scope: Scope, event: AnyEventObject, { context, children }: Held): Macrostep {
  const { self, system } = scope;
  return {
    scope,
    insides: insidesOf(system),
    own: isScopeOf(self, scope),
    event,
    context,
    self,
    system,
    children,
    unbegun: NO_ACTORS,
    raised: [],
  };
}

function stopChildren(step: Macrostep): void {
  if (step.children === NO_CHILDREN) return;
  for (const child of Object.values(step.children)) stopChild(step, child);
}

/** To whoever inspects the system of the actor. */
function reportMicrostep(
  { scope, insides, event }: Macrostep,
  snapshot: AnyMachineSnapshot,
  _transitions: readonly AnyTransitionDefinition[],
): void {
  insides._sendInspectionEvent({
    type: '@xstate.microstep',
    actorRef: scope.self,
    event,
    snapshot,
    _transitions,
  });
}

function refuseUnknown(machine: AnyStateMachine, node: AnyStateNode): void {
  if (node.type === 'history') throw unknown(machine, 'kind of state', node.type);
  if (node.always !== undefined) throw unknown(machine, 'kind of transition', 'always');
  if (node.type === 'final' && node.parent !== machine.root)
    throw unknown(machine, 'kind of state', `${node.id}, final below the root`);
  for (const [type, transitions] of node.transitions) {
    if (type.includes('*')) throw unknown(machine, 'kind of transition', type);
    for (const { guard, actions } of transitions) {
      guardOf(machine, guard);
      for (const action of actions) operationOf(machine, action);
    }
  }
  entryOf(machine, node);
  exitOf(machine, node);
  if (node.type === 'compound' && node.initial.actions.length > 0)
    throw unknown(machine, 'kind of action', 'one of an initial transition');
  for (const child of Object.values<AnyStateNode>(node.states)) refuseUnknown(machine, child);
}

/** Runs the `acquire` chart for each question: of the kernel (a packet) or of an operator (`ikeadm up`). */
import { createActor } from 'xstate';
import { acquire, type AcquireEvent, type AcquireInput, type AcquireOutcome } from '../machines/acquire.js';
import { JobRefused } from '../machines/exchange.js';
import { asJob } from '../machines/job.js';
import type { NegotiationId } from '../services/events/event.js';
import type { StateWords } from '../services/explain/explain-standing.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { type Address, type Endpoint, formatEndpoint } from '../services/net/address.js';
import type { Rule } from '../services/policy/rule.js';
import { ruleAsItIs, ruleForInitiator } from '../services/policy/select-rule.js';
import type { IpsecPolicy } from '../services/ports/kernel.js';
import { err, ok, type Result } from '../services/result.js';
import type { ChartWatcher } from './chart-watcher.js';
import { Numbers } from './numbers.js';
import type { Installed } from './phase2-pool.js';
import type { DaemonPorts } from './ports.js';
import type { Phase1Entry, Speaker } from './sa-table.js';
import type { Settings } from './settings.js';
import { standsAt } from './stands-at.js';

export interface AcquireOwner {
  settings(): Settings;
  /** The socket to use towards the peer: none when the local address has none. */
  localEndpoint(address: Address): Endpoint | undefined;
  remoteEndpoint(address: Address): Endpoint;
  /** The youngest that may be used; with the same peer as `near`, where that is given. */
  findPhase1(local: Address, remote: Address, rule: Rule, near?: Speaker): Phase1Entry | undefined;
  /** Whether nothing was heard under it for so long that the peer should be asked first. */
  isQuiet(entry: Phase1Entry): boolean;
  /** Asks the peer; false when it does not live, or the SA cannot be used any more. */
  probe(entry: Phase1Entry): Promise<boolean>;
  /** The same after a Quick Mode without an answer: an SA whose peer cannot be asked is given up. */
  prove(entry: Phase1Entry): Promise<boolean>;
  negotiatePhase1(
    local: Endpoint,
    remote: Endpoint,
    rule: Rule,
    parent: NegotiationId,
  ): Promise<Result<Phase1Entry, Failure>>;
  negotiatePhase2(
    entry: Phase1Entry,
    policy: IpsecPolicy,
    parent: NegotiationId,
    renews: boolean,
  ): Promise<Result<Installed, Failure>>;
}

export interface Acquired extends Installed {
  readonly phase1: Phase1Entry;
}

interface Asked {
  readonly id: NegotiationId;
  readonly policy: IpsecPolicy;
  readonly near: Speaker | undefined;
  rule: Rule | undefined;
  phase1: Phase1Entry | undefined;
  installed: Installed | undefined;
  readonly send: (event: AcquireEvent) => void;
  standsAt(): readonly StateWords[];
}

export class AcquirePool {
  readonly #ports: DaemonPorts;
  readonly #owner: AcquireOwner;
  readonly #watcher: ChartWatcher;
  readonly #live = new Map<NegotiationId, Asked>();
  readonly #machine;
  readonly #numbers: Numbers;

  constructor(ports: DaemonPorts, watcher: ChartWatcher, owner: AcquireOwner) {
    this.#ports = ports;
    this.#numbers = new Numbers(ports.fellows?.place);
    this.#owner = owner;
    this.#watcher = watcher;
    const job = (run: (asked: Asked) => Promise<void>) =>
      asJob<AcquireInput>(async (input) => {
        await run(this.#asked(input.negotiation));
      });
    this.#machine = acquire.provide({
      actions: {
        findRule: ({ context, self }) => {
          self.send(this.#findRule(this.#asked(context.negotiation)));
        },
        findPhase1: ({ context, self }) => {
          self.send(this.#findPhase1(this.#asked(context.negotiation)));
        },
      },
      actors: {
        'negotiate.phase1': job((asked) => this.#negotiatePhase1(asked)),
        'negotiate.phase2': job((asked) => this.#negotiatePhase2(asked)),
        'probe.phase1': job((asked) => this.#lives(asked, 'probe')),
        'prove.phase1': job((asked) => this.#lives(asked, 'prove')),
      },
    });
  }

  /**
   * Gets SAs for the traffic of `policy`; the result says which, or why not. `near` is the Phase 1 SA of those that are to be
   * renewed, whose peer is meant, where an address may be that of several; `parent` is what asks.
   */
  ask(policy: IpsecPolicy, near?: Speaker, parent?: NegotiationId): Promise<Result<Acquired, Failure>> {
    const id = `acquire-${String(this.#numbers.next())}`;
    const actor = createActor(this.#machine, { input: { negotiation: id }, clock: this.#ports.clock });
    const asked: Asked = {
      id,
      policy,
      near,
      rule: undefined,
      phase1: undefined,
      installed: undefined,
      send: (event) => {
        actor.send(event);
      },
      standsAt: () => standsAt(actor.getSnapshot()),
    };
    this.#live.set(id, asked);
    const { local, remote } = this.#ends(policy, near);
    this.#ports.recorder?.begin(id, {
      chart: 'acquire',
      settings: this.#owner.settings(),
      parent,
      question: { policy, near: near?.id, local },
    });
    this.#ports.events.emit({
      type: 'negotiation.started',
      negotiation: id,
      chart: 'acquire',
      local,
      remote,
      rule: policy.ruleLabel,
      parent,
    });
    const unwatch = this.#watcher(actor, id);
    return new Promise((resolve) => {
      const end = (outcome: AcquireOutcome): void => {
        unwatch();
        this.#live.delete(id);
        resolve(this.#result(asked, outcome, remote));
      };
      actor.subscribe({
        complete: () => {
          end(actor.getSnapshot().output?.outcome ?? { kind: 'unfinished' });
        },
        error: (error: unknown) => {
          const detail = error instanceof Error ? error.message : String(error);
          this.#ports.events.emit({ type: 'internal.error', where: 'acquire', error: detail });
          end({ kind: 'failed', why: { cause: 'job', detail } });
        },
      });
      actor.start();
    });
  }

  /** Of a question that is still open. */
  standsAt(id: NegotiationId): readonly StateWords[] | undefined {
    return this.#live.get(id)?.standsAt();
  }

  /** Ends all questions that are still open. */
  withdrawAll(reason: Failure): void {
    for (const { id, send } of this.#live.values()) {
      const withdrawal = { type: 'OPERATOR_DELETE', failure: reason } as const;
      this.#ports.recorder?.withdrawn(id, withdrawal);
      send(withdrawal);
    }
  }

  #ends(policy: IpsecPolicy, near: Speaker | undefined): { local: Endpoint; remote: Endpoint } {
    if (near !== undefined) return { local: near.sa.local, remote: near.sa.remote };
    const { outer } = policy;
    return {
      local: this.#owner.localEndpoint(outer.local) ?? { address: outer.local, port: 0 },
      remote: this.#owner.remoteEndpoint(outer.remote),
    };
  }

  #asked(id: NegotiationId): Asked {
    const asked = this.#live.get(id);
    if (asked === undefined) throw new Error(`nobody asked ${id}`);
    return asked;
  }

  #findRule(asked: Asked): AcquireEvent {
    const { outer, ruleLabel } = asked.policy;
    const { config } = this.#owner.settings();
    const found = ruleForInitiator(config, outer.local, outer.remote, ruleLabel);
    if (!found.ok) {
      // For SAs that are to be renewed it says more that their rule is gone than that no other covers the addresses.
      const before = asked.near === undefined ? undefined : ruleAsItIs(config, asked.near.sa.rule);
      return { type: 'refused', failure: before?.ok === false ? before.error : found.error };
    }
    if (this.#owner.localEndpoint(outer.local) === undefined) {
      return { type: 'refused', failure: noSocket(outer.local) };
    }
    asked.rule = found.value;
    this.#ports.events.emit({ type: 'negotiation.rule', negotiation: asked.id, rule: found.value.label });
    return { type: 'ruleFound' };
  }

  #findPhase1(asked: Asked): AcquireEvent {
    const { outer } = asked.policy;
    const rule = known(asked.rule);
    asked.phase1 = this.#owner.findPhase1(outer.local, outer.remote, rule, asked.near);
    if (asked.phase1 === undefined) return { type: 'phase1Missing' };
    const { recorder } = this.#ports;
    recorder?.stands(asked.phase1, this.#owner.settings());
    const isQuiet = this.#owner.isQuiet(asked.phase1);
    const quiet = recorder?.circumstance(asked.id, 'isQuiet', isQuiet) ?? isQuiet;
    return { type: quiet ? 'phase1Quiet' : 'phase1Ready' };
  }

  async #lives(asked: Asked, question: 'probe' | 'prove'): Promise<void> {
    const phase1 = known(asked.phase1);
    const ask = (): Promise<boolean> => this.#owner[question](phase1);
    const lives = await (this.#ports.recorder?.answer(asked.id, question, ask) ?? ask());
    if (!lives) throw new JobRefused(noAnswer(phase1));
  }

  async #negotiatePhase1(asked: Asked): Promise<void> {
    const { local, remote } = this.#ends(asked.policy, asked.near);
    const result = await this.#owner.negotiatePhase1(local, remote, known(asked.rule), asked.id);
    if (!result.ok) throw new JobRefused(result.error);
    asked.phase1 = result.value;
  }

  async #negotiatePhase2(asked: Asked): Promise<void> {
    const renews = asked.near !== undefined;
    const result = await this.#owner.negotiatePhase2(known(asked.phase1), asked.policy, asked.id, renews);
    if (!result.ok) throw new JobRefused(result.error);
    asked.installed = result.value;
  }

  #result(asked: Asked, outcome: AcquireOutcome, remote: Endpoint): Result<Acquired, Failure> {
    const { installed, phase1 } = asked;
    if (outcome.kind === 'succeeded' && installed !== undefined && phase1 !== undefined) {
      this.#ended(asked.id, 'answered', undefined);
      return ok({ ...installed, phase1 });
    }
    const why =
      outcome.kind === 'failed' && outcome.why.cause === 'described'
        ? outcome.why.failure
        : failure(
            'internal',
            { exchange: '', message: 0 },
            'local',
            `The question for SAs with ${formatEndpoint(remote)} ended without an answer${outcome.kind === 'failed' && outcome.why.cause === 'job' ? `: ${outcome.why.detail}` : ''}.`,
            'This is a defect of this program.',
          );
    this.#ended(asked.id, 'refused', why);
    return err(why);
  }

  #ended(negotiation: NegotiationId, outcome: 'answered' | 'refused', why: Failure | undefined): void {
    this.#ports.events.emit({ type: 'negotiation.ended', negotiation, outcome, failure: why });
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the acquire chart went ahead of its record');
  return value;
}

function noAnswer({ sa }: Phase1Entry): Failure {
  return failure(
    'peer-silent',
    { exchange: 'Informational', message: 0 },
    'network',
    `${formatEndpoint(sa.remote)} does not answer under the Phase 1 SA that stood with it.`,
    'A new one is negotiated.',
  );
}

function noSocket(address: Address): Failure {
  return failure(
    'no-rule',
    { exchange: '', message: 0 },
    'config',
    `IKE has no socket on ${address}, the local address of the policy.`,
    'Add the address to --listen, or correct the policy.',
  );
}

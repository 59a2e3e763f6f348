/**
 * Looks for stale SAs: compares what this daemon believes with what its kernel holds, and asks the peers that can be asked.
 * What it mends it mends by the charts' own transitions or by the deletion of one SA; nothing is ever flushed.
 */
import type { Diagnosis, DoctorAdministration, Finding, NamedSa } from '../services/admin/doctor.js';
import { placeOf } from '../services/exchange/same-peer.js';
import { formatEndpoint } from '../services/net/address.js';
import type { HeldSa, SaIdentity } from '../services/ports/kernel.js';
import { err, ok, type Result } from '../services/result.js';
import { saKey } from '../services/state/sa-journal.js';
import { adoptEarlier } from './adoption.js';
import type { Engine } from './engine.js';
import type { Phase1Entry, Phase2Entry } from './sa-table.js';
import type { SaMemory } from './sa-memory.js';

/** Five questions with the defaults. */
const PATIENCE_MS = 10_000;
/** All questions with the defaults, and the decision: then the daemon itself clears what stood with a dead peer. */
const VERDICT_MS = 40_000;
/** States in which SAs are on their way out, and need not be whole. */
const LEAVING: ReadonlySet<string> = new Set(['deleting', 'draining']);

/** @param memory undefined: all SAs in the kernel are ours */
export function doctorAdministration(engine: Engine, memory: SaMemory | undefined): DoctorAdministration {
  return { examine: (fix) => new Examination(engine, memory, fix).run() };
}

class Examination {
  readonly #engine: Engine;
  readonly #memory: SaMemory | undefined;
  readonly #fix: boolean;

  constructor(engine: Engine, memory: SaMemory | undefined, fix: boolean) {
    this.#engine = engine;
    this.#memory = memory;
    this.#fix = fix;
  }

  async run(): Promise<Result<Diagnosis, string>> {
    const { kernel } = this.#engine.ports;
    // Before the dump: what is made meanwhile is not missing, and what is remembered later is not left over.
    const believed = [...this.#engine.table.phase2()];
    const listed = this.#memory?.list();
    const underWay = this.#underWay();
    let held: readonly HeldSa[];
    try {
      held = (await kernel.held()).filter(({ state }) => state !== 'larval');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return err(`The kernel does not say what SAs it holds: ${why}`);
    }
    // What began meanwhile, too: a kernel of our own is believed to hold nobody else's.
    for (const key of this.#underWay()) underWay.add(key);
    const there = new Map(held.map((sa) => [saKey(sa), sa]));
    const remembered = listed ?? held;
    const findings: Finding[] = [];
    for (const entry of believed) findings.push(...this.#gone(entry, there));
    for (const sa of remembered) {
      if (this.#isKnown(sa) || underWay.has(saKey(sa)) || this.#isForgotten(sa)) continue;
      findings.push(await this.#unknown(sa, there.has(saKey(sa))));
    }
    findings.push(...(await this.#notAdopted()));
    const ours = new Set(
      [...remembered, ...(this.#memory?.list() ?? []), ...(this.#memory?.earlier() ?? [])].map((sa) =>
        saKey(sa),
      ),
    );
    const foreign = held.filter(
      (sa) => !ours.has(saKey(sa)) && !this.#isKnown(sa) && !underWay.has(saKey(sa)),
    );
    const peers = await this.#askPeers();
    findings.push(...peers.findings);
    return ok({
      kernel: kernel.name,
      ours: held.length - foreign.length,
      foreign: foreign.map(named),
      peersAsked: peers.asked,
      unasked: peers.unasked,
      findings,
      healthy: findings.every(({ repair }) => repair === 'done'),
    });
  }

  #isKnown({ destination, protocol, spi }: SaIdentity): boolean {
    return this.#engine.table.phase2BySpi(destination, protocol, spi) !== undefined;
  }

  /** It went while the kernel was asked. */
  #isForgotten(sa: SaIdentity): boolean {
    return this.#memory !== undefined && this.#memory.find(sa) === undefined;
  }

  /** SAs of Quick Modes that are not at their end. */
  #underWay(): Set<string> {
    const keys = new Set<string>();
    for (const { record } of this.#engine.phase2.live()) {
      const { local, remote } = record.phase1;
      for (const { protocol, inboundSpi, outboundSpi } of record.agreed) {
        keys.add(saKey({ destination: local.address, protocol, spi: inboundSpi }));
        keys.add(saKey({ destination: remote.address, protocol, spi: outboundSpi }));
      }
    }
    return keys;
  }

  #gone(entry: Phase2Entry, there: ReadonlyMap<string, HeldSa>): readonly Finding[] {
    const { ipsecSas } = this.#engine.peers;
    const states = ipsecSas.standsAt(entry);
    if (states === undefined || states.some(({ state }) => LEAVING.has(state))) return [];
    const missing = sasOf(entry).filter((sa) => !there.has(saKey(sa)));
    if (missing.length === 0) return [];
    if (this.#fix) ipsecSas.deletedInKernel(entry);
    return [
      {
        code: 'gone-from-kernel',
        stale: 'this host',
        peer: entry.remote,
        what: `in.iked believes in ${String(missing.length)} of the SAs of ${entry.standing} that its kernel does not have.`,
        evidence:
          'The kernel was asked for all its SAs, and these were not among them; it had told of no deletion.',
        advice: 'Delete what is left of them here and at the peer: the next packet makes others.',
        repair: this.#fix ? 'done' : 'proposed',
        sas: missing,
      },
    ];
  }

  async #unknown(sa: SaIdentity & { readonly source: string }, isThere: boolean): Promise<Finding> {
    const { kernel } = this.#engine.ports;
    const base = { peer: sa.source, sas: [named(sa)] };
    if (!isThere) {
      if (this.#fix) this.#memory?.gone(sa);
      return {
        ...base,
        code: 'only-in-file',
        stale: 'the file',
        what: 'The file of our SAs names one that neither in.iked nor its kernel has.',
        evidence: 'The kernel was asked for all its SAs.',
        advice: 'Forget it.',
        repair: this.#fix ? 'done' : 'proposed',
      };
    }
    const repair = this.#fix ? await succeeded(kernel.delete(plain(sa))) : 'proposed';
    return {
      ...base,
      code: 'left-in-kernel',
      stale: 'the kernel',
      what: 'The kernel holds an SA that in.iked made and has given up.',
      evidence:
        this.#memory === undefined
          ? "It stands in the kernel, which is this process's own, and not among the SAs in use."
          : 'It stands in the file of our SAs and in the kernel, and not among the SAs in use.',
      advice: 'Delete this one SA in the kernel.',
      repair,
    };
  }

  async #notAdopted(): Promise<readonly Finding[]> {
    const memory = this.#memory;
    const earlier = memory?.earlier() ?? [];
    if (memory === undefined || earlier.length === 0) return [];
    if (this.#fix) await adoptEarlier(this.#engine, memory);
    const left = memory.earlier().length;
    return [
      {
        code: 'not-adopted',
        stale: 'the kernel',
        peer: '',
        what: `${String(earlier.length)} SAs of an earlier run of in.iked were not adopted at the start.`,
        evidence:
          'They stand in the file of our SAs; the kernel did not answer when they were to be adopted.',
        advice: 'Try again.',
        repair: !this.#fix ? 'proposed' : left === 0 ? 'done' : 'failed',
        sas: earlier.map(named),
      },
    ];
  }

  /** One Phase 1 SA for each peer: the youngest. */
  async #askPeers(): Promise<{
    readonly asked: number;
    readonly unasked: Diagnosis['unasked'];
    readonly findings: readonly Finding[];
  }> {
    const { isakmpSas } = this.#engine.peers;
    const youngest = new Map<string, Phase1Entry>();
    for (const entry of this.#engine.table.phase1())
      if (isakmpSas.isUsable(entry)) youngest.set(placeOf(entry.sa), isakmpSas.youngest(entry) ?? entry);
    const unasked = new Map<string, string>();
    for (const { phase1, remote } of this.#engine.table.phase2())
      if (!youngest.has(placeOf(phase1.sa))) unasked.set(remote, 'no Phase 1 SA with it stands');
    const able = [...youngest.values()].filter(({ sa }) => sa.features.deadPeerDetection);
    for (const { sa } of youngest.values())
      if (!sa.features.deadPeerDetection)
        unasked.set(formatEndpoint(sa.remote), 'it has no dead peer detection');
    const findings = await Promise.all(able.map((entry) => this.#ask(entry)));
    return {
      asked: able.length,
      unasked: [...unasked].map(([peer, why]) => ({ peer, why })),
      findings: findings.flat(),
    };
  }

  async #ask(entry: Phase1Entry): Promise<readonly Finding[]> {
    const { clock } = this.#engine.ports;
    const sas = [...entry.children].flatMap(sasOf);
    const patience = this.#fix ? VERDICT_MS : PATIENCE_MS;
    const alive = await new Promise<boolean | undefined>((resolve) => {
      const timer = clock.setTimeout(() => {
        resolve(undefined);
      }, patience);
      void this.#engine.peers.isakmpSas.probe(entry).then((answer) => {
        clock.clearTimeout(timer);
        resolve(answer);
      });
    });
    if (alive === true) return [];
    const peer = formatEndpoint(entry.sa.remote);
    return [
      {
        code: 'peer-silent',
        stale: 'this host',
        peer,
        what: `The peer does not know our Phase 1 SA any more, or does not live: ${String(sas.length)} SAs with it may be known to this host alone.`,
        evidence: `It answered no R-U-THERE under that SA ${alive === false ? 'as often as it was asked' : `for ${String(patience / 1000)} s`}.`,
        advice:
          'Give up all that stands with it; the next Phase 1 says INITIAL-CONTACT. in.iked does so itself when it has asked often enough.',
        repair: alive === false ? 'done' : this.#fix ? 'failed' : 'proposed',
        sas,
      },
    ];
  }
}

function sasOf({ local, remote, pairs }: Phase2Entry): readonly NamedSa[] {
  return pairs.flatMap(({ protocol, inboundSpi, outboundSpi }) => [
    { protocol, source: remote, destination: local, spi: inboundSpi },
    { protocol, source: local, destination: remote, spi: outboundSpi },
  ]);
}

function named({ protocol, source, destination, spi }: NamedSa): NamedSa {
  return { protocol, source, destination, spi };
}

function plain({ destination, protocol, spi }: SaIdentity): SaIdentity {
  return { destination, protocol, spi };
}

async function succeeded(work: Promise<void>): Promise<'done' | 'failed'> {
  try {
    await work;
    return 'done';
  } catch {
    return 'failed';
  }
}

/** IPsec SAs in the kernel: runs their charts, renews them, and takes them out at their end. */
import { JobRefused } from '../machines/exchange.js';
import type { NegotiationId } from '../services/events/event.js';
import { lifetimesOf } from '../services/exchange/kernel-sa.js';
import type { Phase2Record } from '../services/exchange/phase2-record.js';
import { phase2Yields } from '../services/exchange/rivals.js';
import { isSamePeer } from '../services/exchange/same-peer.js';
import type { StateWords } from '../services/explain/explain-standing.js';
import type { Failure } from '../services/failure/failure.js';
import type { Address } from '../services/net/address.js';
import type { IpsecProtocol, Lifetimes, SaIdentity } from '../services/ports/kernel.js';
import type { Result } from '../services/result.js';
import { Numbers } from './numbers.js';
import { spiPairsOf } from './phase2-pool.js';
import type { DaemonPorts } from './ports.js';
import type { Phase1Entry, Phase2Entry, SaTable, Speaker } from './sa-table.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';
import { StandingRunner, type StandingUse } from './standing-runner.js';
import { readU32 } from '../services/bytes.js';

export interface IpsecSaOwner {
  settings(): Settings;
  /** Runs a Quick Mode for the same traffic with the same peer. */
  negotiateAgain(entry: Phase2Entry): Promise<Result<unknown, Failure>>;
  /** They are on their way out: their Quick Mode answers nothing any more. */
  leaving(entry: Phase2Entry): void;
  /** Tells the peer, under whatever Phase 1 SA stands with it; where none does, `isFirst` begins to look for one. */
  sendDelete(entry: Phase2Entry, isFirst: boolean): void;
  /** Tells the peer once, where a Phase 1 SA stands with it. */
  announceEnd(entry: Phase2Entry): void;
  /** The last Phase 1 SA went, and the peer may not have read our Delete. */
  deleteLater(entry: Phase2Entry): void;
  /** Milliseconds since it last carried anything, as far as anybody looked; undefined when it never did. */
  idleMs(entry: Phase2Entry): Promise<number | undefined>;
  /** Out of the table and the kernel. */
  gone(entry: Phase2Entry, reason: string): void;
  placeChanged(entry: Speaker): void;
}

/** What is known of SAs that are adopted. */
export interface AdoptedPairs
  extends Pick<Phase2Entry, 'local' | 'remote' | 'pairs' | 'policy' | 'madeAt'>, SecondsOfLife {}

type SecondsOfLife = Pick<Lifetimes, 'softSeconds' | 'hardSeconds'>;

/** Of SAs for the same traffic, only so many of the latest are looked at: the rest are no rivals any more. */
const KIN_IN_SIGHT = 16;
/** Between the limits where only bytes are limited. */
const GRACE_MS = 60_000;

export class IpsecSaPool {
  readonly #ports: DaemonPorts;
  readonly #table: SaTable;
  readonly #owner: IpsecSaOwner;
  readonly #runner: StandingRunner<Phase2Entry>;
  readonly #numbers: Numbers;

  constructor(ports: DaemonPorts, table: SaTable, charts: StandingUse, owner: IpsecSaOwner) {
    this.#ports = ports;
    this.#numbers = new Numbers(ports.fellows?.place);
    this.#table = table;
    this.#owner = owner;
    this.#runner = new StandingRunner<Phase2Entry>(ports, 'ipsec-sa', charts, {
      timing: () => timingOf(owner.settings().config.globals),
      input: ({ role, graceMs }) => ({
        role,
        graceMs,
        jitter: readU32(ports.random.bytes(4), 0) / 2 ** 32,
        canAsk: false,
      }),
      about: ({ phase1: { sa }, id, standing }) => ({
        local: sa.local,
        remote: sa.remote,
        rule: sa.rule.label,
        parent: id === standing ? undefined : id,
      }),
      effects: {
        removeOutbound: (entry) => {
          this.#removeFromKernel(entry, 'outbound');
        },
        announceEnd: (entry) => {
          owner.announceEnd(entry);
        },
        sendDelete: (entry, { retransmissions }) => {
          owner.leaving(entry);
          owner.sendDelete(entry, retransmissions === 0);
        },
        deleteLater: (entry) => {
          owner.deleteLater(entry);
        },
      },
      jobs: {
        'kernel.usage': (entry) => this.#review(entry),
        'negotiate.phase2': async (entry) => {
          const result = await owner.negotiateAgain(entry);
          if (!result.ok) throw new JobRefused(result.error);
        },
      },
      moved: () => undefined,
      ended: (entry, reason) => {
        this.#ended(entry, reason);
        return undefined;
      },
    });
  }

  /** A Quick Mode has put its SAs into the kernel. */
  install(id: NegotiationId, phase1: Phase1Entry, record: Phase2Record): void {
    const { policy, selectors, role } = record;
    if (policy === undefined) throw new Error('installed without a policy');
    const limits = record.agreed.map(({ suite }) => lifetimesOf(record, suite));
    const { graceMs, lifetimeMs } = lifeOf(limits[0]);
    const entry: Phase2Entry = {
      standing: `ipsec-${String(this.#numbers.next())}`,
      id,
      role,
      local: phase1.sa.local.address,
      remote: phase1.sa.remote.address,
      pairs: spiPairsOf(record),
      policy: policy.selectors === selectors ? policy : { ...policy, selectors },
      phase1,
      madeAt: this.#ports.clock.thisTurn(),
      graceMs,
      lifetimeMs,
      seen: undefined,
    };
    this.#table.addPhase2(entry);
    // The original counts single SAs, not pairs.
    phase1.quickModesCreated += entry.pairs.length * 2;
    phase1.keyUses += 1;
    this.#ports.events.emit({ type: 'phase2.installed', negotiation: id, pairs: entry.pairs });
    this.#runner.begin(entry);
    for (const older of this.#kin(entry)) {
      if (older === entry) continue;
      this.#runner.send(older, { type: 'SUCCESSOR' });
      this.#settleRivals(entry, older);
    }
    this.#owner.placeChanged(phase1);
  }

  /** An earlier run has put its SAs into the kernel. Oldest first: of those for the same traffic the last one counts. */
  adopt(phase1: Speaker, adopted: AdoptedPairs): Phase2Entry {
    const standing = `ipsec-${String(this.#numbers.next())}`;
    // Whichever end made them, it is this one that has to begin anew.
    const { local, remote, pairs, policy, madeAt } = adopted;
    const { graceMs, lifetimeMs } = lifeOf(adopted);
    const entry: Phase2Entry = {
      standing,
      id: standing,
      role: 'initiator',
      local,
      remote,
      pairs,
      policy,
      phase1,
      madeAt,
      graceMs,
      lifetimeMs,
      seen: undefined,
    };
    this.#table.addPhase2(entry);
    this.#runner.begin(entry);
    this.#runner.send(entry, { type: 'ADOPT' });
    for (const older of this.#kin(entry))
      if (older !== entry) this.#runner.send(older, { type: 'SUCCESSOR' });
    this.#owner.placeChanged(phase1);
    return entry;
  }

  /** A Phase 1 SA with the peer of `entry` was made. */
  spokenFor(entry: Phase2Entry): void {
    if (this.#runner.is(entry, 'adopted')) this.#runner.send(entry, { type: 'SPOKEN_FOR' });
  }

  /** Whether an earlier run made it, and nothing has taken its place yet. */
  isAdopted(entry: Phase2Entry): boolean {
    return this.#runner.is(entry, 'adopted');
  }

  softLimit(entry: Phase2Entry): void {
    this.#runner.send(entry, { type: 'SOFT_LIMIT' });
  }

  /** Undefined when it is gone. */
  standsAt(entry: Phase2Entry): readonly StateWords[] | undefined {
    return this.#runner.standsAt(entry);
  }

  hardLimit(entry: Phase2Entry): void {
    this.#runner.send(entry, { type: 'HARD_LIMIT', reason: 'its lifetime is over' });
  }

  /** Somebody took one of the SAs out of the kernel: the peer must not go on sending under its partner. */
  deletedInKernel(entry: Phase2Entry): void {
    this.#runner.send(entry, {
      type: 'DELETED_IN_KERNEL',
      reason: 'it was deleted in the kernel, not by this daemon',
    });
  }

  peerDeleted(entry: Phase2Entry): void {
    const type = this.#successorOf(entry) === undefined ? 'PEER_DELETED' : 'PEER_REPLACED';
    this.#runner.send(entry, { type, reason: 'the peer deleted it' });
  }

  /** No Phase 1 SA with its peer is left. */
  unspokenFor(entry: Phase2Entry): void {
    this.#runner.send(entry, { type: 'UNSPOKEN_FOR' });
  }

  /** Those that stand, as they began. */
  get records(): Pick<StandingRunner<Phase2Entry>, 'beginnings'> {
    return this.#runner;
  }

  /** Out of the kernel and forgotten. */
  forget(entry: Phase2Entry, reason: string): void {
    this.#runner.send(entry, { type: 'FORGET', reason });
  }

  /** The latest with the same peer for the same traffic, the entry among them. */
  #kin(entry: Phase2Entry): readonly Phase2Entry[] {
    return this.#table
      .kinOf(entry)
      .slice(-KIN_IN_SIGHT)
      .filter((other) => isSamePeer(other.phase1.sa, entry.phase1.sa));
  }

  /** What carries the traffic when `entry` no longer does. */
  #successorOf(entry: Phase2Entry): Phase2Entry | undefined {
    return this.#kin(entry).findLast((other) => other !== entry && this.#runner.is(other, 'usable'));
  }

  /** Of two that both ends made at the same time, the end that made the one that yields retires it. */
  #settleRivals(entry: Phase2Entry, older: Phase2Entry): void {
    const window = Math.min(
      retryWindowMs(timingOf(this.#owner.settings().config.globals)),
      entry.lifetimeMs / 2,
    );
    const rival = older.role !== entry.role && entry.madeAt - older.madeAt <= window;
    if (!rival || !this.#runner.is(older, 'rival')) return;
    const loser = phase2Yields(entry.pairs, older.pairs) ? entry : older;
    if (loser.role === 'initiator') this.#runner.send(loser, { type: 'YIELD' });
  }

  /** Resolves when it must be renewed: somebody uses it, and nothing newer is there. */
  async #review(entry: Phase2Entry): Promise<void> {
    const idle = await this.#owner.idleMs(entry);
    const { idletimeSeconds } = entry.phase1.sa.rule.phase2;
    const unused = idle === undefined || (idletimeSeconds !== undefined && idle >= idletimeSeconds * 1000);
    const newer = this.#kin(entry).some(
      (other) => other.madeAt > entry.madeAt && this.#runner.is(other, 'usable'),
    );
    if (unused || newer) throw new Error('it is left to its end');
  }

  #removeFromKernel({ local, remote, pairs }: Phase2Entry, which: 'both' | 'outbound'): void {
    const remove = (destination: Address, protocol: IpsecProtocol, spi: number): void => {
      const identity: SaIdentity = { destination, protocol, spi };
      this.#ports.kernel.delete(identity).catch((error: unknown) => {
        this.#ports.events.emit({ type: 'internal.error', where: 'kernel.delete', error: String(error) });
      });
    };
    for (const { protocol, inboundSpi, outboundSpi } of pairs) {
      if (which === 'both') remove(local, protocol, inboundSpi);
      remove(remote, protocol, outboundSpi);
    }
  }

  #ended(entry: Phase2Entry, reason: string): void {
    this.#removeFromKernel(entry, 'both');
    this.#owner.leaving(entry);
    const { phase1 } = entry;
    const kin = this.#kin(entry);
    this.#table.removePhase2(entry);
    phase1.quickModesDeleted += entry.pairs.length * 2;
    this.#owner.gone(entry, reason);
    this.#ports.events.emit({ type: 'phase2.gone', pairs: entry.pairs, reason });
    const revived = kin.findLast((other) => this.#runner.is(other, 'retiring'));
    if (revived !== undefined && !kin.some((other) => this.#runner.is(other, 'usable')))
      this.#runner.send(revived, { type: 'SUCCESSOR_LOST' });
    this.#owner.placeChanged(phase1);
  }
}

function lifeOf(limits: SecondsOfLife | undefined): Pick<Phase2Entry, 'graceMs' | 'lifetimeMs'> {
  const { softSeconds, hardSeconds } = limits ?? {};
  const limited = softSeconds !== undefined && hardSeconds !== undefined;
  return {
    graceMs: limited ? (hardSeconds - softSeconds) * 1000 : GRACE_MS,
    lifetimeMs: (hardSeconds ?? Infinity) * 1000,
  };
}

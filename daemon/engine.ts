/**
 * The protocol engine without the world: dispatches datagrams to negotiations, answers the kernel's questions, keeps
 * the SA table. Everything it does to the outside goes through the ports; the same engine runs in a process, in the
 * simulation and in a replay.
 */
import { initialContact } from '../services/exchange/initial-contact.js';
import { NO_FEATURES } from '../services/exchange/peer-features.js';
import { factsOfPhase1, factsOfPhase2 } from '../services/explain/facts.js';
import type { Failure } from '../services/failure/failure.js';
import { isFragment } from '../services/isakmp/fragment.js';
import { decodeHeader, type IsakmpHeader, verifyHeader } from '../services/isakmp/header.js';
import { EXCHANGE, exchangeName } from '../services/isakmp/registries/exchange-types.js';
import { type Address, type Endpoint, single } from '../services/net/address.js';
import type { Acquire, SaExpiry, SaIdentity } from '../services/ports/kernel.js';
import type { Datagram } from '../services/ports/udp.js';
import { err, type Result } from '../services/result.js';
import { type Acquired, AcquirePool } from './acquire-pool.js';
import { type ChartWatcher, UNWATCHED } from './chart-watcher.js';
import { CourseLog } from './course-log.js';
import { DropCounter } from './drop-counter.js';
import type { ChartPreparation } from './exchange-machines.js';
import { Explanations } from './explanations.js';
import { FragmentIntake } from './fragment-intake.js';
import { InformationalSender } from './informational-sender.js';
import { Informational } from './informational.js';
import { phase1Lost, unprotected, withdrawn, withoutToken } from './ending.js';
import { NatKeepalive } from './nat-keepalive.js';
import { Peers } from './peers.js';
import { Phase1Pool } from './phase1-pool.js';
import { Phase2Pool } from './phase2-pool.js';
import type { DaemonPorts } from './ports.js';
import { type Phase1Entry, SaTable } from './sa-table.js';
import { RefusedPeers } from './refused-peers.js';
import type { Settings } from './settings.js';
import type { StandingPreparation } from './standing-runner.js';
import { Statistics } from './statistics.js';
import { UnfinishedDeletes } from './unfinished-deletes.js';

export interface EngineOptions {
  /** UDP port of IKE at the peers. */
  readonly ikePort: number;
  /** UDP port of NAT traversal, here and at the peers. */
  readonly nattPort: number;
  readonly settings: Settings;
  readonly watcher?: ChartWatcher;
  readonly prepareChart?: ChartPreparation;
  readonly prepareStanding?: StandingPreparation;
}

export class Engine {
  readonly ports: DaemonPorts;
  readonly table = new SaTable();
  readonly statistics = new Statistics();
  readonly refusedPeers = new RefusedPeers();
  readonly drops: DropCounter;
  readonly phase1: Phase1Pool;
  readonly phase2: Phase2Pool;
  readonly acquires: AcquirePool;
  readonly peers: Peers;
  readonly explanations: Explanations;
  readonly #courses: CourseLog;
  readonly #sender: InformationalSender;
  readonly #informational: Informational;
  readonly keepalive: NatKeepalive;
  readonly #unfinishedDeletes: UnfinishedDeletes;
  readonly #fragments: FragmentIntake;
  readonly #ikePort: number;
  #settings: Settings;

  constructor(ports: DaemonPorts, options: EngineOptions) {
    this.ports = ports;
    this.#ikePort = options.ikePort;
    this.#settings = options.settings;
    const watcher = options.watcher ?? UNWATCHED;
    const charts = { watcher, prepare: options.prepareChart };
    const settings = (): Settings => this.#settings;
    this.#sender = new InformationalSender(ports);
    this.keepalive = new NatKeepalive(ports.clock, ports.udp, this.table);
    this.#unfinishedDeletes = new UnfinishedDeletes(ports.clock, {
      standing: (entry) => this.peers.isakmpSas.standing(entry),
      knowsPeer: ({ sa }) => this.peers.knows(sa.local.address, sa.remote.address),
      reach: (entry) => this.peers.renewPhase1(entry),
      sendDelete: (under, pairs) => {
        this.#sender.deletePhase2(under, pairs);
      },
    });
    this.drops = new DropCounter(ports.clock, ports.events, this.refusedPeers);
    this.#courses = new CourseLog(ports.events, (id) => this.peers.isakmpSas.records.beginningOf(id));
    this.explanations = new Explanations(this, this.#courses);
    this.#fragments = new FragmentIntake(
      ports.clock,
      this.drops,
      (header, remote) =>
        this.phase1.knows(header, remote) ||
        this.table.phase1ByCookies(header.initiatorCookie, header.responderCookie) !== undefined,
    );
    this.phase1 = new Phase1Pool(ports, this.drops, charts, {
      settings,
      nattPort: options.nattPort,
      statistics: this.statistics,
      knowsPeer: (local, remote) => this.peers.knows(local, remote),
      knowsCookie: (local, remote, initiatorCookie) =>
        this.table.isUsedCookie(local, remote, initiatorCookie),
      established: (id, record) => {
        this.peers.established(id, record);
        if (record.features.nat.local) this.keepalive.begin();
        this.statistics.established(record.role);
      },
      failed: (id, record, failed) => {
        const { wire } = failed;
        this.statistics.failed(record.role, failed);
        this.#courses.remember(id, factsOfPhase1(record));
        if (wire.answer === 'notify') this.#sender.warning(id, record, wire.type);
      },
    });
    this.phase2 = new Phase2Pool(ports, this.drops, charts, {
      settings,
      ruleOf: (entry) => this.peers.ruleOf(entry),
      heard: (entry, remote) => {
        this.#heard(entry, remote);
      },
      installed: (id, entry, record) => {
        this.peers.ipsecSas.install(id, entry, record);
      },
      failed: (id, record) => {
        this.#courses.remember(id, factsOfPhase2(record));
      },
      ridersFor: (entry) => (this.peers.isakmpSas.introduces(entry) ? [initialContact(entry.sa)] : []),
      ridersRead: (entry) => {
        this.peers.isakmpSas.introduced(entry);
      },
      initialContact: (entry) => {
        this.peers.beganAnew(entry);
      },
      repeating: (entry) => {
        this.phase1.repeatLast(entry.id);
      },
      unfinished: (entry, pairs) => {
        this.#unfinishedDeletes.begin(entry, pairs);
      },
      refusePeer: (entry, notifyType, record) => {
        this.#sender.refusal(entry, notifyType, record.agreed[0]);
      },
    });
    this.acquires = new AcquirePool(ports, watcher, {
      settings,
      localEndpoint: (address) => ports.udp.endpointAt(address),
      remoteEndpoint: (address) => ({ address, port: this.#ikePort }),
      findPhase1: (local, remote, rule, near) => this.peers.usablePhase1(local, remote, rule, near),
      isQuiet: (entry) => this.peers.watch.isQuiet(entry),
      probe: (entry) => this.peers.isakmpSas.probe(entry),
      prove: (entry) => this.peers.prove(entry),
      negotiatePhase1: (local, remote, rule, parent) =>
        this.peers.negotiatePhase1(local, remote, rule, parent),
      negotiatePhase2: (entry, policy, parent, renews) =>
        // It may have gone between the moment it was found and this one.
        this.table.phase1ById(entry.id) === undefined
          ? Promise.resolve(err(phase1Lost(entry.sa.remote)))
          : this.phase2.negotiate(entry, policy, policy.selectors, parent, renews),
    });
    this.peers = new Peers(
      ports,
      this.table,
      { watcher, prepare: options.prepareStanding },
      {
        settings,
        sendProbe: (entry, sequence) => {
          // Whom our last message has not reached cannot answer.
          this.phase1.repeatLast(entry.id);
          this.#sender.probe(entry, sequence);
        },
        sendIntroduction: (entry, sequence) => {
          this.#sender.introduction(entry, sequence);
        },
        sendDeletePhase1: (entry) => {
          this.#sender.deletePhase1(entry);
        },
        sendDeletePhase2: (entry, pairs) => {
          this.#sender.deletePhase2(entry, pairs);
        },
        deleteLater: (entry, pairs) => {
          this.#unfinishedDeletes.begin(entry, pairs);
        },
        negotiatePhase1: (local, remote, rule, parent) => this.phase1.negotiate(local, remote, rule, parent),
        negotiateAgain: (entry) => this.acquires.ask(entry.policy, entry.phase1, entry.standing),
        silencePhase1: (id) => {
          this.phase1.silence(id);
        },
        silencePhase2: (id) => {
          this.phase2.silence(id);
        },
        phase2Deleted: (entry, protocol, spi) => {
          this.phase2.underWay.deletedByPeer(entry, protocol, spi);
        },
        phase1Lost: (entry, why) => {
          this.phase2.underWay.phase1Lost(entry, why);
        },
        moved: (entry) => {
          this.phase2.underWay.moved(entry);
        },
        gone: (parted) => {
          this.#courses.part(parted);
        },
      },
    );
    this.#informational = new Informational(ports, this.drops, this.#sender, {
      heard: (entry, remote) => {
        this.#heard(entry, remote);
      },
      probeAnswered: (entry) => {
        this.peers.isakmpSas.introduced(entry);
      },
      heardLate: (entry) => {
        this.peers.isakmpSas.heard(entry);
      },
      phase1Deleted: (entry) => {
        this.peers.isakmpSas.peerDeleted(entry);
      },
      phase2Deleted: (entry, protocol, spis) => {
        this.peers.peerDeletedPhase2(entry, protocol, spis);
      },
      initialContact: (entry) => {
        this.peers.beganAnew(entry);
      },
      awaitsConnected: (entry, messageId) => this.phase2.underWay.awaitsConnected(entry, messageId),
      connected: (entry, messageId, spi) => {
        this.phase2.underWay.connected(entry, messageId, spi);
      },
      quickModeRefused: (entry, spi, reason) => {
        this.phase2.underWay.refusedByPeer(entry, spi, reason);
      },
      warned: (header, datagram, suspect) => {
        const negotiation = this.phase1.liveByCookies(header, datagram.remote);
        if (negotiation === undefined) return undefined;
        ports.recorder?.heard(negotiation.id, datagram);
        const suspicion = suspect(negotiation.record, negotiation.ports.crypto);
        if (suspicion === undefined) return undefined;
        negotiation.send({ type: 'warned', suspicion });
        return negotiation.id;
      },
      doubted: (entry) => {
        this.peers.isakmpSas.worry(entry);
      },
    });
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Takes effect for what begins from now on; live SAs and negotiations keep what they began with. */
  replaceSettings(settings: Settings): void {
    this.#settings = settings;
  }

  // The wire

  /** The intake has looked at the header already. */
  receive(datagram: Datagram, header = decodeHeader(datagram.bytes)): void {
    if (!header.ok) {
      this.drops.drop(datagram.remote, header.error.explanation);
      return;
    }
    const fault = verifyHeader(header.value);
    if (fault === undefined) this.#dispatch(datagram, header.value);
    else this.drops.drop(datagram.remote, fault.explanation);
  }

  #dispatch(datagram: Datagram, header: IsakmpHeader): void {
    if (isFragment(header)) {
      const joined = this.#fragments.receive(datagram, header);
      if (joined !== undefined) this.receive(joined);
      return;
    }
    const { exchangeType } = header;
    switch (exchangeType) {
      case EXCHANGE.mainMode:
      case EXCHANGE.aggressive:
        this.phase1.receive(datagram, header);
        return;
      case EXCHANGE.quickMode:
      case EXCHANGE.informational:
        this.#dispatchUnderSa(datagram, header);
        return;
      default:
        this.drops.drop(datagram.remote, `exchange type ${exchangeName(exchangeType)} is not spoken here`);
    }
  }

  #dispatchUnderSa(datagram: Datagram, header: IsakmpHeader): void {
    const { initiatorCookie, responderCookie } = header;
    const standing = this.table.phase1ByCookies(initiatorCookie, responderCookie);
    const entry = standing ?? this.peers.isakmpSas.leaving(initiatorCookie, responderCookie);
    // The SA belongs to one peer: the same cookies from elsewhere are not that peer's, unless it may move.
    const { nat } = entry?.sa.features ?? NO_FEATURES;
    const ours = nat.remote || entry?.sa.remote.address === datagram.remote.address ? entry : undefined;
    if (header.exchangeType === EXCHANGE.informational)
      this.#informational.receive(datagram, header, ours, ours !== standing);
    else if (ours === undefined || ours !== standing)
      this.drops.drop(datagram.remote, 'a Quick Mode under an unknown Phase 1 SA');
    else this.phase2.receive(datagram, header, ours);
  }

  // The kernel

  acquired(acquire: Acquire): void {
    const { policy, id } = acquire;
    this.ports.events.emit({
      type: 'kernel.acquire',
      id,
      local: policy.outer.local,
      remote: policy.outer.remote,
    });
    void this.acquires.ask(policy).then((result) => {
      this.ports.kernel.answerAcquire(id, result.ok ? 'answered' : 'refused');
    });
  }

  expired({ sa, limit }: SaExpiry): void {
    this.ports.events.emit({ type: 'kernel.expire', spi: sa.spi, limit });
    const entry = this.table.phase2BySpi(sa.destination, sa.protocol, sa.spi);
    if (entry === undefined) return;
    if (limit === 'soft') this.peers.ipsecSas.softLimit(entry);
    else this.peers.ipsecSas.hardLimit(entry);
  }

  deletedInKernel(sa: SaIdentity): void {
    const entry = this.table.phase2BySpi(sa.destination, sa.protocol, sa.spi);
    if (entry !== undefined) this.peers.ipsecSas.deletedInKernel(entry);
  }

  /** An authentic packet under the inbound SA came from elsewhere: as good as a message of the peer's (RFC 3948 4). */
  mapped(sa: SaIdentity, remote: Endpoint): void {
    const entry = this.table.phase2BySpi(sa.destination, sa.protocol, sa.spi);
    const standing = entry && this.table.phase1ById(entry.phase1.id);
    if (standing !== undefined) this.#heard(standing, remote);
  }

  flushed(): void {
    this.peers.forgetPairs('the kernel was flushed');
  }

  /** Negotiates as if a packet had asked. */
  async up(source: Address, destination: Address, protocol: number): Promise<Result<Acquired, Failure>> {
    const policy = await this.ports.kernel.policyForPacket({
      local: { addresses: single(source), port: 0 },
      remote: { addresses: single(destination), port: 0 },
      protocol,
    });
    return policy === undefined ? err(unprotected(source, destination)) : this.acquires.ask(policy);
  }

  // Phase 1

  /** The peer has authenticated a message under the SA, from `remote`. */
  #heard(entry: Phase1Entry, remote: Endpoint): void {
    this.phase1.confirmed(entry.id);
    this.peers.heard(entry, remote);
  }

  /** Tells the peer, and takes the SA out of use. IPsec SAs made under it live on. */
  deletePhase1(entry: Phase1Entry, reason: string): void {
    this.peers.isakmpSas.delete(entry, reason);
  }

  /** Fails the negotiations that still need a private key on this token, which nobody may use any more. */
  withdrawToken(label: string): void {
    for (const negotiation of [...this.phase1.live()]) {
      const failed = withoutToken(negotiation.record, label);
      if (failed !== undefined) negotiation.send({ type: 'OPERATOR_DELETE', failure: failed });
    }
  }

  // The end

  /** Deletes everything at the peers: the IPsec SAs first, while their Phase 1 SA can still authenticate the Delete. */
  sayGoodbye(): Promise<void> {
    this.keepalive.end();
    this.acquires.withdrawAll(withdrawn('daemon-stopping'));
    for (const negotiation of [...this.phase1.live()]) {
      const { record } = negotiation;
      negotiation.send({ type: 'OPERATOR_DELETE', failure: withdrawn('daemon-stopping', record.remote) });
    }
    for (const negotiation of [...this.phase2.live()]) {
      const { record } = negotiation;
      negotiation.send({
        type: 'OPERATOR_DELETE',
        failure: withdrawn('daemon-stopping', record.phase1.remote),
      });
    }
    return this.peers.sayGoodbye('the daemon is stopping');
  }
}

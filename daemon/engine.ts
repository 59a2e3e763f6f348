/**
 * The protocol engine without the world: dispatches datagrams to negotiations, answers the kernel's questions, keeps
 * the SA table. Everything it does to the outside goes through the ports; the same engine runs in a process, in the
 * simulation and in a replay.
 */
import type { NegotiationId } from '../services/events/event.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import type { Phase2Record } from '../services/exchange/phase2-record.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { isFragment } from '../services/isakmp/fragment.js';
import { decodeHeader, type IsakmpHeader, verifyHeader } from '../services/isakmp/header.js';
import { EXCHANGE, exchangeName } from '../services/isakmp/registries/exchange-types.js';
import { handlesOf } from '../services/keymat/phase1-keys.js';
import { type Address, type Endpoint, formatEndpoint, single } from '../services/net/address.js';
import type { Acquire, IpsecProtocol, SaExpiry, SpiPair } from '../services/ports/kernel.js';
import type { Datagram } from '../services/ports/udp.js';
import { err, ok, type Result } from '../services/result.js';
import { type Acquired, AcquirePool } from './acquire-pool.js';
import { type ChartWatcher, UNWATCHED } from './chart-watcher.js';
import { DropCounter } from './drop-counter.js';
import type { ChartPreparation } from './exchange-machines.js';
import { FragmentIntake } from './fragment-intake.js';
import { Informational } from './informational.js';
import { withdrawn } from './ending.js';
import { NatKeepalive } from './nat-keepalive.js';
import { Phase1Pool } from './phase1-pool.js';
import { Phase2Pool, spiPairsOf } from './phase2-pool.js';
import type { DaemonPorts } from './ports.js';
import { type Phase1Entry, type Phase2Entry, SaTable } from './sa-table.js';
import type { Settings } from './settings.js';
import { Statistics } from './statistics.js';

const UNFINISHED_DELETES = 8;
const UNFINISHED_INTERVAL_MS = 1000;

export interface EngineOptions {
  /** UDP port of IKE at the peers. */
  readonly ikePort: number;
  /** UDP port of NAT traversal, here and at the peers. */
  readonly nattPort: number;
  readonly settings: Settings;
  readonly watcher?: ChartWatcher;
  readonly prepareChart?: ChartPreparation;
}

export class Engine {
  readonly ports: DaemonPorts;
  readonly table = new SaTable();
  readonly statistics = new Statistics();
  readonly drops: DropCounter;
  readonly phase1: Phase1Pool;
  readonly phase2: Phase2Pool;
  readonly acquires: AcquirePool;
  readonly #informational: Informational;
  readonly #keepalive: NatKeepalive;
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
    this.#keepalive = new NatKeepalive(ports.clock, ports.udp, this.table);
    this.drops = new DropCounter(ports.clock, ports.events);
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
      knowsPeer: (local, remote) => this.table.phase1Between(local, remote).size > 0,
      knowsCookie: (local, remote, initiatorCookie) =>
        [...this.table.phase1Between(local, remote)].some(({ sa }) => sa.initiatorCookie === initiatorCookie),
      established: (id, record) => {
        this.#phase1Established(id, record);
      },
      warnPeer: (record, notifyType) => {
        this.#informational.sendWarning(record, notifyType);
      },
    });
    this.phase2 = new Phase2Pool(ports, this.drops, charts, {
      settings,
      installed: (id, entry, record) => {
        this.#phase2Installed(id, entry, record);
      },
      heard: (entry) => {
        this.phase1.confirmed(entry.id);
      },
      repeating: (entry) => {
        this.phase1.repeatLast(entry.id);
      },
      unfinished: (entry, pairs) => {
        this.#deleteUnfinished(entry, pairs, UNFINISHED_DELETES);
      },
      refusePeer: (entry, notifyType, record) => {
        this.#informational.sendRefusal(entry, notifyType, record.agreed[0]);
      },
    });
    this.acquires = new AcquirePool(ports, watcher, {
      settings,
      localEndpoint: (address) => ports.udp.endpoints().find((endpoint) => endpoint.address === address),
      remoteEndpoint: (address) => ({ address, port: this.#ikePort }),
      findPhase1: (local, remote, rule) => this.table.youngestPhase1(local, remote, rule.label),
      negotiatePhase1: async (local, remote, rule, parent) => {
        const result = await this.phase1.negotiate(local, remote, rule, parent);
        if (!result.ok) return result;
        const entry = this.table.phase1ById(result.value);
        return entry === undefined ? err(this.#lost(remote)) : ok(entry);
      },
      negotiatePhase2: (entry, policy, parent) =>
        this.phase2.negotiate(entry, policy, policy.selectors, parent),
    });
    this.#informational = new Informational(ports, this.drops, {
      phase1Deleted: (entry) => {
        this.removePhase1(entry, 'the peer deleted it');
      },
      phase2Deleted: (entry, protocol, spis) => {
        this.#peerDeletedPhase2(entry, protocol, spis);
      },
      initialContact: (entry) => {
        this.#forgetOlder(entry);
      },
      quickModeRefused: (entry, spi, reason) => {
        this.phase2.refusedByPeer(entry, spi, reason);
      },
      warned: (header, remote, suspicion) => {
        const negotiation = this.phase1.liveByCookies(header, remote);
        // What is encrypted can only be about a proof, and only where keys exist.
        if (suspicion.message === 5 && negotiation?.record.keys === undefined) return undefined;
        negotiation?.send({ type: 'warned', suspicion });
        return negotiation?.id;
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

  receive(datagram: Datagram): void {
    const header = decodeHeader(datagram.bytes);
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
    const entry = this.table.phase1ByCookies(header.initiatorCookie, header.responderCookie);
    // The SA belongs to one peer: the same cookies from elsewhere are not that peer's.
    const ours = entry?.sa.remote.address === datagram.remote.address ? entry : undefined;
    switch (header.exchangeType) {
      case EXCHANGE.mainMode:
      case EXCHANGE.aggressive:
        this.phase1.receive(datagram, header);
        return;
      case EXCHANGE.quickMode:
        if (ours === undefined) this.drops.drop(datagram.remote, 'a Quick Mode under an unknown Phase 1 SA');
        else this.phase2.receive(datagram, header, ours);
        return;
      case EXCHANGE.informational:
        this.#informational.receive(datagram, header, ours);
        return;
      default:
        this.drops.drop(
          datagram.remote,
          `exchange type ${exchangeName(header.exchangeType)} is not spoken here`,
        );
    }
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
    if (limit === 'soft') return;
    const entry = this.table.phase2BySpi(sa.destination, sa.protocol, sa.spi);
    if (entry !== undefined) this.removePhase2(entry, 'its lifetime is over');
  }

  flushed(): void {
    for (const entry of [...this.table.phase2()]) this.#dropPhase2(entry, 'the kernel was flushed');
  }

  /** Negotiates as if a packet had asked. */
  async up(source: Address, destination: Address, protocol: number): Promise<Result<Acquired, Failure>> {
    const policy = await this.ports.kernel.policyForPacket({
      local: { addresses: single(source), port: 0 },
      remote: { addresses: single(destination), port: 0 },
      protocol,
    });
    if (policy === undefined) {
      return err(
        failure(
          'no-policy',
          { exchange: '', message: 0 },
          'config',
          `No IPsec policy protects packets from ${source} to ${destination}.`,
          'Add a policy for this traffic, or correct the addresses.',
        ),
      );
    }
    return this.acquires.ask(policy);
  }

  // Phase 1

  #phase1Established(id: NegotiationId, record: Phase1Record): void {
    const { rule, suite, keys } = record;
    if (rule === undefined || suite === undefined || keys === undefined)
      throw new Error('established without keys');
    const entry: Phase1Entry = {
      id,
      sa: {
        role: record.role,
        local: record.local,
        remote: record.remote,
        initiatorCookie: record.initiatorCookie,
        responderCookie: record.responderCookie,
        rule,
        suite,
        keys,
        // Copies: a view would keep the whole buffer of the message alive for as long as the SA.
        lastBlock: Uint8Array.from(record.iv),
        peerIdentity: copyOf(record.peerIdentity),
        features: record.features,
      },
      createdAt: this.ports.clock.wallTime(),
      begunAt: record.begunAt,
      madeAt: this.ports.clock.now(),
      expiry: undefined,
      messageIds: new Set(),
      quickModesCreated: 0,
      quickModesDeleted: 0,
      keyUses: 0,
      errors: { decrypt: 0, hash: 0, other: 0, transmit: 0 },
    };
    entry.expiry = this.ports.clock.setTimeout(() => {
      this.deletePhase1(entry, 'its lifetime is over');
    }, suite.lifetimeSeconds * 1000);
    this.table.addPhase1(entry);
    if (record.features.nat.local) this.#keepalive.begin();
    this.statistics.established(record.role);
    this.ports.events.emit({
      type: 'phase1.established',
      negotiation: id,
      cookies: `${record.initiatorCookie}/${record.responderCookie}`,
      role: record.role,
    });
    if (record.peerInitialContact) this.#forgetOlder(entry);
  }

  /**
   * RFC 2407 4.6.3.3: the peer has no other SAs with us. Clears those of the same authenticated identity only, and none
   * that were made since the peer began to say so: its message may have been on its way for long.
   */
  #forgetOlder(entry: Phase1Entry): void {
    const { local, remote } = entry.sa;
    for (const older of [...this.table.phase1Between(local.address, remote.address)]) {
      if (older !== entry && older.madeAt < entry.begunAt) this.removePhase1(older, 'the peer started anew');
    }
    for (const pair of [...this.table.phase2Between(local.address, remote.address)]) {
      if (pair.phase1 !== entry && pair.madeAt < entry.begunAt)
        this.removePhase2(pair, 'the peer started anew');
    }
  }

  /** Tells the peer and forgets the SA. IPsec SAs made under it live on (RFC 2408 3.15 names SAs one by one). */
  deletePhase1(entry: Phase1Entry, reason: string): void {
    // First, while the SA can still authenticate the Delete of what is half made.
    this.phase2.phase1Lost(entry, this.#lost(entry.sa.remote));
    this.#informational.sendDeletePhase1(entry);
    this.removePhase1(entry, reason);
  }

  removePhase1(entry: Phase1Entry, reason: string): void {
    if (!this.table.removePhase1(entry)) return;
    this.ports.clock.clearTimeout(entry.expiry);
    this.phase2.phase1Lost(entry, this.#lost(entry.sa.remote));
    this.ports.crypto.erase(...handlesOf(entry.sa.keys));
    this.ports.events.emit({
      type: 'phase1.gone',
      cookies: `${entry.sa.initiatorCookie}/${entry.sa.responderCookie}`,
      reason,
    });
  }

  #lost(remote: Endpoint): Failure {
    return failure(
      'phase1-lost',
      { exchange: 'Quick Mode', message: 0 },
      'peer',
      `The Phase 1 SA with ${formatEndpoint(remote)} went away while a Quick Mode needed it.`,
      'Try again; if it happens each time, look at the log of the peer.',
    );
  }

  // Phase 2

  #phase2Installed(id: NegotiationId, phase1: Phase1Entry, record: Phase2Record): void {
    const pair: Phase2Entry = {
      local: phase1.sa.local.address,
      remote: phase1.sa.remote.address,
      pairs: spiPairsOf(record),
      phase1,
      madeAt: this.ports.clock.now(),
    };
    this.table.addPhase2(pair);
    // The original counts single SAs, not pairs.
    phase1.quickModesCreated += pair.pairs.length * 2;
    phase1.keyUses += 1;
    this.ports.events.emit({ type: 'phase2.installed', negotiation: id, pairs: pair.pairs });
  }

  #peerDeletedPhase2(entry: Phase1Entry, protocol: 50 | 51, spis: readonly number[]): void {
    for (const spi of spis) {
      const found = this.table.phase2BySpi(entry.sa.remote.address, protocol, spi);
      const receives = found?.pairs.some((pair) => pair.protocol === protocol && pair.outboundSpi === spi);
      // AH and ESP of one Quick Mode are of no use without each other: the Delete of either ends both.
      if (found !== undefined && receives === true && found.remote === entry.sa.remote.address) {
        this.removePhase2(found, 'the peer deleted it');
      }
    }
  }

  /** Takes all SAs of the Quick Mode out of the kernel and forgets them. */
  removePhase2(entry: Phase2Entry, reason: string): void {
    const { local, remote } = entry;
    const remove = (destination: Address, protocol: IpsecProtocol, spi: number): void => {
      this.ports.kernel.delete({ destination, protocol, spi }).catch((error: unknown) => {
        this.ports.events.emit({ type: 'internal.error', where: 'kernel.delete', error: String(error) });
      });
    };
    for (const { protocol, inboundSpi, outboundSpi } of entry.pairs) {
      remove(local, protocol, inboundSpi);
      remove(remote, protocol, outboundSpi);
    }
    this.#dropPhase2(entry, reason);
  }

  #dropPhase2(entry: Phase2Entry, reason: string): void {
    if (!this.table.removePhase2(entry)) return;
    entry.phase1.quickModesDeleted += entry.pairs.length * 2;
    this.ports.events.emit({ type: 'phase2.gone', pairs: entry.pairs, reason });
  }

  /**
   * A Delete is not acknowledged (RFC 2409 5.7), and this one mostly follows a window in which much was lost: it is sent
   * a few times, so that the peer does not keep SAs that go nowhere. One that arrives twice does no harm.
   */
  #deleteUnfinished(entry: Phase1Entry, pairs: readonly SpiPair[], times: number): void {
    if (times === 0 || this.table.phase1ById(entry.id) === undefined) return;
    this.#informational.sendDeletePhase2(entry, pairs);
    this.ports.clock.setTimeout(() => {
      this.#deleteUnfinished(entry, pairs, times - 1);
    }, UNFINISHED_INTERVAL_MS);
  }

  // The end

  /** Deletes everything at the peers: the IPsec SAs first, while their Phase 1 SA can still authenticate the Delete. */
  sayGoodbye(): void {
    this.#keepalive.end();
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
    for (const entry of [...this.table.phase1()]) {
      const { local, remote } = entry.sa;
      const children = [...this.table.phase2Between(local.address, remote.address)];
      const pairs = children.flatMap((child) => child.pairs);
      this.#informational.sendDeletePhase2(entry, pairs);
      for (const child of children) this.removePhase2(child, 'the daemon is stopping');
      this.deletePhase1(entry, 'the daemon is stopping');
    }
    for (const pair of [...this.table.phase2()]) this.removePhase2(pair, 'the daemon is stopping');
  }
}

function copyOf(identity: Phase1Record['peerIdentity']): Phase1Record['peerIdentity'] {
  if (identity === undefined) return undefined;
  const { kind, idType, protocol, port, data } = identity;
  return { kind, idType, protocol, port, data: Uint8Array.from(data) };
}

/** Answers `why`: of a negotiation or an SA by its id, of a peer, or of what failed last. Values out of records, nothing kept. */
import type { NegotiationId } from '../services/events/event.js';
import { NO_FEATURES } from '../services/exchange/peer-features.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import { explainFailure } from '../services/explain/explain-failure.js';
import { explainEstablished, explainGone, explainUnderWay } from '../services/explain/explain-standing.js';
import { explainStranger } from '../services/explain/explain-stranger.js';
import type { Explanation, Fact, Subject } from '../services/explain/explanation.js';
import { factsOfPhase1, factsOfPhase2, type NegotiationFacts } from '../services/explain/facts.js';
import { commonEvidence } from '../services/explain/specifics.js';
import type { Address } from '../services/net/address.js';
import { type CourseLog, courseOf, endsOf, type Parted, type PastFailure, type Trail } from './course-log.js';
import type { AcquirePool } from './acquire-pool.js';
import type { Peers } from './peers.js';
import type { Phase1Pool } from './phase1-pool.js';
import type { Phase2Pool } from './phase2-pool.js';
import type { DaemonPorts } from './ports.js';
import type { Phase1Entry, Phase2Entry, SaTable } from './sa-table.js';
import type { RefusedPeers } from './refused-peers.js';
import type { Settings } from './settings.js';
import { aboutPhase1, aboutPhase2, phase1Standing, phase2Standing } from './standing-words.js';

/** Explanations of one peer that are given at once: what is under way, what failed last, what stands. */
const MOST_OF_A_PEER = 4;

/** Where the answers are. */
export interface Explained {
  readonly ports: DaemonPorts;
  readonly table: SaTable;
  readonly settings: Settings;
  readonly phase1: Phase1Pool;
  readonly phase2: Phase2Pool;
  readonly acquires: AcquirePool;
  readonly peers: Peers;
  readonly refusedPeers: RefusedPeers;
}

export class Explanations {
  readonly #engine: Explained;
  readonly #courses: CourseLog;

  constructor(engine: Explained, courses: CourseLog) {
    this.#engine = engine;
    this.#courses = courses;
  }

  /** Of `p1-3`, `p2-4`, `acquire-1`, `sa-2`, `ipsec-5`; undefined when it is unknown or forgotten. */
  explanation(id: NegotiationId): Explanation | undefined {
    const { table } = this.#engine;
    const phase1 = [...table.phase1()].find((entry) => entry.id === id || entry.standing === id);
    if (phase1 !== undefined) return this.#phase1(phase1);
    const phase2 = [...table.phase2()].find((entry) => entry.id === id || entry.standing === id);
    if (phase2 !== undefined) return this.#phase2(phase2);
    const past = this.#courses.failure(id);
    if (past !== undefined) return this.#failed(past);
    const trail = this.#courses.live(id);
    if (trail !== undefined) return this.#underWay(trail);
    const parted = this.#courses.gone(id);
    return parted && this.#gone(parted);
  }

  /** Of what failed last, wherever; undefined when nothing has. */
  latest(): Explanation | undefined {
    const past = this.#courses.failures().at(-1);
    return past && this.#failed(past);
  }

  /** What there is to say of a peer: under way, failed last unless something came after, standing; never nothing. */
  ofPeer(address: Address): readonly Explanation[] {
    const { table } = this.#engine;
    const underWay = [...this.#courses.liveTrails()].filter(
      ({ chart, remote }) => remote.address === address && chart !== 'isakmp-sa' && chart !== 'acquire',
    );
    const failure = this.#courses.failures().findLast(({ trail }) => trail.remote.address === address);
    const standing = [...table.phase1()].filter(({ sa }) => sa.remote.address === address);
    const children = [...table.phase2()].filter(({ remote }) => remote === address);
    const madeLast = Math.max(-1, ...[...standing, ...children].map(({ madeAt }) => madeAt));
    const all = [
      ...underWay.map((trail) => this.#underWay(trail)),
      ...(failure === undefined || failure.endedAt < madeLast ? [] : [this.#failed(failure)]),
      ...standing.map((entry) => this.#phase1(entry)),
      ...children.map((entry) => this.#phase2(entry)),
    ];
    if (all.length > 0) return all.slice(0, MOST_OF_A_PEER);
    const parted = this.#courses.parted().findLast(({ remote }) => remote === address);
    return [parted === undefined ? this.#stranger(address) : this.#gone(parted)];
  }

  /** Ids that an explanation can be asked for, the latest last: for a message about one that is unknown. */
  known(): readonly NegotiationId[] {
    return this.#courses.failures().map(({ trail }) => trail.id);
  }

  #failed({ trail, failure, facts, endedAt }: PastFailure): Explanation {
    return explainFailure(
      this.#subject(trail, endedAt),
      failure,
      facts ?? this.#factsOf(trail),
      courseOf(trail),
    );
  }

  /** Of what failed before there was a record: a question that found no rule, no key, no certificate. */
  #factsOf({ chart, local, remote, rule }: Trail): NegotiationFacts | undefined {
    const { config } = this.#engine.settings;
    const rules = config.rules.filter(({ label }) => label === rule);
    const [first] = rules;
    return {
      exchange: '',
      role: chart.endsWith('responder') ? 'responder' : 'initiator',
      local: local.address,
      remote: remote.address,
      rules,
      method: first?.transforms[0]?.method,
      preshared: undefined,
      ownCertificate: undefined,
      ownIdentity: undefined,
      peerIdentity: undefined,
      agreed: [],
      features: NO_FEATURES,
      traffic: undefined,
      policy: undefined,
    };
  }

  #underWay(trail: Trail): Explanation {
    const about = this.#subject(trail, undefined);
    const course = courseOf(trail);
    const { phase1, phase2, acquires } = this.#engine;
    const exchange = [...phase1.live()].find(({ id }) => id === trail.id);
    if (exchange !== undefined) {
      const facts = factsOfPhase1(exchange.record);
      const evidence = [...commonEvidence(facts), ...keyOf(exchange.record)];
      const states = exchange.standsAt();
      return explainUnderWay(
        about,
        { exchange: facts.exchange, states, expects: exchange.expects(), evidence },
        course,
      );
    }
    const quick = [...phase2.live()].find(({ id }) => id === trail.id);
    if (quick !== undefined) {
      const facts = factsOfPhase2(quick.record);
      const evidence = [
        { name: 'traffic, this host first', value: facts.traffic?.words ?? '' },
        ...commonEvidence(facts),
      ];
      const states = quick.standsAt();
      return explainUnderWay(
        about,
        { exchange: 'Quick Mode', states, expects: quick.expects(), evidence },
        course,
      );
    }
    const states = acquires.standsAt(trail.id) ?? [];
    return explainUnderWay(about, { exchange: '', states, expects: undefined, evidence: [] }, course);
  }

  #phase1(entry: Phase1Entry): Explanation {
    const { peers, ports } = this.#engine;
    const now = ports.clock.now();
    const states = peers.isakmpSas.standsAt(entry) ?? [];
    return explainEstablished(aboutPhase1(entry, now), { states, ...phase1Standing(entry, now) });
  }

  #phase2(entry: Phase2Entry): Explanation {
    const { peers, ports } = this.#engine;
    const now = ports.clock.now();
    const states = peers.ipsecSas.standsAt(entry) ?? [];
    return explainEstablished(aboutPhase2(entry, now), { states, ...phase2Standing(entry, now) });
  }

  #gone({ about, reason, endedAt }: Parted): Explanation {
    const since = Math.max(0, this.#engine.ports.clock.now() - endedAt);
    return explainGone({ ...about, beganMsAgo: about.beganMsAgo + since, endedMsAgo: since }, reason);
  }

  #stranger(address: Address): Explanation {
    const { settings, ports } = this.#engine;
    const locals = [...new Set(ports.udp.endpoints().map((endpoint) => endpoint.address))];
    const refused = this.#engine.refusedPeers.latest(address);
    const msAgo = refused === undefined ? 0 : Math.max(0, ports.clock.now() - refused.at);
    return explainStranger(address, locals, settings, refused && { ...refused, msAgo });
  }

  #subject(trail: Trail, endedAt: number | undefined): Subject {
    const { id, chart, parent, children, rule, beganAt } = trail;
    const now = this.#engine.ports.clock.now();
    return {
      negotiation: id,
      chart,
      ...endsOf(trail),
      rule: rule ?? '',
      related: [...(parent === undefined ? [] : [parent]), ...children],
      beganMsAgo: Math.max(0, now - beganAt),
      ...(endedAt === undefined ? {} : { endedMsAgo: Math.max(0, now - endedAt) }),
    };
  }
}

function keyOf({ presharedWhy }: Phase1Record): readonly Fact[] {
  return presharedWhy === '' ? [] : [{ name: 'why this key', value: presharedWhy }];
}

/** Runs Quick Modes under established Phase 1 SAs: effects and jobs for their charts, installation in the kernel. */
import type { ExchangeOutput } from '../machines/exchange.js';
import { type Bytes, NO_BYTES, readU32 } from '../services/bytes.js';
import { NumberIndex } from '../services/collections/number-index.js';
import type { NegotiationId } from '../services/events/event.js';
import type { Phase1Sa } from '../services/exchange/phase1-sa.js';
import { saysInitialContact } from '../services/exchange/initial-contact.js';
import { NOTHING_SAID } from '../services/exchange/nat-original.js';
import { AFTER_PHASE2, learn, type Phase2Record } from '../services/exchange/phase2-record.js';
import { openMessage } from '../services/exchange/protection.js';
import { hashIsRight } from '../services/exchange/quick-mode-hashes.js';
import { hostSelectors } from '../services/exchange/quick-mode-traffic.js';
import { quickModeFault, quickModeProtection } from '../services/exchange/quick-mode-reading.js';
import type { Failure } from '../services/failure/failure.js';
import { FLAG, type IsakmpHeader } from '../services/isakmp/header.js';
import type { DecodedPayload } from '../services/isakmp/payload.js';
import type { NotifyPayload } from '../services/isakmp/payloads/notification.js';
import { phase2Iv } from '../services/keymat/initialization-vectors.js';
import type { Endpoint } from '../services/net/address.js';
import type { Rule } from '../services/policy/rule.js';
import type { IpsecPolicy, SpiPair, TrafficSelectors } from '../services/ports/kernel.js';
import type { Datagram } from '../services/ports/udp.js';
import { encapsulationFor } from '../services/proposal/encapsulation.js';
import { err, ok, type Result } from '../services/result.js';
import type { DropCounter } from './drop-counter.js';
import { explainEnding } from './ending.js';
import { type ChartUse, ExchangeRunner } from './exchange-runner.js';
import type { Negotiation } from './negotiation.js';
import { Numbers } from './numbers.js';
import { type DaemonPorts, recordedPortsOf } from './ports.js';
import { handlesOf, QuickModeSteps } from './quick-mode-steps.js';
import { MOST_MESSAGE_IDS, type Phase1Entry } from './sa-table.js';
import { QuickModesUnderWay } from './quick-modes-under-way.js';
import { retryWindowMs, type Settings, timingOf } from './settings.js';

type Phase2Negotiation = Negotiation<Phase2Record>;

/** What a Quick Mode came to. */
export interface Installed {
  readonly pairs: readonly SpiPair[];
}

export interface Phase2Owner {
  settings(): Settings;
  /** The rule of the SA, as it is now; an error when the peer may begin nothing under the SA any more. */
  ruleOf(entry: Phase1Entry): Result<Rule, Failure>;
  /** The peer has authenticated a message under the SA, from `remote`. */
  heard(entry: Phase1Entry, remote: Endpoint): void;
  installed(id: NegotiationId, entry: Phase1Entry, record: Phase2Record): void;
  /** It is about to end in a failure: what is left of its record. */
  failed(id: NegotiationId, record: Phase2Record): void;
  /** Notifies about the SA that are to travel along in messages 1 and 2. */
  ridersFor(entry: Phase1Entry): readonly NotifyPayload[];
  /** The peer has answered what they rode in. */
  ridersRead(entry: Phase1Entry): void;
  /** The peer says INITIAL-CONTACT. */
  initialContact(entry: Phase1Entry): void;
  /** A message under the SA is about to be sent again. */
  repeating(entry: Phase1Entry): void;
  /** We failed after message 2 or 3: the peer may hold SAs that we do not. */
  unfinished(entry: Phase1Entry, pairs: readonly SpiPair[]): void;
  /** Sends a protected error notify under the SA. */
  refusePeer(entry: Phase1Entry, notifyType: number, record: Phase2Record): void;
}

/** Of the messages of Quick Mode: by 2 an initiator installs the SAs, by 3 a responder. */
const FIRST_THAT_INSTALLS = 2;
/** Quick Modes of one peer that may be under way at once. */
const MOST_PER_PHASE1 = 64;

export class Phase2Pool {
  readonly underWay = new QuickModesUnderWay();
  readonly #ports: DaemonPorts;
  readonly #drops: DropCounter;
  readonly #owner: Phase2Owner;
  readonly #steps: QuickModeSteps;
  readonly #runner: ExchangeRunner<Phase2Record>;
  /** Live and lately ended ones, by message ID. */
  readonly #byMessageId = new NumberIndex<Phase2Negotiation>();
  readonly #entries = new Map<NegotiationId, Phase1Entry>();
  /** Ended ones whose last message may have to be sent again. */
  readonly #lately = new Map<NegotiationId, Phase2Negotiation>();
  readonly #waiting = new Map<NegotiationId, (result: Result<Installed, Failure>) => void>();
  readonly #numbers: Numbers;

  constructor(ports: DaemonPorts, drops: DropCounter, charts: ChartUse, owner: Phase2Owner) {
    this.#ports = ports;
    this.#numbers = new Numbers(ports.fellows?.place);
    this.#drops = drops;
    this.#owner = owner;
    const steps = new QuickModeSteps(ports, {
      entryOf: (negotiation) => this.#entries.get(negotiation.id),
      ruleOf: (negotiation) => {
        const entry = this.#entries.get(negotiation.id);
        return entry === undefined ? ok(undefined) : owner.ruleOf(entry);
      },
      heard: (entry, remote) => {
        owner.heard(entry, remote);
      },
      ridersFor: (entry) => owner.ridersFor(entry),
      riddenBy: (entry, message, payloads) => {
        this.#takeRiders(entry, message, payloads);
      },
      transmit: (negotiation, bytes, summary) => {
        this.#runner.transmit(negotiation, bytes, summary);
      },
    });
    this.#steps = steps;
    this.#runner = new ExchangeRunner<Phase2Record>(ports, drops, charts, {
      // The peer may have moved since the SA was handed over (RFC 3947 4).
      destination: ({ id, record }) => this.#entries.get(id)?.sa ?? record.phase1,
      effects: {
        sendRequest: (negotiation) => steps.sendRequest(negotiation),
        sendAnswer: (negotiation) => steps.sendAnswer(negotiation),
        sendConfirmation: (negotiation) => steps.sendConfirmation(negotiation),
      },
      jobs: {
        'kernel.policyFor': (negotiation) => steps.policyFor(negotiation),
        'kernel.getSpi': (negotiation) => steps.getSpi(negotiation),
        'crypto.generateKeyPair': (negotiation) => steps.generateKeyPair(negotiation),
        'crypto.keymat': (negotiation) => steps.keymat(negotiation),
        'kernel.update': (negotiation) => steps.install(negotiation, 'inbound'),
        'kernel.add': (negotiation) => steps.install(negotiation, 'outbound'),
      },
      read: (negotiation, datagram, header, expects) => steps.read(negotiation, datagram, header, expects),
      repeating: (negotiation) => {
        const entry = this.#entries.get(negotiation.id);
        if (entry !== undefined) owner.repeating(entry);
      },
      ended: (negotiation, output) => {
        this.#ended(negotiation, output);
      },
    });
  }

  receive(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry): void {
    const negotiation = this.#byMessageId.find(header.messageId, ({ record }) => isUnder(record, entry.sa));
    if (negotiation === undefined) this.#ports.recorder?.stands(entry, this.#owner.settings());
    this.#ports.recorder?.heard(negotiation?.id ?? entry.id, datagram);
    if (negotiation !== undefined) this.#runner.deliver(negotiation, datagram, header);
    else this.#respond(datagram, header, entry);
  }

  live(): IterableIterator<Phase2Negotiation> {
    return this.#runner.negotiations();
  }

  /** Its SAs are on their way out: who has not heard our last message need not hear it any more. */
  silence(id: NegotiationId): void {
    const negotiation = this.#lately.get(id);
    if (negotiation !== undefined) this.#runner.forget(negotiation);
  }

  /** Runs a Quick Mode for the traffic of `policy`, or for the narrower `selectors`; `renews`: in place of SAs that carry it. */
  negotiate(
    entry: Phase1Entry,
    policy: IpsecPolicy,
    selectors: TrafficSelectors,
    parent: NegotiationId,
    renews: boolean,
  ): Promise<Result<Installed, Failure>> {
    this.#ports.recorder?.stands(entry, this.#owner.settings());
    const { phase2 } = entry.sa.rule;
    const record: Phase2Record = {
      ...this.#blank('initiator', entry.sa, this.#freshMessageId(entry), selectors),
      policy,
      renews,
      terms: {
        mode: policy.mode,
        encapsulation: encapsulationFor(entry.sa.features),
        group: phase2.pfsGroup,
        lifetimeSeconds: phase2.lifetimeSeconds,
        lifetimeKb: phase2.lifetimeKb,
      },
    };
    const id = this.#announce('quick-mode-initiator', record, entry, parent);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#start(id, 'quick-mode-initiator', record, phase2.pfsGroup !== 0);
    });
  }

  #respond(datagram: Datagram, header: IsakmpHeader, entry: Phase1Entry): void {
    const refuse = (reason: string, error: 'decrypt' | 'hash' | 'other'): void => {
      entry.errors[error] += 1;
      this.#drops.drop(datagram.remote, reason);
    };
    if (header.messageId === 0 || (header.flags & FLAG.encryption) === 0) {
      refuse('a Quick Mode message without a message ID, or in the clear', 'other');
      return;
    }
    if (entry.messageIds.has(header.messageId) || entry.messageIds.size >= MOST_MESSAGE_IDS) {
      refuse('its message ID was used before', 'other');
      return;
    }
    const blank = this.#blank('responder', entry.sa, header.messageId, hostSelectors(entry.sa));
    // Until the message is known to be the peer's there is no negotiation, only the SA.
    const { crypto } = recordedPortsOf(this.#ports, entry.id);
    const opened = openMessage(crypto, quickModeProtection(blank), header, datagram.bytes);
    if (!opened.ok) {
      refuse(`Quick Mode message 1: ${opened.error}`, 'decrypt');
      return;
    }
    const { payloads, plaintext, iv } = opened.value;
    const fault = quickModeFault(1, payloads);
    if (fault !== undefined) {
      refuse(`Quick Mode message 1: ${fault}`, 'other');
      return;
    }
    if (!hashIsRight(blank, 1, payloads, plaintext, crypto)) {
      refuse('HASH(1) of a Quick Mode is wrong', 'hash');
      return;
    }
    if (this.underWay.count(entry) >= MOST_PER_PHASE1) {
      refuse('too many Quick Modes of this peer are under way', 'other');
      return;
    }
    entry.messageIds.add(header.messageId);
    this.#owner.heard(entry, datagram.remote);
    this.#takeRiders(entry, 1, payloads);
    // Where it was heard from, the answer goes.
    learn(blank, { phase1: entry.sa, iv });
    const record = blank;
    const id = this.#announce('quick-mode-responder', record, entry, entry.id);
    this.#steps.report(id, datagram, header, 1, payloads);
    // The peer decides about PFS by sending a public value; whether the rule agrees is checked in the chart's first job.
    const pfs = payloads.some((payload) => payload.kind === 'KE');
    this.#start(id, 'quick-mode-responder', record, pfs, {
      payloads,
      bytes: datagram.bytes,
    });
  }

  /** Message 1 answers nothing; 2 and 3 answer what came from here with what was to travel along. */
  #takeRiders(entry: Phase1Entry, message: number, payloads: readonly DecodedPayload[]): void {
    if (message > 1) this.#owner.ridersRead(entry);
    if (saysInitialContact(payloads)) this.#owner.initialContact(entry);
  }

  #announce(chart: string, record: Phase2Record, entry: Phase1Entry, parent: NegotiationId): NegotiationId {
    const id = `p2-${String(this.#numbers.next())}`;
    const settings = this.#owner.settings();
    this.#ports.recorder?.begin(id, { chart, settings, parent, under: entry.id });
    this.#entries.set(id, entry);
    const { local, remote, rule } = record.phase1;
    this.#ports.events.emit({
      type: 'negotiation.started',
      negotiation: id,
      chart,
      local,
      remote,
      rule: rule.label,
      parent,
    });
    return id;
  }

  #start(
    id: NegotiationId,
    chart: 'quick-mode-initiator' | 'quick-mode-responder',
    record: Phase2Record,
    pfs: boolean,
    first?: { readonly payloads: readonly DecodedPayload[]; readonly bytes: Bytes },
  ): void {
    const timing = timingOf(this.#owner.settings().config.globals);
    const negotiation = this.#runner.start(
      id,
      chart,
      record,
      first === undefined ? { timing, pfs } : { timing, pfs, first },
    );
    const entry = this.#entries.get(id);
    if (entry !== undefined && !negotiation.ended) this.underWay.add(entry, negotiation);
    this.#byMessageId.add(record.messageId, negotiation);
  }

  #freshMessageId(entry: Phase1Entry): number {
    const { random } = recordedPortsOf(this.#ports, entry.id);
    for (;;) {
      const id = readU32(random.bytes(4), 0);
      if (id === 0 || entry.messageIds.has(id)) continue;
      entry.messageIds.add(id);
      return id;
    }
  }

  #blank(
    role: Phase2Record['role'],
    sa: Phase1Sa,
    messageId: number,
    selectors: TrafficSelectors,
  ): Phase2Record {
    return {
      role,
      phase1: sa,
      messageId,
      policy: undefined,
      selectors,
      identities: undefined,
      terms: {
        mode: 'tunnel',
        encapsulation: encapsulationFor(sa.features),
        group: 0,
        lifetimeSeconds: undefined,
        lifetimeKb: undefined,
      },
      offer: [],
      chosen: [],
      peerOriginal: NOTHING_SAID,
      connectedDue: false,
      renews: false,
      reserved: [],
      agreed: [],
      nonceLength: this.#owner.settings().config.globals.phase2NonceLength,
      ownNonce: NO_BYTES,
      peerNonce: NO_BYTES,
      keyPair: undefined,
      peerPublic: undefined,
      iv: phase2Iv(this.#ports.crypto, sa.suite.hash, sa.suite.cipher, sa.lastBlock, messageId),
    };
  }

  // The end

  #ended(negotiation: Phase2Negotiation, output: ExchangeOutput): void {
    const { id, record } = negotiation;
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (entry !== undefined) this.underWay.remove(entry, negotiation);
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    const { globals } = this.#owner.settings().config;
    this.#lately.set(id, negotiation);
    this.#ports.clock.setTimeout(
      () => {
        this.#runner.forget(negotiation);
        this.#lately.delete(id);
        this.#byMessageId.delete(record.messageId, negotiation);
      },
      retryWindowMs(timingOf(globals)),
    );
    if (record.keyPair !== undefined) this.#ports.crypto.erase(record.keyPair.privateKey);
    this.#ports.crypto.erase(...handlesOf(record.agreed));
    if (output.outcome.kind === 'succeeded' && entry !== undefined) {
      this.#owner.installed(id, entry, record);
      this.#ports.events.emit({
        type: 'negotiation.ended',
        negotiation: id,
        outcome: 'installed',
        failure: undefined,
      });
      resolve?.(ok({ pairs: spiPairsOf(record) }));
      learn(record, AFTER_PHASE2);
      return;
    }
    this.#steps.release(negotiation);
    const answered = (negotiation.lastSent?.summary.number ?? 0) >= FIRST_THAT_INSTALLS;
    if (answered && entry !== undefined) this.#owner.unfinished(entry, spiPairsOf(record));
    const failed = explainEnding(output, {
      place: { exchange: 'Quick Mode', message: negotiation.lastSent?.summary.number ?? 1 },
      remote: record.phase1.remote,
      attempts: globals.retryLimit + 1,
    });
    this.#owner.failed(id, record);
    if (failed.wire.answer === 'notify' && entry !== undefined)
      this.#owner.refusePeer(entry, failed.wire.type, record);
    this.#ports.events.emit({
      type: 'negotiation.ended',
      negotiation: id,
      outcome: 'failed',
      failure: failed,
    });
    resolve?.(err(failed));
  }
}

/** Of what was agreed, what may be remembered: no keys. */
export function spiPairsOf(record: Phase2Record): readonly SpiPair[] {
  return record.agreed.map(({ protocol, inboundSpi, outboundSpi }) => ({
    protocol,
    inboundSpi,
    outboundSpi,
  }));
}

/** Of an SA whose peer has moved there is another record with the same cookies. */
function isUnder({ phase1 }: Phase2Record, { initiatorCookie, responderCookie }: Phase1Sa): boolean {
  return phase1.initiatorCookie === initiatorCookie && phase1.responderCookie === responderCookie;
}

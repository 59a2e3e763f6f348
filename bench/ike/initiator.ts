/**
 * The peers of the load generator: each does Main Mode and one Quick Mode as initiator, by the daemon's own steps, but
 * without charts and memory. So it costs a fraction of the daemon that answers.
 */
import { Phase1Steps } from '../../daemon/phase1-steps.js';
import type { DaemonPorts } from '../../daemon/ports.js';
import { QuickModeSteps } from '../../daemon/quick-mode-steps.js';
import { Negotiation } from '../../daemon/negotiation.js';
import type { Settings } from '../../daemon/settings.js';
import { transmit } from '../../daemon/transmit.js';
import type { ExchangeEvent } from '../../machines/exchange.js';
import { NO_BYTES, readU32 } from '../../services/bytes.js';
import { nextSequence, probe } from '../../services/exchange/dead-peer-detection.js';
import { informationalProtection, protectInformational } from '../../services/exchange/informational.js';
import { NOTHING_SAID } from '../../services/exchange/nat-original.js';
import { prepareOffer } from '../../services/exchange/phase1-offer.js';
import { blankPhase1, type Phase1Record } from '../../services/exchange/phase1-record.js';
import type { Phase1Sa } from '../../services/exchange/phase1-sa.js';
import { sealMessage } from '../../services/exchange/protection.js';
import type { Phase2Record } from '../../services/exchange/phase2-record.js';
import { decodeHeader, freshCookie } from '../../services/isakmp/header.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { phase2Iv } from '../../services/keymat/initialization-vectors.js';
import { handlesOf } from '../../services/keymat/phase1-keys.js';
import { type Endpoint, single } from '../../services/net/address.js';
import type { Rule } from '../../services/policy/rule.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { encapsulationFor } from '../../services/proposal/encapsulation.js';
import { PeerSocket, type PeerUdp } from './peer-sockets.js';

/** How a peer behaves. All but the first leave the daemon without an SA. */
export type Behaviour =
  | 'good'
  /** Its pre-shared key is another: message 5 cannot be read. */
  | 'wrong-key'
  /** It offers what no rule of the daemon accepts. */
  | 'no-proposal'
  /** It says nothing after message 1, as one who has forged the address. */
  | 'silent-after-1'
  /** It says nothing after message 3, when the daemon has computed. */
  | 'silent-after-3';

/** A peer with SAs. */
export interface SettledPeer {
  /** Another Quick Mode. */
  renew(): Promise<boolean>;
  isAnswered(): Promise<boolean>;
  close(): void;
}

/** `lost`: a good peer waited in vain. */
export type Outcome = 'established' | 'as-meant' | 'lost';

export interface Parts {
  readonly ports: DaemonPorts & { readonly udp: PeerUdp };
  readonly settings: Settings;
  /** Whose key or offer the daemon does not take. */
  readonly wrongKey: Settings['presharedKeys'];
  readonly refusedRule: Rule;
  readonly rule: Rule;
  readonly policy: IpsecPolicy;
  readonly daemon: Endpoint;
  /** How long a good peer waits for an answer, milliseconds; after each but the last it says the same again. */
  readonly waits: readonly number[];
}

/** Of one that expects none. */
const DISBELIEF: readonly number[] = [200];

export class Initiator {
  readonly #parts: Parts;
  readonly #phase1: Readonly<Record<'right' | 'wrong', Phase1Steps>>;
  readonly #quickMode: QuickModeSteps;
  #count = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { ports, settings } = parts;
    const steps = (presharedKeys: Settings['presharedKeys']) =>
      new Phase1Steps(ports, {
        settings: () => ({ ...settings, presharedKeys }),
        nattPort: 0,
        knowsPeer: () => false,
        transmit: (negotiation, bytes, summary) => {
          negotiation.lastSent = { bytes, summary };
          transmit(ports, negotiation.record, bytes);
        },
      });
    this.#phase1 = { right: steps(settings.presharedKeys), wrong: steps(parts.wrongKey) };
    this.#quickMode = new QuickModeSteps(ports, {
      entryOf: () => undefined,
      ruleOf: () => ({ ok: true, value: undefined }),
      heard: () => undefined,
      ridersFor: () => [],
      riddenBy: () => undefined,
      transmit: (negotiation, bytes, summary) => {
        negotiation.lastSent = { bytes, summary };
        transmit(ports, negotiation.record.phase1, bytes);
      },
    });
  }

  /** One handshake from `address`, at the daemon's own port, as peers are. */
  async run(address: string, behaviour: Behaviour): Promise<Outcome> {
    const { udp } = this.#parts.ports;
    const socket = await this.#open(address);
    try {
      const sa = await this.#mainMode(socket, behaviour);
      if (sa === undefined || behaviour !== 'good') return behaviour === 'good' ? 'lost' : 'as-meant';
      const installed = await this.#quickModeUnder(socket, sa);
      this.#parts.ports.crypto.erase(...handlesOf(sa.keys));
      return installed ? 'established' : 'lost';
    } finally {
      udp.end(socket);
    }
  }

  /** A peer that stays. Undefined when it got no SAs. */
  async settle(address: string): Promise<SettledPeer | undefined> {
    const { ports } = this.#parts;
    const socket = await this.#open(address);
    const sa = await this.#mainMode(socket, 'good');
    if (sa === undefined || !(await this.#quickModeUnder(socket, sa))) {
      ports.udp.end(socket);
      return undefined;
    }
    let sequence: number | undefined;
    const next = (): number => {
      sequence = nextSequence(sequence, () => ports.random.bytes(4));
      return sequence;
    };
    return {
      renew: () => this.#quickModeUnder(socket, sa),
      isAnswered: () => this.#isAnswered(socket, sa, next),
      close: () => {
        ports.crypto.erase(...handlesOf(sa.keys));
        ports.udp.end(socket);
      },
    };
  }

  async #open(address: string): Promise<PeerSocket> {
    const socket = await PeerSocket.open({ address, port: this.#parts.daemon.port });
    this.#parts.ports.udp.begin(socket);
    return socket;
  }

  /** Asks whether the daemon lives (RFC 3706). It never asks us, so that any Informational is its answer. */
  async #isAnswered(socket: PeerSocket, sa: Phase1Sa, next: () => number): Promise<boolean> {
    const { ports, waits } = this.#parts;
    for (const wait of waits) {
      const messageId = freshMessageId(ports);
      const payloads = protectInformational(sa, messageId, [probe(sa, next())], ports.crypto);
      const { initiatorCookie, responderCookie } = sa;
      const header = { initiatorCookie, responderCookie, exchangeType: EXCHANGE.informational, messageId };
      const protection = informationalProtection(sa, messageId, ports.crypto);
      transmit(ports, sa, sealMessage(ports.crypto, protection, header, payloads).bytes);
      const end = performance.now() + wait;
      for (let left = wait; left > 0; left = end - performance.now()) {
        const datagram = await socket.receive(left);
        if (datagram === undefined) break;
        const answer = decodeHeader(datagram.bytes);
        if (answer.ok && answer.value.exchangeType === EXCHANGE.informational) return true;
      }
    }
    return false;
  }

  async #mainMode(socket: PeerSocket, behaviour: Behaviour): Promise<Phase1Sa | undefined> {
    const { ports, settings, daemon, wrongKey } = this.#parts;
    const rule = behaviour === 'no-proposal' ? this.#parts.refusedRule : this.#parts.rule;
    const blank = blankPhase1({
      mode: 'main',
      role: 'initiator',
      local: socket.local,
      remote: daemon,
      initiatorCookie: freshCookie(ports.random),
      config: settings.config,
      stores: settings.certificates,
      begunAt: ports.clock.now(),
    });
    const keys = behaviour === 'wrong-key' ? wrongKey : settings.presharedKeys;
    const prepared = prepareOffer({ ...blank, rule }, rule, keys);
    if (!prepared.ok) throw new Error(prepared.error.explanation);
    const negotiation = this.#negotiation<Phase1Record>('main-mode-initiator', prepared.value);
    const steps = this.#phase1[behaviour === 'wrong-key' ? 'wrong' : 'right'];
    const patience = behaviour === 'good' ? this.#parts.waits : DISBELIEF;
    steps.sendOffer(negotiation);
    if (behaviour === 'silent-after-1') return undefined;
    if (!(await this.#answered(socket, negotiation, steps, 2, patience))) return undefined;
    await steps.generateKeyPair(negotiation);
    steps.sendKeyExchange(negotiation);
    if (behaviour === 'silent-after-3' || !(await this.#answered(socket, negotiation, steps, 4, patience))) {
      this.#erase(negotiation.record);
      return undefined;
    }
    await steps.sharedSecret(negotiation);
    const { method } = negotiation.record;
    if (method === 'rsa_sig' || method === 'dss_sig') await steps.sign(negotiation);
    steps.sendProof(negotiation);
    const proved =
      (await this.#answered(socket, negotiation, steps, 6, patience)) &&
      steps.checkProof(negotiation).type === 'proved';
    this.#erase(negotiation.record, proved);
    return proved ? saOf(negotiation.record) : undefined;
  }

  async #quickModeUnder(socket: PeerSocket, sa: Phase1Sa): Promise<boolean> {
    const steps = this.#quickMode;
    const negotiation = this.#negotiation<Phase2Record>('quick-mode-initiator', this.#request(sa));
    await steps.getSpi(negotiation);
    if (negotiation.record.terms.group !== 0) await steps.generateKeyPair(negotiation);
    steps.sendRequest(negotiation);
    const answered = await this.#answered(socket, negotiation, steps, 2);
    if (answered) {
      await steps.keymat(negotiation);
      await steps.install(negotiation, 'inbound');
      await steps.install(negotiation, 'outbound');
      steps.sendConfirmation(negotiation);
    }
    const { keyPair } = negotiation.record;
    if (keyPair !== undefined) this.#parts.ports.crypto.erase(keyPair.privateKey);
    return answered;
  }

  #request(sa: Phase1Sa): Phase2Record {
    const { ports, policy, settings } = this.#parts;
    const messageId = freshMessageId(ports);
    const { hash, cipher } = sa.suite;
    return {
      role: 'initiator',
      phase1: sa,
      messageId,
      policy,
      selectors: {
        local: { addresses: single(sa.local.address), port: 0 },
        remote: { addresses: single(sa.remote.address), port: 0 },
        protocol: 0,
      },
      identities: undefined,
      terms: {
        mode: policy.mode,
        encapsulation: encapsulationFor(sa.features),
        group: sa.rule.phase2.pfsGroup,
        lifetimeSeconds: sa.rule.phase2.lifetimeSeconds,
        lifetimeKb: sa.rule.phase2.lifetimeKb,
      },
      offer: [],
      chosen: [],
      peerOriginal: NOTHING_SAID,
      connectedDue: false,
      renews: false,
      reserved: [],
      agreed: [],
      nonceLength: settings.config.globals.phase2NonceLength,
      ownNonce: NO_BYTES,
      peerNonce: NO_BYTES,
      keyPair: undefined,
      peerPublic: undefined,
      iv: phase2Iv(ports.crypto, hash, cipher, sa.lastBlock, messageId),
    };
  }

  /** Waits for the message that is due; what is no such message is passed over. */
  async #answered<R>(
    socket: PeerSocket,
    negotiation: Negotiation<R>,
    steps: {
      read(
        negotiation: Negotiation<R>,
        datagram: Parameters<Phase1Steps['read']>[1],
        header: Parameters<Phase1Steps['read']>[2],
        expects: number,
      ): ExchangeEvent;
    },
    expects: number,
    waits = this.#parts.waits,
  ): Promise<boolean> {
    for (const [sent, wait] of waits.entries()) {
      if (sent > 0 && negotiation.lastSent !== undefined)
        socket.send(this.#parts.daemon, negotiation.lastSent.bytes);
      const end = performance.now() + wait;
      for (let left = wait; left > 0; left = end - performance.now()) {
        const datagram = await socket.receive(left);
        if (datagram === undefined) break;
        const header = decodeHeader(datagram.bytes);
        if (!header.ok) continue;
        const event = steps.read(negotiation, datagram, header.value, expects);
        if (event.type !== 'message') continue;
        negotiation.acceptedNumber = expects;
        return event.verdict === 'acceptable';
      }
    }
    return false;
  }

  #erase({ keyPair, keys }: Phase1Record, keepKeys = false): void {
    const { crypto } = this.#parts.ports;
    if (keyPair !== undefined) crypto.erase(keyPair.privateKey);
    if (keys !== undefined && !keepKeys) crypto.erase(...handlesOf(keys));
  }

  #negotiation<R>(chart: Negotiation<R>['chart'], record: R): Negotiation<R> {
    this.#count += 1;
    const id = `load-${String(this.#count)}`;
    return new Negotiation(id, chart, this.#parts.ports, record, NO_CHART, undefined);
  }
}

/** Nobody asks the generator where it stands. */
const NO_CHART: ConstructorParameters<typeof Negotiation>[4] = {
  send: () => undefined,
  getSnapshot: () => {
    throw new Error('the load generator runs no charts');
  },
};

function freshMessageId({ random }: DaemonPorts): number {
  return readU32(random.bytes(4), 0) || 1;
}

function saOf(record: Phase1Record): Phase1Sa {
  const { rule, suite, keys } = record;
  if (rule === undefined || suite === undefined || keys === undefined)
    throw new Error('a Main Mode that ended well has keys');
  return {
    role: 'initiator',
    local: record.local,
    remote: record.remote,
    initiatorCookie: record.initiatorCookie,
    responderCookie: record.responderCookie,
    rule,
    suite,
    keys,
    lastBlock: record.iv,
    mode: 'main',
    ownIdentity: record.ownIdentity,
    peerIdentity: record.peerIdentity,
    peerCertificate: undefined,
    features: record.features,
  };
}

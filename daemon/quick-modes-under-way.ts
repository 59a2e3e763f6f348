/** Quick Modes under way, by the Phase 1 SA that protects them: which of them it is that the peer speaks of, and what ends with an SA. */
import type { Phase2Record } from '../services/exchange/phase2-record.js';
import { isSamePeer } from '../services/exchange/same-peer.js';
import { failure } from '../services/failure/build.js';
import type { Failure } from '../services/failure/failure.js';
import { type Endpoint, formatEndpoint } from '../services/net/address.js';
import type { IpsecProtocol } from '../services/ports/kernel.js';
import type { Negotiation } from './negotiation.js';
import type { Phase1Entry } from './sa-table.js';

type Phase2Negotiation = Negotiation<Phase2Record>;

export class QuickModesUnderWay {
  readonly #under = new Map<Phase1Entry, Set<Phase2Negotiation>>();

  add(entry: Phase1Entry, negotiation: Phase2Negotiation): void {
    const under = this.#under.get(entry);
    if (under === undefined) this.#under.set(entry, new Set([negotiation]));
    else under.add(negotiation);
  }

  remove(entry: Phase1Entry, negotiation: Phase2Negotiation): void {
    const under = this.#under.get(entry);
    under?.delete(negotiation);
    if (under?.size === 0) this.#under.delete(entry);
  }

  count(entry: Phase1Entry): number {
    return this.#under.get(entry)?.size ?? 0;
  }

  /** Ends what is under way under an SA that goes away. */
  phase1Lost(entry: Phase1Entry, why: Failure): void {
    for (const negotiation of [...(this.#under.get(entry) ?? [])])
      negotiation.send({ type: 'PHASE1_LOST', failure: why });
  }

  /** The peer refused, authenticated, the Quick Mode in which `spi` is; 0 when it named none. */
  refusedByPeer(entry: Phase1Entry, spi: number, reason: Failure): void {
    const candidates = [...(this.#under.get(entry) ?? [])];
    const named = candidates.filter(
      ({ record: { reserved, agreed } }) =>
        spi !== 0 &&
        (reserved.some((own) => own.spi === spi) || agreed.some(({ outboundSpi }) => outboundSpi === spi)),
    );
    // Many peers name no SPI; with one Quick Mode under way there is no doubt which is meant.
    const meant = named.length > 0 ? named : candidates.length === 1 ? candidates : [];
    for (const negotiation of meant) negotiation.send({ type: 'PEER_REFUSED', failure: reason });
  }

  /**
   * The peer has given up SAs that we are still agreeing about: its part was done, and our copy of its last message may
   * come yet. Under whichever of its Phase 1 SAs it says so.
   */
  deletedByPeer(entry: Phase1Entry, protocol: IpsecProtocol, spi: number): void {
    for (const [under, negotiations] of [...this.#under]) {
      if (!isSamePeer(under.sa, entry.sa)) continue;
      for (const negotiation of [...negotiations]) {
        const meant = negotiation.record.agreed.some(
          (pair) => pair.protocol === protocol && pair.outboundSpi === spi,
        );
        if (meant) negotiation.send({ type: 'PEER_REFUSED', failure: givenUp(entry.sa.remote) });
      }
    }
  }

  /** The peer is at another place: what is under way goes on there. */
  moved(entry: Phase1Entry): void {
    for (const negotiation of this.#under.get(entry) ?? [])
      negotiation.record = { ...negotiation.record, phase1: entry.sa };
  }

  /** Quick Modes that wait for CONNECTED may be answered under their own message ID (RFC 2408 3.1). */
  awaitsConnected(entry: Phase1Entry, messageId: number): boolean {
    return this.#waitingForConnected(entry).some(({ record }) => record.messageId === messageId);
  }

  /** The peer says, authenticated, that its SAs are installed; `spi` is 0 when it named none. */
  connected(entry: Phase1Entry, messageId: number, spi: number): void {
    const waiting = this.#waitingForConnected(entry);
    const named = waiting.filter(
      ({ record }) =>
        record.messageId === messageId ||
        record.agreed.some((pair) => spi !== 0 && (pair.outboundSpi === spi || pair.inboundSpi === spi)),
    );
    const meant = named.length > 0 ? named : spi === 0 && waiting.length === 1 ? waiting : [];
    for (const negotiation of meant) negotiation.send({ type: 'CONNECTED' });
  }

  #waitingForConnected(entry: Phase1Entry): readonly Phase2Negotiation[] {
    return [...(this.#under.get(entry) ?? [])].filter(
      ({ record }) => record.role === 'initiator' && record.connectedDue,
    );
  }
}

function givenUp(remote: Endpoint): Failure {
  return failure(
    'peer-refused',
    { exchange: 'Quick Mode', message: 2 },
    'peer',
    `${formatEndpoint(remote)} deleted the SAs of the Quick Mode before it had come to its end here.`,
    'Nothing need be done where both ends negotiated at once; else the log of the peer says why.',
  );
}

/** Finds Phase 1 negotiations, live and lately ended ones, by what a datagram shows: its cookies and its sender. */
import { PlaceMap } from '../services/collections/place-map.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import { type Cookie, FLAG, type IsakmpHeader, ZERO_COOKIE } from '../services/isakmp/header.js';
import type { Endpoint } from '../services/net/address.js';

interface Indexed {
  readonly record: Phase1Record;
}

export class Phase1Index<N extends Indexed> {
  /** By our own cookie, which is unique and text that is there anyway. */
  readonly #byOwnCookie = new PlaceMap<Cookie, N>();
  /** Those we answer, by what their first message shows: the initiator's cookie and address. */
  readonly #byFirst = new PlaceMap<string, N>();

  add(negotiation: N): void {
    const { record } = negotiation;
    this.#byOwnCookie.set(ownCookie(record), negotiation);
    if (record.role === 'responder')
      this.#byFirst.set(firstKey(record.initiatorCookie, record.firstRemote), negotiation);
  }

  delete(negotiation: N): void {
    const { record } = negotiation;
    this.#byOwnCookie.delete(ownCookie(record));
    const first = firstKey(record.initiatorCookie, record.firstRemote);
    if (this.#byFirst.get(first) === negotiation) this.#byFirst.delete(first);
  }

  find({ initiatorCookie, responderCookie, flags }: IsakmpHeader, remote: Endpoint): N | undefined {
    const own = this.#byOwnCookie.get(responderCookie) ?? this.#byOwnCookie.get(initiatorCookie);
    const isOwn =
      own?.record.initiatorCookie === initiatorCookie && agree(responderCookie, own.record.responderCookie);
    if (isOwn && own.record.firstRemote.address === remote.address) return own;
    const begun = this.#byFirst.get(firstKey(initiatorCookie, remote));
    // The first message again, whose cookie may be one of ours: a peer may choose that which it was told.
    if (responderCookie === ZERO_COOKIE) return begun;
    // Who began something of its own with this cookie is another.
    return isOwn && begun === undefined && mayHaveMoved(own.record, flags) ? own : undefined;
  }
}

function ownCookie({ role, initiatorCookie, responderCookie }: Phase1Record): Cookie {
  return role === 'initiator' ? initiatorCookie : responderCookie;
}

function firstKey(cookie: Cookie, remote: Endpoint): string {
  return `${cookie}@${remote.address}`;
}

/** Whoever has not been told the responder's cookie says zero. */
function agree(one: Cookie, other: Cookie): boolean {
  return one === other || one === ZERO_COOKIE || other === ZERO_COOKIE;
}

/** Behind a NAT a peer may come from another address with message 5; only what is encrypted can show that it has. */
function mayHaveMoved({ role, features }: Phase1Record, flags: number): boolean {
  return role === 'responder' && (flags & FLAG.encryption) !== 0 && features.natTraversal !== undefined;
}

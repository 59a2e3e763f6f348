/** Takes the fragments of messages that are for something we know, and gives out the message once it is whole. */
import { decodeFragment, isFragment } from '../services/isakmp/fragment.js';
import { decodeHeader, type IsakmpHeader } from '../services/isakmp/header.js';
import type { Endpoint } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import type { Datagram } from '../services/ports/udp.js';
import type { DropCounter } from './drop-counter.js';
import { type Joined, Reassembly } from './reassembly.js';

export class FragmentIntake {
  readonly #drops: DropCounter;
  readonly #reassembly: Reassembly;
  readonly #knows: (header: IsakmpHeader, remote: Endpoint) => boolean;

  /** `knows`: whether the cookies are of a negotiation or an SA: who sends fragments has seen our vendor ID. */
  constructor(clock: Clock, drops: DropCounter, knows: (header: IsakmpHeader, remote: Endpoint) => boolean) {
    this.#drops = drops;
    this.#reassembly = new Reassembly(clock);
    this.#knows = knows;
  }

  /** The whole message, when this was the piece that was missing. */
  receive(datagram: Datagram, header: IsakmpHeader): Datagram | undefined {
    const joined = this.#join(datagram, header);
    if (joined.outcome === 'whole') return { ...datagram, bytes: joined.message };
    if (joined.outcome === 'refused') this.#drops.drop(datagram.remote, joined.reason);
    return undefined;
  }

  #join(datagram: Datagram, header: IsakmpHeader): Joined {
    const refused = (reason: string): Joined => ({ outcome: 'refused', reason });
    if (!this.#knows(header, datagram.remote)) return refused('a fragment that belongs to nothing here');
    const fragment = decodeFragment(datagram.bytes);
    if (!fragment.ok) return refused(fragment.error);
    const { initiatorCookie, responderCookie } = header;
    const joined = this.#reassembly.add(initiatorCookie + responderCookie, fragment.value);
    if (joined.outcome !== 'whole') return joined;
    const whole = decodeHeader(joined.message);
    const same =
      whole.ok &&
      !isFragment(whole.value) &&
      whole.value.initiatorCookie === initiatorCookie &&
      whole.value.responderCookie === responderCookie;
    return same ? joined : refused('fragments that make no message of their negotiation');
  }
}

/** The cookie of what this daemon begins. */
import type { NegotiationId } from '../services/events/event.js';
import { type Cookie, freshCookie } from '../services/isakmp/header.js';
import { cookiesOf } from '../services/isakmp/worker-of-cookie.js';
import { type DaemonPorts, recordedPortsOf } from './ports.js';

/** Of several workers the answers come to the one that begins. Of the cookies that were tried only the one that fits is recorded. */
export function ownCookie(ports: DaemonPorts, id: NegotiationId): Cookie {
  const { fellows } = ports;
  const world = fellows === undefined ? ports : { ...ports, random: cookiesOf(ports.random, fellows.place) };
  return freshCookie(recordedPortsOf(world, id).random);
}

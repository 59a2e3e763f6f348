/** A datagram on its way from the intake to the engine. */
import type { OpenedHeader } from '../services/isakmp/header.js';
import type { Datagram } from '../services/ports/udp.js';

/** Its header is read once: what comes after the intake goes by the same. */
export interface Arrival {
  readonly datagram: Datagram;
  readonly header: OpenedHeader;
}

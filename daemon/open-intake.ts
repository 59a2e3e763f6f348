/** An intake for an engine, with the chart that says who may begin. */
import { type IsakmpHeader, ZERO_COOKIE } from '../services/isakmp/header.js';
import type { Endpoint } from '../services/net/address.js';
import type { Workload } from '../services/ports/workload.js';
import { Admission } from './admission.js';
import type { ChartWatcher } from './chart-watcher.js';
import type { Engine } from './engine.js';
import type { Arrival } from './arrival.js';
import { Intake, type Precedence } from './intake.js';

export function openIntake(engine: Engine, watcher: ChartWatcher, workload: Workload): Intake {
  const { clock, events } = engine.ports;
  return new Intake(
    { clock, workload },
    engine.drops,
    new Admission(clock, events, watcher, engine.refusedPeers),
    {
      precedenceOf: (arrival) => precedenceOf(engine, arrival),
      receive: ({ datagram, header }) => {
        engine.receive(datagram, header);
      },
      unanswered: () => engine.phase1.halfOpen.counts.unanswered,
      everAnswered: () => engine.phase1.halfOpen.everAnswered,
    },
  );
}

/** Which datagrams go first when more come than can be worked off; cheap. */
function precedenceOf(engine: Engine, { header, datagram: { remote, local } }: Arrival): Precedence {
  if (header.ok && belongs(engine, header.value, remote)) return 'begun';
  const { lately } = engine.peers;
  const isKnown = lately.has(remote.address) || engine.peers.knows(local.address, remote.address);
  return isKnown ? 'known' : 'stranger';
}

function belongs({ table, phase1, peers }: Engine, header: IsakmpHeader, remote: Endpoint): boolean {
  const { initiatorCookie, responderCookie } = header;
  // A first message belongs to nothing.
  if (responderCookie === ZERO_COOKIE) return false;
  return (
    table.phase1ByCookies(initiatorCookie, responderCookie) !== undefined ||
    phase1.knows(header, remote) ||
    peers.isakmpSas.leaving(initiatorCookie, responderCookie) !== undefined
  );
}

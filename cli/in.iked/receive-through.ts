/** What the sockets give to an engine goes through its intake, a portion in each turn of the event loop. */
import type { NodeCrypto } from '../../adapters/crypto/node-crypto.js';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import type { Engine } from '../../daemon/engine.js';
import { openIntake } from '../../daemon/open-intake.js';
import type { Intake } from '../../daemon/intake.js';
import type { Datagram } from '../../services/ports/udp.js';
import type { Traffic } from './workers/share.js';

export function receiveThrough(
  engine: Engine,
  watcher: ChartWatcher,
  crypto: NodeCrypto,
  traffic: Traffic | undefined,
): { readonly intake: Intake; readonly receive: (datagram: Datagram) => void } {
  const intake = openIntake(engine, watcher, {
    later: (run) => {
      setImmediate(run);
    },
    computations: () => crypto.computations,
  });
  return {
    intake,
    receive: (datagram) => {
      // A negotiation that begins here could not go on here. Who has sent it says it again, and then it comes right.
      if (traffic?.strays(datagram) === true) engine.drops.drop(datagram.remote, 'it is for another worker');
      else intake.arrived(datagram);
    },
  };
}

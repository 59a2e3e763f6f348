/** What stories of two simulated daemons are told with. */
import { failure } from '../../services/failure/build.js';
import type { ChartName } from '../../daemon/exchange-machines.js';
import type { DaemonPlan, SimulatedDaemon } from '../sim/simulated-daemon.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { EAST, type Pair, WEST } from '../sim/two-gateways.js';
import { isQuickMode, unluckyCrypto } from './mishaps.js';

export interface Scenario {
  readonly name: string;
  readonly east?: Partial<DaemonPlan>;
  readonly west?: Partial<DaemonPlan>;
  readonly pfs?: boolean;
  /** Before the packet that starts it all. */
  readonly prepare?: (pair: Pair) => void;
  /** After it: the rest of the story. Unless said, time runs until nothing is under way. */
  readonly then?: (pair: Pair) => Promise<void>;
}

export const OPERATOR = failure(
  'operator-deleted',
  { exchange: '', message: 0 },
  'local',
  'asked for',
  'nothing',
);
export const CROWDED = failure(
  'crowded-out',
  { exchange: '', message: 0 },
  'network',
  'it made room for others',
  'nothing',
);
export const LONG = 400_000;

/** Runs until a chart of `name` is in a state whose id ends in `state`. */
export async function reach({ clock, east, west }: Pair, name: ChartName, state: string): Promise<void> {
  const there = (daemon: SimulatedDaemon): boolean =>
    daemon.events.some(
      (event) =>
        event.type === 'negotiation.state' &&
        event.active.some((id) => id.startsWith(name) && id.endsWith(state)),
    );
  await runUntil(clock, () => there(east) || there(west), LONG);
}

export const fromWest = (datagram: { readonly from: { readonly address: string } }): boolean =>
  datagram.from.address === WEST;
export const fromEast = (datagram: { readonly from: { readonly address: string } }): boolean =>
  datagram.from.address === EAST;

/** The `n`th datagram, counted from 1, that one end sends first-hand. */
export function nth(end: (datagram: Parameters<typeof isQuickMode>[0]) => boolean, n: number) {
  let count = 0;
  return (datagram: Parameters<typeof isQuickMode>[0]): boolean => end(datagram) && ++count === n;
}

export const quickFrom = (end: typeof fromWest) => (datagram: Parameters<typeof isQuickMode>[0]) =>
  end(datagram) && isQuickMode(datagram);

export function phase1Crypto(
  who: 'east' | 'west',
  call: 'generateKeyPair' | 'sharedSecret',
  how: 'fails' | 'hangs',
): Scenario {
  return {
    name: `${who}: ${call} ${how} in Phase 1`,
    [who]: { crypto: unluckyCrypto({ call, nth: 1, how }) },
  };
}

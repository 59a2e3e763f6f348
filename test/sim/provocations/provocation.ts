/** Ways to make daemons fail, one for each failure code: what the operator is told is held against what was done. */
import type { Blame } from '../../../services/failure/failure.js';
import type { FailureCode } from '../../../services/failure/codes.js';
import type { Phase1Record } from '../../../services/exchange/phase1-record.js';
import type { Phase2Record } from '../../../services/exchange/phase2-record.js';
import type { Kernel } from '../../../services/ports/kernel.js';
import { FLAG } from '../../../services/isakmp/header.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { headerOf, unluckyKernel } from '../../machines/mishaps.js';
import { runUntil, type SimulatedDaemon } from '../simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../two-gateways.js';

export interface Provocation {
  readonly code: FailureCode;
  /** Completes `... fails with <code> when`. */
  readonly when: string;
  readonly blame: Blame;
  /** What the explanation must name: a line of a file, a message, a certificate. */
  readonly names: RegExp;
  /** Resolves to the daemon that must have failed. */
  provoke(): Promise<SimulatedDaemon>;
}

/** Longer than a retry window and a round of probes. */
const LONG_MS = 120_000;
/** Longer than expire_timer. */
export const EXPIRY_MS = 400_000;

type Plan = Parameters<typeof gatewayPlan>[1];

/** Two gateways, and a packet of the east that asks for an SA. */
export async function asked(
  east: Plan = {},
  west: Plan = {},
  prepare: (pair: Pair) => void = () => undefined,
) {
  const pair = await startPair(1, gatewayPlan('east', east), gatewayPlan('west', west));
  prepare(pair);
  pair.east.kernel.output(packetToWest());
  return pair;
}

export async function until(pair: Pair, daemon: SimulatedDaemon, code: FailureCode, ms = LONG_MS) {
  const failed = (): boolean =>
    daemon.events.some((event) => event.type === 'negotiation.ended' && event.failure?.code === code);
  await runUntil(pair.clock, failed, ms);
  return daemon;
}

export const AT_EAST = { address: EAST, port: 500 };
export const AT_WEST = { address: WEST, port: 500 };

/** Before message `number` of Main Mode leaves: for an end that has gone wrong, its record is changed. */
export function spoilPhase1(
  { network, east, west }: Pair,
  whose: 'east' | 'west',
  spoil: (record: Phase1Record) => Partial<Phase1Record>,
): void {
  const daemon = whose === 'east' ? east : west;
  const other = whose === 'east' ? WEST : EAST;
  let done = false;
  // When the peer's Diffie-Hellman value is on its way, the end has not yet said who it is.
  network.filter = (datagram) => {
    const { exchangeType, responderCookie } = headerOf(datagram);
    const third = exchangeType === EXCHANGE.mainMode && !/^0+$/.test(responderCookie);
    const isValue = third && datagram.bytes.length > 200;
    if (!done && datagram.from.address === other && isValue) {
      done = true;
      for (const negotiation of daemon.engine.phase1.live())
        negotiation.record = { ...negotiation.record, ...spoil(negotiation.record) };
    }
    return 'pass';
  };
}

/** A responder that has gone wrong: it has decided well, and then its record of the Quick Mode changes. */
export async function askedOfSpoilt(
  east: Plan,
  spoil: (record: Phase2Record) => Partial<Phase2Record>,
): Promise<Pair> {
  let west: SimulatedDaemon | undefined;
  const untouched = unluckyKernel({ call: 'getSpi', nth: 0, how: 'fails' });
  const kernel = (real: Kernel): Kernel => ({
    ...untouched(real),
    getSpi: async (...args) => {
      const spi = await real.getSpi(...args);
      for (const negotiation of west?.engine.phase2.live() ?? [])
        negotiation.record = { ...negotiation.record, ...spoil(negotiation.record) };
      return spi;
    },
  });
  return asked(east, { kernel }, (pair) => {
    west = pair.west;
  });
}

/** In the place of the first datagram that is wanted, `change` of it arrives. */
export function replaceOnce(
  { network, clock, east, west }: Pair,
  wanted: (number: { readonly from: string; readonly encrypted: boolean }) => boolean,
  change: (bytes: Uint8Array) => Uint8Array,
): void {
  let done = false;
  network.filter = (datagram) => {
    const encrypted = (headerOf(datagram).flags & FLAG.encryption) !== 0;
    if (done || !wanted({ from: datagram.from.address, encrypted })) return 'pass';
    done = true;
    const [receiver, local, remote] =
      datagram.to.address === EAST ? [east, AT_EAST, AT_WEST] : [west, AT_WEST, AT_EAST];
    clock.setTimeout(() => {
      receiver.engine.receive({ local, remote, bytes: change(datagram.bytes) });
    }, 5);
    return 'drop';
  };
}

/** What a kernel in this process did with packets since it was opened. */
export interface PacketCounters {
  /** Protected, and sent to a peer. */
  readonly sent: number;
  /** Opened, and delivered. */
  readonly received: number;
  /** No policy wants them protected. */
  readonly bypassed: number;
  /** How often SAs were asked for. */
  readonly acquires: number;
  /** By reason, those alone that happened. */
  readonly dropped: {
    readonly outbound: Readonly<Record<string, number>>;
    readonly inbound: Readonly<Record<string, number>>;
  };
}

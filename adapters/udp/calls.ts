/** What sockets of IKE ask of the addon, where it is there. Counts below 0 are minus `errno`. */
export interface UdpCalls {
  /** Watches a descriptor, which it owns: 1 readable, 2 writable; 0 told: it is in error, and watched no more. */
  readonly Polled: new (
    descriptor: number,
    onReady: (events: number) => void,
  ) => {
    readonly descriptor: number;
    want(events: number): void;
    close(): void;
  };
  /** How many envelopes with datagrams, or with an error, now stand in `room`. */
  readonly receiveDatagrams: (descriptor: number, room: Uint8Array) => number;
  /** Sends what stands at the beginning of `room` in its envelope. 0, or minus `errno`. */
  readonly sendDatagram: (descriptor: number, room: Uint8Array) => number;
  /** How many words of ICMP were passed over that keep the descriptor in error. */
  readonly dropErrors: (descriptor: number) => number;
}

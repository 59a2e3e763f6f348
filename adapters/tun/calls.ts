/** What the data path asks of the addon. Counts below 0 are minus `errno`. */
export interface DataPathCalls {
  /** Watches a descriptor, which it owns: 1 readable; 0 told: look for an error. */
  readonly Polled: new (descriptor: number, onReady: (events: number) => void) => PolledDescriptor;
  readonly openTun: (name: Uint8Array) => number;
  readonly readPacket: (descriptor: number, bytes: Uint8Array) => number;
  readonly writePacket: (descriptor: number, bytes: Uint8Array) => number;
  readonly rawSocket: (version: 4 | 6, protocol: number) => number;
  readonly markSocket: (descriptor: number, mark: number) => number;
  readonly bindTo: (descriptor: number, address: Uint8Array, port: number) => number;
  readonly hearErrors: (descriptor: number) => number;
  readonly dropErrors: (descriptor: number) => number;
  readonly sendTo: (descriptor: number, bytes: Uint8Array, address: Uint8Array, port: number) => number;
  readonly receiveFrom: (descriptor: number, bytes: Uint8Array, address: Uint8Array) => number;
}

export interface PolledDescriptor {
  readonly descriptor: number;
  want(events: number): void;
  close(): void;
}

/** Port: when what has arrived is worked off, and how much work waits elsewhere. */
export interface Workload {
  /** Calls `run` once, after whatever has arrived meanwhile has been received. */
  later(run: () => void): void;
  /** Computations that wait for a thread or are in one. */
  computations(): number;
}

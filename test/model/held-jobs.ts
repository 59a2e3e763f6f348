/** Jobs of charts that end when the test says so. */
export class HeldJobs {
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: unknown) => void }>();

  run(name: string): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.set(name, { resolve, reject }));
  }

  end(name: string): void {
    this.#take(name).resolve();
  }

  fail(name: string, error: unknown): void {
    this.#take(name).reject(error);
  }

  #take(name: string) {
    const job = this.#waiting.get(name);
    if (job === undefined) throw new Error(`nobody waits for ${name}`);
    this.#waiting.delete(name);
    return job;
  }
}

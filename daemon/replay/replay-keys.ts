/** The key store of a replay: some handles have bytes, and those whose keys are not in the recording have none. */
import type { Bytes } from '../../services/bytes.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import { KeyStore } from '../key-store.js';

/** A key was needed that is not in the recording. */
export class MissingSecret extends Error {
  constructor(what: string) {
    super(`${what} is not in the recording`);
    this.name = 'MissingSecret';
  }
}

export class ReplayKeys implements Keys {
  readonly #store = new KeyStore();
  readonly #known = new Set<KeyHandle>();
  /** How the recording names a handle of the replay. */
  readonly #names = new Map<number, string>();
  readonly #missed: (what: string) => void;

  /** `missed` is told what was needed and is not there, before `MissingSecret` is thrown. */
  constructor(missed: (what: string) => void) {
    this.#missed = missed;
  }

  get size(): number {
    return this.#known.size;
  }

  put(bytes: Bytes): KeyHandle {
    const handle = this.#store.put(bytes);
    this.#known.add(handle);
    return handle;
  }

  /** A handle of a key that nobody has. */
  absent(): KeyHandle {
    return this.#store.put(new Uint8Array(0));
  }

  knows(handle: KeyHandle): boolean {
    return this.#known.has(handle);
  }

  bytes(handle: KeyHandle): Bytes {
    return this.#store.bytes(this.#present(handle));
  }

  lengthOf(handle: KeyHandle): number {
    return this.#store.lengthOf(this.#present(handle));
  }

  copy(handle: KeyHandle, into: Bytes, at: number): number {
    return this.#store.copy(this.#present(handle), into, at);
  }

  #present(handle: KeyHandle): KeyHandle {
    if (!this.#known.has(handle)) this.miss(`the key ${this.name(handle)}`);
    return handle;
  }

  miss(what: string): never {
    this.#missed(what);
    throw new MissingSecret(what);
  }

  /** Keys stay until the end: a replay may show them, and it is short. */
  erase(): void {
    // Nothing.
  }

  call(handle: KeyHandle, name: string): void {
    this.#names.set(handle, name);
  }

  name(handle: number): string {
    return this.#names.get(handle) ?? `#new-${String(handle)}`;
  }

  /** The handle that is called `#12` in the recording. */
  handleNamed(name: string): number | undefined {
    for (const [handle, known] of this.#names) if (known === name) return handle;
    return undefined;
  }

  wipe(): void {
    for (const handle of this.#known) this.#store.erase(handle);
    this.#known.clear();
  }
}

/** Every safe integer above zero may be one. */
export function isHandle(value: number): value is KeyHandle {
  return Number.isSafeInteger(value) && value > 0;
}

/**
 * Runs the chart of every token that private keys of ours are on, and stands before their use: a key of a token that is not
 * unlocked is refused here, whatever the library would say.
 */
import { createActor } from 'xstate';
import { asJob } from '../machines/job.js';
import { token, TokenJobFailed, type TokenEvent, type TokenInput } from '../machines/token.js';
import { type Bytes, sameBytes } from '../services/bytes.js';
import { lockedFault } from '../services/certs/token-failure.js';
import type { CertificateStores, TokenState } from '../services/certs/stores.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events } from '../services/ports/events.js';
import type { KeyHandle, Keys } from '../services/ports/keys.js';
import type { TokenKey } from '../services/ports/public-key.js';
import type { TokenFault } from '../services/ports/token-fault.js';
import type { TokenKeyUse, TokenPlaintext, Tokens } from '../services/ports/token.js';
import { err, ok, type Result } from '../services/result.js';
import type { ChartWatcher } from './chart-watcher.js';

export interface TokenPoolPorts {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly events: Events;
}

export interface TokenPoolContext {
  /** States have changed: what is configured should know. */
  changed(states: ReadonlyMap<string, TokenState>): void;
  /** Keys of this token are out of use from now on. */
  withdrawn(label: string): void;
}

/** Why a login was not even tried. */
export type LoginRefusal = 'unknown' | 'in-progress';

interface Token {
  readonly label: string;
  /** Names its chart among those that are watched. */
  readonly id: string;
  send(event: TokenEvent): void;
  state: string;
  fault: TokenFault | undefined;
  /** Given by an operator: wiped when the login has ended. */
  pin: KeyHandle | undefined;
  /** From a reference file: belongs to the configuration. */
  stored: KeyHandle | undefined;
  /** The stored PIN was refused: trying it again would lock the token. */
  refused: boolean;
  /** Called once it rests. */
  readonly waiting: (() => void)[];
}

/** States in which something is under way. */
const BUSY: ReadonlySet<string> = new Set(['unlocking', 'locking', 'leaving']);

/** While it is being looked for nobody knows more than that its keys cannot be used. */
const SHOWN: Readonly<Record<string, TokenState>> = {
  looking: 'locked',
  locked: 'locked',
  locking: 'locked',
  unlocking: 'unlocking',
  unlocked: 'unlocked',
};

export class TokenPool implements TokenKeyUse {
  readonly #ports: TokenPoolPorts;
  readonly #watcher: ChartWatcher;
  readonly #context: TokenPoolContext;
  readonly #tokens = new Map<string, Token>();
  /** Forgotten, and not yet logged out of. */
  readonly #leaving = new Set<Token>();
  #library: Tokens | undefined;
  #started = 0;

  constructor(ports: TokenPoolPorts, watcher: ChartWatcher, context: TokenPoolContext) {
    this.#ports = ports;
    this.#watcher = watcher;
    this.#context = context;
  }

  /**
   * Follows the configuration: tokens that are new are looked for, those that are gone are logged out of. Another
   * library begins with all of them anew.
   */
  configure({ certificates, pins }: CertificateStores, library: Tokens | undefined): void {
    if (library !== this.#library) this.#forgetAll();
    this.#library = library;
    const wanted = new Set(
      certificates.flatMap(({ privateKey }) =>
        privateKey !== undefined && 'object' in privateKey ? [privateKey.object.token] : [],
      ),
    );
    for (const known of [...this.#tokens.values()]) if (!wanted.has(known.label)) this.#forget(known);

    for (const label of wanted) {
      const known = this.#tokens.get(label);
      const stored = pins.get(label);
      if (known === undefined) {
        this.#begin(label, stored);
      } else {
        if (!this.#isSamePin(known.stored, stored)) known.refused = false;
        known.stored = stored;
        this.#tryStored(known);
      }
    }
    this.#tell();
  }

  states(): ReadonlyMap<string, TokenState> {
    return new Map([...this.#tokens].map(([label, { state }]) => [label, SHOWN[state] ?? 'absent']));
  }

  /** `pin` is copied. A token that is unlocked stays so. */
  async login(label: string, pin: Bytes): Promise<Result<void, LoginRefusal | TokenFault>> {
    const known = this.#known(label);
    if (known === undefined) return err('unknown');
    const isBusy = BUSY.has(known.state);
    if (isBusy || known.state === 'unlocked') {
      // Nothing comes of it, but whoever watches sees that it was asked.
      known.send({ type: 'LOGIN' });
      return isBusy ? err('in-progress') : ok(undefined);
    }
    known.pin = this.#ports.keys.put(pin);
    known.send({ type: 'LOGIN' });
    await this.#rest(known);
    return known.state === 'unlocked' ? ok(undefined) : err(known.fault ?? lockedFault(label, 'locked'));
  }

  /** Undefined for a token that nothing refers to. */
  async logout(label: string): Promise<Result<void, LoginRefusal>> {
    const known = this.#known(label);
    if (known === undefined) return err('unknown');
    // An operator's word counts more than a file's, until the next start.
    known.refused = true;
    known.send({ type: 'LOGOUT' });
    await this.#rest(known);
    return ok(undefined);
  }

  /** The library has ended, and every login with it. */
  lost(): void {
    for (const known of [...this.#tokens.values(), ...this.#leaving]) known.send({ type: 'LOST' });
  }

  async sign(key: TokenKey, data: Bytes): Promise<Result<Bytes, TokenFault>> {
    return this.#use(key, (library) => library.sign(key, data));
  }

  async decrypt(key: TokenKey, ciphertext: Bytes): Promise<Result<TokenPlaintext, TokenFault>> {
    return this.#use(key, (library) => library.decrypt(key, ciphertext));
  }

  /** Logs out of everything; settles when that is done. */
  async close(): Promise<void> {
    this.#forgetAll();
    this.#tell();
    await Promise.all([...this.#leaving].map((known) => this.#rest(known)));
  }

  async #use<T>(
    { object }: TokenKey,
    operate: (library: Tokens) => Promise<Result<T, TokenFault>>,
  ): Promise<Result<T, TokenFault>> {
    const known = this.#tokens.get(object.token);
    const library = this.#library;
    if (known?.state !== 'unlocked' || library === undefined)
      return err(lockedFault(object.token, this.states().get(object.token)));
    const result = await operate(library);
    // Whatever came of it: after a logout nothing is done with its keys any more.
    if (!this.#isUnlocked(known)) return err(lockedFault(object.token, 'locked'));
    if (!result.ok && ['lost', 'locked', 'absent'].includes(result.error.reason))
      known.send({ type: 'LOST' });
    return result;
  }

  #isUnlocked(known: Token): boolean {
    return this.#tokens.get(known.label) === known && known.state === 'unlocked';
  }

  #begin(label: string, stored: KeyHandle | undefined): void {
    this.#started += 1;
    const id = `token-${String(this.#started)}`;
    const actor = createActor(this.#machine(), { input: { token: label }, clock: this.#ports.clock });
    const unwatch = this.#watcher(actor, id);
    const known: Token = {
      label,
      id,
      send: (event) => {
        actor.send(event);
      },
      state: '',
      fault: undefined,
      pin: undefined,
      stored,
      refused: false,
      waiting: [],
    };
    this.#tokens.set(label, known);
    actor.subscribe({
      next: ({ value, context }) => {
        this.#moved(known, value, context.reason);
      },
      complete: () => {
        this.#moved(known, 'forgotten', '');
        this.#leaving.delete(known);
        unwatch();
      },
      error: (error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        this.#ports.events.emit({ type: 'internal.error', where: 'token', error: detail });
        this.#moved(known, 'forgotten', detail);
        this.#tokens.delete(label);
        this.#leaving.delete(known);
        unwatch();
      },
    });
    actor.start();
  }

  #moved(known: Token, state: string, reason: string): void {
    if (state === known.state) return;
    const before = known.state;
    known.state = state;
    if (before === 'unlocking') this.#loggedIn(known);
    this.#ports.events.emit({ type: 'token.state', token: known.label, state, reason });
    if (!BUSY.has(state)) for (const settle of known.waiting.splice(0)) settle();
    if (this.#tokens.get(known.label) === known) this.#tell();
    // Not while its chart is on its way.
    if (state === 'locked')
      queueMicrotask(() => {
        this.#tryStored(known);
      });
  }

  /** A login has ended, well or not. */
  #loggedIn(known: Token): void {
    if (known.pin !== undefined) this.#ports.keys.erase(known.pin);
    // An operator's login takes back the operator's logout; a wrong PIN of an operator says nothing about the file's.
    if (known.state === 'unlocked') known.refused = false;
    else if (known.pin === undefined) known.refused = true;
    known.pin = undefined;
  }

  #tryStored(known: Token): void {
    if (known.state === 'locked' && known.stored !== undefined && !known.refused)
      known.send({ type: 'LOGIN' });
  }

  /** Read again it has another handle. The old one is erased only after this. */
  #isSamePin(a: KeyHandle | undefined, b: KeyHandle | undefined): boolean {
    const { keys } = this.#ports;
    return a === b || (a !== undefined && b !== undefined && sameBytes(keys.bytes(a), keys.bytes(b)));
  }

  #known(label: string): Token | undefined {
    return this.#tokens.get(label) ?? [...this.#leaving].find((known) => known.label === label);
  }

  #forget(known: Token): void {
    this.#tokens.delete(known.label);
    this.#leaving.add(known);
    known.send({ type: 'FORGET' });
  }

  #forgetAll(): void {
    for (const known of [...this.#tokens.values(), ...this.#leaving]) this.#forget(known);
  }

  #tell(): void {
    this.#context.changed(this.states());
  }

  #rest(known: Token): Promise<void> {
    if (!BUSY.has(known.state)) return Promise.resolve();
    return new Promise((resolve) => known.waiting.push(resolve));
  }

  #machine() {
    // A token belongs to the library that it was found in.
    const library = this.#library;
    const job = (call: (library: Tokens, known: Token) => Promise<Result<void, TokenFault>>) =>
      asJob<TokenInput>(async (input) => {
        const known = this.#tokens.get(input.token);
        const done = await this.#asked(library, known, input.token, call);
        if (known !== undefined) known.fault = done.ok ? undefined : done.error;
        if (!done.ok) throw new TokenJobFailed(done.error);
      });
    return token.provide({
      actions: {
        withdrawKeys: ({ context }) => {
          this.#context.withdrawn(context.token);
        },
      },
      actors: {
        'token.find': job((tokens, { label }) => tokens.find(label)),
        'token.login': job((tokens, { label, pin, stored }) => {
          const given = pin ?? stored;
          return given === undefined
            ? Promise.resolve(err(lockedFault(label, 'locked')))
            : tokens.login(label, given);
        }),
        'token.logout': asJob<TokenInput>(async (input) => {
          const done = await library?.logout(input.token);
          if (done?.ok === false) throw new TokenJobFailed(done.error);
        }),
      },
    });
  }

  #asked(
    library: Tokens | undefined,
    known: Token | undefined,
    label: string,
    call: (library: Tokens, known: Token) => Promise<Result<void, TokenFault>>,
  ): Promise<Result<void, TokenFault>> {
    if (library === undefined || known === undefined)
      return Promise.resolve(
        err({ reason: 'no-library', message: `There is no PKCS#11 library for token "${label}".` }),
      );
    return call(library, known);
  }
}

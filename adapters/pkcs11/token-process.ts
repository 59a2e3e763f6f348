/**
 * The `Tokens` port: a PKCS #11 library in a process of its own. Nearly all calls of such a library hold up the thread
 * that makes them, for as long as the token likes, and a library that breaks takes its process along; neither may happen
 * to the daemon. What the process held, above all logins, ends with it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bytes } from '../../services/bytes.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';
import type { TokenKey } from '../../services/ports/public-key.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { TokenPlaintext, Tokens } from '../../services/ports/token.js';
import { err, ok, type Result } from '../../services/result.js';
import type { AnsweredCall, AskedCall, TokenAnswer, TokenCall } from './calls.js';

export interface TokenProcessOptions {
  /** Path of the PKCS #11 library, or a name that the system's loader finds. */
  readonly library: string;
  readonly keys: Keys;
  /** How long a token may take for one call before its process is given up, milliseconds. */
  readonly patienceMs?: number;
  /** The process has ended by itself or was given up, and every login with it. */
  readonly onLost?: () => void;
}

const PATIENCE_MS = 60_000;

interface Waiting {
  readonly label: string;
  readonly settle: (answer: TokenAnswer) => void;
}

/** Starts with the first call, and anew with the next one after it has ended. */
export class TokenProcess implements Tokens {
  readonly #options: TokenProcessOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #lastId = 0;

  constructor(options: TokenProcessOptions) {
    this.#options = options;
  }

  async find(label: string): Promise<Result<void, TokenFault>> {
    return done(await this.#ask(label, { call: 'find', label }));
  }

  async login(label: string, pin: KeyHandle): Promise<Result<void, TokenFault>> {
    const copy = Uint8Array.from(this.#options.keys.bytes(pin));
    try {
      return done(await this.#ask(label, { call: 'login', label, pin: copy }));
    } finally {
      copy.fill(0);
    }
  }

  async logout(label: string): Promise<Result<void, TokenFault>> {
    // Where there is no process nobody is logged in.
    if (this.#child === undefined) return ok(undefined);
    return done(await this.#ask(label, { call: 'logout', label }));
  }

  async sign(key: TokenKey, data: Bytes): Promise<Result<Bytes, TokenFault>> {
    const answer = await this.#ask(key.object.token, { call: 'sign', key, data });
    if (!answer.ok) return answer;
    return answer.value instanceof Uint8Array ? ok(answer.value) : err(garbled(key.object.token));
  }

  async decrypt(key: TokenKey, data: Bytes): Promise<Result<TokenPlaintext, TokenFault>> {
    const answer = await this.#ask(key.object.token, { call: 'decrypt', key, data });
    if (!answer.ok) return answer;
    return typeof answer.value === 'object' && 'form' in answer.value
      ? ok(answer.value)
      : err(garbled(key.object.token));
  }

  /** Ends the process, and with it every login. Settles when it is gone. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    this.#lose(child, 'is not asked any more', false);
    await gone;
  }

  #ask(label: string, asked: TokenCall): Promise<TokenAnswer> {
    const child = this.#start();
    this.#lastId += 1;
    const id = this.#lastId;
    const call: AskedCall = { id, asked };
    return new Promise((resolve) => {
      const patience = setTimeout(() => {
        this.#lose(child, 'does not answer');
      }, this.#options.patienceMs ?? PATIENCE_MS);
      patience.unref();
      child.channel?.ref();
      this.#waiting.set(id, {
        label,
        settle: (answer) => {
          clearTimeout(patience);
          resolve(answer);
        },
      });
      child.send(call, (error) => {
        if (error !== null) this.#lose(child, 'cannot be reached: its process has ended');
      });
    });
  }

  #start(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    const child = fork(childFile(), [this.#options.library], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // Unless it is asked something, it must not keep a daemon alive that has nothing else to do.
    child.unref();
    child.channel?.unref();
    child.on('message', ({ id, answer }: AnsweredCall) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) child.channel?.unref();
      waiting?.settle(answer);
    });
    child.on('error', () => {
      this.#lose(child, 'cannot be reached: its process could not be started');
    });
    child.on('exit', () => {
      this.#lose(child, 'cannot be reached: the process of its library has ended');
    });
    this.#child = child;
    return child;
  }

  /** All that was asked of this process gets its answer; the next question starts another. */
  #lose(child: ChildProcess, what: string, unexpected = true): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    child.kill('SIGKILL');
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { label, settle } of waiting)
      settle(err({ reason: 'lost', message: `Token "${label}" ${what}.` }));
    if (unexpected) this.#options.onLost?.();
  }
}

function done(answer: TokenAnswer): Result<void, TokenFault> {
  return answer.ok ? ok(undefined) : answer;
}

function garbled(label: string): TokenFault {
  return { reason: 'failed', message: `The process of token "${label}" gave an answer to another question.` };
}

/** Compiled it stands beside the command that was started; as source, beside this file. */
function childFile(): string {
  const source = fileURLToPath(new URL('./token-child.ts', import.meta.url));
  return existsSync(source) ? source : fileURLToPath(new URL('./token-child.js', import.meta.url));
}

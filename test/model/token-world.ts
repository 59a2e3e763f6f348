/** The `token` chart under `TokenPool`; the library is the test's. */
import assert from 'node:assert/strict';
import { EventStream } from '../../daemon/event-stream.js';
import { KeyStore } from '../../daemon/key-store.js';
import { TokenPool } from '../../daemon/token-pool.js';
import { TokenJobFailed } from '../../machines/token.js';
import type { TokenState } from '../../services/certs/stores.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { Tokens } from '../../services/ports/token.js';
import { err, ok, type Result } from '../../services/result.js';
import { storesWith, tokenKey } from '../daemon/token-certificates.js';
import type { HeldJobs } from './held-jobs.js';
import type { Model } from './model.js';
import { type ChartEvent, placeIn } from './subject.js';
import type { World, WorldParts } from './world.js';

const BROKEN: TokenFault = { reason: 'failed', message: 'broken' };

class HeldTokens implements Tokens {
  readonly #jobs: HeldJobs;

  constructor(jobs: HeldJobs) {
    this.#jobs = jobs;
  }

  readonly find = (): Promise<Result<void, TokenFault>> => this.#held('token.find');
  readonly login = (): Promise<Result<void, TokenFault>> => this.#held('token.login');
  readonly logout = (): Promise<Result<void, TokenFault>> => this.#held('token.logout');
  readonly sign = (): Promise<Result<Uint8Array, TokenFault>> => Promise.resolve(err(BROKEN));
  readonly decrypt = (): Promise<Result<never, TokenFault>> => Promise.resolve(err(BROKEN));

  async #held(name: string): Promise<Result<void, TokenFault>> {
    try {
      await this.#jobs.run(name);
      return ok(undefined);
    } catch (error) {
      return err(error instanceof TokenJobFailed ? error.fault : BROKEN);
    }
  }
}

const SHOWN: Readonly<Record<string, TokenState>> = {
  looking: 'locked',
  absent: 'absent',
  locked: 'locked',
  locking: 'locked',
  unlocking: 'unlocking',
  unlocked: 'unlocked',
};

export class TokenWorld implements World {
  readonly #pool: TokenPool;
  readonly #keys = new KeyStore();
  #told: ReadonlyMap<string, TokenState> = new Map();
  #withdrawn = 0;

  constructor({ clock, jobs, watcher }: WorldParts) {
    const events = new EventStream(clock);
    this.#pool = new TokenPool({ clock, keys: this.#keys, events }, watcher, {
      changed: (states) => (this.#told = states),
      withdrawn: () => (this.#withdrawn += 1),
    });
    this.#pool.configure(storesWith(tokenKey('one')), new HeldTokens(jobs));
  }

  send({ type }: ChartEvent): void {
    switch (type) {
      case 'LOGIN':
        void this.#pool.login('one', Uint8Array.of(1));
        return;
      case 'LOGOUT':
        void this.#pool.logout('one');
        return;
      case 'LOST':
        this.#pool.lost();
        return;
      case 'FORGET':
        void this.#pool.close();
        return;
      default:
        assert.fail(`nothing in the daemon sends ${type}`);
    }
  }

  check({ snapshot, actions }: Model): void {
    const { value } = placeIn(snapshot);
    const forgotten = value === 'leaving' || value === 'forgotten';
    assert.equal(this.#told.get('one'), forgotten ? undefined : SHOWN[String(value)]);
    assert.equal(this.#withdrawn, actions.filter((name) => name === 'withdrawKeys').length);
    if (value !== 'unlocking') assert.equal(this.#keys.size, 0, 'a PIN outlives its login');
  }
}

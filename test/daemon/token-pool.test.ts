import assert from 'node:assert/strict';
import { tokenAdministration } from '../../daemon/token-administration.js';
import { UNWATCHED } from '../../daemon/chart-watcher.js';
import { EventStream } from '../../daemon/event-stream.js';
import { KeyStore } from '../../daemon/key-store.js';
import { TokenPool } from '../../daemon/token-pool.js';
import { NO_STORES, type TokenState } from '../../services/certs/stores.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { Tokens } from '../../services/ports/token.js';
import { err, ok, type Result } from '../../services/result.js';
import { HandClock } from '../model/hand-clock.js';
import { storesWith, tokenKey, withPin } from './token-certificates.js';

const PIN = Uint8Array.of(1, 2, 3, 4);
const WRONG: TokenFault = { reason: 'pin-incorrect', message: 'Token "one" was given a wrong PIN.' };

/** A library whose one token has a PIN, and which counts what it is asked. */
class Library implements Tokens {
  readonly #keys: KeyStore;
  present = true;
  pin = PIN;
  /** Ends what it was asked to sign; undefined: at once. */
  hold: Promise<void> | undefined;
  signFault: TokenFault | undefined;
  readonly asked: string[] = [];

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  find(label: string): Promise<Result<void, TokenFault>> {
    this.asked.push(`find ${label}`);
    return Promise.resolve(
      this.present
        ? ok(undefined)
        : err({ reason: 'absent' as const, message: `Token "${label}" is not there.` }),
    );
  }

  async login(label: string, pin: KeyHandle): Promise<Result<void, TokenFault>> {
    this.asked.push(`login ${label}`);
    const right = Buffer.compare(this.#keys.bytes(pin), this.pin) === 0;
    await this.hold;
    return right ? ok(undefined) : err(WRONG);
  }

  logout(label: string): Promise<Result<void, TokenFault>> {
    this.asked.push(`logout ${label}`);
    return Promise.resolve(ok(undefined));
  }

  async sign(): Promise<Result<Uint8Array, TokenFault>> {
    this.asked.push('sign');
    await this.hold;
    return this.signFault === undefined ? ok(Uint8Array.of(9)) : err(this.signFault);
  }

  decrypt(): Promise<Result<never, TokenFault>> {
    return Promise.resolve(err(WRONG));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('tokens in the daemon', () => {
  const key = tokenKey('one');
  let keys: KeyStore;
  let library: Library;
  let pool: TokenPool;
  let states: ReadonlyMap<string, TokenState>;
  let withdrawn: string[];
  let clock: HandClock;

  beforeEach(async () => {
    keys = new KeyStore();
    library = new Library(keys);
    clock = new HandClock();
    withdrawn = [];
    pool = new TokenPool({ clock, keys, events: new EventStream(clock) }, UNWATCHED, {
      changed: (now) => (states = now),
      withdrawn: (label) => withdrawn.push(label),
    });
    pool.configure(storesWith(key), library);
    await turn();
  });

  const door = () => tokenAdministration(pool);
  const nameOf = async (asked: Promise<Result<void, { readonly name: string }>>): Promise<string> => {
    const result = await asked;
    return result.ok ? 'done' : result.error.name;
  };

  it('are locked until somebody knows the PIN, and what is given as one is wiped', async () => {
    assert.equal(states.get('one'), 'locked');
    const early = await pool.sign(key, PIN);
    assert.ok(!early.ok && early.error.reason === 'locked');
    const pin = Uint8Array.from(PIN);
    assert.equal(await nameOf(door().loginToken('one', pin)), 'done');
    assert.deepEqual(pin, new Uint8Array(4));
    assert.equal(keys.size, 0, 'the PIN is kept');
    assert.equal(states.get('one'), 'unlocked');
    assert.deepEqual(await pool.sign(key, PIN), ok(Uint8Array.of(9)));
    assert.ok(!library.asked.slice(0, 1).includes('sign'));
  });

  it('refuse a wrong PIN with the words of the token, and one that nothing refers to', async () => {
    const wrong = await door().loginToken('one', Uint8Array.of(9));
    assert.deepEqual(wrong, err({ name: 'NO_TOKEN', details: [WRONG.message] }));
    assert.equal(states.get('one'), 'locked');
    assert.equal(keys.size, 0);
    assert.equal(await nameOf(door().loginToken('two', Uint8Array.of(9))), 'NO_TOKEN');
    assert.equal(await nameOf(door().logoutToken('two')), 'NO_TOKEN');
    assert.ok(!library.asked.includes('login two'));
  });

  it('take one login at a time, and a second one of an unlocked token as done', async () => {
    let release: () => void = () => undefined;
    library.hold = new Promise((resolve) => (release = resolve));
    const first = door().loginToken('one', Uint8Array.from(PIN));
    assert.equal(await nameOf(door().loginToken('one', Uint8Array.from(PIN))), 'IN_PROGRESS');
    release();
    assert.equal(await nameOf(first), 'done');
    assert.equal(await nameOf(door().loginToken('one', Uint8Array.of(9))), 'done');
    assert.equal(library.asked.filter((asked) => asked === 'login one').length, 1);
  });

  it('give nothing away after a logout, not even what they were asked before', async () => {
    await door().loginToken('one', Uint8Array.from(PIN));
    let release: () => void = () => undefined;
    library.hold = new Promise((resolve) => (release = resolve));
    const pending = pool.sign(key, PIN);
    const out = door().logoutToken('one');
    assert.deepEqual(withdrawn, ['one'], 'negotiations are told at once');
    release();
    const late = await pending;
    assert.ok(!late.ok && late.error.reason === 'locked');
    assert.equal(await nameOf(out), 'done');
    assert.equal(states.get('one'), 'locked');
    assert.equal(await nameOf(door().loginToken('one', Uint8Array.from(PIN))), 'done');
    assert.ok((await pool.sign(key, PIN)).ok, 'the key is found again');
  });

  it('that were taken away are looked for, and locked when they are back', async () => {
    await door().loginToken('one', Uint8Array.from(PIN));
    library.present = false;
    library.signFault = { reason: 'lost', message: 'Token "one" was taken away.' };
    const lost = await pool.sign(key, PIN);
    assert.ok(!lost.ok && lost.error.reason === 'lost');
    await turn();
    assert.equal(states.get('one'), 'absent');
    assert.deepEqual(withdrawn, ['one']);
    library.present = true;
    clock.ring(10_000);
    await turn();
    assert.equal(states.get('one'), 'locked');
  });

  it('with a stored PIN unlock by themselves, but try a wrong one once', async () => {
    const pin = keys.put(PIN);
    pool.configure(withPin(storesWith(key), 'one', pin), library);
    await turn();
    assert.equal(states.get('one'), 'unlocked');
    assert.equal(keys.size, 1, 'a stored PIN belongs to the configuration');
    await door().logoutToken('one');
    await turn();
    assert.equal(states.get('one'), 'locked', 'the operator has the last word');
    const again = keys.put(PIN);
    pool.configure(withPin(storesWith(key), 'one', again), library);
    await turn();
    assert.equal(states.get('one'), 'locked', 'reading the same PIN again is no login');
    const wrong = keys.put(Uint8Array.of(7));
    for (let time = 0; time < 3; time++) {
      pool.configure(withPin(storesWith(key), 'one', wrong), library);
      await turn();
    }
    assert.equal(library.asked.filter((asked) => asked === 'login one').length, 2);
  });

  it('unlocked again by an operator unlock by their stored PIN once their library is back', async () => {
    pool.configure(withPin(storesWith(key), 'one', keys.put(PIN)), library);
    await turn();
    await door().logoutToken('one');
    assert.equal(await nameOf(door().loginToken('one', Uint8Array.from(PIN))), 'done');
    pool.lost();
    await turn();
    await turn();
    assert.equal(states.get('one'), 'unlocked');
  });

  it('that nothing refers to any more are logged out of; so is all at the end', async () => {
    await door().loginToken('one', Uint8Array.from(PIN));
    pool.configure(storesWith(tokenKey('two')), library);
    await turn();
    assert.deepEqual([...states.keys()], ['two']);
    assert.ok(library.asked.includes('logout one'));
    await door().loginToken('two', Uint8Array.from(PIN));
    await pool.close();
    assert.ok(library.asked.includes('logout two'));
    assert.equal(states.size, 0);
  });

  it('are all lost with their library, and without one cannot be unlocked', async () => {
    await door().loginToken('one', Uint8Array.from(PIN));
    pool.lost();
    await turn();
    assert.equal(states.get('one'), 'locked');
    assert.deepEqual(withdrawn, ['one']);
    pool.configure(storesWith(key), undefined);
    await turn();
    const refused = await door().loginToken('one', Uint8Array.from(PIN));
    assert.ok(!refused.ok && refused.error.name === 'NO_TOKEN');
    pool.configure(NO_STORES, undefined);
    assert.equal(states.size, 0);
  });
});

/**
 * Fetches CRLs and certificates, away from negotiations: CRLs that the configuration lets foresee from the start and
 * before they run out, others when a judgement wanted them. What has come is an immutable view, published when it
 * changes; a failure is remembered, and not tried again at once.
 */
import type { Bytes } from '../services/bytes.js';
import { type FetchSource, sourcesOf, standingSources } from '../services/certs/fetch-sources.js';
import { readFetched } from '../services/certs/fetched-values.js';
import type {
  CertificateStores,
  FetchedView,
  SourcedCertificate,
  SourcedCrl,
} from '../services/certs/stores.js';
import type { Wanted } from '../services/certs/wanted.js';
import type { GlobalParameters } from '../services/policy/rule.js';
import type { Clock, TimerHandle } from '../services/ports/clock.js';
import type { Directory } from '../services/ports/directory.js';
import type { Events } from '../services/ports/events.js';
import type { Http } from '../services/ports/http.js';
import { err, type Result } from '../services/result.js';

export interface FetcherPorts {
  readonly clock: Clock;
  readonly events: Events;
  /** Clients for the settings in use: proxies and servers are the configuration's. */
  readonly http: (globals: GlobalParameters) => Http;
  readonly directory: (globals: GlobalParameters) => Directory;
  readonly publish: (view: FetchedView) => void;
}

const MOST_SOURCES = 256;
const MOST_AT_ONCE = 4;
/** Before the end of a CRL, at the latest, milliseconds; a short-lived one is fetched after nine tenths of its life. */
const MARGIN_MS = 3_600_000;
const SOONEST_MS = 60_000;
const LATEST_MS = 86_400_000;
/** How soon what was fetched may be fetched again because a judgement still lacks something. */
const RENEWAL_MS = 60_000;
const FIRST_RETRY_MS = 60_000;
const LAST_RETRY_MS = 3_600_000;

interface Held {
  readonly source: FetchSource;
  /** Seen in the configuration, so that it is fetched without being asked for. */
  readonly standing: boolean;
  readonly state: 'waiting' | 'fetching' | 'here' | 'failed';
  readonly crls: readonly SourcedCrl[];
  readonly certificates: readonly SourcedCertificate[];
  readonly why: string;
  readonly failures: number;
  /** `Clock.now()` of its last end. */
  readonly endedAt: number;
}

interface Configured {
  readonly stores: CertificateStores;
  readonly globals: GlobalParameters;
  readonly http: Http;
  readonly directory: Directory;
}

export class CertificateFetcher {
  readonly #ports: FetcherPorts;
  readonly #held = new Map<string, Held>();
  readonly #timers = new Map<string, TimerHandle>();
  #configured: Configured | undefined;
  /** Counts the settings, so that an answer to older ones is not taken. */
  #generation = 0;
  #running = 0;

  constructor(ports: FetcherPorts) {
    this.#ports = ports;
  }

  /** New settings: what can be foreseen is fetched. What is here stays, where the settings still allow its way. */
  configure(globals: GlobalParameters, stores: CertificateStores): void {
    const kept = [...this.#held.values()].filter(
      ({ source, crls, certificates }) =>
        crls.length + certificates.length > 0 &&
        ('url' in source ? globals.useHttp : globals.ldapServers.length > 0),
    );
    this.close();
    const { http, directory } = this.#ports;
    this.#configured = { globals, stores, http: http(globals), directory: directory(globals) };
    for (const held of kept) {
      const here: Held = { ...held, state: 'here', standing: false };
      this.#held.set(held.source.key, here);
      this.#plan(held.source.key, here);
    }
    for (const source of standingSources(globals, stores)) this.#ask(source, true);
    this.#publish();
  }

  /** Drops what was fetched, and fetches anew what can be foreseen; with `stores` where they are others now. */
  flush(stores?: CertificateStores): void {
    const configured = this.#configured;
    this.close();
    if (configured !== undefined) this.configure(configured.globals, stores ?? configured.stores);
  }

  /** What a judgement lacked. Asking again and again costs nothing. */
  want(wanted: readonly Wanted[]): void {
    const configured = this.#configured;
    if (configured === undefined) return;
    for (const one of wanted)
      for (const source of sourcesOf(one, configured.globals)) this.#ask(source, false);
    this.#publish();
  }

  /** Forgets everything; answers that are still on their way are not taken. */
  close(): void {
    this.#generation++;
    this.#configured = undefined;
    for (const timer of this.#timers.values()) this.#ports.clock.clearTimeout(timer);
    this.#timers.clear();
    this.#held.clear();
    this.#running = 0;
  }

  view(): FetchedView {
    const held = [...this.#held.values()];
    return {
      certificates: held.flatMap(({ certificates }) => certificates),
      crls: held.flatMap(({ crls }) => crls),
      pending: new Set(
        held.flatMap(({ state, source }) =>
          state === 'waiting' || state === 'fetching' ? [source.key] : [],
        ),
      ),
      failed: new Map(
        held.flatMap(({ state, source, why }) => (state === 'failed' ? [[source.key, why] as const] : [])),
      ),
    };
  }

  #publish(): void {
    this.#ports.publish(this.view());
  }

  #ask(source: FetchSource, standing: boolean): void {
    const held = this.#held.get(source.key);
    if (held === undefined) {
      if (this.#held.size >= MOST_SOURCES && !this.#dropOldest()) return;
      const nothing = { crls: [], certificates: [], why: '', failures: 0, endedAt: 0 };
      this.#held.set(source.key, { source, standing, state: 'waiting', ...nothing });
    } else {
      const age = this.#ports.clock.now() - held.endedAt;
      const due = held.state === 'here' ? age >= RENEWAL_MS : held.state === 'failed' && age >= retryMs(held);
      if (!due) return;
      this.#held.set(source.key, { ...held, standing: held.standing || standing, state: 'waiting' });
    }
    this.#startNext();
  }

  /** Makes room for what is wanted now; what the configuration foresees stays. */
  #dropOldest(): boolean {
    for (const [key, { standing, state }] of this.#held) {
      if (standing || state === 'waiting' || state === 'fetching') continue;
      this.#forgetTimer(key);
      this.#held.delete(key);
      return true;
    }
    return false;
  }

  #startNext(): void {
    const configured = this.#configured;
    if (configured === undefined) return;
    for (const [key, held] of this.#held) {
      if (this.#running >= MOST_AT_ONCE) return;
      if (held.state !== 'waiting') continue;
      this.#forgetTimer(key);
      this.#held.set(key, { ...held, state: 'fetching' });
      this.#running++;
      const generation = this.#generation;
      void fetchFrom(held.source, configured).then((result) => {
        if (generation !== this.#generation) return;
        this.#running--;
        this.#ended(key, result);
        this.#startNext();
        this.#publish();
      });
    }
  }

  #ended(key: string, result: Result<readonly Bytes[], string>): void {
    const before = this.#held.get(key);
    if (before === undefined) return;
    const { clock, events } = this.#ports;
    const read = result.ok ? readFetched(before, result.value) : result;
    const endedAt = clock.now();
    if (!read.ok) {
      // What was there before stays: an older CRL may be good for a while yet.
      this.#held.set(key, {
        ...before,
        state: 'failed',
        why: read.error,
        failures: before.failures + 1,
        endedAt,
      });
      events.emit({ type: 'certificates.fetch-failed', source: key, reason: read.error });
    } else {
      this.#held.set(key, { ...before, ...read.value, state: 'here', why: '', failures: 0, endedAt });
      events.emit({ type: 'certificates.fetched', source: key });
    }
    const next = this.#held.get(key);
    if (next !== undefined) this.#plan(key, next);
  }

  /** CRLs are kept fresh; certificates are fetched when somebody wants them. */
  #plan(key: string, held: Held): void {
    if (held.source.what !== 'crl' || (held.state === 'failed' && !held.standing && held.crls.length === 0))
      return;
    const { clock } = this.#ports;
    const delay = held.state === 'failed' ? retryMs(held) : freshMs(held, clock.wallTime());
    this.#timers.set(
      key,
      clock.setTimeout(() => {
        this.#timers.delete(key);
        const now = this.#held.get(key);
        if (now === undefined || now.state === 'fetching') return;
        this.#held.set(key, { ...now, state: 'waiting' });
        this.#startNext();
      }, delay),
    );
  }

  #forgetTimer(key: string): void {
    const timer = this.#timers.get(key);
    if (timer !== undefined) this.#ports.clock.clearTimeout(timer);
    this.#timers.delete(key);
  }
}

/** Settles in any case: a port that rejects is treated as one that says why. */
async function fetchFrom(
  source: FetchSource,
  { http, directory }: Configured,
): Promise<Result<readonly Bytes[], string>> {
  try {
    if (!('url' in source)) return await directory.look(source.entry, source.attributes);
    const body = await http.get(source.url);
    return body.ok ? { ok: true, value: [body.value] } : body;
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

function retryMs({ failures }: Held): number {
  return Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1), LAST_RETRY_MS);
}

/** How long the first of these lists to run out is left alone. */
function freshMs({ crls }: Held, wallTime: number): number {
  const delays = crls.map(({ crl: { thisUpdate, nextUpdate = Infinity } }) => {
    const margin = Math.min(MARGIN_MS, (nextUpdate - thisUpdate) / 10);
    return nextUpdate === Infinity ? LATEST_MS : nextUpdate - margin - wallTime;
  });
  return Math.max(SOONEST_MS, Math.min(LATEST_MS, ...delays));
}

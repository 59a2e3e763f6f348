/**
 * The configuration in use, and what a change of it brings along, whoever makes it: a refresh or an operator at the door.
 * Keys that nothing needs any more are wiped, and the labels of the rules get their numbers.
 */
import { sameBytes } from '../services/bytes.js';
import type { DaemonEvent } from '../services/events/event.js';
import { secretsOf } from '../services/certs/store-files.js';
import { identityText } from '../services/config/ike-preshared.js';
import type { PresharedKey } from '../services/policy/preshared-key.js';
import type { KeyHandle } from '../services/ports/keys.js';
import type { Engine } from './engine.js';
import type { RuleCookies } from './rule-cookies.js';
import type { Settings } from './settings.js';

/** How long a replaced configuration's keys stay, for negotiations that began with them. */
const OLD_KEYS_MS = 600_000;

export interface ConfigurationOptions {
  readonly cookies: RuleCookies;
  /** Called when file-level values or certificates are others than before: what is fetched follows them. */
  readonly prefetch?: (settings: Settings) => void;
}

/** What the door's answers need of it. */
export type ConfigurationInUse = Pick<
  Configuration,
  'settings' | 'cookieOf' | 'labelCookies' | 'replace' | 'report'
>;

export class Configuration {
  readonly #engine: Engine;
  readonly #options: ConfigurationOptions;

  /** The engine has its first settings already. */
  constructor(engine: Engine, options: ConfigurationOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#numberLabels();
  }

  get settings(): Settings {
    return this.#engine.settings;
  }

  cookieOf(label: string): number {
    return this.#options.cookies.of(label);
  }

  /** Text of `ipsec_kmc_map`. */
  get labelCookies(): string {
    return this.#options.cookies.text();
  }

  /** All at once: there is no moment between the old and the new. Keys that are not in `next` are wiped in time. */
  replace(wanted: Settings): void {
    const before = this.settings;
    const next = { ...wanted, presharedKeys: this.#keptKeys(before.presharedKeys, wanted.presharedKeys) };
    this.#engine.replaceSettings(next);
    this.#numberLabels();
    const { certificates, config } = before;
    if (certificates !== next.certificates || config.globals !== next.config.globals)
      this.#options.prefetch?.(next);
    const kept = new Set(handlesIn(next));
    this.#retire(handlesIn(before).filter((handle) => !kept.has(handle)));
  }

  /** Says on the event stream what an operator has changed. */
  report(change: Extract<DaemonEvent, { type: 'config.changed' }>['change'], subject: string): void {
    const { config, presharedKeys } = this.settings;
    this.#engine.ports.events.emit({
      type: 'config.changed',
      change,
      subject,
      rules: config.rules.length,
      presharedKeys: presharedKeys.length,
    });
  }

  /** A key that was read again is the one that SAs were made with: it keeps its handle, and its copy is wiped. */
  #keptKeys(before: readonly PresharedKey[], wanted: readonly PresharedKey[]): readonly PresharedKey[] {
    if (wanted === before) return wanted;
    const { keys } = this.#engine.ports;
    const known = new Map(before.map((entry) => [endsOf(entry), entry.key]));
    return wanted.map((entry) => {
      const old = known.get(endsOf(entry));
      if (old === undefined || old === entry.key || !sameBytes(keys.bytes(old), keys.bytes(entry.key)))
        return entry;
      keys.erase(entry.key);
      return { ...entry, key: old };
    });
  }

  #numberLabels(): void {
    this.#options.cookies.keep(this.settings.config.rules.map(({ label }) => label));
  }

  /** At once what no negotiation holds, the rest when its time and its negotiations are over. */
  #retire(handles: readonly KeyHandle[]): void {
    const held = this.#heldByNegotiations();
    const { clock, keys } = this.#engine.ports;
    keys.erase(...handles.filter((handle) => !held.has(handle)));
    const rest = handles.filter((handle) => held.has(handle));
    if (rest.length === 0) return;
    clock.setTimeout(() => {
      this.#retire(rest);
    }, OLD_KEYS_MS);
  }

  #heldByNegotiations(): ReadonlySet<KeyHandle> {
    const held = new Set<KeyHandle>();
    for (const { record } of this.#engine.phase1.live()) {
      if (record.presharedKey !== undefined) held.add(record.presharedKey.key);
      for (const handle of secretsOf(record.stores)) held.add(handle);
    }
    return held;
  }
}

function endsOf({ local, remote }: PresharedKey): string {
  return `${identityText(local)}\n${identityText(remote)}`;
}

export function handlesIn({ presharedKeys, certificates }: Settings): readonly KeyHandle[] {
  return [...presharedKeys.map(({ key }) => key), ...secretsOf(certificates)];
}

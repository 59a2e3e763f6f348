/** A configuration in use without a daemon: settings that are replaced, and what was said about it. */
import type { ConfigurationInUse } from '../../../daemon/configuration.js';
import type { Settings } from '../../../daemon/settings.js';
import { NO_STORES } from '../../../services/certs/stores.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { formatLabelCookies, withLabels } from '../../../services/policy/label-cookies.js';

export class SimulatedConfiguration implements ConfigurationInUse {
  settings: Settings;
  readonly reported: string[] = [];

  constructor(text = '') {
    const { config, diagnostics } = parseIkeConfig(text, 'config');
    if (config === undefined) throw new Error(JSON.stringify(diagnostics));
    this.settings = { config, presharedKeys: [], certificates: NO_STORES };
  }

  get #cookies() {
    return withLabels(
      new Map(),
      this.settings.config.rules.map(({ label }) => label),
    );
  }

  cookieOf(label: string): number {
    return this.#cookies.get(label) ?? 0;
  }

  get labelCookies(): string {
    return formatLabelCookies(this.#cookies);
  }

  replace(next: Settings): void {
    this.settings = next;
  }

  report(change: string, subject: string): void {
    this.reported.push(`${change}: ${subject}`);
  }
}

/** The configuration in use. Replaced as a whole by a refresh; negotiations keep what they began with. */
import { retryWindowMs, type Timing } from '../machines/exchange.js';
import type { CertificateStores } from '../services/certs/stores.js';
import type { PresharedKey } from '../services/policy/preshared-key.js';
import type { GlobalParameters, IkeConfig } from '../services/policy/rule.js';

export interface Settings {
  readonly config: IkeConfig;
  readonly presharedKeys: readonly PresharedKey[];
  readonly certificates: CertificateStores;
}

export function timingOf(globals: GlobalParameters): Timing {
  return {
    retryLimit: globals.retryLimit,
    retryInitMs: globals.retryTimerInitSeconds * 1000,
    retryMaxMs: globals.retryTimerMaxSeconds * 1000,
    expireMs: globals.expireTimerSeconds * 1000,
  };
}

export { retryWindowMs };

/** The tokens of the daemon: their pool, and the process of the PKCS #11 library that the configuration names. */
import { TokenProcess } from '../../adapters/pkcs11/token-process.js';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import type { Settings } from '../../daemon/settings.js';
import { DEFAULT_PKCS11_LIBRARY } from '../../services/config/pkcs11-library.js';
import { TokenPool, type TokenPoolContext, type TokenPoolPorts } from '../../daemon/token-pool.js';

/** How long a logout may take at the end of the daemon, milliseconds. */
const FAREWELL_MS = 1000;

export interface OpenTokens {
  readonly pool: TokenPool;
  /** The library in use; empty when no key is on a token. */
  library(): string;
  configure(settings: Settings): void;
  /** Logs out of everything. */
  close(): Promise<void>;
}

export function openTokens(
  ports: TokenPoolPorts,
  watcher: ChartWatcher,
  context: TokenPoolContext,
): OpenTokens {
  const pool = new TokenPool(ports, watcher, context);
  let running: { readonly path: string; readonly tokens: TokenProcess } | undefined;
  return {
    pool,
    library: () => running?.path ?? '',
    configure: ({ config, certificates }) => {
      const wanted = certificates.certificates.some(
        ({ privateKey }) => privateKey !== undefined && 'object' in privateKey,
      );
      const path = wanted ? (config.globals.pkcs11Path ?? DEFAULT_PKCS11_LIBRARY) : undefined;
      const before = running;
      if (path !== before?.path) {
        const { keys } = ports;
        const onLost = (): void => {
          if (path === running?.path) pool.lost();
        };
        running =
          path === undefined
            ? undefined
            : { path, tokens: new TokenProcess({ library: path, keys, onLost }) };
      }
      pool.configure(certificates, running?.tokens);
      // The end of its process ends every login to it.
      if (before !== running) void before?.tokens.close();
    },
    close: async () => {
      // A token that does not answer must not keep the daemon from ending; its process ends the login, too.
      await Promise.race([
        pool.close(),
        new Promise<void>((resolve) => ports.clock.setTimeout(resolve, FAREWELL_MS)),
      ]);
      await running?.tokens.close();
    },
  };
}

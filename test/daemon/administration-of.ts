/** The administration of a simulated daemon, and the world it speaks to. */
import { UNWATCHED } from '../../daemon/chart-watcher.js';
import { TokenPool } from '../../daemon/token-pool.js';
import { engineAdministration } from '../../daemon/administration.js';
import { loadReport } from '../../daemon/load-report.js';
import { Configuration } from '../../daemon/configuration.js';
import type { DebugOutput } from '../../daemon/daemon-administration.js';
import type { RefreshRefusal } from '../../daemon/host.js';
import { SaMemory } from '../../daemon/sa-memory.js';
import { FileOfSas } from './file-of-sas.js';
import { RuleCookies } from '../../daemon/rule-cookies.js';
import { PRIVILEGE } from '../../services/admin/privilege-levels.js';
import type { FileFault } from '../../services/ports/files.js';
import type { LabelCookieFile } from '../../services/ports/label-cookie-file.js';
import { err, ok, type Result } from '../../services/result.js';
import type { SimulatedDaemon } from '../sim/simulated-daemon.js';

class Debug implements DebugOutput {
  level = 0;
  hasOutput = false;
  descriptor: number | undefined;

  setLevel(level: number): void {
    this.level = level;
  }

  writeToDescriptor(descriptor: number): void {
    this.descriptor = descriptor;
    this.hasOutput = true;
  }
}

/** A file that may be broken. */
export class CookieFileInMemory implements LabelCookieFile {
  text: string | undefined;
  writes = 0;
  /** When set, what reading or writing says instead. */
  readFault: string | undefined;
  writeFault: string | undefined;

  read(): Result<string | undefined, string> {
    return this.readFault === undefined ? ok(this.text) : err(this.readFault);
  }

  write(text: string): Result<void, string> {
    if (this.writeFault !== undefined) return err(this.writeFault);
    this.text = text;
    this.writes += 1;
    return ok(undefined);
  }
}

/** What tests change about the world. */
export interface AdministrationWorld {
  /** What SIGHUP does. */
  refresh(): Promise<Result<void, RefreshRefusal>>;
  refreshing: boolean;
  presharedFile: Result<string, FileFault>;
}

export function administrationOf({ engine, stream }: SimulatedDaemon) {
  const debug = new Debug();
  const cookieFile = new CookieFileInMemory();
  const world: AdministrationWorld = {
    refresh: () => Promise.resolve(ok(undefined)),
    refreshing: false,
    presharedFile: ok(''),
  };
  const configuration = new Configuration(engine, { cookies: new RuleCookies(cookieFile, stream) });
  const administration = engineAdministration(engine, {
    builtIn: { ...engine.settings.config.globals, phase1LifetimeSeconds: 1234 },
    privilege: PRIVILEGE.keymat,
    ikePort: 500,
    nattPort: 4500,
    debug,
    load: () => loadReport(engine, undefined),
    memory: new SaMemory(new FileOfSas(), stream),
    tokens: new TokenPool({ ...engine.ports, events: stream }, UNWATCHED, {
      changed: () => undefined,
      withdrawn: () => undefined,
    }),
    tokenLibrary: () => '/lib/pkcs11.so',
    configuration,
    refresh: () => world.refresh(),
    isRefreshing: () => world.refreshing,
    files: { readSecret: () => world.presharedFile },
    presharedPath: '/etc/inet/secret/ike.preshared',
    certificates: {
      readCertificates: () => engine.settings.certificates,
      replaceSettings: (settings) => {
        configuration.replace(settings);
      },
      flushFetched: () => undefined,
    },
  });
  return { administration, debug, cookieFile, configuration, world };
}

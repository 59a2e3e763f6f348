/** The preferences in use: read before the files at the start and at each refresh, adopted when the files are good. */
import type { EventLog } from '../../adapters/log/event-log.js';
import { StartRefused } from '../../machines/daemon.js';
import { privilegeName, type PrivilegeLevel } from '../../services/admin/privilege-levels.js';
import { type Preferences, preferencesOfFlags, readPreferences } from './preferences.js';
import type { Arguments } from './arguments.js';

/** The door's level. */
export interface DoorPrivilege {
  privilege(): PrivilegeLevel;
  lowerPrivilege(level: PrivilegeLevel): void;
}

export class Wishes {
  readonly #args: Arguments;
  readonly #log: EventLog;
  #inUse: Preferences | undefined;

  constructor(args: Arguments, log: EventLog) {
    this.#args = args;
    this.#log = log;
  }

  /** Those of the flags until the service's properties were read. */
  get inUse(): Preferences {
    return this.#inUse ?? preferencesOfFlags(this.#args);
  }

  /** Throws `StartRefused`; changes nothing. */
  read(): Preferences {
    return readPreferences(this.#args);
  }

  /**
   * What has not changed since the last time is left alone, so that a refresh undoes nothing that ikeadm(8) has set.
   * Returns what could not be adopted, one line each. Throws `StartRefused` when the log cannot be opened.
   */
  adopt(next: Preferences, door: DoorPrivilege | undefined): readonly string[] {
    const before = this.#inUse;
    if (next.logFile !== before?.logFile && next.logFile !== undefined) {
      const opened = this.#log.writeTo(next.logFile);
      if (!opened.ok) throw new StartRefused(faultOf(opened.error), [cannotLog(next.logFile, opened.error)]);
    }
    if (next.debugLevel !== before?.debugLevel) this.#log.setLevel(next.debugLevel);
    this.#inUse = next;
    if (door === undefined || next.privilege === before?.privilege) return [];
    if (next.privilege <= door.privilege()) {
      door.lowerPrivilege(next.privilege);
      return [];
    }
    return [
      `The privilege level ${privilegeName(next.privilege)} is higher than that of the running daemon, which only goes down: restart the service.`,
    ];
  }
}

function faultOf(code: string): 'permission' | 'environment' {
  return code === 'EACCES' || code === 'EPERM' ? 'permission' : 'environment';
}

function cannotLog(file: string, code: string): string {
  return `The log ${file} cannot be opened (${code}): make its directory, or name another file (--log, config/debug_logfile).`;
}

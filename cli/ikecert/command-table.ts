/** The programs of `ikecert`, and the commands of each: one letter says which. */
import { CERTDB } from './certdb/commands.js';
import { CERTLOCAL } from './certlocal/commands.js';
import { CERTRLDB } from './certrldb/commands.js';
import type { ProgramCommand } from './program.js';

export type ProgramName = 'certlocal' | 'certdb' | 'certrldb';

export const PROGRAMS: Readonly<Record<ProgramName, readonly ProgramCommand[]>> = {
  certlocal: CERTLOCAL,
  certdb: CERTDB,
  certrldb: CERTRLDB,
};

/** What a command of `certlocal`, `certdb` or `certrldb` is. */
import type { CertificatePaths } from '../../adapters/files/certificate-directories.js';
import type { Letter, Options } from './options.js';
import type { Result } from '../../services/result.js';
import type { Answer, World } from './world.js';

export interface Request {
  readonly options: Options;
  readonly operands: readonly string[];
  readonly paths: CertificatePaths;
  readonly world: World;
  /** Path of the PKCS #11 library. The error is a clause. */
  readonly library: () => Result<string, string>;
}

export interface ProgramCommand {
  /** `a` of `-a`. */
  readonly letter: Letter;
  /** What stands behind the letter in the usage. */
  readonly usage: string;
  readonly help: string;
  /** Options that it takes, besides its letter and `-R`. */
  readonly takes: readonly Letter[];
  /** Those of them that must be there. */
  readonly needs?: readonly Letter[];
  /** How many operands at least and at most. */
  readonly operands: readonly [number, number];
  run(request: Request): Promise<Answer>;
}

/** A SoftHSM token in a temporary directory, and the library that is stubborn on demand in front of it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const LABEL = 'Test token';
export const PIN = '4711-0815';

const CANDIDATES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so'];

/** What `obstinate.c` can be told to be. */
export type Mood =
  'slow' | 'stuck' | 'sleepy' | 'away' | 'full' | 'keyless' | 'certless' | 'protected' | 'locked';

export interface SoftToken {
  readonly folder: string;
  /** SoftHSM itself. */
  readonly library: string;
  /** The stubborn one, compiled from `obstinate.c`. */
  readonly obstinate: string;
  /** Environment of whatever loads either. */
  readonly env: Readonly<Record<string, string>>;
  /** Puts a private key in PKCS #8, PEM, on the token. */
  importKey(pem: string, label: string, id: string): void;
  tell(what: Mood, on: boolean): void;
  remove(): void;
}

export function softToken(): SoftToken {
  const library = CANDIDATES.find((path) => existsSync(path));
  if (library === undefined) throw new Error('SoftHSM 2 is not installed (Debian: apt-get install softhsm2)');
  const folder = mkdtempSync(join(tmpdir(), 'ikechart-token-'));
  mkdirSync(join(folder, 'tokens'));
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(
    conf,
    `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const env = { SOFTHSM2_CONF: conf, OBSTINATE: folder };
  const util = (...args: readonly string[]): void => {
    execFileSync('softhsm2-util', args, { env: { ...process.env, ...env }, stdio: 'pipe' });
  };
  util('--init-token', '--free', '--label', LABEL, '--pin', PIN, '--so-pin', '99999999');
  const obstinate = join(folder, 'obstinate.so');
  const source = join(import.meta.dirname, 'obstinate.c');
  execFileSync('cc', ['-shared', '-fPIC', `-DBEHIND="${library}"`, '-o', obstinate, source, '-ldl']);
  return {
    folder,
    library,
    obstinate,
    env,
    importKey: (pem, label, id) => {
      const file = join(folder, 'key.pem');
      writeFileSync(file, pem, { mode: 0o600 });
      util('--import', file, '--token', LABEL, '--label', label, '--id', id, '--pin', PIN);
      rmSync(file);
    },
    tell: (what, on) => {
      if (on) writeFileSync(join(folder, what), '');
      else rmSync(join(folder, what), { force: true });
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** The measured daemon as its operator sees it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRecord } from '../../services/admin/door/own-explanations.js';
import { type LoadReport, readLoad } from '../../services/admin/load.js';

const IKEADM = fileURLToPath(new URL('../../../dist/ikeadm.js', import.meta.url));

/** What a command prints. `folder` is that of `withEnds`. */
export async function ikeadm(folder: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[IKEADM, '-R', join(folder, 'daemon'), ...words],
  ]);
  return stdout;
}

/** `ikeadm get load`, of each worker. */
export async function loadReports(folder: string): Promise<readonly LoadReport[]> {
  const stdout = await ikeadm(folder, '-j', 'get', 'load');
  const shown: unknown = JSON.parse(stdout);
  const workers = isRecord(shown) ? readLoad(shown.workers) : undefined;
  if (workers === undefined) throw new Error(`ikeadm shows what nobody understands: ${stdout}`);
  return workers;
}

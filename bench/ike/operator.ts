/** The measured daemon as its operator sees it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isRecord } from '../../services/admin/door/own-explanations.js';
import { type LoadReport, readLoad } from '../../services/admin/load.js';

const IKEADM = fileURLToPath(new URL('../../../dist/ikeadm.js', import.meta.url));

/** `ikeadm get load`, of each worker. `folder` is that of `withEnds`. */
export async function loadReports(folder: string): Promise<readonly LoadReport[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[IKEADM, '-R', join(folder, 'daemon'), '-j', 'get', 'load'],
  ]);
  const shown: unknown = JSON.parse(stdout);
  const workers = isRecord(shown) ? readLoad(shown.workers) : undefined;
  if (workers === undefined) throw new Error(`ikeadm shows what nobody understands: ${stdout}`);
  return workers;
}

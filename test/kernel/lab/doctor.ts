/** What `ikeadm doctor` finds at our end, in short. */
import type { Diagnosis } from '../../../services/admin/doctor.js';
import type { Bench } from './bench.js';

export interface Examined {
  readonly status: number;
  readonly ours: number;
  readonly foreign: readonly number[];
  readonly findings: readonly string[];
}

export async function doctor({ daemon }: Bench, ...words: readonly string[]): Promise<Examined> {
  const { status, stdout, stderr } = await daemon.ikeadm('-j', 'doctor', ...words);
  try {
    const found = JSON.parse(stdout) as Diagnosis;
    const findings = found.findings.map(
      ({ code, repair, sas }) =>
        `${code}, ${repair}: ${sas.map(({ spi }) => spi.toString(16).padStart(8, '0')).join(' ')}`,
    );
    return { status, ours: found.ours, foreign: found.foreign.map(({ spi }) => spi), findings };
  } catch {
    throw new Error(`ikeadm doctor: status ${String(status)}\n${stdout}${stderr}`);
  }
}

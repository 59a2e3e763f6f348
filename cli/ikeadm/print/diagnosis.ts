/** What `doctor` found, for reading. */
import type { Diagnosis, Finding, NamedSa } from '../../../services/admin/doctor.js';

export function diagnosisText({ kernel, ours, foreign, peersAsked, unasked, findings }: Diagnosis): string {
  return [
    `Kernel ${kernel}: ${String(ours)} SAs of in.iked, ${String(foreign.length)} of others. Peers asked: ${String(peersAsked)}.`,
    ...unasked.map(({ peer, why }) => `Not asked: ${peer}, for ${why}.`),
    ...(foreign.length === 0 ? [] : ['Not made by in.iked, and left alone:', ...foreign.map(saLine)]),
    ...findings.flatMap(findingLines),
    findings.length === 0 ? 'Nothing is stale.' : '',
  ]
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
}

function findingLines({
  code,
  stale,
  peer,
  what,
  evidence,
  advice,
  repair,
  sas,
}: Finding): readonly string[] {
  const repairs = {
    proposed: 'not yet; "ikeadm doctor --fix" does it',
    done: 'done',
    failed: 'tried, and it failed',
  };
  return [
    `Stale at ${stale}${peer === '' ? '' : `, peer ${peer}`} (${code}):`,
    `  ${what}`,
    `  How it is known: ${evidence}`,
    `  What to do: ${advice}`,
    `  Repair: ${repairs[repair]}`,
    ...sas.map(saLine),
  ];
}

function saLine({ protocol, source, destination, spi }: NamedSa): string {
  const name = protocol === 51 ? 'AH' : 'ESP';
  return `    ${name} 0x${spi.toString(16).padStart(8, '0')} from ${source} to ${destination}`;
}

/** A transform of Phase 1 and its limits, without the tags that begin the lines. */
import { groupName } from '../../../services/admin/algorithm-numbers.js';
import type { TransformRecord } from '../../../services/admin/door/phase1-transform.js';
import { cipherName, hashName, methodName, prfName } from './names.js';
import { inKilobytes, inSeconds } from './numbers.js';

export function transformLines(transform: TransformRecord): readonly string[] {
  const prf = transform.prf === 0 ? '' : `PRF: ${prfName(transform.prf)} ; `;
  return [
    `Authentication method: ${methodName(transform.method)}`,
    `Encryption alg: ${cipherName(transform.cipher)}${keySize(transform)}; Authentication alg: ${hashName(transform.hash)}`,
    `${prf}Oakley Group: ${groupName(transform.group)}`,
    transform.pfsGroup === 0
      ? 'Phase 2 PFS is not used'
      : `Phase 2 PFS is required (Oakley Group: ${groupName(transform.pfsGroup)})`,
  ];
}

export function limitLines({ maxSeconds, maxKilobytes, maxKeyUses }: TransformRecord): readonly string[] {
  return [
    'Lifetime limits:',
    `${String(maxSeconds)} seconds${inSeconds(maxSeconds)}; ${String(maxKilobytes)} kbytes ${inKilobytes(maxKilobytes)}protected`,
    `keying material for IPsec SAs can be provided ${String(maxKeyUses)} times${maxKeyUses === 0 ? ' (no limit)' : ''}`,
  ];
}

function keySize({ lowBits, highBits }: TransformRecord): string {
  if (lowBits !== 0) return `(${String(lowBits)}..${String(highBits)})`;
  return highBits === 0 ? '' : `(${String(highBits)})`;
}

export function transformJson(transform: TransformRecord): object {
  const { lowBits, highBits, prf, group, pfsGroup } = transform;
  return {
    method: methodName(transform.method),
    encryption: cipherName(transform.cipher),
    keyBits: highBits === 0 ? null : { low: lowBits || highBits, high: highBits },
    authentication: hashName(transform.hash),
    prf: prf === 0 ? null : prfName(prf),
    group: { number: group, name: groupName(group) },
    pfsGroup: pfsGroup === 0 ? null : { number: pfsGroup, name: groupName(pfsGroup) },
  };
}

export function limitsJson({ maxSeconds, maxKilobytes, maxKeyUses }: TransformRecord): object {
  return { seconds: maxSeconds, kilobytes: maxKilobytes, keyUses: maxKeyUses };
}

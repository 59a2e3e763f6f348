/** Whether a well-formed message makes sense: its extensions are those of its kind, and fit each other. */
import { SA_STATE, SA_TYPE, type Dialect } from './dialect.js';
import type { LifetimeExtension, PfkeyExtension } from './extension.js';
import { ILLUMOS_SA_FLAG } from './illumos-dialect.js';
import { extensionOf, type PfkeyMessage } from './message.js';
import { MESSAGE_RULES } from './message-rules.js';

export type Direction = 'toKernel' | 'fromKernel';

/** Every fault, in words for the log; empty when there is none. An error reply is its base header, and needs nothing. */
export function verifyMessage(
  message: PfkeyMessage,
  direction: Direction,
  dialect: Dialect,
): readonly string[] {
  const { kind, errno, extensions } = message;
  const rule = MESSAGE_RULES[dialect.name][direction][kind];
  if (rule === undefined) {
    return [`${kind} does not go ${direction === 'toKernel' ? 'to' : 'from'} the kernel of ${dialect.name}`];
  }
  if (errno !== 0)
    return direction === 'toKernel' && extensions.length > 0 ? [`${kind} with an errno has extensions`] : [];
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const extension of extensions) {
    const name = nameOf(extension);
    if (seen.has(name)) faults.push(`${name} stands twice`);
    seen.add(name);
    if (extension.kind === 'unknown') {
      if (dialect.unknownExtension === 'refused') faults.push(`${name} is unknown to ${dialect.name}`);
    } else if (![...rule.required, ...rule.optional].includes(extension.kind)) {
      faults.push(`${name} has no place in ${kind}`);
    }
  }
  for (const required of rule.required) if (!seen.has(required)) faults.push(`${required} is missing`);
  return [...faults, ...contentFaults(message, direction, dialect)];
}

function nameOf(extension: PfkeyExtension): string {
  return extension.kind === 'unknown' ? `extension ${String(extension.number)}` : extension.kind;
}

function contentFaults(message: PfkeyMessage, direction: Direction, dialect: Dialect): readonly string[] {
  const faults: string[] = [];
  const source = extensionOf(message, 'ADDRESS_SRC')?.endpoint.address;
  const destination = extensionOf(message, 'ADDRESS_DST')?.endpoint.address;
  if (
    source !== undefined &&
    destination !== undefined &&
    source.includes(':') !== destination.includes(':')
  ) {
    faults.push('the addresses are of different families');
  }
  for (const extension of message.extensions) {
    if (extension.kind === 'SPIRANGE' && extension.min > extension.max) faults.push('the SPI range is empty');
    if (
      (extension.kind === 'KEY_AUTH' || extension.kind === 'KEY_ENCRYPT') &&
      extension.bits > extension.key.length * 8
    ) {
      faults.push(`${extension.kind} has fewer bits than it says`);
    }
    if (prefixTooLong(extension)) faults.push(`the prefix of ${extension.kind} is longer than its address`);
  }
  const limits = { hard: extensionOf(message, 'LIFETIME_HARD'), soft: extensionOf(message, 'LIFETIME_SOFT') };
  const newSa = direction === 'toKernel' && (message.kind === 'ADD' || message.kind === 'UPDATE');
  // `af_key.c` refuses one without the other.
  if (dialect.name === 'linux' && newSa && (limits.hard === undefined) !== (limits.soft === undefined)) {
    faults.push('LIFETIME_HARD and LIFETIME_SOFT go together');
  }
  if (limits.hard !== undefined && limits.soft !== undefined)
    faults.push(...softAboveHard(limits.soft, limits.hard));
  return newSa ? [...faults, ...newSaFaults(message, dialect)] : faults;
}

function prefixTooLong(extension: PfkeyExtension): boolean {
  if (!('endpoint' in extension)) return false;
  return extension.prefixLength > (extension.endpoint.address.includes(':') ? 128 : 32);
}

function softAboveHard(soft: LifetimeExtension, hard: LifetimeExtension): readonly string[] {
  return (['allocations', 'bytes', 'addTime', 'useTime'] as const)
    .filter((limit) => hard[limit] !== 0 && soft[limit] > hard[limit])
    .map((limit) => `the soft limit of ${limit} is above the hard one`);
}

/** pf_key(4P) and `ipsecesp.c` of illumos, `af_key.c` of Linux: what a kernel refuses in ADD and UPDATE. */
function newSaFaults(message: PfkeyMessage, dialect: Dialect): readonly string[] {
  const faults: string[] = [];
  const sa = extensionOf(message, 'SA');
  const encryptionKey = extensionOf(message, 'KEY_ENCRYPT');
  const authenticationKey = extensionOf(message, 'KEY_AUTH');
  if (message.saType === SA_TYPE.ah && authenticationKey === undefined) faults.push('AH needs KEY_AUTH');
  if (dialect.name === 'linux' && message.saType === SA_TYPE.esp && encryptionKey === undefined) {
    faults.push('ESP needs KEY_ENCRYPT, for NULL one of no bits');
  }
  if (sa !== undefined && sa.encryption !== NULL_ENCRYPTION && encryptionKey?.bits === 0) {
    faults.push('KEY_ENCRYPT has no bits');
  }
  if (dialect.name !== 'illumos' || sa === undefined) return faults;
  if (sa.state !== SA_STATE.mature) faults.push('the state of a new SA is MATURE');
  if (message.saType === SA_TYPE.esp && sa.encryption === 0) {
    faults.push('ESP without encryption says so by the number of NULL, not by 0');
  }
  if (
    message.saType === SA_TYPE.esp &&
    sa.encryption !== 0 &&
    sa.encryption !== NULL_ENCRYPTION &&
    encryptionKey === undefined
  ) {
    faults.push('a cipher needs KEY_ENCRYPT');
  }
  const has = (flag: number): boolean => (sa.flags & flag) !== 0;
  if (has(ILLUMOS_SA_FLAG.tunnel) && extensionOf(message, 'X_ADDRESS_INNER_SRC') === undefined) {
    faults.push('a tunnel needs X_ADDRESS_INNER_SRC');
  }
  if (has(ILLUMOS_SA_FLAG.nattLocal) && extensionOf(message, 'X_ADDRESS_NATT_LOC') === undefined) {
    faults.push('the flag of a translated local address needs X_ADDRESS_NATT_LOC');
  }
  if (has(ILLUMOS_SA_FLAG.nattRemote) && extensionOf(message, 'X_ADDRESS_NATT_REM') === undefined) {
    faults.push('the flag of a translated peer needs X_ADDRESS_NATT_REM');
  }
  return faults;
}

/** SADB_EALG_NULL, in both dialects. */
const NULL_ENCRYPTION = 11;

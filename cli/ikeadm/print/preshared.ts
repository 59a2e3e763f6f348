/** `dump preshared` and `get preshared`: one block per key, every line with its tag. */
import type { PresharedEnd, PresharedRecord } from '../../../services/admin/door/preshared.js';
import { longAddress, type HostNames } from './address.js';
import { exchangeName, identityTypeName } from './names.js';
import { keyDigits } from './numbers.js';
import { printable } from './printable.js';

export interface PresharedPrinting {
  readonly names: HostNames;
  readonly paranoid: boolean;
}

/** Whole lines, the first of them empty. */
export function presharedText(entry: PresharedRecord, { names, paranoid }: PresharedPrinting): string {
  const { key, bits } = entry;
  const lines = [
    '',
    `PSKEY: For ${exchangeName(entry.exchange)} exchanges`,
    ...(key === undefined
      ? []
      : [`PSKEY: Pre-shared key (${String(key.length)} bytes): ${keyDigits(key, paranoid, bits)}`]),
    ...endLines('LOC', entry.local, names),
    ...endLines('REM', entry.remote, names),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function endLines(side: 'LOC' | 'REM', end: PresharedEnd, names: HostNames): readonly string[] {
  if ('identity' in end) {
    const { uid, type, text } = end.identity;
    return [
      `${side}ID: Identity, uid=${String(uid)}, type ${identityTypeName(type)}`,
      `${side}ID: ${printable(text)}`,
    ];
  }
  return [`${side}IP: Address:`, `${side}IP: ${longAddress(end.address, names, end.prefixLength)}`];
}

export function presharedJson(entry: PresharedRecord, paranoid: boolean): object {
  const { key, bits } = entry;
  return {
    mode: exchangeName(entry.exchange),
    ...(key === undefined ? {} : { key: keyDigits(key, paranoid, bits) }),
    local: endJson(entry.local),
    remote: endJson(entry.remote),
  };
}

function endJson(end: PresharedEnd): object {
  if ('identity' in end) {
    const { uid, type, text } = end.identity;
    return { identity: { type: identityTypeName(type), uid, text } };
  }
  const { address, prefixLength } = end;
  return { address: address?.address ?? null, prefixLength: prefixLength > 0 ? prefixLength : null };
}

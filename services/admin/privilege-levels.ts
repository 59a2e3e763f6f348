/** What the door may be used for. Each level includes the lower ones; a running daemon's level only goes down. */
import { parseCNumber } from './c-number.js';

export type PrivilegeLevel = 0 | 1 | 2;

export const PRIVILEGE = { base: 0, modkeys: 1, keymat: 2 } as const satisfies Readonly<
  Record<string, PrivilegeLevel>
>;

const NAMES: readonly string[] = ['base', 'modkeys', 'keymat'];
const TEXTS: readonly string[] = [
  'base privileges',
  'access to preshared key information',
  'access to keying material',
];

export function asPrivilegeLevel(level: number): PrivilegeLevel | undefined {
  return level === 0 || level === 1 || level === 2 ? level : undefined;
}

/** A number or a name, case-insensitive; undefined when it is neither. */
export function parsePrivilegeLevel(text: string): PrivilegeLevel | undefined {
  const number = parseCNumber(text) ?? NAMES.indexOf(text.toLowerCase());
  return asPrivilegeLevel(number);
}

export function privilegeName(level: number): string {
  return NAMES[level] ?? `<unknown ${String(level)}>`;
}

export function privilegeText(level: number): string {
  return TEXTS[level] ?? `<unknown ${String(level)}>`;
}

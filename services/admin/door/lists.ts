/** Entries of the lists of groups, ciphers and hashes that the daemon can use for Phase 1. */
import type { Bytes } from '../../bytes.js';
import { structureWithAreas, textArea, textOf } from '../../c-structure.js';

const LABEL_LENGTH = 256;

export const GROUP = structureWithAreas(
  'group',
  260,
  { number: [0, 'u16'], bits: [2, 'u16'] },
  { label: [4, LABEL_LENGTH] },
);
export const ENCRALG = structureWithAreas(
  'encralg',
  268,
  { value: [0, 'u32'], shortest: [260, 'i32'], longest: [264, 'i32'] },
  { name: [4, LABEL_LENGTH] },
);
export const AUTHALG = structureWithAreas('authalg', 260, { value: [0, 'u32'] }, { name: [4, LABEL_LENGTH] });

export interface GroupEntry {
  readonly number: number;
  /** Estimated strength, bits. */
  readonly bits: number;
  readonly label: string;
}

export interface CipherEntry {
  /** IKE attribute value. */
  readonly value: number;
  readonly name: string;
  /** Key length, bits; both 0 when it is fixed. */
  readonly shortest: number;
  readonly longest: number;
}

export interface HashEntry {
  /** IKE attribute value. */
  readonly value: number;
  readonly name: string;
}

export function encodeGroup({ number, bits, label }: GroupEntry): Bytes {
  return GROUP.encode({ number, bits }, { label: textArea(label, LABEL_LENGTH) });
}

export function decodeGroup(bytes: Bytes, at = 0): GroupEntry | undefined {
  const entry = GROUP.read(bytes, at);
  return (
    entry && {
      number: entry.number('number'),
      bits: entry.number('bits'),
      label: textOf(entry.area('label')),
    }
  );
}

export function encodeCipher({ value, name, shortest, longest }: CipherEntry): Bytes {
  return ENCRALG.encode({ value, shortest, longest }, { name: textArea(name, LABEL_LENGTH) });
}

export function decodeCipher(bytes: Bytes, at = 0): CipherEntry | undefined {
  const entry = ENCRALG.read(bytes, at);
  return (
    entry && {
      value: entry.number('value'),
      name: textOf(entry.area('name')),
      shortest: entry.number('shortest'),
      longest: entry.number('longest'),
    }
  );
}

export function encodeHash({ value, name }: HashEntry): Bytes {
  return AUTHALG.encode({ value }, { name: textArea(name, LABEL_LENGTH) });
}

export function decodeHash(bytes: Bytes, at = 0): HashEntry | undefined {
  const entry = AUTHALG.read(bytes, at);
  return entry && { value: entry.number('value'), name: textOf(entry.area('name')) };
}

/** What each end says it installed: one JSON line per SA, the same shape at both ends. */
import { existsSync, readFileSync } from 'node:fs';
import { outsideAddress } from './addresses.js';

interface Algorithm {
  readonly alg: string;
  /** Hex. */
  readonly key: string;
}

export interface SaLine {
  readonly op: 'add' | 'update' | 'delete';
  readonly dst: string;
  readonly proto: number;
  /** 8 hex digits. */
  readonly spi: string;
  /** The rest is absent from `delete` lines. */
  readonly src?: string;
  readonly mode?: 'tunnel' | 'transport';
  readonly enc?: Algorithm;
  readonly auth?: Algorithm;
  readonly aead?: Algorithm;
  /** UDP encapsulation: type, and the ports of source and destination. */
  readonly encap?: readonly [type: number, source: number, destination: number];
}

/** Lines from number `from` on, counted from 0; the last line may still be being written and is then left out. */
export function readSaLines(file: string, from = 0): readonly SaLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.slice(from).map((line) => JSON.parse(line) as SaLine);
}

/** What of an SA must be the same at both ends. Addresses are those outside of a NAT. */
export interface SaFacts {
  readonly spi: string;
  readonly src: string | undefined;
  readonly dst: string;
  readonly proto: number;
  readonly mode: string | undefined;
  readonly encryption: Algorithm | undefined;
  readonly integrity: Algorithm | undefined;
  /** Both in one, with the salt behind the key. */
  readonly combined: Algorithm | undefined;
}

/** Linux knows algorithms by two names: `aes` and `cbc(aes)`, `sha1` and `hmac(sha1)`. */
function withoutMode(name: string): string {
  return /^(?:cbc|ecb|hmac)\((.+)\)$/.exec(name)?.[1] ?? name;
}

/** SAs that the lines installed, whether deleted later or not, by SPI. */
export function installedSas(lines: readonly SaLine[]): readonly SaFacts[] {
  const sas = new Map<string, SaFacts>();
  for (const line of lines) {
    // A line without keys is a reserved SPI.
    if (line.op === 'delete' || !(line.enc ?? line.auth ?? line.aead)) continue;
    sas.set(line.spi, {
      spi: line.spi,
      src: line.src && outsideAddress(line.src),
      dst: outsideAddress(line.dst),
      proto: line.proto,
      mode: line.mode,
      encryption: line.enc && { alg: withoutMode(line.enc.alg), key: line.enc.key },
      integrity: line.auth && { alg: withoutMode(line.auth.alg), key: line.auth.key },
      combined: line.aead && { alg: line.aead.alg, key: line.aead.key },
    });
  }
  return [...sas.values()].sort((a, b) => a.spi.localeCompare(b.spi));
}

export function deletedSpis(lines: readonly SaLine[]): ReadonlySet<string> {
  return new Set(lines.filter((line) => line.op === 'delete').map((line) => line.spi));
}

/**
 * Our own commands: the number, then JSON in UTF-8, both ways. What arrives is checked field by field, because the
 * other end may be of another version.
 */
import { type Bytes, concat, fromText, toText } from '../../bytes.js';
import type { Comparison, Failure } from '../../failure/failure.js';
import { parseAddress, type Address } from '../../net/address.js';
import { CMD } from './heads.js';
import type { CookiePair } from './cookie-pair.js';

export interface UpRequest {
  readonly source: Address;
  readonly destination: Address;
  /** IP protocol of the packet that asks, 0 for any. */
  readonly protocol: number;
}

export interface EstablishedPair {
  readonly protocol: 'ESP' | 'AH';
  readonly inboundSpi: number;
  readonly outboundSpi: number;
}

export interface Established {
  readonly outcome: 'established';
  readonly phase1: CookiePair;
  /** One pair of SAs, or one of AH and one of ESP. */
  readonly pairs: readonly EstablishedPair[];
  readonly rule: string;
  readonly milliseconds: number;
}

/** A `Failure` as another process sees it: the code may be one this version does not know. */
export type FailureReport = Omit<Failure, 'code' | 'blame' | 'wire' | 'payload'> & {
  readonly code: string;
  readonly blame: string;
};

export type UpReport = Established | { readonly outcome: 'failed'; readonly failure: FailureReport };

/** The value may hold keys: the caller wipes the result, and no other bytes are left. */
export function encodeOwn(command: number, value: unknown): Bytes {
  const text = fromText(JSON.stringify(value));
  const message = concat(CMD.encode({ cmd: command }, {}), text);
  text.fill(0);
  return message;
}

/** The JSON value after the number; undefined when it is none. */
export function decodeOwn(bytes: Bytes): unknown {
  try {
    const value: unknown = JSON.parse(toText(bytes.subarray(CMD.size)));
    return value;
  } catch {
    return undefined;
  }
}

export function readUpRequest(value: unknown): UpRequest | undefined {
  if (!isRecord(value)) return undefined;
  const source = typeof value.source === 'string' ? parseAddress(value.source) : undefined;
  const destination = typeof value.destination === 'string' ? parseAddress(value.destination) : undefined;
  const protocol = value.protocol;
  if (source === undefined || destination === undefined || !isWholeNumber(protocol) || protocol > 255) {
    return undefined;
  }
  return { source, destination, protocol };
}

export function readUpReport(value: unknown): UpReport | undefined {
  if (!isRecord(value)) return undefined;
  if (value.outcome === 'failed') {
    const failure = readFailure(value.failure);
    return failure && { outcome: 'failed', failure };
  }
  const { phase1, pairs, rule, milliseconds } = value;
  if (value.outcome !== 'established' || !isRecord(phase1)) return undefined;
  const { initiatorCookie, responderCookie } = phase1;
  if (typeof initiatorCookie !== 'string' || typeof responderCookie !== 'string') return undefined;
  if (!Array.isArray(pairs) || typeof rule !== 'string') return undefined;
  const read = pairs.map(readPair);
  if (!read.every(isDefined) || read.length === 0) return undefined;
  if (typeof milliseconds !== 'number') return undefined;
  return {
    outcome: 'established',
    phase1: { initiatorCookie, responderCookie },
    pairs: read,
    rule,
    milliseconds,
  };
}

function readPair(value: unknown): EstablishedPair | undefined {
  if (!isRecord(value)) return undefined;
  const { protocol, inboundSpi, outboundSpi } = value;
  if (protocol !== 'ESP' && protocol !== 'AH') return undefined;
  if (!isWholeNumber(inboundSpi) || !isWholeNumber(outboundSpi)) return undefined;
  return { protocol, inboundSpi, outboundSpi };
}

function readFailure(value: unknown): FailureReport | undefined {
  if (!isRecord(value)) return undefined;
  const { code, blame, exchange, message, explanation, hint, comparisons } = value;
  if (typeof code !== 'string' || typeof blame !== 'string' || typeof exchange !== 'string') return undefined;
  if (!isWholeNumber(message) || typeof explanation !== 'string' || typeof hint !== 'string')
    return undefined;
  const read = readComparisons(comparisons);
  return {
    code,
    blame,
    exchange,
    message,
    explanation,
    hint,
    ...(read.length > 0 ? { comparisons: read } : {}),
  };
}

/** Those of a list that can be read. */
export function readComparisons(value: unknown): readonly Comparison[] {
  return Array.isArray(value) ? value.map(readComparison).filter(isDefined) : [];
}

function readComparison(value: unknown): Comparison | undefined {
  if (!isRecord(value)) return undefined;
  const { offered, against, where, attributes } = value;
  if (typeof offered !== 'string' || typeof against !== 'string' || !Array.isArray(attributes))
    return undefined;
  const place =
    isRecord(where) && typeof where.file === 'string' && isWholeNumber(where.line)
      ? { where: { file: where.file, line: where.line } }
      : {};
  return { offered, against, ...place, attributes: attributes.map(readAttribute).filter(isDefined) };
}

function readAttribute(value: unknown): Comparison['attributes'][number] | undefined {
  if (!isRecord(value)) return undefined;
  const { name, offered, accepted, agrees } = value;
  if (typeof name !== 'string' || typeof offered !== 'string' || typeof accepted !== 'string')
    return undefined;
  return typeof agrees === 'boolean' ? { name, offered, accepted, agrees } : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWholeNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

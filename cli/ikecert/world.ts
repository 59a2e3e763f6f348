/** What a command of `ikecert` works with. */
import type { CertificatePaths } from '../../adapters/files/certificate-directories.js';
import type { Bytes } from '../../services/bytes.js';
import type { Result } from '../../services/result.js';

/**
 * Where a PIN is read when stdin is no terminal: the next line of it; the first, before what the command reads from it,
 * unless there is a terminal elsewhere; or from a terminal alone, because stdin has been read.
 */
export type PinPlace = 'stdin' | 'before-input' | 'after-input';

export interface World {
  /** The options before the program and in it have said where the root is. */
  pathsUnder(root: string): CertificatePaths;
  /** Milliseconds since 1970. */
  now(): number;
  random(length: number): Bytes;
  /** All of stdin, at most `longest` bytes. The error is a sentence part. */
  readInput(longest: number): Promise<Result<Bytes, string>>;
  /** Path of the PKCS #11 library that ike.config below the root names. The error is a clause. */
  pkcs11Library(root: string): Result<string, string>;
  /** Without echo. The caller wipes it. The error is a clause. */
  pin(prompt: string, place: PinPlace): Promise<Result<Bytes, string>>;
  /** A line on stderr, now: key generation takes its time. */
  progress(line: string): void;
}

/** What a command came to. */
export interface Output {
  readonly stdout: string | Bytes;
  /** Lines for stderr: what the user should know, though it worked. */
  readonly notes: readonly string[];
}

/** A sentence without its full stop, or several lines. */
export type Answer = Result<Output, string>;

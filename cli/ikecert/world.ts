/** What a command of `ikecert` works with. */
import type { CertificatePaths } from '../../adapters/files/certificate-directories.js';
import type { Bytes } from '../../services/bytes.js';
import type { Result } from '../../services/result.js';

export interface World {
  /** The options before the program and in it have said where the root is. */
  pathsUnder(root: string): CertificatePaths;
  /** Milliseconds since 1970. */
  now(): number;
  random(length: number): Bytes;
  /** All of stdin, at most `longest` bytes. The error is a sentence part. */
  readInput(longest: number): Promise<Result<Bytes, string>>;
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

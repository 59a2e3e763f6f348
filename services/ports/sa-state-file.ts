/** The file that says which SAs in the kernel are ours, for a daemon that comes after one that was killed. */
import type { Result } from '../result.js';

/** Errors are sentences that name the file. */
export interface SaStateFile {
  readonly name: string;
  /** What it holds; undefined when there is none. Of one that is too long, another's, or open to others: an error. */
  read(): Result<string | undefined, string>;
  /** At its end, in one piece; makes the file, which is for its owner only. */
  append(text: string): Result<void, string>;
  /** As a whole: whoever is killed meanwhile leaves the old text or the new one. */
  replace(text: string): Result<void, string>;
  /** Renames it, that nothing of it is lost; gives back the new name. One that was there under that name goes. */
  putAside(): Result<string, string>;
  /** There is nothing left to say. No file is no error. */
  remove(): void;
}

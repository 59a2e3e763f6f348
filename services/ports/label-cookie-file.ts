/** `ipsec_kmc_map`, through which the kernel's numbers of rules are known to other programs. */
import type { Result } from '../result.js';

export interface LabelCookieFile {
  /** What it holds; undefined when there is none yet. An error is a sentence that names the file. */
  read(): Result<string | undefined, string>;
  /** Replaces it as a whole: a reader sees the old text or the new one. */
  write(text: string): Result<void, string>;
}

import type { Result } from '../result.js';

export interface FileFault {
  /** One sentence: which file, what is wrong, how to mend it. */
  readonly message: string;
  readonly reason: 'missing' | 'permission' | 'insecure' | 'unreadable';
}

export interface Files {
  read(path: string): Result<string, FileFault>;
  /** As `read`, but refuses a file whose owner is neither root nor this user, or that has any group or other bit set. */
  readSecret(path: string): Result<string, FileFault>;
}

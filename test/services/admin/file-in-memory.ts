/** A file that comes with a call of the door, without a descriptor. */
import type { DoorFile } from '../../../services/ports/door-file.js';
import { err, ok, type Result } from '../../../services/result.js';

const EBADF = 9;
const EACCES = 13;
const EFBIG = 27;

export class FileInMemory implements DoorFile {
  readonly name = undefined;
  text: string;
  /** Who besides the owner may read it. */
  exposed = false;
  /** Open for reading alone. */
  readOnly = false;
  /** Its descriptor, once somebody has taken it. */
  kept: number | undefined;
  closed = false;

  constructor(text = '') {
    this.text = text;
  }

  readText(limit: number): Promise<Result<string, number>> {
    return Promise.resolve(this.text.length > limit ? err(EFBIG) : ok(this.text));
  }

  readSecretText(limit: number): Promise<Result<string, number>> {
    return this.exposed ? Promise.resolve(err(EACCES)) : this.readText(limit);
  }

  replaceText(text: string): Promise<Result<void, number>> {
    if (this.readOnly) return Promise.resolve(err(EBADF));
    this.text = text;
    return Promise.resolve(ok(undefined));
  }

  appendText(text: string): Promise<Result<void, number>> {
    return this.replaceText(this.text + text);
  }

  keep(): Result<number, number> {
    if (this.readOnly) return err(EBADF);
    this.kept = 77;
    return ok(this.kept);
  }

  share(): Result<number, number> {
    return ok(78);
  }

  close(): void {
    this.closed = true;
  }
}

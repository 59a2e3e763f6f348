/** The file of our SAs in memory: it outlives the daemons of a test, and can be spoiled. */
import type { SaStateFile } from '../../services/ports/sa-state-file.js';
import { err, ok, type Result } from '../../services/result.js';

export class FileOfSas implements SaStateFile {
  readonly name = '/var/run/ike_sas';
  text: string | undefined;
  aside: string | undefined;
  /** Why it cannot be written. */
  refusal: string | undefined;
  writes = 0;

  read(): Result<string | undefined, string> {
    return ok(this.text);
  }

  append(text: string): Result<void, string> {
    return this.#write((this.text ?? '') + text);
  }

  replace(text: string): Result<void, string> {
    return this.#write(text);
  }

  putAside(): Result<string, string> {
    this.aside = this.text;
    this.text = undefined;
    return ok(`${this.name}.spoiled`);
  }

  remove(): void {
    this.text = undefined;
  }

  #write(text: string): Result<void, string> {
    if (this.refusal !== undefined) return err(`${this.name} cannot be written: ${this.refusal}.`);
    this.writes += 1;
    this.text = text;
    return ok(undefined);
  }
}

/** Port: fetching a file over HTTP. */
import type { Bytes } from '../bytes.js';
import type { Result } from '../result.js';

export interface Http {
  /**
   * The body of an answer with status 200 to a GET of an `http:` URL. Time, length and redirects are bounded by the
   * adapter. The error is a sentence part for an operator, such as "status 404"; the promise never rejects.
   */
  get(url: string): Promise<Result<Bytes, string>>;
}

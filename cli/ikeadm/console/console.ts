/** Whoever sits at the other end of stdin: a person at a terminal, or a script in a pipe. */
import type { Bytes } from '../../../services/bytes.js';

export type Entered =
  | { readonly kind: 'line'; readonly text: string }
  /** Longer than `LONGEST_LINE`; what stood there is lost. */
  | { readonly kind: 'too-long' }
  /** Ctrl-C: the line in progress is abandoned. */
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'end' };

/** Bytes of a line, and of a command that goes on over several. */
export const LONGEST_LINE = 4096;

/** What a PIN may have, bytes: the door's field with its NUL. */
export const LONGEST_PIN = 255;

/** Nothing of stdin is touched before the first call. */
export interface Console {
  /** `prompt` is shown where somebody can see it. */
  line(prompt: string): Promise<Entered>;
  /**
   * One line without echo, of which at most `LONGEST_PIN` + 1 bytes are kept; undefined at the end of the input and
   * after Ctrl-C. The caller wipes it.
   */
  secret(prompt: string): Promise<Bytes | undefined>;
  close(): void;
}

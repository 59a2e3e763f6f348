/** What the shell may offer for a command: its options, and words by the words before them. */

/** `file`, `folder`, or words; nothing where only the operator knows. */
export type Offer = 'file' | 'folder' | readonly string[];

export interface CompletionOption {
  readonly name: string;
  /** Undefined: it takes no value. */
  readonly value: Offer | undefined;
}

export interface CompletionPlace {
  /** Words before, options left out; `*` is any word, and as the last one any number of them. */
  readonly before: readonly string[];
  readonly offer: Offer;
}

export interface Completion {
  readonly command: string;
  readonly options: readonly CompletionOption[];
  /** The first that fits counts. */
  readonly places: readonly CompletionPlace[];
}

/** Selectors on the command line (ikecert(8)): every word must hold. */
import type { CertificateSelector } from '../../services/policy/rule.js';
import { parseSelector, selectorOf } from '../../services/certs/selectors.js';
import { err, ok, type Result } from '../../services/result.js';

export interface Certspec {
  readonly selectors: readonly CertificateSelector[];
  /** The number of `SLOT=n` or `n`, where one word says it: a corrupt slot can be meant by nothing else. */
  readonly slot: string | undefined;
  /** As it was written. */
  readonly text: string;
}

/** The error is a clause. */
export function parseCertspec(words: readonly string[]): Result<Certspec, string> {
  let slot: string | undefined;
  for (const word of words) {
    const { text, negated } = selectorOf(word);
    if (text.trim() === '') return err(`the selector "${word}" is empty`);
    const parsed = parseSelector(text);
    if (!parsed.ok)
      return err(
        `the selector "${word}" ${/^(has|selects)/.test(parsed.error) ? '' : 'is none: '}${parsed.error}; write a subject such as "C=US, CN=gw" (in quotes), ISSUER=, SLOT=, IP=, DNS=, EMAIL=, URI=, DN= or RID=`,
      );
    if (parsed.value.kind === 'slot' && !negated) slot = parsed.value.slot;
  }
  return ok({ selectors: words.map(selectorOf), slot, text: words.map((word) => `"${word}"`).join(' ') });
}

/** Certificate selectors of ike.config(5) and ikecert(8): which certificates a string means. */
import { parseAddress } from '../net/address.js';
import type { CertificateSelector } from '../policy/rule.js';
import { err, ok, type Result } from '../result.js';
import type { Certificate } from './certificate.js';
import { type GeneralName, sameText, type TextKind } from './general-name.js';
import { isReversed, type Name, parseName, sameName } from './name.js';

/** What selectors look at. */
export type Selectable = Pick<Certificate, 'subject' | 'issuer' | 'altNames'>;

type Selection =
  | { readonly kind: 'anything' }
  | { readonly kind: 'subject' | 'issuer' | 'dn'; readonly name: Name }
  | { readonly kind: 'slot'; readonly slot: string }
  | { readonly kind: 'text'; readonly of: TextKind; readonly text: string };

const TEXT_TAGS: Readonly<Record<string, TextKind>> = {
  IP: 'ip',
  DNS: 'dns',
  EMAIL: 'email',
  URI: 'uri',
  RID: 'rid',
};

/** Reads a selector without its `!`. The error is a sentence part. */
export function parseSelector(text: string): Result<Selection, string> {
  const written = text.trim();
  if (written === '') return ok({ kind: 'anything' });
  const [, tag = '', value = ''] = /^([A-Z]+)\s*=\s*([^]*)$/.exec(written) ?? [];
  const named = (kind: 'subject' | 'issuer' | 'dn', dn: string): Result<Selection, string> => {
    const name = parseName(dn);
    return name.ok ? ok({ kind, name: name.value }) : name;
  };
  switch (tag) {
    case 'SUBJECT':
      return named('subject', value);
    case 'ISSUER':
      return named('issuer', value);
    case 'DN':
      return named('dn', value);
    case 'SLOT':
      return /^\d+$/.test(value) ? ok({ kind: 'slot', slot: value }) : err('has no slot number');
  }
  const kind = TEXT_TAGS[tag];
  // EMAIL is also a keyword for an attribute of distinguished names; a mailbox has no `=` before its `@`.
  if (kind !== undefined && !(kind === 'email' && /,.*=/.test(value))) return textSelection(kind, value);
  if (/^\d+$/.test(written)) return ok({ kind: 'slot', slot: written });
  const bare = kindOfBare(written);
  return bare === undefined ? named('subject', written) : textSelection(bare, written);
}

/** The kind of alternative name that a word without a tag is; undefined for a distinguished name. */
function kindOfBare(written: string): TextKind | undefined {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(written)) return 'uri';
  if (written.includes('=')) return undefined;
  if (parseAddress(written) !== undefined) return 'ip';
  if (/^\d+(\.\d+)+$/.test(written)) return 'rid';
  return written.includes('@') ? 'email' : 'dns';
}

function textSelection(of: TextKind, value: string): Result<Selection, string> {
  if (value === '') return err('selects nothing');
  if (of !== 'ip') return ok({ kind: 'text', of, text: value });
  const address = parseAddress(value);
  return address === undefined ? err('has no IP address') : ok({ kind: 'text', of, text: address });
}

/** Whether one selector means this certificate, leaving its negation aside. A faulty one means none. */
function selects(text: string, certificate: Selectable, slot: string | undefined): boolean {
  const parsed = parseSelector(text);
  if (!parsed.ok) return false;
  const selection = parsed.value;
  switch (selection.kind) {
    case 'anything':
      return true;
    case 'subject':
      return sameName(certificate.subject, selection.name);
    case 'issuer':
      return sameName(certificate.issuer, selection.name);
    case 'dn':
      return certificate.altNames.some((alt) => alt.kind === 'dn' && sameName(alt.name, selection.name));
    case 'slot':
      return slot !== undefined && sameSlot(slot, selection.slot);
    case 'text':
      return certificate.altNames.some((alt) => isNamed(alt, selection.of, selection.text));
  }
}

function sameSlot(a: string, b: string): boolean {
  return a === b || (/^\d+$/.test(a) && Number(a) === Number(b));
}

export function isNamed(alt: GeneralName, kind: TextKind, text: string): boolean {
  return alt.kind === kind && sameText(kind, alt.text, text);
}

/** Several words combine with "and"; those with `!` must not match (ikecert(8)). */
export function matchesSelectors(
  certificate: Selectable,
  selectors: readonly CertificateSelector[],
  slot?: string,
): boolean {
  return selectors.every(({ text, negated }) => selects(text, certificate, slot) !== negated);
}

/**
 * Several settings of one keyword (`cert_root`, `remote_id`) add up: one of them must match, and none of those with `!`.
 * Where all have `!`, whatever they do not name is meant.
 */
export function matchesAnySelector(
  certificate: Certificate,
  selectors: readonly CertificateSelector[],
  slot?: string,
): boolean {
  const matching = (wanted: boolean): readonly CertificateSelector[] =>
    selectors.filter(({ negated }) => negated === wanted);
  const means = ({ text }: CertificateSelector): boolean => selects(text, certificate, slot);
  if (matching(true).some(means)) return false;
  const including = matching(false);
  return including.length === 0 ? selectors.length > 0 : including.some(means);
}

/** `cert_root` and `cert_trust` keep the `!` in their text. */
export function selectorOf(written: string): CertificateSelector {
  return written.startsWith('!')
    ? { text: written.slice(1), negated: true }
    : { text: written, negated: false };
}

/** As it stands in the file. */
export function formatSelector({ text, negated }: CertificateSelector): string {
  return `"${negated ? '!' : ''}${text}"`;
}

/** A selector whose distinguished name is this one's back to front; undefined when there is none. */
export function reversedSelector(
  certificate: Certificate,
  selectors: readonly CertificateSelector[],
): CertificateSelector | undefined {
  return selectors.find(({ text }) => {
    const parsed = parseSelector(text);
    if (!parsed.ok || !('name' in parsed.value)) return false;
    const { kind, name } = parsed.value;
    return isReversed(name, kind === 'issuer' ? certificate.issuer : certificate.subject);
  });
}

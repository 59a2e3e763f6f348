/** Keeps `ipsec_kmc_map`: a number for the label of every rule, for as long as the file lives. */
import {
  formatLabelCookies,
  type LabelCookies,
  parseLabelCookies,
  withLabels,
} from '../services/policy/label-cookies.js';
import type { Events } from '../services/ports/events.js';
import type { LabelCookieFile } from '../services/ports/label-cookie-file.js';

export class RuleCookies {
  readonly #file: LabelCookieFile;
  readonly #events: Events;
  #cookies: LabelCookies = new Map();

  constructor(file: LabelCookieFile, events: Events) {
    this.#file = file;
    this.#events = events;
  }

  /**
   * Sees to it that each label has a number, here and in the file. Others write there too (ipsecconf(8) numbers the labels
   * of its policies), so that it is read first, and no line ever goes: a kernel policy may hold its number still.
   */
  keep(labels: readonly string[]): void {
    const held = this.#file.read();
    const parsed = held.ok && held.value !== undefined ? parseLabelCookies(held.value) : undefined;
    const known = parsed?.ok === true ? parsed.value : undefined;
    this.#cookies = withLabels(this.#merged(known), labels);
    if (!held.ok) this.#complain(held.error);
    else if (parsed?.ok === false)
      this.#complain(`The file of label cookies is left as it is: ${parsed.error}. Mend it, or delete it.`);
    else if (known === undefined || known.size < this.#cookies.size) {
      const written = this.#file.write(this.text());
      if (!written.ok) this.#complain(written.error);
    }
  }

  /** 0 for a label that no rule ever had. */
  of(label: string): number {
    return this.#cookies.get(label) ?? 0;
  }

  /** Undefined for a number that no label has. */
  labelOf(cookie: number): string | undefined {
    return [...this.#cookies].find(([, number]) => number === cookie)?.[0];
  }

  text(): string {
    return formatLabelCookies(this.#cookies);
  }

  /** The file's numbers, and ours of labels that it has lost, where their numbers are still free. */
  #merged(file: LabelCookies | undefined): LabelCookies {
    if (file === undefined) return this.#cookies;
    const merged = new Map(file);
    const taken = new Set(file.values());
    for (const [label, cookie] of this.#cookies)
      if (!merged.has(label) && !taken.has(cookie)) merged.set(label, cookie);
    return merged;
  }

  #complain(note: string): void {
    this.#events.emit({ type: 'config.note', note });
  }
}

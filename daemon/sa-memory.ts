/**
 * Remembers in a file which SAs in the kernel are ours, so that a run after one that was killed can go on with them. A line
 * is written before each SA and after its end; when most of the file is about what is gone, it is written anew.
 *
 * A file that cannot be written, or was spoiled, costs nothing but the memory itself: it is said, and all goes on.
 */
import { NumberIndex } from '../services/collections/number-index.js';
import type { Events } from '../services/ports/events.js';
import type { SaIdentity } from '../services/ports/kernel.js';
import type { SaStateFile } from '../services/ports/sa-state-file.js';
import type { Result } from '../services/result.js';
import type { RememberedSa } from '../services/state/remembered-sa.js';
import { goneLine, JOURNAL_HEADER, madeLine, parseJournal, saKey } from '../services/state/sa-journal.js';

/** Lines about what is gone that are no reason yet to write the file anew. */
const SPARE_LINES = 512;
/** Lines that are named when several are spoiled. */
const MOST_NAMED = 5;

export class SaMemory {
  readonly #file: SaStateFile;
  readonly #events: Events;
  readonly #own = new NumberIndex<RememberedSa>();
  #count = 0;
  /** Of an earlier run, as long as nobody has decided about them. */
  readonly #earlier: Map<string, RememberedSa>;
  #lines = 0;
  /** What to put before the next line: the header of a new file, the end of a line that was cut off. */
  #before = '';
  /** The last write failed: the file lacks something, and all of it is tried again. */
  #lacking = false;

  constructor(file: SaStateFile, events: Events) {
    this.#file = file;
    this.#events = events;
    this.#earlier = new Map(this.#recalled().map((sa) => [saKey(sa), sa]));
  }

  /** Left by an earlier run, oldest first. */
  earlier(): readonly RememberedSa[] {
    return [...this.#earlier.values()];
  }

  /** It is decided about what an earlier run left: these are ours now, and of the others there is nothing to remember. */
  settle(adopted: readonly RememberedSa[]): void {
    const any = this.#earlier.size > 0;
    this.#earlier.clear();
    for (const sa of adopted) this.#keep(sa);
    if (any) this.#writeAnew();
  }

  find(sa: SaIdentity): RememberedSa | undefined {
    const { destination, protocol, spi } = sa;
    return this.#own.find(spi, (own) => own.destination === destination && own.protocol === protocol);
  }

  list(): readonly RememberedSa[] {
    return [...this.#own.entries()].map(([, sa]) => sa);
  }

  /** About to be put into the kernel, or changed there. */
  made(sa: RememberedSa): void {
    this.#keep(sa);
    this.#write(madeLine(sa));
  }

  gone(sa: SaIdentity): void {
    if (this.#forget(sa)) this.#write(goneLine(sa));
  }

  allGone(): void {
    if (this.#count === 0) return;
    this.#own.clear();
    this.#count = 0;
    this.#writeAnew();
  }

  /** The daemon ends. A file that says nothing is removed; what could not be taken out of the kernel stays in it. */
  close(): void {
    if (this.#count === 0 && this.#earlier.size === 0) this.#file.remove();
  }

  #keep(sa: RememberedSa): void {
    this.#forget(sa);
    this.#own.add(sa.spi, sa);
    this.#count += 1;
  }

  #forget(sa: SaIdentity): boolean {
    const known = this.find(sa);
    if (known === undefined) return false;
    this.#count -= 1;
    return this.#own.delete(known.spi, known);
  }

  #recalled(): readonly RememberedSa[] {
    const text = this.#file.read();
    const journal =
      text.ok && text.value !== undefined && text.value !== '' ? parseJournal(text.value) : undefined;
    if (!text.ok) this.#putAside(text.error);
    else if (journal === undefined) this.#before = JOURNAL_HEADER;
    else if (!journal.ok) this.#putAside(`${this.#file.name} cannot be used: ${journal.error}.`);
    if (journal?.ok !== true || !text.ok) return [];
    const { sas, lines, spoiled } = journal.value;
    this.#lines = lines;
    if (text.value?.endsWith('\n') === false) this.#before = '\n';
    if (spoiled.length > 0) this.#complainOf(spoiled);
    return sas;
  }

  #complainOf(spoiled: readonly number[]): void {
    const named = spoiled.slice(0, MOST_NAMED).map(String).join(', ');
    const more = spoiled.length > MOST_NAMED ? ` and ${String(spoiled.length - MOST_NAMED)} more` : '';
    this.#note(
      `${this.#file.name} is spoiled: line ${named}${more} cannot be understood and is passed over. SAs of an earlier run that stood there alone are not known as ours any more; "ikeadm doctor" lists what the kernel holds.`,
    );
  }

  #putAside(why: string): void {
    const aside = this.#file.putAside();
    const where = aside.ok ? `It is kept as ${aside.value}` : `It could not be put aside (${aside.error})`;
    this.#note(
      `${why} ${where}; SAs of an earlier run are not known as ours any more, and "ikeadm doctor" lists what the kernel holds.`,
    );
    this.#before = JOURNAL_HEADER;
    this.#lacking = !aside.ok;
  }

  #write(line: string): void {
    const worn = this.#lines > 2 * (this.#count + this.#earlier.size) + SPARE_LINES;
    if (worn || this.#lacking) {
      this.#writeAnew();
      return;
    }
    this.#done(this.#file.append(this.#before + line));
    this.#before = '';
    this.#lines += 1;
  }

  #writeAnew(): void {
    const all = [...this.#earlier.values(), ...this.list()];
    this.#lines = all.length + 1;
    this.#before = '';
    this.#done(this.#file.replace(JOURNAL_HEADER + all.map(madeLine).join('')));
  }

  #done(written: Result<void, string>): void {
    if (!written.ok && !this.#lacking)
      this.#note(
        `${written.error} Should in.iked be killed, nobody will know which SAs in the kernel were its own.`,
      );
    this.#lacking = !written.ok;
  }

  #note(note: string): void {
    this.#events.emit({ type: 'kernel.note', note });
  }
}

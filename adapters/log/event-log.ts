/**
 * The debug log: a reader of the event stream. The level says which categories are written. Chart steps
 * (`negotiation.transition`, `negotiation.state`) are the inspector's and not repeated here.
 */
import { isShown } from '../../services/admin/debug-levels.js';
import { categoriesOf, categoryOf } from '../../services/events/category.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Events, EventType, StampedEvent } from '../../services/ports/events.js';
import { err, ok, type Result } from '../../services/result.js';
import { type LineForm, lineOf } from './event-lines.js';
import { LogOutput } from './log-output.js';

export interface EventLogOptions {
  readonly clock: Clock;
  readonly format: LineForm['format'];
  /** What stderr can show; a file gets no colours, and whole dates. */
  readonly stderr: { readonly colourDepth: number; readonly isTerminal: boolean };
}

/** The inspector's. */
const CHART_STEPS: ReadonlySet<EventType> = new Set(['negotiation.transition', 'negotiation.state']);

export class EventLog {
  readonly #options: EventLogOptions;
  readonly #events: Events;
  #unsubscribe: () => void;
  #level: number;
  #output: LogOutput | undefined = LogOutput.stderr();
  #form: LineForm;

  constructor(events: Events, level: number, options: EventLogOptions) {
    this.#options = options;
    this.#level = level;
    const { colourDepth, isTerminal } = options.stderr;
    this.#form = { format: options.format, colourDepth, dated: !isTerminal };
    this.#events = events;
    this.#unsubscribe = this.#follow();
  }

  get level(): number {
    return this.#level;
  }

  /** Whether there is anywhere to write. */
  get hasOutput(): boolean {
    return this.#output !== undefined;
  }

  /** The file it was told to write to by name. */
  get file(): string | undefined {
    return this.#output?.file;
  }

  setLevel(level: number): void {
    this.#level = level;
    this.#unsubscribe();
    this.#unsubscribe = this.#follow();
  }

  /** Appends to `file` from now on. The error is the error code of the system; the old output stays in use then. */
  writeTo(file: string): Result<void, string> {
    const output = LogOutput.file(file);
    if (!output.ok) return err(output.error);
    this.#use(output.value);
    return ok(undefined);
  }

  /** Appends to an open descriptor from now on, and closes it when it gets another output. */
  writeToDescriptor(descriptor: number): void {
    this.#use(LogOutput.descriptor(descriptor));
  }

  /** After a rotation: opens the file again by its name. What came as a descriptor has none and stays as it is. */
  reopen(): Result<void, string> {
    return this.#output?.reopen() ?? ok(undefined);
  }

  /** Nothing is written until there is a file: stderr was somebody else's who has gone. */
  leaveStderr(): void {
    if (this.#output?.isStderr === true) this.#output = undefined;
  }

  /** What is not shown at this level is not read. */
  #follow(): () => void {
    return this.#events.subscribe(
      (event) => {
        this.#write(event);
      },
      (type) =>
        !CHART_STEPS.has(type) && [...categoriesOf(type)].some((category) => isShown(category, this.#level)),
    );
  }

  #use(output: LogOutput): void {
    this.#output?.close();
    this.#output = output;
    this.#form = { format: this.#options.format, colourDepth: 1, dated: true };
  }

  #write(event: StampedEvent): void {
    if (this.#output === undefined || !isShown(categoryOf(event), this.#level)) return;
    this.#output.write(lineOf(event, this.#options.clock.wallTime(), this.#form));
  }
}

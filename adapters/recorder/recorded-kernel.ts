/** A kernel with the recorder around it. */
import type { Kernel } from '../../services/ports/kernel.js';
import type { Tape } from './tape.js';

type Arguments<Op extends CallOf> = Parameters<Kernel[Op]>;
type Answer<Op extends CallOf> = ReturnType<Kernel[Op]>;
type CallOf = Exclude<keyof Kernel, 'name'>;

export class RecordedKernel implements Kernel {
  readonly #kernel: Kernel;
  readonly #tape: Tape;

  constructor(kernel: Kernel, tape: Tape) {
    this.#kernel = kernel;
    this.#tape = tape;
  }

  get name(): string {
    return this.#kernel.name;
  }

  getSpi(...args: Arguments<'getSpi'>): Answer<'getSpi'> {
    return this.#later('getSpi', args, () => this.#kernel.getSpi(...args));
  }

  update(...args: Arguments<'update'>): Answer<'update'> {
    return this.#later('update', args, () => this.#kernel.update(...args));
  }

  add(...args: Arguments<'add'>): Answer<'add'> {
    return this.#later('add', args, () => this.#kernel.add(...args));
  }

  moveRemote(...args: Arguments<'moveRemote'>): Answer<'moveRemote'> {
    return this.#later('moveRemote', args, () => this.#kernel.moveRemote(...args));
  }

  delete(...args: Arguments<'delete'>): Answer<'delete'> {
    return this.#later('delete', args, () => this.#kernel.delete(...args));
  }

  usage(...args: Arguments<'usage'>): Answer<'usage'> {
    return this.#later('usage', args, () => this.#kernel.usage(...args));
  }

  policyFor(...args: Arguments<'policyFor'>): Answer<'policyFor'> {
    return this.#later('policyFor', args, () => this.#kernel.policyFor(...args));
  }

  policyForPacket(...args: Arguments<'policyForPacket'>): Answer<'policyForPacket'> {
    return this.#later('policyForPacket', args, () => this.#kernel.policyForPacket(...args));
  }

  // What no negotiation asks

  open(...args: Arguments<'open'>): Answer<'open'> {
    return this.#kernel.open(...args);
  }

  answerAcquire(...args: Arguments<'answerAcquire'>): void {
    this.#kernel.answerAcquire(...args);
  }

  held(): Answer<'held'> {
    return this.#kernel.held();
  }

  adopt(...args: Arguments<'adopt'>): Answer<'adopt'> {
    return this.#kernel.adopt(...args);
  }

  replacePolicies(...args: Arguments<'replacePolicies'>): Answer<'replacePolicies'> {
    return this.#kernel.replacePolicies(...args);
  }

  close(): Answer<'close'> {
    return this.#kernel.close();
  }

  #later<T>(op: string, args: readonly unknown[], run: () => Promise<T>): Promise<T> {
    return this.#tape.later('kernel', op, args, run);
  }
}

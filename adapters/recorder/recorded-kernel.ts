/** A kernel with the recorder around it. */
import type { Kernel } from '../../services/ports/kernel.js';
import { operation } from './operation.js';
import type { Tape } from './tape.js';

type Arguments<Op extends CallOf> = Parameters<Kernel[Op]>;
type Given<Op extends CallOf> = ReturnType<Kernel[Op]>;
type CallOf = Exclude<keyof Kernel, 'name'>;

const OP = {
  getSpi: operation('getSpi'),
  update: operation('update'),
  add: operation('add'),
  moveRemote: operation('moveRemote'),
  delete: operation('delete'),
  usage: operation('usage'),
  policyFor: operation('policyFor'),
  policyForPacket: operation('policyForPacket'),
};

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

  getSpi(...args: Arguments<'getSpi'>): Given<'getSpi'> {
    return this.#tape.answer(OP.getSpi, args, () => this.#kernel.getSpi(...args));
  }

  update(...args: Arguments<'update'>): Given<'update'> {
    return this.#tape.answer(OP.update, args, () => this.#kernel.update(...args));
  }

  add(...args: Arguments<'add'>): Given<'add'> {
    return this.#tape.answer(OP.add, args, () => this.#kernel.add(...args));
  }

  moveRemote(...args: Arguments<'moveRemote'>): Given<'moveRemote'> {
    return this.#tape.later(OP.moveRemote, args, this.#kernel.moveRemote(...args));
  }

  delete(...args: Arguments<'delete'>): Given<'delete'> {
    return this.#tape.later(OP.delete, args, this.#kernel.delete(...args));
  }

  usage(...args: Arguments<'usage'>): Given<'usage'> {
    return this.#tape.later(OP.usage, args, this.#kernel.usage(...args));
  }

  policyFor(...args: Arguments<'policyFor'>): Given<'policyFor'> {
    return this.#tape.answer(OP.policyFor, args, () => this.#kernel.policyFor(...args));
  }

  policyForPacket(...args: Arguments<'policyForPacket'>): Given<'policyForPacket'> {
    return this.#tape.later(OP.policyForPacket, args, this.#kernel.policyForPacket(...args));
  }

  // What no negotiation asks

  open(...args: Arguments<'open'>): Given<'open'> {
    return this.#kernel.open(...args);
  }

  answerAcquire(...args: Arguments<'answerAcquire'>): void {
    this.#kernel.answerAcquire(...args);
  }

  held(): Given<'held'> {
    return this.#kernel.held();
  }

  adopt(...args: Arguments<'adopt'>): Given<'adopt'> {
    return this.#kernel.adopt(...args);
  }

  replacePolicies(...args: Arguments<'replacePolicies'>): Given<'replacePolicies'> {
    return this.#kernel.replacePolicies(...args);
  }

  close(): Given<'close'> {
    return this.#kernel.close();
  }
}

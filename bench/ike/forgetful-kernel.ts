/** The kernel of the load generator: it numbers SAs and keeps none, since no packet will ever leave. */
import type { IpsecPolicy, Kernel } from '../../services/ports/kernel.js';

export class ForgetfulKernel implements Kernel {
  readonly name = 'none';
  readonly #policy: IpsecPolicy;
  #spi = 0x1000;

  constructor(policy: IpsecPolicy) {
    this.#policy = policy;
  }

  getSpi(): Promise<number> {
    this.#spi = this.#spi === 0xffff_ffff ? 0x1000 : this.#spi + 1;
    return Promise.resolve(this.#spi);
  }

  policyFor(): Promise<IpsecPolicy> {
    return Promise.resolve(this.#policy);
  }

  policyForPacket(): Promise<IpsecPolicy> {
    return Promise.resolve(this.#policy);
  }

  answerAcquire(): void {
    throw new Error('the generator has no packets');
  }

  readonly open = settled;
  readonly update = settled;
  readonly add = settled;
  readonly moveRemote = settled;
  readonly delete = settled;
  readonly replacePolicies = settled;
  readonly close = settled;
  readonly usage = (): Promise<undefined> => Promise.resolve(undefined);
  readonly held = (): Promise<readonly []> => Promise.resolve([]);
  readonly adopt = (): Promise<readonly []> => Promise.resolve([]);
}

function settled(): Promise<void> {
  return Promise.resolve();
}

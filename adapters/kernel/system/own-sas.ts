/** The SAs that this process has put into the kernel: what it takes out again, and what it misses after an overrun. */
import type { IpsecProtocol, SaIdentity } from '../../../services/ports/kernel.js';
import type { Address } from '../../../services/net/address.js';

export interface OwnSa extends SaIdentity {
  readonly source: Address;
  readonly direction: 'inbound' | 'outbound';
  /** `lapsed`: the kernel gave up the SPI before there were keys for it. */
  readonly state: 'larval' | 'lapsed' | 'complete';
  /** Scale of `Clock.now()`; undefined without a hard limit in time. */
  readonly hardDue: number | undefined;
  readonly softTold: boolean;
}

export class OwnSas {
  readonly #sas = new Map<string, OwnSa>();

  /** Written anew: V8 gives what is spread and added to a hidden class of its own, and here they would be kept, one for each SA. */
  put({ destination, protocol, spi, source, direction, state, hardDue, softTold }: OwnSa): void {
    const sa = { destination, protocol, spi, source, direction, state, hardDue, softTold };
    this.#sas.set(keyOf(sa), sa);
  }

  find(identity: SaIdentity): OwnSa | undefined {
    return this.#sas.get(keyOf(identity));
  }

  /** Gives back what was there. */
  remove(identity: SaIdentity): OwnSa | undefined {
    const sa = this.find(identity);
    this.#sas.delete(keyOf(identity));
    return sa;
  }

  list(protocol?: IpsecProtocol): readonly OwnSa[] {
    return [...this.#sas.values()].filter((sa) => protocol === undefined || sa.protocol === protocol);
  }
}

export function identityOf({ destination, protocol, spi }: SaIdentity): SaIdentity {
  return { destination, protocol, spi };
}

export function isSameSa(a: SaIdentity, b: SaIdentity): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf({ destination, protocol, spi }: SaIdentity): string {
  return `${destination} ${String(protocol)} ${String(spi)}`;
}

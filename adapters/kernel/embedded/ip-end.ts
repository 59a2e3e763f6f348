/** An address of a packet. Its text is made when somebody asks: most packets go by without. */
import type { Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';
import { addressText } from '../../../services/net/known-addresses.js';

export class IpEnd {
  readonly bytes: Bytes;
  private text: Address | undefined;

  /** 4 or 16 bytes. */
  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }

  get address(): Address {
    this.text ??= addressText(this.bytes);
    return this.text;
  }
}

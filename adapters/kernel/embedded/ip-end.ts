/** An address of a packet. Its text is made when somebody asks: most packets go by without. */
import { readU32, type Bytes } from '../../../services/bytes.js';
import { addressFromBytes, type Address } from '../../../services/net/address.js';

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

/** Of IPv4, by number. Hosts speak with few others at a time. */
const texts = new Map<number, Address>();
const MOST_TEXTS = 1024;

function addressText(bytes: Bytes): Address {
  if (bytes.length !== 4) return addressFromBytes(bytes) ?? '::';
  const number = readU32(bytes, 0);
  const known = texts.get(number);
  if (known !== undefined) return known;
  const text = addressFromBytes(bytes) ?? '0.0.0.0';
  if (texts.size >= MOST_TEXTS) texts.clear();
  texts.set(number, text);
  return text;
}

/** Bytes of the operating system's generator, through OpenSSL's. */
import { randomFillSync } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { Random } from '../../services/ports/random.js';

export class NodeRandom implements Random {
  /** Fresh memory each time, which the caller may wipe. */
  bytes(length: number): Bytes {
    return randomFillSync(new Uint8Array(length));
  }
}

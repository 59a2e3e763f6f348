/** One cipher object for all packets of an SA in CBC. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Bytes } from '../../../services/bytes.js';
import { CbcChain as Chain } from '../../../services/keymat/cbc-chain.js';

export class CbcChain extends Chain {
  /** `key`: of AES, or the 24 bytes of 3DES. */
  constructor(way: 'encrypt' | 'decrypt', cipher: 'aes-cbc' | '3des', key: Bytes) {
    const name = cipher === '3des' ? 'des-ede3-cbc' : `aes-${String(key.length * 8)}-cbc`;
    const block = cipher === '3des' ? 8 : 16;
    const zero = new Uint8Array(block);
    const context = way === 'decrypt' ? createDecipheriv(name, key, zero) : createCipheriv(name, key, zero);
    super(way, context.setAutoPadding(false), block);
  }
}

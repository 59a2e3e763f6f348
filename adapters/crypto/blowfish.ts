/**
 * Blowfish in CBC without padding. OpenSSL 3 keeps it in its legacy provider, which a process has or has not from its
 * start on; where it is missing, a library in JavaScript does the same, a hundred times slower and fast enough for the
 * few messages of Phase 1.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { Blowfish } from 'egoroof-blowfish';
import type { Bytes } from '../../services/bytes.js';

const BLOCK = 8;

/** `getCipherInfo` knows the name in either case, so only a real attempt tells. */
const OPENSSL_HAS_IT = ((): boolean => {
  try {
    createCipheriv('bf-cbc', new Uint8Array(16), new Uint8Array(BLOCK));
    return true;
  } catch {
    return false;
  }
})();

/** Throws for a broken block. */
export function encryptBlowfish(key: Bytes, iv: Bytes, data: Bytes): Bytes {
  checkBlocks(data);
  if (!OPENSSL_HAS_IT) return data.length === 0 ? data : inJavaScript(key, iv).encode(data);
  const context = createCipheriv('bf-cbc', key, iv).setAutoPadding(false);
  const encrypted = context.update(data);
  context.final();
  return encrypted;
}

/** Throws for a broken block. */
export function decryptBlowfish(key: Bytes, iv: Bytes, data: Bytes): Bytes {
  checkBlocks(data);
  if (!OPENSSL_HAS_IT) return data.length === 0 ? data : decodeWhole(inJavaScript(key, iv), data);
  const context = createDecipheriv('bf-cbc', key, iv).setAutoPadding(false);
  const decrypted = context.update(data);
  context.final();
  return decrypted;
}

function checkBlocks(data: Bytes): void {
  if (data.length % BLOCK !== 0)
    throw new Error(`${String(data.length)} bytes are no whole Blowfish blocks.`);
}

/** A new one for each message: its key schedule is a secret that nobody could wipe, so nobody keeps it. */
function inJavaScript(key: Bytes, iv: Bytes): Blowfish {
  const cipher = new Blowfish(key, Blowfish.MODE.CBC, Blowfish.PADDING.NULL);
  cipher.setIv(iv);
  return cipher;
}

/** The library cannot but take zeros at the end for padding and cut them off; whole blocks show how many they were. */
function decodeWhole(cipher: Blowfish, data: Bytes): Bytes {
  const whole = new Uint8Array(data.length);
  const decoded = cipher.decode(data, Blowfish.TYPE.UINT8_ARRAY);
  whole.set(decoded);
  decoded.fill(0);
  return whole;
}

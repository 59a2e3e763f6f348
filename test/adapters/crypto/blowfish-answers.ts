/** What Blowfish says to a few keys, for two processes of which one has OpenSSL's legacy provider. */
import { createCipheriv } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { decryptBlowfish, encryptBlowfish } from '../../../adapters/crypto/blowfish.js';
import { hex } from '../../../services/bytes.js';

export function blowfishAnswers(): readonly string[] {
  const data = Uint8Array.from({ length: 48 }, (_, index) => (index < 40 ? index * 7 : 0));
  const iv = Uint8Array.from({ length: 8 }, (_, index) => 200 + index);
  return [5, 6, 16, 17, 55, 56].map((length) => {
    const key = Uint8Array.from({ length }, (_, index) => (index * index + length) & 0xff);
    const empty = encryptBlowfish(key, iv, new Uint8Array(0));
    return [encryptBlowfish(key, iv, data), decryptBlowfish(key, iv, data), empty].map(hex).join(' ');
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Throws where the provider is missing, so that this process never compares the library with itself.
  createCipheriv('bf-cbc', new Uint8Array(16), new Uint8Array(8));
  for (const answer of blowfishAnswers()) process.stdout.write(`${answer}\n`);
}

/** `certlocal -kc` and `-ks`: a key pair, and a certificate request or a self-signed certificate. */
import { generatePair, signX509 } from '../../../adapters/crypto/generate-key.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';
import { generateOnToken } from './generate-on-token.js';
import { announced, storeNew, unsignedOf } from './new-pair.js';
import { readWish } from './wish.js';

export async function generate(request: Request): Promise<Answer> {
  const { options, paths, world } = request;
  const wish = readWish(options, world.now());
  if (!wish.ok) return wish;
  if (options.T !== undefined) return generateOnToken(request, wish.value);
  world.progress('Generating, please wait...');
  const pair = await generatePair(wish.value.type.algorithm, wish.value.bits);
  try {
    const unsigned = unsignedOf(wish.value, pair.publicKey, world);
    const made = unsigned.complete(signX509(pair.pkcs8, wish.value.type.hash, unsigned.bytes));
    const done = await withStoreLock(paths.publicKeys, () =>
      storeNew(paths, (name) => ({
        key: { directory: paths.privateKeys, name, bytes: pair.pkcs8, secret: true },
        certificate: wish.value.selfSigned
          ? { directory: paths.publicKeys, name, bytes: made, secret: false }
          : undefined,
      })),
    );
    if (!done.ok) return done;
    return done.value.ok ? announced(wish.value, made, world) : done.value;
  } finally {
    pair.pkcs8.fill(0);
  }
}

/** `-kc` and `-ks` with `-T`: the pair is made on the token, the private key never leaves it, and references stand for it. */
import { dsaDomain, spkiOf, tokenInput, x509Signature } from '../../../adapters/crypto/token-key-form.js';
import { isSignedBy } from '../../../adapters/crypto/x509-signature.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import type { ObjectKind, PairWish } from '../../../adapters/pkcs11/objects.js';
import type { Bytes } from '../../../services/bytes.js';
import { parseCertificate } from '../../../services/certs/certificate.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { Request } from '../program.js';
import { faultClause } from '../token/fault-clause.js';
import { type OpenToken, tokenLabel, withToken } from '../token/open-token.js';
import { certificateReference, keyReference, newName } from '../token/references.js';
import type { Answer } from '../world.js';
import { announced, storeNew, unsignedOf } from './new-pair.js';
import type { KeyWish } from './wish.js';

/** As with keys in files: r and s have the 20 bytes that RFC 2409 5.1 peers know. */
const DSA_ORDER = 160;

export async function generateOnToken(request: Request, wish: KeyWish): Promise<Answer> {
  const label = tokenLabel(request.options.T);
  if (!label.ok) return label;
  return withToken(request, label.value, 'stdin', async (token) => {
    const { world } = request;
    world.progress('Generating, please wait...');
    const { algorithm } = wish.type;
    const name = newName(request.options.D ?? '', world);
    const pair: PairWish =
      algorithm === 'rsa'
        ? { algorithm, bits: wish.bits }
        : { algorithm, domain: await dsaDomain(wish.bits, DSA_ORDER) };
    const parts = await token.objects.generate(pair, name);
    if (!parts.ok) return err(faultClause(parts.error));
    const object: TokenObject = { token: token.label, id: name.id, label: undefined };
    const done = await certify(request, wish, token, { object, publicKey: spkiOf(parts.value) });
    if (!done.ok) {
      const kinds: readonly ObjectKind[] = ['certificate', 'public-key', 'private-key'];
      for (const kind of kinds) await token.objects.remove(kind, object);
    }
    return done;
  });
}

interface NewKey {
  readonly object: TokenObject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
}

async function certify(request: Request, wish: KeyWish, token: OpenToken, key: NewKey): Promise<Answer> {
  const { options, paths, world } = request;
  const { object, publicKey } = key;
  const made = await signed(request, wish, token, key);
  if (!made.ok) return made;
  if (wish.selfSigned) {
    const certificate = parseCertificate(made.value);
    if (!certificate.ok || !isSignedBy(publicKey, certificate.value))
      return err(`token "${token.label}" made a signature that does not fit its key`);
    const name = { id: object.id ?? '', label: options.D ?? '' };
    const stored = await token.objects.storeCertificate(certificate.value, name);
    if (!stored.ok) return err(faultClause(stored.error));
  }
  const pin = options.p === true ? token.pin : undefined;
  const done = await withStoreLock(paths.publicKeys, () =>
    storeNew(paths, (name) => ({
      key: keyReference(paths, { name, object, pin }, publicKey),
      // Its key's reference has the PIN.
      certificate: wish.selfSigned
        ? certificateReference(paths, { name, object, pin: undefined }, made.value)
        : undefined,
    })),
  );
  if (!done.ok) return done;
  return done.value.ok ? announced(wish, made.value, world) : done.value;
}

/** The certificate or the request, DER. */
async function signed(
  { world }: Request,
  wish: KeyWish,
  token: OpenToken,
  { object, publicKey }: NewKey,
): Promise<Result<Bytes, string>> {
  const { algorithm, hash } = wish.type;
  const unsigned = unsignedOf(wish, publicKey, world);
  const input = tokenInput(algorithm, hash, unsigned.bytes);
  const signature = await token.sign({ object, publicKey, algorithm, bits: wish.bits }, input);
  return signature.ok
    ? ok(unsigned.complete(x509Signature(algorithm, signature.value)))
    : err(faultClause(signature.error));
}

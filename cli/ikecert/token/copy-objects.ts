/** Keys and certificates that are here, put onto a token. */
import type { ObjectKind, ObjectName } from '../../../adapters/pkcs11/objects.js';
import type { Bytes } from '../../../services/bytes.js';
import { privateParts, publicParts } from '../../../services/certs/key-parts.js';
import { type KeyFacts, isSameKey } from '../../../services/certs/store-files.js';
import { spkiOf } from '../../../adapters/crypto/token-key-form.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok, type Result } from '../../../services/result.js';
import { faultClause } from './fault-clause.js';
import type { OpenToken } from './open-token.js';

/** Both halves, or nothing. The error is a clause. */
export async function storeKeyPair(
  token: OpenToken,
  facts: KeyFacts,
  pkcs8: Bytes,
  name: ObjectName,
): Promise<Result<TokenObject, string>> {
  const parts = publicParts(facts.publicKey);
  const secret = privateParts(pkcs8);
  if (parts === undefined || secret === undefined)
    return err('the private key has a form that cannot be put onto a token');
  const known = await sameKey(token, 'private-key', facts.publicKey);
  if (!known.ok) return known;
  if (known.value !== undefined) return err(alreadyThere('private key', token, known.value));
  const object: TokenObject = { token: token.label, id: name.id, label: undefined };
  const key = await token.objects.storePrivateKey(parts, secret, name);
  if (!key.ok) return err(faultClause(key.error));
  const half = await token.objects.storePublicKey(parts, name);
  if (!half.ok) {
    await unwind(token, object, ['private-key']);
    return err(faultClause(half.error));
  }
  return ok(object);
}

/** The object of that public key, if the token has it. The error is a clause. */
export async function sameKey(
  token: OpenToken,
  kind: 'private-key' | 'public-key',
  publicKey: Bytes,
): Promise<Result<TokenObject | undefined, string>> {
  const listed = await token.objects.list(kind);
  if (!listed.ok) return err(faultClause(listed.error));
  const same = listed.value.find(
    (found) => found.publicParts !== undefined && isSameKey(spkiOf(found.publicParts), publicKey),
  );
  return ok(same?.object);
}

export function alreadyThere(what: string, token: OpenToken, { id, label }: TokenObject): string {
  const name = id === undefined ? `label "${label ?? ''}"` : `ID=${id}`;
  return `this ${what} is on token "${token.label}" already (${name})`;
}

export async function unwind(
  token: OpenToken,
  object: TokenObject,
  kinds: readonly ObjectKind[],
): Promise<void> {
  for (const kind of kinds) await token.objects.remove(kind, object);
}

/** `certdb -C`: a certificate and its public key go onto a token as well; the file stays. */
import { sameBytes } from '../../../services/bytes.js';
import { publicParts } from '../../../services/certs/key-parts.js';
import { formatName } from '../../../services/certs/name.js';
import { err, ok } from '../../../services/result.js';
import type { StoredCertificate } from '../database.js';
import type { Request } from '../program.js';
import { alreadyThere, sameKey } from '../token/copy-objects.js';
import { faultClause } from '../token/fault-clause.js';
import { type OpenToken, tokenLabel, withToken } from '../token/open-token.js';
import { newName } from '../token/references.js';
import type { Answer } from '../world.js';
import { findCertificates } from './stored.js';

export async function copyCertificate(request: Request): Promise<Answer> {
  const { options, operands, paths } = request;
  const label = tokenLabel(options.T);
  if (!label.ok) return label;
  const found = findCertificates(operands, paths);
  if (!found.ok) return found;
  const [first] = found.value.matches;
  if (first?.content.ok !== true)
    return err(`${first?.path ?? ''} is corrupt: ${first?.content.error ?? ''}`);
  const { name, content } = first;
  return withToken(request, label.value, 'stdin', (token) => copy(request, token, name, content.value));
}

async function copy(
  { options, world }: Request,
  token: OpenToken,
  slot: string,
  certificate: StoredCertificate,
): Promise<Answer> {
  const listed = await token.objects.list('certificate');
  if (!listed.ok) return err(faultClause(listed.error));
  const known = listed.value.find(({ value }) => sameBytes(value, certificate.der));
  if (known !== undefined) return err(alreadyThere('certificate', token, known.object));
  // Whatever the token has of the key already says by which CKA_ID they belong together.
  const privateKey = await sameKey(token, 'private-key', certificate.publicKey);
  if (!privateKey.ok) return privateKey;
  const publicKey = await sameKey(token, 'public-key', certificate.publicKey);
  if (!publicKey.ok) return publicKey;
  const made = newName(formatName(certificate.subject), world);
  const name = { ...made, id: privateKey.value?.id ?? publicKey.value?.id ?? made.id };
  const stored = await token.objects.storeCertificate(certificate, name);
  if (!stored.ok) return err(faultClause(stored.error));
  const parts = publicKey.value === undefined ? publicParts(certificate.publicKey) : undefined;
  const half = parts === undefined ? ok(undefined) : await token.objects.storePublicKey(parts, name);
  if (!half.ok) {
    await token.objects.remove('certificate', { token: token.label, id: name.id, label: undefined });
    return err(faultClause(half.error));
  }
  return ok({
    stdout: '',
    notes: [
      `Certificate of slot ${slot} copied to token "${token.label}", ID=${name.id}.`,
      ...(options.p === true
        ? ['The PIN is not kept: a copy leaves nothing here that refers to the token; -L -p does.']
        : []),
    ],
  });
}

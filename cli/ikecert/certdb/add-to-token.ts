/** `certdb -a` onto a token: with `-T`, or because the key of the certificate was made there with `-kc`. */
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { sameBytes } from '../../../services/bytes.js';
import type { Certificate } from '../../../services/certs/certificate.js';
import { formatName } from '../../../services/certs/name.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok } from '../../../services/result.js';
import { belongs, readCertificates, readPrivateKeys, wipe } from '../database.js';
import type { Request } from '../program.js';
import { sameKey } from '../token/copy-objects.js';
import { faultClause } from '../token/fault-clause.js';
import { type OpenToken, tokenLabel, withToken } from '../token/open-token.js';
import { certificateReference, newName } from '../token/references.js';
import type { Answer, PinPlace } from '../world.js';
import { placeOf, readNewCertificate } from './new-certificate.js';

export async function addCertificateToToken(request: Request): Promise<Answer> {
  const label = tokenLabel(request.options.T);
  if (!label.ok) return label;
  return withToken(request, label.value, 'before-input', async (token): Promise<Answer> => {
    const certificate = await readNewCertificate(request);
    return certificate.ok ? store(request, token, certificate.value) : certificate;
  });
}

/** Undefined when its key is not on a token, or has a certificate. */
export async function addBesideKey(request: Request, certificate: Certificate): Promise<Answer | undefined> {
  const keys = readPrivateKeys(request.paths);
  try {
    const certificates = readCertificates(request.paths).slots;
    for (const { name, content } of keys.slots) {
      if (!content.ok || !('object' in content.value) || !belongs(content, certificate)) continue;
      if (certificates.some((slot) => slot.name === name)) continue;
      const { object, pin } = content.value;
      const place: Bytes | PinPlace = pin ?? 'after-input';
      return await withToken(request, object.token, place, (token) => store(request, token, certificate));
    }
    return undefined;
  } finally {
    wipe(keys);
  }
}

async function store(request: Request, token: OpenToken, certificate: Certificate): Promise<Answer> {
  const { options, paths, world } = request;
  const known = knownSlot(paths, certificate);
  if (known !== undefined) return err(`this certificate is in slot ${known} already`);
  const listed = await token.objects.list('certificate');
  if (!listed.ok) return err(faultClause(listed.error));
  const there = listed.value.find(({ value }) => sameBytes(value, certificate.der));
  if (there !== undefined)
    return err(
      `this certificate is on token "${token.label}" already (ID=${there.object.id ?? ''}); to use it from there: ikecert certdb -L`,
    );
  const key = await sameKey(token, 'private-key', certificate.publicKey);
  if (!key.ok) return key;
  const made = newName(formatName(certificate.subject), world);
  const name = { ...made, id: key.value?.id ?? made.id };
  const stored = await token.objects.storeCertificate(certificate, name);
  if (!stored.ok) return err(faultClause(stored.error));
  const object: TokenObject = { token: token.label, id: name.id, label: undefined };
  const pin = options.p === true ? token.pin : undefined;
  const done = await withStoreLock(paths.publicKeys, () => writeReference(request, object, certificate, pin));
  const answer = done.ok ? done.value : done;
  if (!answer.ok) await token.objects.remove('certificate', object);
  return answer;
}

function knownSlot(paths: Request['paths'], { der }: Certificate): string | undefined {
  const { slots } = readCertificates(paths);
  return slots.find(({ content }) => content.ok && sameBytes(content.value.der, der))?.name;
}

function writeReference(
  { paths, world }: Request,
  object: TokenObject,
  certificate: Certificate,
  pin: Bytes | undefined,
): Answer {
  const known = knownSlot(paths, certificate);
  if (known !== undefined) return err(`this certificate is in slot ${known} already`);
  const { name, notes } = placeOf(certificate, paths, readCertificates(paths).slots);
  const written = writeNewFile(certificateReference(paths, { name, object, pin }, certificate.der));
  if (!written.ok) return written;
  const expired = world.now() > certificate.notAfter ? ['It has expired, and peers will not accept it.'] : [];
  return ok({
    stdout: '',
    notes: [`Certificate added to token "${object.token}", slot ${name}.`, ...notes, ...expired],
  });
}

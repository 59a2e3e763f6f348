/** `certdb -L` and `-U`: a certificate that is on a token gets its reference here, with a copy of it, or loses it. */
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { sameBytes } from '../../../services/bytes.js';
import { type Certificate, parseCertificate } from '../../../services/certs/certificate.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok } from '../../../services/result.js';
import { findSlot, readCertificates } from '../database.js';
import type { Request } from '../program.js';
import { linkObject, unlinkObject } from '../token/link.js';
import { certificateReference } from '../token/references.js';
import type { Answer } from '../world.js';
import { placeOf } from './new-certificate.js';

export function linkCertificate(request: Request): Promise<Answer> {
  return linkObject(request, 'certificate', ({ one: { object, value }, pin }) => {
    const certificate = parseCertificate(value);
    return certificate.ok
      ? store(request.paths, object, certificate.value, pin)
      : err(`what is on the token is no certificate: ${certificate.error}`);
  });
}

function store(
  paths: Request['paths'],
  object: TokenObject,
  certificate: Certificate,
  pin: Bytes | undefined,
): Answer {
  const { slots } = readCertificates(paths);
  const known = slots.find(({ content }) => content.ok && sameBytes(content.value.der, certificate.der));
  if (known !== undefined) return err(`this certificate is in slot ${known.name} already`);
  const { name, notes } = placeOf(certificate, paths, slots);
  const written = writeNewFile(certificateReference(paths, { name, object, pin }, certificate.der));
  if (!written.ok) return written;
  const linked = `Certificate of token "${object.token}" linked, slot ${name}.`;
  return ok({ stdout: '', notes: [linked, ...notes] });
}

export function unlinkCertificate(request: Request): Promise<Answer> {
  const { operands, paths } = request;
  const [wanted = ''] = operands;
  return unlinkObject(request, 'certificate', (token) => {
    const slot = findSlot(readCertificates(paths).slots, wanted.replace(/^SLOT=/, ''));
    if (slot === undefined) return err(`there is no certificate in slot ${wanted} of ${paths.publicKeys}`);
    const { name, path, content } = slot;
    if (!content.ok) return err(`${path} is corrupt: ${content.error}`);
    const { onToken } = content.value;
    if (onToken === undefined)
      return err(
        `the certificate of slot ${name} is no link to a token; to remove it: ikecert certdb -r SLOT=${name}`,
      );
    return onToken.token === token
      ? ok(name)
      : err(`the certificate of slot ${name} is on token "${onToken.token}"`);
  });
}

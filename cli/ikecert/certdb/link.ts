/** `certdb -L` and `-U`: a certificate that is on a token gets its reference here, with a copy of it, or loses it. */
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { removeFile, writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { sameBytes } from '../../../services/bytes.js';
import { type Certificate, parseCertificate } from '../../../services/certs/certificate.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok } from '../../../services/result.js';
import { findSlot, readCertificates } from '../database.js';
import type { Request } from '../program.js';
import { faultClause } from '../token/fault-clause.js';
import { tokenLabel, withToken } from '../token/open-token.js';
import { matcher, onlyMatch } from '../token/pattern.js';
import { certificateReference } from '../token/references.js';
import type { Answer } from '../world.js';
import { placeOf } from './new-certificate.js';

export async function linkCertificate(request: Request): Promise<Answer> {
  const { options, operands, paths } = request;
  const label = tokenLabel(options.T);
  if (!label.ok) return label;
  const pattern = operands[0] ?? '';
  const fits = matcher(pattern);
  if (!fits.ok) return fits;
  return withToken(request, label.value, 'stdin', async (token): Promise<Answer> => {
    const listed = await token.objects.list('certificate');
    if (!listed.ok) return err(faultClause(listed.error));
    const wanted = { pattern, token: token.label, what: 'certificate' };
    const found = onlyMatch(listed.value, fits.value, wanted);
    if (!found.ok) return found;
    const { object, value } = found.value;
    const certificate = parseCertificate(value);
    if (!certificate.ok) return err(`what is on the token is no certificate: ${certificate.error}`);
    if (object.id === undefined && object.label === undefined)
      return err('the certificate has neither CKA_ID nor CKA_LABEL to be found by: give it one');
    const pin = options.p === true ? token.pin : undefined;
    const done = await withStoreLock(paths.publicKeys, () => store(paths, object, certificate.value, pin));
    return done.ok ? done.value : done;
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

export async function unlinkCertificate({ options, operands, paths }: Request): Promise<Answer> {
  const label = tokenLabel(options.T);
  if (!label.ok) return label;
  const [wanted = ''] = operands;
  const done = await withStoreLock(paths.publicKeys, (): Answer => {
    const slot = findSlot(readCertificates(paths).slots, wanted.replace(/^SLOT=/, ''));
    if (slot === undefined) return err(`there is no certificate in slot ${wanted} of ${paths.publicKeys}`);
    const { name, path, content } = slot;
    if (!content.ok) return err(`${path} is corrupt: ${content.error}`);
    const { onToken } = content.value;
    if (onToken === undefined)
      return err(
        `the certificate of slot ${name} is no link to a token; to remove it: ikecert certdb -r SLOT=${name}`,
      );
    if (onToken.token !== label.value)
      return err(`the certificate of slot ${name} is on token "${onToken.token}"`);
    const removed = removeFile(paths.publicKeys, name);
    return removed.ok
      ? ok({ stdout: '', notes: [`Slot ${name} unlinked; the certificate stays on token "${label.value}".`] })
      : removed;
  });
  return done.ok ? done.value : done;
}

/** `certdb -a`: a certificate from stdin. */
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import { sameBytes } from '../../../services/bytes.js';
import type { Certificate } from '../../../services/certs/certificate.js';
import { err, ok } from '../../../services/result.js';
import { readCertificates } from '../database.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';
import { addBesideKey, addCertificateToToken } from './add-to-token.js';
import { placeOf, readNewCertificate } from './new-certificate.js';

export async function addCertificate(request: Request): Promise<Answer> {
  const { options, paths, world } = request;
  if (options.T !== undefined) return addCertificateToToken(request);
  const read = await readNewCertificate(request);
  if (!read.ok) return read;
  const onToken = await addBesideKey(request, read.value);
  if (onToken !== undefined) return onToken;
  const done = await withStoreLock(paths.publicKeys, () => store(read.value, paths, world.now()));
  return done.ok ? done.value : done;
}

function store(certificate: Certificate, paths: Request['paths'], now: number): Answer {
  const certificates = readCertificates(paths).slots;
  const known = certificates.find(
    ({ content }) => content.ok && sameBytes(content.value.der, certificate.der),
  );
  if (known !== undefined) return err(`this certificate is in slot ${known.name} already`);
  const place = placeOf(certificate, paths, certificates);
  const file = { directory: paths.publicKeys, name: place.name, bytes: certificate.der, secret: false };
  const written = writeNewFile(file);
  if (!written.ok) return written;
  const notes = [`Certificate added to database, slot ${place.name}.`, ...place.notes];
  if (now > certificate.notAfter) notes.push('It has expired, and peers will not accept it.');
  return ok({ stdout: '', notes });
}

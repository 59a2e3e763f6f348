/** `certrldb -a`: a revocation list from stdin. */
import { isSignedBy } from '../../../adapters/crypto/x509-signature.js';
import { LONGEST } from '../../../adapters/files/certificate-directories.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import { type Bytes, sameBytes } from '../../../services/bytes.js';
import { type Crl, parseCrl } from '../../../services/certs/crl.js';
import { formatName, sameName } from '../../../services/certs/name.js';
import { unwrapPem } from '../../../services/certs/pem.js';
import { CRL_LABELS } from '../../../services/certs/store-files.js';
import { err, ok } from '../../../services/result.js';
import { freeSlot, readCertificates, readCrls } from '../database.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';

export async function addCrl({ paths, world }: Request): Promise<Answer> {
  const input = await world.readInput(LONGEST.crl);
  if (!input.ok) return input;
  const unwrapped = unwrapPem(input.value, CRL_LABELS);
  if (!unwrapped.ok) return err(`stdin is no revocation list: ${unwrapped.error}`);
  if (unwrapped.value.more > 0)
    return err(`stdin has ${String(unwrapped.value.more + 1)} revocation lists; add them one at a time`);
  const { der } = unwrapped.value;
  const crl = parseCrl(der);
  if (!crl.ok) return err(`stdin is no revocation list: ${crl.error}`);
  const done = await withStoreLock(paths.publicKeys, () => store(der, crl.value, paths, world.now()));
  return done.ok ? done.value : done;
}

function store(der: Bytes, crl: Crl, paths: Request['paths'], now: number): Answer {
  const { slots } = readCrls(paths);
  const known = slots.find(({ content }) => content.ok && sameBytes(content.value.der, der));
  if (known !== undefined) return err(`this revocation list is in slot ${known.name} already`);
  const issuers = readCertificates(paths).slots.filter(
    ({ content }) => content.ok && sameName(content.value.subject, crl.issuer),
  );
  const signed = issuers.some(({ content }) => content.ok && isSignedBy(content.value.publicKey, crl));
  if (issuers.length > 0 && crl.signedWith !== undefined && !signed)
    return err(
      `the revocation list is damaged or forged: the key of its issuer <${formatName(crl.issuer)}> (certdb slot ${issuers.map(({ name }) => name).join(', ')}) did not sign it`,
    );
  const name = freeSlot(slots);
  const written = writeNewFile({ directory: paths.crls, name, bytes: der, secret: false });
  if (!written.ok) return written;
  const older = slots.filter(
    ({ content }) =>
      content.ok && sameName(content.value.issuer, crl.issuer) && content.value.thisUpdate < crl.thisUpdate,
  );
  return ok({
    stdout: '',
    notes: [
      `CRL added to database, slot ${name}.`,
      ...(issuers.length > 0
        ? []
        : [
            `The certificate of its issuer <${formatName(crl.issuer)}> is not in the database: ikecert certdb -a.`,
          ]),
      ...(crl.nextUpdate !== undefined && crl.nextUpdate < now
        ? ['Its next update is overdue: get a newer one.']
        : []),
      ...(crl.unusable === undefined ? [] : [`It will not be used: ${crl.unusable}.`]),
      ...older.map((slot) => `An older list of the same issuer is in slot ${slot.name}.`),
    ],
  });
}

/** A certificate that somebody gives: whole, and the slot that is its. */
import { isSignedBy } from '../../../adapters/crypto/x509-signature.js';
import { LONGEST } from '../../../adapters/files/certificate-directories.js';
import type { Bytes } from '../../../services/bytes.js';
import {
  type Certificate,
  describeCertificate,
  isSelfIssued,
  parseCertificate,
} from '../../../services/certs/certificate.js';
import { unwrapPem } from '../../../services/certs/pem.js';
import { CERTIFICATE_LABELS } from '../../../services/certs/store-files.js';
import { err, type Result } from '../../../services/result.js';
import { belongs, freeSlot, type readCertificates, readPrivateKeys, wipe } from '../database.js';
import type { Request } from '../program.js';

export async function readNewCertificate({ world }: Request): Promise<Result<Certificate, string>> {
  const input = await world.readInput(LONGEST.certificate);
  return input.ok ? readCertificate(input.value) : input;
}

function readCertificate(bytes: Bytes): Result<Certificate, string> {
  const unwrapped = unwrapPem(bytes, CERTIFICATE_LABELS);
  if (!unwrapped.ok) return err(`stdin is no certificate: ${unwrapped.error}`);
  if (unwrapped.value.more > 0)
    return err(`stdin has ${String(unwrapped.value.more + 1)} certificates; add them one at a time`);
  const parsed = parseCertificate(unwrapped.value.der);
  if (!parsed.ok) return err(`stdin is no certificate: ${parsed.error}`);
  const certificate = parsed.value;
  if (isSelfIssued(certificate) && certificate.signedWith !== undefined) {
    if (!isSignedBy(certificate.publicKey, certificate))
      return err(
        `the certificate ${describeCertificate(certificate)} is damaged or forged: it is self-signed, and its own key did not sign it`,
      );
  }
  return parsed;
}

interface Place {
  readonly name: string;
  readonly notes: readonly string[];
}

/** The slot of its private key, if that waits for it; else where neither a certificate nor a key is. */
export function placeOf(
  certificate: Certificate,
  paths: Request['paths'],
  certificates: ReturnType<typeof readCertificates>['slots'],
): Place {
  const keys = readPrivateKeys(paths);
  wipe(keys);
  const mates = keys.slots.filter(({ content }) => belongs(content, certificate));
  const mate = mates.find(({ name }) => !certificates.some((slot) => slot.name === name));
  const name = mate?.name ?? freeSlot(certificates, keys.slots);
  const [taken] = mates;
  const other =
    mate === undefined && taken !== undefined
      ? [
          `Its private key is in slot ${taken.name}, which has another certificate: to use this one, remove both (ikecert certdb -r SLOT=${taken.name}, ikecert certdb -r SLOT=${name}) and add this one again.`,
        ]
      : [];
  return { name, notes: [...other, ...keys.faults] };
}

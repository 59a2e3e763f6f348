/** `dump certcache`. */
import { decodeCertificate } from '../../../services/admin/door/certcache.js';
import { SERVICE } from '../../../services/admin/door/service.js';
import type { Outcome } from '../outcome.js';
import { certificateJson, certificateText } from '../print/certificate.js';
import { decoded, type Session } from '../session.js';
import { dumpTable } from './objects.js';

export function dumpCertificates(session: Session): Promise<Outcome> {
  return dumpTable(
    {
      table: 'certcache',
      command: SERVICE.DUMP_CERTCACHE,
      decode: (body) => decoded(decodeCertificate(body)),
      text: (_session, certificates) => Promise.resolve(certificates.map(certificateText).join('')),
      json: (_session, certificate) => certificateJson(certificate),
    },
    session,
  );
}

/** DUMP_CERTCACHE, FLUSH_CERTCACHE. */
import { ok } from '../../result.js';
import { certificateRecord } from '../certificate-record.js';
import { encodeCertificate } from '../door/certcache.js';
import { FLUSH } from '../door/heads.js';
import { SERVICE } from '../door/service.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { dumpHandler, type Handler } from './answer.js';

export const CERTIFICATE_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    SERVICE.DUMP_CERTCACHE,
    dumpHandler(
      SERVICE.DUMP_CERTCACHE,
      PRIVILEGE.base,
      (from, admin) => admin.certificatesFrom(from),
      (view) => ok(encodeCertificate(certificateRecord(view))),
    ),
  ],
  [
    SERVICE.FLUSH_CERTCACHE,
    {
      needs: PRIVILEGE.base,
      async answer(_request, admin) {
        const done = await admin.flushCertificates();
        return done.ok ? ok(FLUSH.encode({ cmd: SERVICE.FLUSH_CERTCACHE }, {})) : done;
      },
    },
  ],
];

/** Explains why no chain leads to a root. */
import type { GlobalParameters } from '../policy/rule.js';
import { type Certificate, describeCertificate, isSelfIssued } from './certificate.js';
import { type DeadEnd, DEEPEST } from './chain.js';
import { formatName, sameName } from './name.js';
import type { LinkFault } from './link-fault.js';

export function explainDeadEnd(
  peer: Certificate,
  deadEnd: DeadEnd,
  globals: GlobalParameters,
  roots: readonly Certificate[],
): LinkFault {
  const { last } = deadEnd;
  const link =
    last === peer
      ? `the certificate ${describeCertificate(peer)} of the peer`
      : `the authority ${describeCertificate(last)}, in the chain of ${describeCertificate(peer)},`;
  const untrusted = (what: string, hint: string): LinkFault => ({
    code: 'certificate-untrusted',
    blame: 'config',
    explanation: `${what}. ${rootsInWords(globals, roots)}`,
    hint,
  });
  switch (deadEnd.kind) {
    case 'no-issuer':
      if (isSelfIssued(last)) {
        return untrusted(
          `Nothing trusts ${link}: it is signed by itself`,
          last === peer
            ? 'If it was checked by other means, put it into etc/inet/ike/publickeys and name it in a cert_trust.'
            : 'If it is a root to trust, put it into etc/inet/ike/publickeys and name it in a cert_root.',
        );
      }
      return {
        ...untrusted(
          `The issuer "${formatName(last.issuer)}" of ${link} is not at hand`,
          `Put the certificate of "${formatName(last.issuer)}" into etc/inet/ike/publickeys (ikecert certdb -a), or make the peer send it; a root must be named in a cert_root, too.`,
        ),
        wanted: [{ kind: 'certificate', subject: formatName(last.issuer) }],
      };
    case 'bad-signature':
      return {
        code: 'certificate-signature',
        blame: 'peer',
        explanation:
          last.signedWith === undefined
            ? `The signature algorithm ${last.signatureOid} of ${link} is not known here.`
            : `The signature of ${link} is not of the key of ${describeCertificate(deadEnd.issuer)}, whose name it gives as its issuer.`,
        hint: roots.some((root) => sameName(root.subject, last.issuer))
          ? 'The root may have got a new key under its old name: compare the certificate in etc/inet/ike/publickeys with the one of the authority. Otherwise somebody forged it.'
          : 'Compare the certificates of the authority at both ends; one of them may be of an older key.',
      };
    case 'too-deep':
      return untrusted(
        `The chain above ${link} has more than ${String(DEEPEST)} certificates`,
        'Name a nearer authority in a cert_root.',
      );
    case 'too-much-work':
      return untrusted(
        `Too many authorities bear the name of the issuer of ${link}; the search was given up`,
        'Remove certificates of authorities that are not in use from etc/inet/ike/publickeys.',
      );
  }
}

function rootsInWords({ certRoots }: GlobalParameters, roots: readonly Certificate[]): string {
  if (certRoots.length === 0) return 'No cert_root is configured.';
  const written = certRoots.map((root) => `"${root}"`).join(', ');
  return roots.length === 0
    ? `No certificate in etc/inet/ike/publickeys is selected by cert_root ${written}.`
    : `The roots are ${roots.map((root) => `"${formatName(root.subject)}"`).join(', ')}.`;
}

/** Every link of a path: validity, authority, usage, extensions, revocation (RFC 5280 6.1.3 to 6.1.5). */
import type { AuthMethod } from '../algorithms.js';
import type { GlobalParameters } from '../policy/rule.js';
import type { PublicKeyCrypto } from '../ports/public-key.js';
import { type Certificate, describeCertificate } from './certificate.js';
import { intermediatesBelow, type Path } from './chain.js';
import { explainRevocation } from './explain-revocation.js';
import type { LinkFault } from './link-fault.js';
import { formatDay, revocationFault } from './revocation.js';
import type { FetchedView, SourcedCrl } from './stores.js';

export interface PathContext {
  readonly method: AuthMethod;
  readonly now: number;
  readonly crls: readonly SourcedCrl[];
  readonly globals: GlobalParameters;
  readonly fetched: FetchedView;
}

/** What is wrong with a path whose signatures are right, from the peer upward; undefined: nothing. */
export function pathFault(path: Path, context: PathContext, crypto: PublicKeyCrypto): LinkFault | undefined {
  const { method, now, crls, globals } = context;
  const [peer] = path;
  const own = leafFault(peer, method, now);
  if (own !== undefined) return own;
  for (const [index, certificate] of path.entries()) {
    if (index === 0) continue;
    const isRoot = index === path.length - 1;
    const fault =
      timeFault(certificate, now, isRoot ? 'root' : 'authority') ??
      extensionFault(certificate) ??
      authorityFault(certificate, isRoot) ??
      depthFault(path, index);
    if (fault !== undefined) return fault;
  }
  if (globals.ignoreCrls) return undefined;
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    if (issuer === undefined) break;
    const fault = revocationFault(certificate, issuer, crls, now, crypto);
    if (fault !== undefined) return explainRevocation(certificate, issuer, fault, context);
  }
  return undefined;
}

/** What is wrong with the peer's own certificate, whoever vouches for it. */
export function leafFault(certificate: Certificate, method: AuthMethod, now: number): LinkFault | undefined {
  return (
    timeFault(certificate, now, 'peer') ?? extensionFault(certificate) ?? usageFault(certificate, method)
  );
}

const PLACES = { peer: 'certificate', authority: 'authority', root: 'root' } as const;

function timeFault(certificate: Certificate, now: number, place: keyof typeof PLACES): LinkFault | undefined {
  const { notBefore, notAfter } = certificate;
  const which = `The ${PLACES[place]} ${describeCertificate(certificate)}`;
  const whose = place === 'peer' ? 'the peer' : 'the authority';
  if (now < notBefore) {
    return {
      code: 'certificate-not-yet-valid',
      blame: 'peer',
      explanation: `${which} is valid only from ${formatDay(notBefore)}; it is ${formatDay(now)} now.`,
      hint: `Check the clock of this host, then the one of ${whose}.`,
    };
  }
  if (now <= notAfter) return undefined;
  return {
    code: 'certificate-expired',
    blame: 'peer',
    explanation: `${which} expired on ${formatDay(notAfter)}; it is ${formatDay(now)} now.`,
    hint:
      place === 'peer'
        ? 'Renew it on the peer. If it looks valid there, check the clock of this host.'
        : 'Put its successor into etc/inet/ike/publickeys. If it looks valid, check the clock of this host.',
  };
}

function extensionFault(certificate: Certificate): LinkFault | undefined {
  if (certificate.unknownCritical.length === 0) return undefined;
  return {
    code: 'certificate-extension',
    blame: 'peer',
    explanation: `The certificate ${describeCertificate(certificate)} has the critical extension ${certificate.unknownCritical.join(', ')}, which is not understood here, so it must not be used (RFC 5280 4.2).`,
    hint: 'Have it issued without that extension, or trust the certificate of the peer itself with cert_trust where the extension is in an authority.',
  };
}

/** anyExtendedKeyUsage, and the purposes under which certificates for IPsec are issued (RFC 4945 5.1.3.12). */
const PURPOSES: readonly string[] = [
  '2.5.29.37.0',
  // ipsecIKE, and the three of RFC 2459 that it replaced
  '1.3.6.1.5.5.7.3.17',
  '1.3.6.1.5.5.7.3.5',
  '1.3.6.1.5.5.7.3.6',
  '1.3.6.1.5.5.7.3.7',
  // iKEIntermediate, which Windows and older gateways ask for
  '1.3.6.1.5.5.8.2.2',
  // Servers and clients of TLS: what most authorities put into the certificate of a host.
  '1.3.6.1.5.5.7.3.1',
  '1.3.6.1.5.5.7.3.2',
];

function usageFault(certificate: Certificate, method: AuthMethod): LinkFault | undefined {
  const { keyUsage, extendedKeyUsage } = certificate;
  const encrypts = method === 'rsa_encrypt' || method === 'rsa_encrypt_revised';
  // RFC 4945 5.1.3.2: either bit allows a signature in IKE.
  const needed = encrypts
    ? (['keyEncipherment'] as const)
    : (['digitalSignature', 'nonRepudiation'] as const);
  const refused = (what: string, has: string): LinkFault => ({
    code: 'certificate-usage',
    blame: 'peer',
    explanation: `The certificate ${describeCertificate(certificate)} may not be used for ${method}: its ${what} ${has}.`,
    hint: `Have it issued with ${what} ${what === 'key usage' ? needed[0] : 'ipsecIKE, or without one'}.`,
  });
  if (keyUsage !== undefined && !needed.some((bit) => keyUsage.has(bit)))
    return refused('key usage', `is ${[...keyUsage].join(', ') || 'nothing'}`);
  if (extendedKeyUsage !== undefined && !extendedKeyUsage.some((purpose) => PURPOSES.includes(purpose)))
    return refused('extended key usage', `is ${extendedKeyUsage.join(', ')}`);
  return undefined;
}

/**
 * RFC 5280 6.1.4 k, n. A root is trusted because the administrator named it: one without any extension, as version 1
 * has them, is still an authority.
 */
function authorityFault(certificate: Certificate, isRoot: boolean): LinkFault | undefined {
  const { basicConstraints, keyUsage } = certificate;
  const old = isRoot && basicConstraints === undefined && keyUsage === undefined;
  if (basicConstraints?.ca !== true && !old) {
    return {
      code: 'certificate-authority',
      blame: 'peer',
      explanation: `The certificate ${describeCertificate(certificate)} issued another one of the chain, but it does not say that it is an authority (basicConstraints CA).`,
      hint: 'Have the certificates issued by an authority. Somebody with an ordinary certificate may have issued one to himself.',
    };
  }
  if (keyUsage === undefined || keyUsage.has('keyCertSign')) return undefined;
  return {
    code: 'certificate-usage',
    blame: 'peer',
    explanation: `The authority ${describeCertificate(certificate)} may not sign certificates: its key usage is ${[...keyUsage].join(', ') || 'nothing'}.`,
    hint: 'Have the authority certified with key usage keyCertSign.',
  };
}

function depthFault(path: Path, index: number): LinkFault | undefined {
  const authority = path[index];
  const allowed = authority?.basicConstraints?.pathLength;
  if (authority === undefined || allowed === undefined) return undefined;
  const below = intermediatesBelow(path, index);
  if (below <= allowed) return undefined;
  return {
    code: 'certificate-path-length',
    blame: 'peer',
    explanation: `The authority ${describeCertificate(authority)} allows ${String(allowed)} authorities below it, and the chain has ${String(below)}.`,
    hint: 'Have the certificate of the peer issued by an authority that is nearer to the root.',
  };
}

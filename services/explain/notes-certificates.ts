/** Notes on failures of certificates, private keys and tokens. */
import type { CodeNote } from './code-note.js';

const CHAIN = ['RFC 5280 6.1', 'RFC 4945 5'];
const STORE = 'etc/inet/ike/publickeys';

export const CERTIFICATE_NOTES = {
  'no-local-certificate': {
    why: 'local_id of the rule selects the certificate that this host shows, and its private key must be there, of the kind that auth_method needs.',
    todo: [
      'Compare local_id with what ikecert certdb -l shows.',
      'Put the certificate and the private key under one name into the two stores (ikecert certlocal, ikecert certdb).',
    ],
    sources: ['ike.config(5)', 'ikecert(8)'],
  },
  'token-locked': {
    why: 'The private key never leaves its PKCS#11 token, and the token does nothing before somebody has given its PIN since the daemon started.',
    todo: ['Unlock it: ikeadm token login LABEL. A stored PIN unlocks it at each start (ikecert(8)).'],
    sources: ['ikeadm(8)', 'ikecert(8)'],
  },
  'token-absent': {
    why: 'The token is not in its slot, its library cannot be loaded, or the label in the reference to the key is of another token.',
    todo: [
      'See what is there: ikecert tokens.',
      'Attach the token, or correct its label where the key refers to it, and send SIGHUP.',
    ],
    sources: ['ikecert(8)'],
  },
  'token-failed': {
    why: 'The token is there and refused: a wrong PIN, an object that it does not have, a mechanism that it does not know, or a fault of its own.',
    todo: ['Look at the token with its own tools, and at the log of its library.'],
    sources: ['ikecert(8)'],
  },
  'no-local-identity': {
    why: 'local_id_type says which kind of name of our certificate goes to the peer, and the certificate has none of this kind. A common name does not count as a host name.',
    todo: [
      'Set local_id_type to a kind of name that the certificate has; dn is its subject and always works.',
    ],
    sources: ['ike.config(5)', 'RFC 4945 3.1'],
  },
  'no-peer-certificate': {
    why: 'A signature can only be checked with the certificate of whoever made it. The peer sent none, perhaps because nothing asked it to, and none of that name is stored here.',
    todo: [
      'Make the peer send its certificate.',
      `Or store it here: ikecert certdb -a, then SIGHUP. Under rsa_encrypt it must be stored beforehand.`,
    ],
    sources: ['RFC 4945 3.3', 'ikecert(8)'],
  },
  'bad-certificate': {
    why: 'The bytes are no X.509 certificate that can be read: truncated, in another encoding, or with a structure that DER does not allow.',
    todo: ['Look at the certificate on the peer, for instance with openssl x509 -text.'],
    sources: ['RFC 5280 4.1'],
  },
  'certificate-identity': {
    why: 'A certificate proves the names in it and no others: the subject as a whole, and the alternative names. The identity that the peer sends must be one of them.',
    todo: [
      'Set the identity of the peer to a name that its certificate has.',
      'Or have a certificate made with the name as an alternative name.',
    ],
    sources: ['RFC 4945 3.1', 'RFC 5280 4.2.1.6'],
  },
  'certificate-key': {
    why: 'dss_sig needs a DSA key, rsa_sig and rsa_encrypt need one of RSA.',
    todo: ['Correct auth_method of the rule, or give the peer a certificate with such a key.'],
    sources: ['RFC 2409 5.1'],
  },
  'remote-id-refused': {
    why: 'The certificate is genuine, and remote_id of the rule is the list of those who are welcome.',
    todo: ['If this peer is welcome, add a remote_id that selects its certificate.'],
    sources: ['ike.config(5)'],
  },
  'certificate-untrusted': {
    why: 'Trust begins at the certificates that cert_root and cert_trust name. Usually an authority between the two is missing at this end and not sent by the peer, or the root is stored and not named.',
    todo: [
      `Put the missing authority into ${STORE} (ikecert certdb -a), or make the peer send it.`,
      'Name the root in a cert_root.',
    ],
    sources: CHAIN,
  },
  'certificate-signature': {
    why: 'The issuer of that name has another key than the one that signed. Usually an authority got a new key under its old name; otherwise the certificate is forged.',
    todo: ['Compare the certificates of the authority at both ends, and renew the older one.'],
    sources: CHAIN,
  },
  'certificate-expired': {
    why: 'Each certificate of a chain has its time, the authorities too; or the clock of this host is wrong.',
    todo: ['Check the clock of this host.', 'Have the certificate renewed.'],
    sources: CHAIN,
  },
  'certificate-not-yet-valid': {
    why: 'The clock of this host is behind, or the certificate was made by a host whose clock is ahead.',
    todo: ['Check the clocks of this host and of the authority.'],
    sources: CHAIN,
  },
  'certificate-usage': {
    why: 'Key usage and extended key usage say what a key may be used for. For IKE it must be signatures, or encryption under rsa_encrypt; an authority must be allowed to sign certificates.',
    todo: ['Have a certificate made with the right usage, or without the extension.'],
    sources: ['RFC 4945 5.1.3.2', 'RFC 5280 4.2.1.3'],
  },
  'certificate-authority': {
    why: 'Only a certificate with basic constraints that say so may issue others. An ordinary certificate that signs another is the sign of a mistake, or of an attack.',
    todo: ['See who issued the certificate of the peer, and have it issued by an authority.'],
    sources: ['RFC 5280 4.2.1.9'],
  },
  'certificate-path-length': {
    why: 'An authority may limit how many authorities stand below it.',
    todo: ['Have the peer use a certificate of an authority nearer to the root.'],
    sources: ['RFC 5280 4.2.1.9'],
  },
  'certificate-extension': {
    why: 'A critical extension must be understood by whoever relies on the certificate, and this one is not.',
    todo: ['Have a certificate made without it, or where it is not critical.'],
    sources: ['RFC 5280 4.2'],
  },
  'certificate-revoked': {
    why: 'The authority has taken the certificate back, and says so in its list (CRL).',
    todo: ['Have a new one issued. If the key was stolen, this is what has protected you.'],
    sources: ['RFC 5280 6.3'],
  },
  'crl-missing': {
    why: 'Without a list of the authority it is not known whether the certificate still counts, and unless ignore_crls is set that is a reason to refuse it.',
    todo: [
      'Store a list: ikecert certrldb -a; or use_http, or ldap_server, so that it is fetched.',
      'Or ignore_crls, knowing that revoked certificates count then.',
    ],
    sources: ['RFC 5280 6.3', 'ike.config(5)'],
  },
  'crl-stale': {
    why: 'A list says until when it holds. An old one does not know who has been revoked since.',
    todo: ['Store the newest list: ikecert certrldb -a; or see why it is not fetched.'],
    sources: ['RFC 5280 5.1.2.5', 'ikecert(8)'],
  },
  'crl-unusable': {
    why: 'The list is not signed by the authority, or it is of a form that covers only a part of the certificates.',
    todo: ['Get the complete list from the authority itself.'],
    sources: ['RFC 5280 5.2.5', 'RFC 5280 6.3'],
  },
} as const satisfies Readonly<Record<string, CodeNote>>;

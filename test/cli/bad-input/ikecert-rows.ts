/** Command lines of `ikecert` that are wrong, slots and selectors that mean nothing, and input that is something else. */

export interface Bad {
  readonly name: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly message: RegExp;
}

export const COMMAND_LINES: readonly Bad[] = [
  {
    name: 'certlocal without a command',
    args: ['certlocal'],
    message: /^certlocal: say what to do: one of -a/,
  },
  { name: 'certdb without a command', args: ['certdb'], message: /^certdb: say what to do/ },
  { name: 'certrldb without a command', args: ['certrldb'], message: /^certrldb: say what to do/ },
  { name: 'two commands', args: ['certdb', '-a', '-l'], message: /only one thing can be done at a time/ },
  { name: 'two commands in one word', args: ['certlocal', '-lr', '0'], message: /only one thing/ },
  { name: 'an unknown option', args: ['certdb', '-z'], message: /unknown option '-z'; ikecert certdb -h/ },
  { name: 'a long option', args: ['certlocal', '--list'], message: /unknown option '--list'/ },
  { name: 'an option of another program', args: ['certdb', '-ks'], message: /say what to do/ },
  {
    name: 'an option of another command',
    args: ['certlocal', '-l', '-m', '1024'],
    message: /-m does not go with -l/,
  },
  { name: '-v with -r', args: ['certdb', '-r', '-v', '0'], message: /-v does not go with -r/ },
  { name: '-f with -a', args: ['certdb', '-a', '-f', 'pem'], message: /-f does not go with -a/ },
  {
    name: 'a token for a list',
    args: ['certrldb', '-a', '-T', 'box'],
    message: /-T does not go with -a/,
  },
  { name: '-A with certdb', args: ['certdb', '-l', '-A', 'IP=1.2.3.4'], message: /-A does not go with -l/ },
  {
    name: '-r without a slot',
    args: ['certlocal', '-r'],
    message: /-r needs an operand; usage: ikecert certlocal -r SLOT/,
  },
  { name: '-e without a slot', args: ['certlocal', '-e'], message: /-e needs an operand/ },
  {
    name: '-e without a selector',
    args: ['certdb', '-e'],
    message: /-e needs an operand; usage: .*CERTSPEC/,
  },
  { name: '-r of a list without a selector', args: ['certrldb', '-r'], message: /-r needs an operand/ },
  {
    name: 'an operand of -a',
    args: ['certlocal', '-a', 'key.der'],
    message: /-a takes no operand, but there is "key.der"/,
  },
  {
    name: 'two slots',
    args: ['certlocal', '-r', '0', '1'],
    message: /takes only one operand, but there is "1" too/,
  },
  { name: 'an operand of -ks', args: ['certlocal', '-ks', 'rubbish'], message: /-k takes no operand/ },
  {
    name: 'an option without its value',
    args: ['certlocal', '-ks', '-m'],
    message: /option '-m <size>' argument missing/,
  },
  { name: 'tokens', args: ['tokens'], message: /^certlocal: / },
  {
    name: '-k of a kind that is none',
    args: ['certlocal', '-kx'],
    message: /-kx is unknown: -kc makes .* -ks/,
  },
];

export const SELECTORS: readonly Bad[] = [
  {
    name: 'a slot that is empty',
    args: ['certlocal', '-r', '99'],
    message: /there is no private key in slot 99 of .*ike.privatekeys/,
  },
  {
    name: 'a slot that is none',
    args: ['certlocal', '-e', 'x/../0'],
    message: /there is no private key in slot/,
  },
  {
    name: '-l of a slot that is empty',
    args: ['certlocal', '-l', '99'],
    message: /there is no private key in slot 99/,
  },
  {
    name: 'a format of a key',
    args: ['certlocal', '-e', '-f', 'pkcs1', '0'],
    message: /-f of -e is pkcs8, not "pkcs1"/,
  },
  { name: 'a corrupt key', args: ['certlocal', '-e', '3'], message: /ike.privatekeys\/3 is corrupt: / },
  {
    name: 'a certificate that nothing matches',
    args: ['certdb', '-e', 'DNS=nobody.example'],
    message: /no certificate in .*publickeys matches "DNS=nobody.example"/,
  },
  {
    name: 'words that do not hold together',
    args: ['certdb', '-r', 'SLOT=0', '!SLOT=0'],
    message: /matches "SLOT=0" "!SLOT=0"/,
  },
  {
    name: '-l of what is not there',
    args: ['certdb', '-l', 'CN=nobody'],
    message: /no certificate .* matches/,
  },
  { name: 'a corrupt certificate', args: ['certdb', '-e', 'SLOT=2'], message: /publickeys\/2 is corrupt: / },
  {
    name: 'a corrupt certificate by another word',
    args: ['certdb', '-r', 'SLOT=2', 'CN=gw'],
    message: /no certificate .* matches/,
  },
  {
    name: 'SLOT= of letters',
    args: ['certdb', '-r', 'SLOT=a'],
    message: /the selector "SLOT=a" has no slot number/,
  },
  {
    name: 'IP= of no address',
    args: ['certdb', '-l', 'IP=gw'],
    message: /the selector "IP=gw" has no IP address/,
  },
  { name: 'an empty selector', args: ['certdb', '-r', ''], message: /the selector "" is empty/ },
  { name: 'a lone exclamation mark', args: ['certdb', '-r', '!'], message: /the selector "!" is empty/ },
  {
    name: 'a subject with an unknown type',
    args: ['certdb', '-l', 'XX=gw'],
    message: /the selector "XX=gw" is none: `XX`/,
  },
  {
    name: 'a subject without quotes',
    args: ['certdb', '-l', 'C=US,', 'CN=gw'],
    message: /the selector "C=US," is none: .*\(in quotes\)/,
  },
  {
    name: 'a format of a certificate',
    args: ['certdb', '-e', '-f', 'der', '0'],
    message: /-f is pem or ber, not "der"/,
  },
  {
    name: 'a list that nothing matches',
    args: ['certrldb', '-e', 'CN=nobody'],
    message: /no revocation list in .*crls matches "CN=nobody"/,
  },
  { name: '-r of a list that is not there', args: ['certrldb', '-r', '7'], message: /no revocation list/ },
  { name: 'a format of a list', args: ['certrldb', '-e', '-f', 'x', '0'], message: /-f is pem or ber/ },
];

export const INPUT: readonly Bad[] = [
  { name: 'no key at all', args: ['certlocal', '-a'], message: /^certlocal: stdin is empty/ },
  { name: 'no certificate at all', args: ['certdb', '-a'], message: /^certdb: stdin is empty/ },
  { name: 'no list at all', args: ['certrldb', '-a'], message: /^certrldb: stdin is empty/ },
  {
    name: 'a key in PEM',
    args: ['certlocal', '-a'],
    input: 'pem key',
    message: /key in PEM \(PRIVATE KEY\).*openssl pkcs8 -topk8 -nocrypt -outform DER/,
  },
  {
    name: 'an encrypted key in PEM',
    args: ['certlocal', '-a'],
    input: 'encrypted pem key',
    message: /ENCRYPTED PRIVATE KEY.*openssl pkcs8/,
  },
  {
    name: 'an encrypted key',
    args: ['certlocal', '-a'],
    input: 'encrypted key',
    message: /is encrypted, .*openssl pkcs8 .*-inform DER/,
  },
  {
    name: 'a key in PKCS #1',
    args: ['certlocal', '-a'],
    input: 'pkcs1 key',
    message: /not wrapped in PKCS #8; convert it: openssl pkcs8/,
  },
  {
    name: 'a key of elliptic curves',
    args: ['certlocal', '-a'],
    input: 'ec key',
    message: /no private key of RSA or DSA/,
  },
  {
    name: 'a key that is cut off',
    args: ['certlocal', '-a'],
    input: 'cut key',
    message: /it is cut off, or something else/,
  },
  {
    name: 'a key with bytes behind it',
    args: ['certlocal', '-a'],
    input: 'long key',
    message: /stdin has 3 bytes behind the end of the key/,
  },
  {
    name: 'a key whose parts do not fit',
    args: ['certlocal', '-a'],
    input: 'damaged key',
    message: /is damaged|no private key of RSA/,
  },
  {
    name: 'a certificate for a key',
    args: ['certlocal', '-a'],
    input: 'certificate',
    message: /is a certificate, not a private key; add it with ikecert certdb -a/,
  },
  {
    name: 'a certificate in PEM for a key',
    args: ['certlocal', '-a'],
    input: 'pem certificate',
    message: /certdb -a/,
  },
  { name: 'text for a key', args: ['certlocal', '-a'], input: 'text', message: /stdin is no DER/ },
  {
    name: 'a key that is there',
    args: ['certlocal', '-a'],
    input: 'known key',
    message: /this private key is in slot 0 already/,
  },
  {
    name: 'text for a certificate',
    args: ['certdb', '-a'],
    input: 'text',
    message: /stdin is no certificate: it is neither DER nor PEM/,
  },
  {
    name: 'a request for a certificate',
    args: ['certdb', '-a'],
    input: 'request',
    message: /holds a PEM block CERTIFICATE REQUEST, not/,
  },
  {
    name: 'a key for a certificate',
    args: ['certdb', '-a'],
    input: 'known key',
    message: /it is not the DER of an X.509 certificate/,
  },
  {
    name: 'base64 that is none',
    args: ['certdb', '-a'],
    input: 'broken base64',
    message: /CERTIFICATE block is no base64/,
  },
  {
    name: 'a certificate that is cut off',
    args: ['certdb', '-a'],
    input: 'cut certificate',
    message: /not the DER of an X.509 certificate/,
  },
  {
    name: 'a self-signed certificate with a changed bit',
    args: ['certdb', '-a'],
    input: 'forged certificate',
    message: /damaged or forged: it is self-signed/,
  },
  {
    name: 'two certificates',
    args: ['certdb', '-a'],
    input: 'two certificates',
    message: /stdin has 2 certificates; add them one at a time/,
  },
  {
    name: 'a certificate that is there',
    args: ['certdb', '-a'],
    input: 'known certificate',
    message: /this certificate is in slot 0 already/,
  },
  {
    name: 'a list for a certificate',
    args: ['certdb', '-a'],
    input: 'pem list',
    message: /holds a PEM block X509 CRL/,
  },
  {
    name: 'a certificate for a list',
    args: ['certrldb', '-a'],
    input: 'certificate',
    message: /stdin is no revocation list: it is not the DER of a CRL/,
  },
  { name: 'text for a list', args: ['certrldb', '-a'], input: 'text', message: /neither DER nor PEM/ },
  {
    name: 'a list that somebody else signed',
    args: ['certrldb', '-a'],
    input: 'forged list',
    message: /the key of its issuer .* \(certdb slot \d\) did not sign it/,
  },
  {
    name: 'a list that is there',
    args: ['certrldb', '-a'],
    input: 'list',
    message: /this revocation list is in slot 0 already/,
  },
];

/** The tests of `ikecert` that rows name. */
import { testsOf } from './row.js';

export const shown = (title: string) => testsOf('cli/ikecert/ikecert.test.ts')(`ikecert ${title}`);
export const refused = (title: string) =>
  testsOf('cli/bad-input/ikecert.test.ts')(`bad input to ikecert ${title}`);
export const times = (title: string) =>
  testsOf('cli/ikecert/time-syntax.test.ts')(`the times of ikecert ${title}`);
export const interop = (title: string) => testsOf('interop/ikecert.interop.ts')(title);
export const token = (title: string) =>
  testsOf('token/ikecert.token.ts')(`ikecert with a PKCS#11 token ${title}`);
export const listed = token(
  'tokens lists the labels in quotes, padded to 32, under the name of the library, and drops what follows',
);
export const madeThere = token(
  'certlocal -ks -T makes * on the token, and references stand for key and certificate',
);
export const linked = token(
  'certlocal -U and certdb -U forget, -L links again, and the token stays as it is',
);
export const pinKept = token('-p keeps the PIN in the reference of the key, which only its owner can read');
export const pinWithCertificate = token(
  'certdb -L -p keeps the PIN in a file that only its owner can read, and certdb -r deletes with it',
);
export const copied = token(
  'certlocal -C copies private key, public key and certificate, and what is on the disk stays',
);
export const certificateCopied = token('certdb -C copies certificate and public key, and the file stays');
export const keyAdded = token(
  'certlocal -a -T stores a key whose certificate is there, the PIN in the first line of stdin',
);
export const keyDeleted = token('certlocal -r deletes the key objects; a wrong PIN deletes nothing');
export const requestThere = token(
  'certlocal -kc -T keeps the key there, and certdb -a puts the certificate onto the token, beside it',
);
export const tokenRefused = token(
  'refuses a wrong label, PIN, pattern and library, with the reason, and nothing changes',
);
export const tokenAway = token(
  'refuses with a token that is away, full, write-protected or has locked its PIN, and nothing changes',
);

export const selfSigned = shown(
  'certlocal -ks stores key and certificate under one number, with the documented modes',
);
export const names = shown(
  'certlocal -ks has names in the order given, all kinds of alternative names, and the validity asked for',
);
export const request = shown(
  'certlocal -kc keeps the key, prints a request, and certdb -a puts the certificate beside the key',
);
export const addKey = shown(
  'certlocal -a takes PKCS #8 DER into the slot of its certificate, and -e gives the same bytes back',
);
export const extract = shown('certdb -e writes the first match: PEM, or BER in either case of the word');
export const crls = shown('certrldb adds, lists with the certificates of the issuer, extracts and deletes');
export const relative = shown(
  'certlocal -ks counts relative times from now, months and years on the calendar, whatever the order of units',
);
export const defaults = shown(
  'certlocal -ks without times is valid for four years, with a random serial number and exponent 65537',
);

/** The commands of `certdb`. */
import type { ProgramCommand } from '../program.js';
import { addCertificate } from './add.js';
import { copyCertificate } from './copy.js';
import { linkCertificate, unlinkCertificate } from './link.js';
import { extractCertificate, listCertificates, removeCertificate } from './stored.js';

const ANY = Number.POSITIVE_INFINITY;

export const CERTDB: readonly ProgramCommand[] = [
  {
    letter: 'a',
    usage: '[[-p] -T TOKEN]',
    help: 'add a certificate from stdin: PEM or BER; with -T, or when its key was made there, onto a token',
    takes: ['p', 'T'],
    operands: [0, 0],
    run: addCertificate,
  },
  {
    letter: 'e',
    usage: '[-f pem|ber] CERTSPEC...',
    help: 'write the first certificate that matches to stdout',
    takes: ['f'],
    operands: [1, ANY],
    run: extractCertificate,
  },
  {
    letter: 'l',
    usage: '[-v] [CERTSPEC...]',
    help: 'list certificates; -v shows everything',
    takes: ['v'],
    operands: [0, ANY],
    run: listCertificates,
  },
  {
    letter: 'r',
    usage: 'CERTSPEC...',
    help: 'remove the first certificate that matches, with SLOT= a corrupt one too, on a token its objects as well; its private key stays',
    takes: [],
    operands: [1, ANY],
    run: removeCertificate,
  },
  {
    letter: 'U',
    usage: '-T TOKEN SLOT',
    help: 'forget a certificate that is on a token, and leave the token as it is',
    takes: ['T'],
    needs: ['T'],
    operands: [1, 1],
    run: unlinkCertificate,
  },
  {
    letter: 'C',
    usage: '[-p] -T TOKEN CERTSPEC...',
    help: 'copy a certificate and its public key to a token; the file stays',
    takes: ['p', 'T'],
    needs: ['T'],
    operands: [1, ANY],
    run: copyCertificate,
  },
  {
    letter: 'L',
    usage: '[-p] -T TOKEN PATTERN',
    help: 'link a certificate that is on a token: its label, in which * is any text, or ID= and hex',
    takes: ['p', 'T'],
    needs: ['T'],
    operands: [1, 1],
    run: linkCertificate,
  },
];

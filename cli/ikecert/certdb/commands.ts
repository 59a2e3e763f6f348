/** The commands of `certdb`. */
import type { ProgramCommand } from '../program.js';
import { addCertificate } from './add.js';
import { extractCertificate, listCertificates, removeCertificate } from './stored.js';

const ANY = Number.POSITIVE_INFINITY;

export const CERTDB: readonly ProgramCommand[] = [
  {
    letter: 'a',
    usage: '',
    help: 'add a certificate from stdin: PEM or BER',
    takes: [],
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
    help: 'remove the first certificate that matches, with SLOT= a corrupt one too; its private key stays',
    takes: [],
    operands: [1, ANY],
    run: removeCertificate,
  },
];

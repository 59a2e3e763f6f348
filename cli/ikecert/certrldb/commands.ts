/** The commands of `certrldb`. */
import type { ProgramCommand } from '../program.js';
import { addCrl } from './add.js';
import { extractCrl, listCrls, removeCrl } from './stored.js';

const ANY = Number.POSITIVE_INFINITY;

export const CERTRLDB: readonly ProgramCommand[] = [
  {
    letter: 'a',
    usage: '',
    help: 'add a revocation list from stdin: PEM or BER',
    takes: [],
    operands: [0, 0],
    run: addCrl,
  },
  {
    letter: 'e',
    usage: '[-f pem|ber] CERTSPEC...',
    help: 'write the first list whose issuer matches to stdout',
    takes: ['f'],
    operands: [1, ANY],
    run: extractCrl,
  },
  {
    letter: 'l',
    usage: '[-v] [CERTSPEC...]',
    help: 'list the lists and the certificates of their issuers; -v shows everything',
    takes: ['v'],
    operands: [0, ANY],
    run: listCrls,
  },
  {
    letter: 'r',
    usage: 'CERTSPEC...',
    help: 'delete the first list whose issuer matches',
    takes: [],
    operands: [1, ANY],
    run: removeCrl,
  },
];

/** The commands of `certlocal`. */
import type { ProgramCommand } from '../program.js';
import { addKey } from './add.js';
import { generate } from './generate.js';
import { extractKey, listKeys, removeKey } from './stored.js';

export const CERTLOCAL: readonly ProgramCommand[] = [
  {
    letter: 'a',
    usage: '',
    help: 'add a private key from stdin: PKCS #8, DER, unencrypted',
    takes: [],
    operands: [0, 0],
    run: addKey,
  },
  {
    letter: 'e',
    usage: '[-f pkcs8] SLOT',
    help: 'write a private key to stdout, unencrypted: dangerous',
    takes: ['f'],
    operands: [1, 1],
    run: extractKey,
  },
  {
    letter: 'k',
    usage: '{c|s} -m SIZE -t TYPE -D DNAME [-A ALTNAME]... [-S START] [-F END] [-f pem|ber]',
    help: 'make a key, and (-kc) a certificate request or (-ks) a self-signed certificate',
    takes: ['m', 't', 'D', 'A', 'S', 'F', 'f'],
    operands: [0, 0],
    run: generate,
  },
  {
    letter: 'l',
    usage: '[-v] [SLOT]',
    help: 'list private keys; -v shows the keys themselves: dangerous',
    takes: ['v'],
    operands: [0, 1],
    run: listKeys,
  },
  {
    letter: 'r',
    usage: 'SLOT',
    help: 'delete a private key, a corrupt one too; its certificate stays',
    takes: [],
    operands: [1, 1],
    run: removeKey,
  },
];

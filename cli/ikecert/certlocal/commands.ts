/** The commands of `certlocal`. */
import type { ProgramCommand } from '../program.js';
import { listTokens } from '../token/list.js';
import { addKey } from './add.js';
import { copyKey } from './copy.js';
import { generate } from './generate.js';
import { linkKey, unlinkKey } from './link.js';
import { extractKey, listKeys, removeKey } from './stored.js';

const ANY = Number.POSITIVE_INFINITY;

export const CERTLOCAL: readonly ProgramCommand[] = [
  {
    letter: 'a',
    usage: '[[-p] -T TOKEN]',
    help: 'add a private key from stdin: PKCS #8, DER, unencrypted; with -T, whose certificate is there, onto a token',
    takes: ['p', 'T'],
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
    usage: '{c|s} -m SIZE -t TYPE -D DNAME [-A ALTNAME]... [-S START] [-F END] [-f pem|ber] [[-p] -T TOKEN]',
    help: 'make a key, and (-kc) a certificate request or (-ks) a self-signed certificate',
    takes: ['m', 't', 'D', 'A', 'S', 'F', 'f', 'p', 'T'],
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
    help: 'delete a private key, a corrupt one too, on a token its objects as well; its certificate stays',
    takes: [],
    operands: [1, 1],
    run: removeKey,
  },
  {
    letter: 'U',
    usage: '-T TOKEN SLOT',
    help: 'forget a private key that is on a token, and leave the token as it is',
    takes: ['T'],
    needs: ['T'],
    operands: [1, 1],
    run: unlinkKey,
  },
  {
    letter: 'C',
    usage: '-T TOKEN CERTSPEC...',
    help: 'copy private key, public key and certificate to a token; the files stay',
    takes: ['T'],
    needs: ['T'],
    operands: [1, ANY],
    run: copyKey,
  },
  {
    letter: 'L',
    usage: '[-p] -T TOKEN PATTERN',
    help: 'link a private key that is on a token: its label, in which * is any text, or ID= and hex',
    takes: ['p', 'T'],
    needs: ['T'],
    operands: [1, 1],
    run: linkKey,
  },
  {
    letter: 'X',
    usage: '',
    help: 'list the tokens, as ikecert tokens does',
    takes: [],
    operands: [0, 0],
    run: listTokens,
  },
];

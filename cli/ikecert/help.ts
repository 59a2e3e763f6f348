/** Usage and help texts, in our own words. */
import { PROGRAMS, type ProgramName } from './command-table.js';
import { KEY_TYPES } from '../../services/certs/key-types.js';
import { ABSOLUTE_FORMS } from './time-syntax.js';

export const USAGE = `Usage: ikecert { certdb | certrldb | certlocal | tokens } <options> 
       ikecert certdb -h, and so on, explains the options of each.
`;

export function generalHelp(): string {
  return `${USAGE}
  certlocal   private keys, and certificates made for them
  certdb      certificates
  certrldb    certificate revocation lists
  tokens      PKCS#11 tokens that keys can be on

  -R ROOT     before or behind the program: the databases below ROOT instead of /
`;
}

const ABOUT: Readonly<Record<ProgramName, string>> = {
  certlocal: 'private keys',
  certdb: 'certificates',
  certrldb: 'certificate revocation lists',
};

export function programHelp(program: ProgramName): string {
  const lines = PROGRAMS[program].map(
    ({ letter, usage, help }) =>
      `${`  -${letter}${letter === 'k' ? '' : ' '}${usage}`.trimEnd()}\n        ${help}\n`,
  );
  return `Usage: ikecert ${program}, ${ABOUT[program]}:
${lines.join('')}  -R ROOT
        the databases below ROOT instead of /
${program === 'certrldb' ? '' : TOKEN}${program === 'certlocal' ? GENERATION : SELECTORS}`;
}

const TOKEN = `  -T TOKEN
        the label of a PKCS#11 token; its PIN is asked for, or read from a pipe:
        before the input of -a, if there is any
  -p    keep the PIN in clear in a file that only its owner can read; else
        in.iked gets it by ikeadm token login
`;

const GENERATION = `
  -m SIZE     bits: ${[...new Set(KEY_TYPES.flatMap(({ sizes }) => sizes))].join(', ')}
  -t TYPE     ${KEY_TYPES.map(({ name }) => name).join(', ')}
  -D DNAME    the subject, "C=US, O=Example, CN=gw"
  -A ALTNAME  IP=, DNS=, EMAIL=, URI=, DN= or RID= and a value; may be repeated
  -S START    validity begins (now)
  -F END      validity ends (four years after the start)
              Times are relative to now: {+|-}[Ns][Nm][Nh][Nd][Nw][NM][Ny],
              or absolute, local: ${ABSOLUTE_FORMS}
`;

const SELECTORS = `
  CERTSPEC    words that must all hold: a subject DN or SUBJECT=, ISSUER=, SLOT=
              or a number, IP=, DNS=, EMAIL=, URI=, DN=, RID=, or an alternative
              name without its tag; ! before a word: it must not match
`;

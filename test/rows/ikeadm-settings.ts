/** What `ikeadm` shows and sets of the daemon itself: levels, counters, defaults. */
import {
  AT_BASE,
  DEFAULTS,
  NO_DESTINATION,
  REFUSALS,
  TEXTS,
  inLab,
  key,
  refused,
  sa,
  setting,
  told,
  UNREADABLE,
} from './ikeadm-tests.js';
import { row, section, type ManualSection } from './row.js';

export const SETTINGS: readonly ManualSection[] = [
  section(
    'levels',
    'Privilege and debug levels',
    row(
      'layout',
      'get priv: the level in hex and what it enables.',
      setting('shows and lowers the privilege level, by number and by name'),
    ),
    row(
      'input',
      'A privilege level is a number or a name in any case.',
      setting('shows and lowers the privilege level, by number and by name'),
    ),
    row(
      'message',
      'A bad one: Bad privilege flag: x, exit 1; none: unspecified level.',
      refused('set priv 3'),
      refused('set priv root'),
      refused('set priv'),
    ),
    row(
      'message',
      'Too many arguments to "set priv" and "set debug".',
      refused('set priv 0 1'),
      refused('set debug all a b'),
    ),
    row('command', 'The privilege can only be lowered.', AT_BASE),
    row('command', 'All about pre-shared keys needs modkeys.', AT_BASE),
    row(
      'command',
      'Key bytes of pre-shared keys need keymat.',
      key('shows no key bytes at privilege modkeys'),
    ),
    row('command', 'KEY lines of Phase 1 SAs need keymat.', sa('shows no keys below keymat')),
    row(
      'layout',
      'get debug: the level in hex and its categories in the order of their bits.',
      setting('shows the debug level and its categories in the order of their bits'),
    ),
    row(
      'layout',
      'set debug: from old to new, then the categories of the new level.',
      setting('shows the debug level and its categories in the order of their bits'),
    ),
    row(
      'input',
      'A debug level is a C number, or nicknames with + and - from left to right.',
      setting('takes a debug level as a number, and as nicknames added and removed from left to right'),
    ),
    row(
      'message',
      'A bad one: ERROR: Bad debug flag: x.',
      refused('set debug frob'),
      refused('set debug 0x800'),
    ),
    row(
      'message',
      'set debug without a file, where the daemon writes to none: No destination provided.',
      NO_DESTINATION,
    ),
    row(
      'message',
      'error setting debug level: text; error setting privilege level: text.',
      AT_BASE,
      REFUSALS,
    ),
    row(
      'file',
      'The file of set debug is made with mode 0600 and appended to.',
      setting('gives the daemon an open file for its debug output, made with mode 0600 or appended to'),
    ),
  ),
  section(
    'get',
    'Counters and defaults',
    row(
      'layout',
      'get stats: four rows of numbers in columns of ten, then the time-outs.',
      setting('shows counters in columns of ten'),
      sa('counts what was current, made, attempted'),
    ),
    row(
      'layout',
      'get stats: the PKCS#11 library where there is one.',
      told('counts failures of the initiator with and without an answer, and names the library of tokens'),
      inLab('the library shows among the counters, and the certificate as locked and available'),
    ),
    row(
      'layout',
      'Failed as initiator: those without an answer, which are counted again as time-outs, and those with one.',
      told('counts failures of the initiator with and without an answer, and names the library of tokens'),
    ),
    row('layout', 'get defaults: the two sentences, the header, an empty line, 28 rows.', DEFAULTS),
    row('layout', 'get defaults: the source is config where the value is not the built-in one.', DEFAULTS),
    row('message', 'error getting stats: text; error getting defaults: text.', TEXTS, REFUSALS),
    row(
      'layout',
      'A reply that is too short, or of another version: nothing is printed. A departure: it is an error.',
      UNREADABLE,
    ),
  ),
];

/** What the manual page of `ikeadm` and its program state. */
import { leftOut, type Manual, row, section, testsOf } from './row.js';

const settings = testsOf('cli/ikeadm/as-shipped/settings.test.ts');
const phase1 = testsOf('cli/ikeadm/as-shipped/phase1.test.ts');
const policy = testsOf('cli/ikeadm/as-shipped/rules.test.ts');
const certificates = testsOf('cli/ikeadm/as-shipped/certificates.test.ts');
const prompt = testsOf('cli/ikeadm/as-shipped/prompt.test.ts');
const badInput = testsOf('cli/bad-input/ikeadm.test.ts');
const layouts = testsOf('cli/ikeadm/layouts.test.ts');
const objects = testsOf('cli/ikeadm/objects-layouts.test.ts');
const terminal = testsOf('cli/ikeadm/console/terminal-console.test.ts');

const setting = (title: string) => settings(`ikeadm as it ships ${title}`);
const away = (title: string) => settings(`ikeadm as it ships without a daemon ${title}`);
const sa = (title: string) => phase1(`ikeadm as it ships, Phase 1 SAs ${title}`);
const rule = (title: string) => policy(`ikeadm as it ships, policy rules ${title}`);
const key = (title: string) => policy(`ikeadm as it ships, policy pre-shared keys ${title}`);
const typed = (title: string) => prompt(`ikeadm as it ships, at the prompt ${title}`);
const refused = (input: string) => badInput(`bad input to ikeadm refuses ${input}`);
const atTerminal = (title: string) => terminal(`the console at a terminal ${title}`);

const UNCHANGED = badInput('bad input to ikeadm changes nothing, neither in the daemon nor in the files');
const AT_BASE = badInput('bad input to ikeadm changes nothing at privilege base either');
const DUMPED = sa('dumps them, each in a block of tagged lines, with its keys at privilege keymat');
const RULE_BLOCK = rule('dumps them, each in a block of tagged lines');
const KEY_BLOCK = key('dumps them, each in a block of tagged lines');
const CACHE = certificates(
  'ikeadm as it ships, certificates flushes the cache, after which it shows what was added to the stores and whether keys are at hand',
);
const HELP = away('prints the general help for -h and help, on stdout, with status 0');
const LISTS = setting('lists groups, ciphers and hashes under a title and a header');
const DEFAULTS = setting('shows the values in use, where they come from, and their units');
const NO_OTHER_STATE = leftOut(
  'A daemon comes to them in passing or not at all; the names are tested alone.',
);

export const IKEADM: Manual = {
  command: 'ikeadm',
  page: 'ikeadm-rows.md',
  source: 'From ikeadm(8) and, where it differs, from what the public program does.',
  sections: [
    section(
      'invocation',
      'Invocation',
      row('option', '-h prints the general help on stdout and exits 0, without a daemon.', HELP),
      row(
        'option',
        '-n parses and prints addresses without the name service.',
        DUMPED,
        refused('-n del p1 192.0.2.1 localhost'),
      ),
      row(
        'option',
        '-p prints every key byte as XX.',
        sa('shows them from the other end, with XX in place of key bytes for -p'),
      ),
      row(
        'option',
        'Any other option: the usage on stderr, exit 1.',
        refused('-x dump p1'),
        refused('-nx dump p1'),
      ),
      row(
        'option',
        'Without a command the interactive mode begins, with -n and -p as given.',
        typed('keeps blanks within quotes, which vanish'),
      ),
      row(
        'command',
        'The door is opened before any command is read.',
        HELP,
        leftOut('A departure: commands that need no daemon do not open it.'),
      ),
      row('layout', 'The usage is two lines on stderr.', refused('get')),
    ),
    section(
      'commands',
      'Commands',
      row(
        'command',
        'get debug, get priv, get stats, get defaults.',
        setting('shows counters in columns of ten'),
        DEFAULTS,
      ),
      row(
        'command',
        'get p1, get rule, get preshared with an identification.',
        sa('gets one by its addresses, by a host name, and by its cookies in any C notation'),
        rule('gets one by its label'),
        key('gets one by its addresses, with or without their type'),
      ),
      row(
        'command',
        'set debug level [file].',
        setting('hands the file of set debug over, made for its owner only, and appended to'),
      ),
      row(
        'command',
        'set priv level.',
        setting('shows and lowers the privilege level, by number and by name'),
      ),
      row(
        'command',
        'add rule with a definition or a file.',
        rule('adds one from a file, which has its ranges, identities and PFS shown'),
        rule('adds one from words, whose names may hold anything'),
      ),
      row(
        'command',
        'add preshared with a file, and with a definition at the prompt only.',
        key('adds one from a file, and deletes it'),
        key('adds one typed at the prompt, in any case and order, braces touching'),
      ),
      row(
        'command',
        'del p1, del rule, del preshared with an identification.',
        sa('deletes one, and says so on stderr'),
        rule('deletes one'),
        key('adds one from a file, and deletes it'),
      ),
      row(
        'command',
        'dump p1, rule, preshared, certcache, groups, encralgs, authalgs.',
        DUMPED,
        RULE_BLOCK,
        KEY_BLOCK,
        CACHE,
        LISTS,
      ),
      row('command', 'flush p1, flush certcache.', sa('flushes all, and says so on stderr'), CACHE),
      row(
        'command',
        'read rule and read preshared, with or without a file.',
        rule('reads the default file again'),
        key('reads the default file again'),
        rule('writes them to a new file of mode 0600 that reads back to the same'),
      ),
      row(
        'command',
        'write rule and write preshared, with a file.',
        rule('writes them to a new file of mode 0600 that reads back to the same'),
        key('writes them to a new file of mode 0600 that reads back to the same'),
      ),
      row(
        'command',
        'token login and token logout with a label.',
        refused('token logout x'),
        leftOut('A good login needs a token: the tests of tokens have one.'),
      ),
      row('command', 'help alone and with the name of a command.', HELP, away('explains the objects of *')),
      row(
        'command',
        'exit and quit on the command line do nothing and exit 0.',
        away('does nothing for exit and quit, with status 0'),
      ),
      row(
        'command',
        'dbg rbdump, which neither help nor manual names.',
        policy('ikeadm as it ships, policy asks the daemon to say its rules on its debug output'),
      ),
      row(
        'input',
        'Words are matched exactly and case-sensitively, without abbreviations.',
        refused('Get stats'),
        refused('ge stats'),
        refused('get Stats'),
      ),
      row(
        'input',
        'There is no read certcache, no write certcache, no dump pls and no read rules.',
        refused('read certcache'),
        refused('write certcache'),
        refused('dump pls'),
        refused('read rules'),
      ),
      row(
        'input',
        'Surplus words to get debug|priv|stats|defaults, dump and flush: help, exit 0, nothing done.',
        setting('prints the help of a command with words too many, and does nothing, with status 0'),
      ),
      row(
        'input',
        'Surplus words to other commands are ignored.',
        rule('gets one by its label'),
        away('does nothing for exit and quit, with status 0'),
      ),
      row('message', "An unknown command: Unrecognized command 'x', usage, exit 1.", refused('frob')),
      row('message', "An unknown object: Unrecognized object 'x', usage, exit 1.", refused('get certcache')),
      row('message', 'A command without an object: the usage, exit 1.', refused('set'), refused('dbg')),
    ),
    section(
      'interactive',
      'Interactive mode',
      row('layout', 'The prompt is `ikeadm> `.', atTerminal('prompts, and shows what is typed')),
      row(
        'input',
        'Lines are edited, with a history of 64000 bytes.',
        atTerminal('edits'),
        atTerminal('gives earlier lines back, but none with a key in it'),
        atTerminal('keeps at most 64000 bytes of history'),
      ),
      row(
        'message',
        'A line of more than 4096 bytes: Line too long (max=4096 chars), and it is dropped.',
        typed('drops lines of more than 4096 bytes'),
      ),
      row(
        'message',
        'More than 4096 words: Too many input tokens. and the program ends.',
        testsOf('cli/ikeadm/interactive.test.ts')(
          'words of the interactive mode refuses a quoted part that does not end, and too many words',
        ),
        leftOut('No line of 4096 bytes holds as many words; the split is tested alone.'),
      ),
      row(
        'input',
        'Double quotes keep blanks and vanish; there is no escape.',
        typed('keeps blanks within quotes, which vanish'),
      ),
      row(
        'input',
        'A line whose first character that is no blank is # is ignored.',
        typed('ignores lines whose first character that is no blank is #'),
      ),
      row(
        'input',
        'A backslash at the end of a line continues it and becomes a blank.',
        typed('takes a line that ends with a backslash together with the next'),
      ),
      row(
        'message',
        'A command that grows beyond 4096 bytes over several lines: Command buffer overrun.',
        refused('<"get rule x...*\\\\\\n*'),
      ),
      row(
        'input',
        'Ctrl-C is ignored; the line in progress is abandoned.',
        typed('ignores Ctrl-C'),
        atTerminal('abandons the line at Ctrl-C, and what was typed of it'),
      ),
      row(
        'exit',
        'exit, quit and the end of the input end it with 0.',
        typed('runs line after line, and ends with status 0 at the end of the input, exit and quit'),
        atTerminal('ends at Ctrl-D on an empty line'),
      ),
      row(
        'message',
        'Errors print their message and return to the prompt.',
        typed('returns to the prompt after errors of every kind'),
      ),
      row(
        'message',
        'In place of the usage: an empty line and Type help for usage info.',
        typed('returns to the prompt after errors of every kind'),
      ),
    ),
    section(
      'ids',
      'Identification of objects',
      row(
        'input',
        'p1 by two addresses or host names.',
        sa('gets one by its addresses, by a host name, and by its cookies in any C notation'),
      ),
      row(
        'input',
        'p1 by two cookies, the first with 0x, both with C prefixes.',
        sa('gets one by its addresses, by a host name, and by its cookies in any C notation'),
      ),
      row(
        'message',
        'A cookie that overflows: failed to parse cookie x.',
        refused('get p1 0x10000000000000000 1'),
      ),
      row(
        'input',
        'rule by its label of fewer than 256 bytes.',
        rule('gets one by its label'),
        refused('get rule x...'),
      ),
      row(
        'input',
        'preshared by two addresses.',
        key('gets one by its addresses, with or without their type'),
      ),
      row(
        'input',
        'preshared by two identities, each with a keyword for its type, in any case.',
        key('adds, gets and deletes one for identities of type *'),
      ),
      row(
        'message',
        'A bad identity type: unknown identity type x.',
        refused('del preshared fqdn a.example frob b.example'),
      ),
      row(
        'message',
        'A name without an address: Unknown address x.',
        refused('-n get p1 192.0.2.256 192.0.2.1'),
      ),
      row(
        'input',
        'A name with several addresses makes several requests: the first local one with all remote ones.',
        testsOf('cli/ikeadm/run.test.ts')('ikeadm gets and deletes one Phase 1 SA'),
        leftOut('Needs names of several addresses; tested within one process.'),
      ),
      row(
        'message',
        'No identification: not enough identification info, exit 1.',
        refused('get p1'),
        refused('get rule'),
        refused('get preshared'),
      ),
      row(
        'message',
        'One that is not understood: ERROR: invalid thing identification, exit 1.',
        refused('get p1 192.0.2.1'),
        refused('get preshared 192.0.2.1'),
      ),
      row(
        'exit',
        'An object that is not there: Could not find requested thing., exit 0.',
        refused('get p1 192.0.2.1 192.0.2.2'),
        refused('get rule nowhere'),
        refused('get preshared 192.0.2.1 192.0.2.2'),
      ),
      row(
        'exit',
        'Another refusal about one object: error getting or deleting thing: text, exit 0.',
        AT_BASE,
      ),
      row(
        'message',
        'Deleted: Successfully deleted selected thing. on stderr.',
        sa('deletes one, and says so on stderr'),
        rule('deletes one'),
        key('adds one from a file, and deletes it'),
      ),
    ),
    section(
      'output',
      'Where output goes, and exit codes',
      row('layout', 'Data and help go to stdout.', DUMPED, HELP),
      row(
        'layout',
        'One-line results of flush, read, write, add and del go to stderr behind `ikeadm: `.',
        sa('flushes all, and says so on stderr'),
        rule('reads the default file again'),
      ),
      row(
        'exit',
        'A bail ends with Fatal error - exiting. and 1.',
        refused('set debug'),
        refused('set debug frob'),
        refused('read rule F/none'),
      ),
      row(
        'message',
        'No daemon: Unable to communicate with in.iked, then open_door failed, exit 1.',
        away('says that it cannot communicate with in.iked, with status 1'),
      ),
      row(
        'command',
        'A call to a daemon that was started again opens the door once more.',
        typed('outlives the daemon: says so while it is away, and opens the door again when it is back'),
      ),
      row(
        'message',
        'NO_OBJ, DATA_INVALID, CMD_NOTSUP, NO_PRIV, DUP_IGNORED have texts of their own.',
        AT_BASE,
        refused('read rule F/bad-rule'),
        key('says that repeated entries of a file were ignored'),
      ),
      row(
        'message',
        'The other door errors have texts of their own.',
        objects('ikeadm prints objects a text for every error of the door'),
        leftOut('They do not come from a daemon in health; the table is tested alone.'),
      ),
      row(
        'message',
        'add: EEXIST prints Duplicate entry.',
        refused('add rule F/known-rule'),
        refused('add preshared F/known-key'),
      ),
    ),
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
        'file',
        'The file of set debug is made with mode 0600 and appended to.',
        setting('hands the file of set debug over, made for its owner only, and appended to'),
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
        layouts('ikeadm prints statistics'),
        leftOut('Needs a token library; the layout is tested alone.'),
      ),
      row('layout', 'get defaults: the two sentences, the header, an empty line, 28 rows.', DEFAULTS),
      row('layout', 'get defaults: the source is config where the value is not the built-in one.', DEFAULTS),
    ),
    section(
      'p1',
      'dump p1, get p1',
      row('layout', 'A block of tagged lines per SA, after an empty line.', DUMPED),
      row(
        'layout',
        'Roles and addresses change sides at the responder.',
        sa('shows them from the other end, with XX in place of key bytes for -p'),
      ),
      row(
        'layout',
        'Addresses in the long form with port; a name or <unknown> unless -n.',
        sa('prints a name or <unknown> behind addresses, unless -n'),
      ),
      row(
        'layout',
        'Seconds above 60 in words, bytes above 1024 in units.',
        DUMPED,
        layouts('ikeadm prints numbers * seconds*'),
      ),
      row('layout', 'That the peer supports dead peer detection.', DUMPED),
      row(
        'layout',
        'How the last probe of a peer went.',
        layouts('ikeadm prints probing and failing of dead peer detection'),
        leftOut('The daemon does not tell it yet; the layout is tested alone.'),
      ),
      row(
        'layout',
        'Other exchanges, states, methods, PRFs and groups by their names.',
        objects('ikeadm prints objects exchanges, states, methods, PRFs and groups by their names'),
        NO_OTHER_STATE,
      ),
      row('layout', 'KEY lines: name, bytes, hex digits and bits.', DUMPED),
    ),
    section(
      'rule',
      'dump rule, get rule, add rule',
      row('layout', 'GLOBL lines: label, cookie, identity type, mode, nonces, PFS, lifetimes.', RULE_BLOCK),
      row(
        'layout',
        'LOCIP and REMIP: ranges, or one address where both ends are the same.',
        RULE_BLOCK,
        rule('adds one from a file, which has its ranges, identities and PFS shown'),
      ),
      row(
        'layout',
        'LOCID and REMID: included and excluded selectors.',
        rule('adds one with certificate selectors, included and excluded'),
      ),
      row('layout', 'XFRMS: transforms numbered from 0 in two columns.', RULE_BLOCK),
      row(
        'input',
        'A definition begins with { and ends with }, else improperly formatted policy rule.',
        refused('add rule { label x'),
        refused('add rule label x }'),
        refused('add rule label x'),
      ),
      row(
        'input',
        'Words after label, local_id and remote_id may hold blanks and quotes.',
        rule('adds one from words, whose names may hold anything'),
      ),
      row(
        'message',
        'No argument: ERROR: missing thing description or file name.',
        refused('add rule'),
        refused('add preshared'),
      ),
      row(
        'message',
        'Successfully created new policy rule.',
        rule('adds one from a file, which has its ranges, identities and PFS shown'),
      ),
      row(
        'exit',
        'error creating new policy rule: text, exit 0.',
        refused('add rule F/bad-rule'),
        refused('add rule F/two-rules'),
      ),
    ),
    section(
      'preshared',
      'dump preshared, get preshared, add preshared',
      row('layout', 'PSKEY, LOCIP and REMIP lines.', KEY_BLOCK),
      row(
        'layout',
        'A prefix length stands behind the address.',
        key('adds one for a network, whose prefix length is shown'),
      ),
      row(
        'layout',
        'LOCID and REMID lines for identities.',
        key('adds, gets and deletes one for identities of type *'),
      ),
      row(
        'input',
        'Names and keywords in any case and order; braces may touch words.',
        key('adds one typed at the prompt, in any case and order, braces touching'),
      ),
      row(
        'input',
        'A key of an odd number of digits has a last half byte of 0.',
        key('adds one for a network, whose prefix length is shown'),
      ),
      row(
        'input',
        'ike_mode main, aggressive or both; none is base.',
        key('adds one typed at the prompt, in any case and order, braces touching'),
        key('adds one for a network, whose prefix length is shown'),
      ),
      row(
        'message',
        'A definition on the command line: Must be in interactive mode to add key info.',
        refused('add preshared { localid 127.0.0.1*'),
      ),
      row(
        'message',
        'A bad definition: Error: invalid preshared key definition.',
        refused('<"add preshared { localid 192.0.2.1 remoteid 192.0.2.9 }\\n"'),
      ),
      row(
        'message',
        'A name of several addresses: preshared key identifier cannot match multiple IP addresses.',
        testsOf('cli/ikeadm/preshared-words.test.ts')(
          'a pre-shared key typed at the prompt may name a host of exactly one address',
        ),
        leftOut('Needs such a name; tested within one process.'),
      ),
    ),
    section(
      'other',
      'Other commands',
      row('layout', 'dump certcache: blocks of names in <>, trust and the link to a private key.', CACHE),
      row(
        'layout',
        'dump certcache: certificates from a peer, and locked keys.',
        objects('ikeadm prints objects certificates by trust and link, also of peers and with locked keys'),
        leftOut('Locked keys need a token; the layout is tested alone.'),
      ),
      row('layout', 'dump groups, encralgs, authalgs: title, line about IANA, header, rows.', LISTS),
      row(
        'layout',
        'A list prints its header even when the call fails.',
        testsOf('cli/ikeadm/run.test.ts')('ikeadm prints the header of a list before the daemon refuses it'),
        leftOut('A daemon does not refuse it; tested within one process.'),
      ),
      row(
        'layout',
        'A dump ends with an empty line and Completed dump of name.',
        DUMPED,
        RULE_BLOCK,
        KEY_BLOCK,
        LISTS,
      ),
      row('exit', 'error getting name: text, exit 1.', AT_BASE),
      row(
        'message',
        'Successfully flushed P1 SAs. and Successfully flushed cert cache.',
        sa('flushes all, and says so on stderr'),
        CACHE,
      ),
      row(
        'message',
        'Completed read of policy rule or preshared key configuration information.',
        rule('reads the default file again'),
        key('reads the default file again'),
      ),
      row(
        'message',
        'open user-specified file with the reason of the host; error doing read: text.',
        refused('read rule F/none'),
        refused('read rule F/bad-rule'),
      ),
      row(
        'file',
        'write creates its file with mode 0600, and an existing one is an error.',
        rule('writes them to a new file of mode 0600 that reads back to the same'),
        refused('write rule F/there'),
        UNCHANGED,
      ),
      row('file', 'write removes its file when the daemon refuses.', AT_BASE),
      row(
        'message',
        'write without a file: destination location required to write policy rules or preshared keys.',
        refused('write rule'),
        refused('write preshared'),
      ),
      row(
        'message',
        'Nothing to write: No policy rule information to write., exit 0.',
        rule('has nothing to write without rules, and leaves no file'),
        key('has nothing to write without keys, and leaves no file'),
      ),
      row(
        'message',
        'Successfully dumped rulebase; check iked dbg.',
        policy('ikeadm as it ships, policy asks the daemon to say its rules on its debug output'),
      ),
      row(
        'input',
        'A token label has fewer than 32 bytes: Invalid syntax for "token login".',
        refused('token login x...'),
      ),
      row(
        'message',
        'No label: Must specify PKCS#11 token object.',
        refused('token login'),
        refused('token logout'),
      ),
      row(
        'input',
        'The PIN is asked for without echo, up to 255 bytes, and wiped.',
        atTerminal('shows nothing of a PIN, and the terminal echoes nothing either'),
        refused('token login x <"1...*'),
      ),
      row(
        'exit',
        'A failed login: ERROR: PKCS#11 operation: text, exit 1.',
        refused('token login x <"1234\\n"'),
        refused('token logout x'),
      ),
      row(
        'message',
        'PKCS#11 operation successful.',
        leftOut('Needs a token: the tests of tokens have one.'),
      ),
      row('layout', 'help: commands with their objects.', HELP),
      row(
        'layout',
        'help of a command: a sentence, an empty line, its objects, an empty line.',
        away('explains the objects of *'),
      ),
    ),
  ],
};

/** Wrong words, ids, levels, files, definitions and PINs for `ikeadm`. */
import { EAST, TRANSFORM, WEST } from '../in.iked/gateways.js';

import {
  bad,
  type BadInput,
  FATAL,
  PROMPT_USAGE,
  typed,
  unknownCommand,
  unknownObject,
  USAGE,
} from './ikeadm-row.js';

function invalidId(thing: string, why = ''): string {
  return `${why === '' ? '' : `ikeadm: ${why}\n`}ikeadm: ERROR: invalid ${thing} identification\n\n${FATAL}`;
}

const NOT_FOUND = (thing: string): string => `ikeadm: Could not find requested ${thing}.\n`;
const NO_ID = `ikeadm: Error: not enough identification info\n${FATAL}`;
const NO_FILE = `ikeadm: open user-specified file: No such file or directory\n${FATAL}`;

export const WORDS: readonly BadInput[] = [
  bad('frob', unknownCommand('frob')),
  bad('Get stats', unknownCommand('Get')),
  bad('DUMP p1', unknownCommand('DUMP')),
  bad('ge stats', unknownCommand('ge')),
  bad('-', unknownCommand('-')),
  bad('-- -n', unknownCommand('-n')),
  bad('__proto__ p1', unknownCommand('__proto__')),
  bad('get constructor', unknownObject('constructor')),
  bad('get', USAGE),
  bad('set', USAGE),
  bad('add', USAGE),
  bad('del', USAGE),
  bad('dump', USAGE),
  bad('flush', USAGE),
  bad('read', USAGE),
  bad('write', USAGE),
  bad('token', USAGE),
  bad('dbg', USAGE),
  bad('get certcache', unknownObject('certcache')),
  bad('get Stats', unknownObject('Stats')),
  bad('set stats', unknownObject('stats')),
  bad('add p1', unknownObject('p1')),
  bad('del stats', unknownObject('stats')),
  bad('dump pls', unknownObject('pls')),
  bad('dump debug', unknownObject('debug')),
  bad('flush rule', unknownObject('rule')),
  bad('read certcache', unknownObject('certcache')),
  bad('read rules', unknownObject('rules')),
  bad('write certcache', unknownObject('certcache')),
  bad('token list', unknownObject('list')),
  bad('dbg frob', unknownObject('frob')),
  bad('help frob', unknownCommand('frob')),
  bad('-x dump p1', /^ikeadm: illegal option -- x\nUsage:/),
  bad('-nx dump p1', /^ikeadm: illegal option -- x\nUsage:/),
  bad('-R', /^ikeadm: option -R requires a directory\nUsage:/),
  bad('packet', /^ikeadm: packet needs "send SRC DST \[TEXT\]", "list" or "stats"\nUsage:/),
  bad('packet stats now', /^ikeadm: packet needs "send SRC DST \[TEXT\]", "list" or "stats"\nUsage:/),
  bad('packet send x y', `ikeadm: ERROR: Unknown address x.\n\n${FATAL}`),
  bad('up 192.0.2.1', /^ikeadm: up needs a source and a destination address.*\nUsage:/),
  bad('up 192.0.2.1 192.0.2.2 256', /^ikeadm: ERROR: Unknown protocol 256;/),
  bad(
    'up 192.0.2.1 ::1',
    /^ikeadm: ERROR: The source and the destination are of different address families\./,
  ),
  bad('why p1-1 p1-2', /^ikeadm: why takes one of: an id such as p1-3, a peer, or last\nUsage:/),
  bad('-n why nowhere', /^ikeadm: why: nowhere is neither an id such as p1-3 or p2-1, nor an address/),
  bad('-n why p3-1', /^ikeadm: why: p3-1 is neither an id/),
  bad('why p1-999', /^ikeadm: Nothing is known of p1-999\.\np1-999 has not been, or was so long ago/),
  bad('explain', /^ikeadm: explain needs a proposal, as in aes128-sha1-modp2048, or a file\nUsage:/),
  bad('explain frob', /^ikeadm: ERROR: The proposal cannot be read: "frob": "frob" is no cipher/),
  bad(
    'explain aes128-sha1',
    /cannot be read: "aes128-sha1": it names no Diffie-Hellman group; write cipher-hash-group/,
  ),
  bad('explain /nowhere/x.pcap', /^ikeadm: open \/nowhere\/x\.pcap: No such file or directory\n/),
  bad(
    'explain aes-sha1-modp1024 keys /nowhere',
    /^ikeadm: ERROR: explain: keys open a capture, and no proposal/,
  ),
  bad('explain aes-sha1-modp1024 peer', /^ikeadm: explain: peer needs a value\nUsage:/),
  bad('-n explain aes-sha1-modp1024 peer nowhere', /^ikeadm: ERROR: Unknown address nowhere\./),
  bad(
    'explain aes-sha1-modp1024 mode base',
    /^ikeadm: explain: mode is main, aggressive or quick, not base\nUsage:/,
  ),
  bad(
    'explain aes-sha1-modp1024 peer 192.0.2.1 frob x',
    /^ikeadm: explain: expected peer, local, mode, ours, theirs or keys, not frob/,
  ),
  bad('explain aes-sha1-modp1024 peer ::1 local 192.0.2.1', /different address families/),
  bad('explain esp=frob', /^ikeadm: ERROR: The proposal cannot be read: "frob": "frob" is no cipher/),
  bad('explain esp=aes128-sha1 ours 10.0.0.0/8', /explain: it says the traffic of one side only/),
  bad('explain esp=aes128-sha1 theirs frob', /explain: theirs: "frob" is no address; write an address/),
  bad(
    'explain esp=aes128-sha1 ours 10.0.0.0/8 theirs 10.1.0.0/16 mode main',
    /^ikeadm: explain: networks belong to Phase 2, which is mode quick, not main/,
  ),
  bad('explain encr_algs rot13', /`rot13` is no ESP cipher/),
  bad('-n up 192.0.2.1 nowhere', `ikeadm: ERROR: Unknown address nowhere.\n\n${FATAL}`),
];

export const IDS: readonly BadInput[] = [
  bad('get p1', NO_ID),
  bad('del p1', NO_ID),
  bad('get rule', NO_ID),
  bad('del rule', NO_ID),
  bad('get preshared', NO_ID),
  bad('del preshared', NO_ID),
  bad('get p1 192.0.2.1', invalidId('phase 1 SA')),
  bad('del p1 0x1', invalidId('phase 1 SA')),
  bad('get p1 0x10000000000000000 1', invalidId('phase 1 SA', 'failed to parse cookie 0x10000000000000000.')),
  bad('get p1 0xfg 1', invalidId('phase 1 SA', 'failed to parse cookie 0xfg.')),
  bad(
    'del p1 0x1 18446744073709551616',
    invalidId('phase 1 SA', 'failed to parse cookie 18446744073709551616.'),
  ),
  bad('get p1 0x1 x', invalidId('phase 1 SA', 'failed to parse cookie x.')),
  bad('-n get p1 192.0.2.256 192.0.2.1', invalidId('phase 1 SA', 'Unknown address 192.0.2.256.')),
  bad('-n del p1 192.0.2.1 localhost', invalidId('phase 1 SA', 'Unknown address localhost.')),
  bad(
    '-n get p1 192.0.2.1 2001:db8::1',
    invalidId('phase 1 SA', 'The two addresses are of different families.'),
  ),
  bad('get p1 192.0.2.1 192.0.2.2', NOT_FOUND('phase 1 SA'), 0),
  bad('del p1 192.0.2.1 192.0.2.2', NOT_FOUND('phase 1 SA'), 0),
  bad('get p1 0x1 0x2', NOT_FOUND('phase 1 SA'), 0),
  bad('del p1 0x1 2', NOT_FOUND('phase 1 SA'), 0),
  bad('get rule nowhere', NOT_FOUND('policy rule'), 0),
  bad('del rule nowhere', NOT_FOUND('policy rule'), 0),
  {
    words: ['get', 'rule', 'x'.repeat(256)],
    says: invalidId('policy rule', 'a label has 1 to 255 bytes.'),
    exit: 1,
  },
  { words: ['del', 'rule', ''], says: invalidId('policy rule', 'a label has 1 to 255 bytes.'), exit: 1 },
  bad('get preshared 192.0.2.1', invalidId('preshared key')),
  bad('get preshared fqdn a.example fqdn', invalidId('preshared key')),
  bad('get preshared fqdn a.example', invalidId('preshared key')),
  bad(
    'del preshared fqdn a.example frob b.example',
    invalidId('preshared key', 'unknown identity type frob.'),
  ),
  bad('-n get preshared frob 192.0.2.1', invalidId('preshared key', 'Unknown address frob.')),
  bad('get preshared 192.0.2.1 192.0.2.2', NOT_FOUND('preshared key'), 0),
  bad('del preshared fqdn a.example fqdn b.example', NOT_FOUND('preshared key'), 0),
  bad(
    '-n del preshared ip 192.0.2.1 ip 2001:db8::1',
    invalidId('preshared key', 'The two addresses are of different families.'),
  ),
];

export const LEVELS: readonly BadInput[] = [
  bad('set debug', `ikeadm: Error: unspecified level\n${FATAL}`),
  bad('set debug frob', `ikeadm: ERROR: Bad debug flag: frob\n\n${FATAL}`),
  bad('set debug p1+frob', `ikeadm: ERROR: Bad debug flag: frob\n\n${FATAL}`),
  bad('set debug 0x800', `ikeadm: ERROR: Bad debug flag: 0x800\n\n${FATAL}`),
  bad('set debug 4294967296', `ikeadm: ERROR: Bad debug flag: 4294967296\n\n${FATAL}`),
  bad('set debug p1+', /^ikeadm: ERROR: Bad debug flag: /),
  bad('set debug all a b', `ikeadm: Error: Too many arguments to "set debug"\n${FATAL}`),
  bad('set priv', `ikeadm: Error: unspecified level\n${FATAL}`),
  bad('set priv 3', `ikeadm: ERROR: Bad privilege flag: 3\n\n${FATAL}`),
  bad('set priv -1', `ikeadm: ERROR: Bad privilege flag: -1\n\n${FATAL}`),
  bad('set priv root', `ikeadm: ERROR: Bad privilege flag: root\n\n${FATAL}`),
  bad('set priv 0 1', `ikeadm: Error: Too many arguments to "set priv"\n${FATAL}`),
];

/** `F` is a folder with files; it holds the same before and after. */
export const FILES: readonly BadInput[] = [
  bad('read rule F/none', NO_FILE),
  bad('read preshared F/none', NO_FILE),
  bad('add rule F/none', NO_FILE),
  bad('add preshared F/none', NO_FILE),
  bad('write rule', `ikeadm: Error: destination location required to write policy rules\n${FATAL}`),
  bad('write preshared', `ikeadm: Error: destination location required to write preshared keys\n${FATAL}`),
  bad('write rule F/there', `ikeadm: open user-specified file: File exists\n${FATAL}`),
  bad('write preshared F/there', `ikeadm: open user-specified file: File exists\n${FATAL}`),
  bad('write rule F/none/x', NO_FILE),
  bad('set debug all F/none/x', NO_FILE),
  bad('set debug all F', /^ikeadm: open user-specified file: Is a directory\n/),
  bad(
    'set debug all /dev/null',
    /^ikeadm: error setting debug level: Destination invalid\n\/dev\/null is no regular file/,
  ),
  bad('read rule F', /^ikeadm: (read|open) user-specified file: Is a directory\n/),
  bad('read rule F/bad-rule', /^ikeadm: error doing read: Supplied data invalid\n.*F\/bad-rule:2/s),
  bad('read rule F/no-transform', /^ikeadm: error doing read: Supplied data invalid\n.*F\/no-transform/s),
  bad(
    'add rule F/bad-rule',
    /^ikeadm: error creating new policy rule: Supplied data invalid\n.*F\/bad-rule:2/s,
    0,
  ),
  bad('add rule F/two-rules', /^ikeadm: error creating new policy rule: Supplied data invalid\n.+/s, 0),
  bad('add rule F/empty', /^ikeadm: error creating new policy rule: Supplied data invalid\n.+/s, 0),
  bad('add rule F/known-rule', /^ikeadm: error creating new policy rule: Duplicate entry\n/, 0),
  bad('read preshared F/bad-key', /^ikeadm: error doing read: Supplied data invalid\n.*F\/bad-key:1/s),
  bad(
    'add preshared F/bad-key',
    /^ikeadm: error creating new preshared key: Supplied data invalid\n.*F\/bad-key:1/s,
    0,
  ),
  bad('add preshared F/two-keys', /^ikeadm: error creating new preshared key: Supplied data invalid\n.+/s, 0),
  bad('add preshared F/empty', /^ikeadm: error creating new preshared key: Supplied data invalid\n.+/s, 0),
  bad('add preshared F/known-key', /^ikeadm: error creating new preshared key: Duplicate entry\n/, 0),
  bad('read preshared F/open-key', /^ikeadm: .*F\/open-key.*0600/s),
  bad('add preshared F/open-key', /^ikeadm: .*F\/open-key.*0600/s),
];

const NOT_A_RULE = `ikeadm: ERROR: improperly formatted policy rule\n\n${FATAL}`;
const NOT_A_KEY = 'ikeadm: Error: invalid preshared key definition\n';

export const DEFINITIONS: readonly BadInput[] = [
  bad('add rule', `ikeadm: ERROR: missing policy rule description or file name\n\n${FATAL}`),
  bad('add preshared', `ikeadm: ERROR: missing preshared key description or file name\n\n${FATAL}`),
  bad('add rule { label x', NOT_A_RULE),
  bad('add rule label x }', NOT_A_RULE),
  bad('add rule label x', NOT_A_RULE),
  bad('add rule { }', /^ikeadm: error creating new policy rule: Supplied data invalid\n.+/s, 0),
  bad('add rule { label x }', /^ikeadm: error creating new policy rule: Supplied data invalid\n.+/s, 0),
  bad(
    `add rule { labl x local_addr ${EAST} remote_addr ${WEST} ${TRANSFORM} }`,
    /Supplied data invalid\n.*label/s,
    0,
  ),
  bad(
    `add rule { label x local_addr 192.0.2.300 remote_addr ${WEST} ${TRANSFORM} }`,
    /Supplied data invalid\n.*192\.0\.2\.300/s,
    0,
  ),
  bad(
    `add preshared { localid ${EAST} remoteid 192.0.2.9 key 00ff }`,
    `ikeadm: Error: Must be in interactive mode to add key info.\n${FATAL}`,
  ),
  typed('add preshared localid 192.0.2.1 }', `${NOT_A_KEY}It does not begin with \`{\`.\n`),
  typed('add preshared { localid 192.0.2.1', `${NOT_A_KEY}It does not end with \`}\`.\n`),
  typed('add preshared { remoteid 192.0.2.9 key 00ff }', `${NOT_A_KEY}\`localid\` is missing.\n`),
  typed('add preshared { localid 192.0.2.1 key 00ff }', `${NOT_A_KEY}\`remoteid\` is missing.\n`),
  typed('add preshared { localid 192.0.2.1 remoteid 192.0.2.9 }', `${NOT_A_KEY}\`key\` is missing.\n`),
  typed('add preshared { localid 192.0.2.1 remoteid 192.0.2.9 key }', `${NOT_A_KEY}\`key\` has no value.\n`),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 00ff key }',
    /^ikeadm: Error: invalid preshared key definition\nWord 5 inside the braces is not one of localidtype, [^\n]*\n$/,
  ),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 key 0x00ff }',
    /^[^0]*definition\nThe value of `key` begins with 0x: /,
  ),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 key 00fg }',
    /^[^0]*definition\nThe value of `key` is not hexadecimal: /,
  ),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 key 00ff/17 }',
    /definition\nThe value of `key` has fewer digits/,
  ),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 key 00ff/0 }',
    /definition\nThe value of `key` has a bad number of bits/,
  ),
  typed(
    'add preshared { localidtype frob localid x remoteid 192.0.2.9 key 00ff }',
    /definition\nThe value of `localidtype` is no identity type/,
  ),
  typed(
    'add preshared { localid 192.0.2.1/33 remoteid 192.0.2.9 key 00ff }',
    /definition\nThe value of `localid` has a bad prefix length/,
  ),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 ike_mode quick key 00ff }',
    /definition\nThe value of `ike_mode` is no exchange mode/,
  ),
  typed(
    'add preshared { localidtype ipv6 localid 192.0.2.1 remoteid 192.0.2.9 key 00ff }',
    /definition\nThe value of `localid` is not an IPv6 address/,
  ),
  typed(
    `add preshared { localid ${EAST} remoteid ${WEST} key 00ff }`,
    /^ikeadm: error creating new preshared key: Duplicate entry\nThere is a key for .*: delete that one first\.\n$/,
  ),
];

export const TOKENS: readonly BadInput[] = [
  bad('token login', `ikeadm: Error: Must specify PKCS#11 token object.\n${FATAL}`),
  bad('token logout', `ikeadm: Error: Must specify PKCS#11 token object.\n${FATAL}`),
  {
    words: ['token', 'login', ''],
    says: `ikeadm: Error: Must specify PKCS#11 token object.\n${FATAL}`,
    exit: 1,
  },
  bad(`token login ${'x'.repeat(32)}`, `ikeadm: Error: Invalid syntax for "token login"\n${FATAL}`),
  bad(`token logout ${'x'.repeat(32)}`, `ikeadm: Error: Invalid syntax for "token logout"\n${FATAL}`),
  {
    words: ['token', 'login', 'x'],
    input: '',
    says: `ikeadm: ERROR: No PIN was given.\n\n${FATAL}`,
    exit: 1,
  },
  {
    words: ['token', 'login', 'x'],
    input: '\n',
    says: `ikeadm: ERROR: No PIN was given.\n\n${FATAL}`,
    exit: 1,
  },
  {
    words: ['token', 'login', 'x'],
    input: `${'1'.repeat(256)}\n`,
    says: `ikeadm: ERROR: A PIN has at most 255 bytes.\n\n${FATAL}`,
    exit: 1,
  },
  {
    words: ['token', 'login', 'x'],
    input: '12\x0034\n',
    says: `ikeadm: ERROR: A PIN cannot hold a NUL byte.\n\n${FATAL}`,
    exit: 1,
  },
  {
    words: ['token', 'login', 'x'],
    input: '1234\n',
    says: /^ikeadm: ERROR: PKCS#11 operation: (?!.*1234)/s,
    exit: 1,
  },
  bad('token logout x', /^ikeadm: ERROR: PKCS#11 operation: /),
];

export const PROMPT: readonly BadInput[] = [
  typed('frob', `ikeadm: Unrecognized command 'frob'\n${PROMPT_USAGE}`),
  typed('get', PROMPT_USAGE),
  typed('get frob', `ikeadm: Unrecognized object 'frob'\n${PROMPT_USAGE}`),
  typed('get p1', 'ikeadm: Error: not enough identification info\n'),
  typed('set priv frob', 'ikeadm: ERROR: Bad privilege flag: frob\n\n'),
  typed('get rule "x', 'ikeadm: A quoted part has no closing ".\n'),
  typed('x'.repeat(4097), 'ikeadm: Line too long (max=4096 chars)\n'),
  typed(`get rule ${'x'.repeat(4080)}\\\n${'x'.repeat(20)}`, 'ikeadm: Command buffer overrun.\n'),
  {
    words: [],
    input: 'del rule \\',
    says: 'ikeadm: The last line ends with \\, but no line follows.\n',
    exit: 0,
  },
  typed('read rule F/none', 'ikeadm: open user-specified file: No such file or directory\n'),
];

/** At privilege base, and one after the other. */
export const REFUSED_AT_BASE: readonly BadInput[] = [
  bad('set priv modkeys', 'ikeadm: error setting privilege level: Not allowed at current privilege level\n'),
  bad('set priv 2', 'ikeadm: error setting privilege level: Not allowed at current privilege level\n'),
  bad('dump preshared', 'ikeadm: error getting preshared keys: Not allowed at current privilege level\n'),
  bad(
    `get preshared ${WEST} ${EAST}`,
    'ikeadm: error getting preshared key: Not allowed at current privilege level\n',
    0,
  ),
  bad(
    `del preshared ${WEST} ${EAST}`,
    'ikeadm: error deleting preshared key: Not allowed at current privilege level\n',
    0,
  ),
  bad(
    'add preshared F/new-key',
    'ikeadm: error creating new preshared key: Not allowed at current privilege level\n',
    0,
  ),
  bad('read preshared', 'ikeadm: error doing read: Not allowed at current privilege level\n'),
  bad('read preshared F/new-key', 'ikeadm: error doing read: Not allowed at current privilege level\n'),
  bad('write preshared F/written', 'ikeadm: error doing write: Not allowed at current privilege level\n'),
  bad('doctor --fix', 'ikeadm: error looking for stale SAs: Not allowed at current privilege level\n'),
  typed(
    'add preshared { localid 192.0.2.1 remoteid 192.0.2.9 key 00ff }',
    'ikeadm: error creating new preshared key: Not allowed at current privilege level\n',
  ),
  bad(
    'record on --with-secrets',
    /^ikeadm: error setting the recorder: Not allowed at current privilege level\n/,
  ),
  bad(
    'record save p1-1 F/out --with-secrets',
    /^ikeadm: error getting recording p1-1: Not allowed at current privilege level\n/,
  ),
  bad('packet list', /^ikeadm: error getting packets: Not allowed at current privilege level\n/),
];

/** Usage and help. */

export const USAGE: readonly string[] = [
  'Usage:\tikeadm [ -hnp ] cmd obj [cmd-specific options]',
  '      \tikeadm help',
  '      \tOurs: -j (JSON output), -R ROOT (default paths below ROOT), and more commands: ikeadm help',
];

const GENERAL: readonly string[] = [
  'Valid commands and objects:',
  '\tget   debug|priv|stats|p1|rule|preshared|defaults [identifier]',
  '\tset   priv level',
  '\tset   debug level [filename]',
  '\tadd   rule|preshared {definition}|filename',
  '\tdel   p1|rule|preshared identifier',
  '\tdump  p1|rule|preshared|certcache|groups|encralgs|authalgs',
  '\tflush p1|certcache',
  '\tread  rule|preshared [filename]',
  '\twrite rule|preshared filename',
  '\ttoken <login|logout> <PKCS#11 Token Object>',
  '\thelp  [get|set|add|del|dump|flush|read|write|token|help]',
  '\texit  exit the program',
  '\tquit  exit the program',
  'Ours beside them:',
  '\tget   load',
  '\tup    source destination [protocol]',
  '\tpacket send source destination [text] | list | stats',
  '\twhy   [id|peer|last]',
  '\tdoctor [--fix]',
  '\texplain proposal|file [peer address] [local address] [mode main|aggressive|quick] [ours net] [theirs net] [keys file]',
  '\trecord list | save id file [--with-secrets] | on [--with-secrets] | off | export id format file',
  '\tinspect on [[address:]port] | off',
  "\treplay id|file [--set 'line']... [--page [[address:]port]]",
  '\tdiff a.ikerec b.ikerec',
  '\tmonitor',
  'Without a command ikeadm prompts for them.',
];

const HELP: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'get',
    help('Shows one thing that in.iked knows.', [
      ['debug', 'the debug level and its categories'],
      ['priv', 'the privilege level of the door'],
      ['stats', 'counters of Phase 1'],
      ['load', 'ours: how much is asked of in.iked, by worker, and what it refused and dropped'],
      ['p1', 'a Phase 1 SA, by local and remote address or by both cookies'],
      ['rule', 'a rule, by its label'],
      [
        'preshared',
        'a pre-shared key, by local and remote address, or by two identities: type, text, type, text',
      ],
      ['defaults', 'the values used where the configuration says nothing'],
    ]),
  ],
  [
    'set',
    help('Changes a level of the running daemon.', [
      ['priv level', 'base, modkeys or keymat, or 0 to 2; it can only be lowered'],
      ['debug level [filename]', 'a number, or categories such as p1+p2-op; the file gets the output'],
    ]),
  ],
  [
    'add',
    help('Adds to the running daemon.', [
      ['rule', 'a rule as in ike.config(5), in braces or from a file that holds just this one'],
      ['preshared', 'a key as in ike.preshared(5), from a file; in braces at the prompt only'],
    ]),
  ],
  [
    'del',
    help('Removes from the running daemon.', [
      ['p1', 'a Phase 1 SA, by local and remote address or by both cookies'],
      ['rule', 'a rule, by its label; what was negotiated under it lives on'],
      ['preshared', 'a pre-shared key, by local and remote address, or by two identities'],
    ]),
  ],
  [
    'dump',
    help('Shows all of one kind.', [
      ['p1', 'Phase 1 SAs'],
      ['rule', 'rules'],
      ['preshared', 'pre-shared keys'],
      ['certcache', 'certificates in the cache, and whether their private keys are at hand'],
      ['groups', 'Diffie-Hellman groups of Phase 1'],
      ['encralgs', 'ciphers of Phase 1'],
      ['authalgs', 'hashes of Phase 1'],
    ]),
  ],
  [
    'flush',
    help('Removes all of one kind.', [
      ['p1', 'Phase 1 SAs; their peers are told'],
      ['certcache', 'certificates in the cache; the stores of certificates, CRLs and keys are read again'],
    ]),
  ],
  [
    'read',
    help('Replaces all of one kind by what is in a file.', [
      ['rule [filename]', 'rules, from ike.config(5) or the file'],
      ['preshared [filename]', 'pre-shared keys, from ike.preshared(5) or the file'],
    ]),
  ],
  [
    'write',
    help('Writes all of one kind to a file that must not exist yet.', [
      ['rule filename', 'rules'],
      ['preshared filename', 'pre-shared keys'],
    ]),
  ],
  [
    'token',
    help('Unlocks and locks the keys on a PKCS#11 token.', [
      ['login label', 'asks for the PIN of the token and unlocks its keys'],
      ['logout label', 'makes the keys of the token unavailable'],
    ]),
  ],
  [
    'up',
    help('Negotiates as if a packet had asked for protection, waits, and says how it went.', [
      ['source', 'address of the packet'],
      ['destination', 'address of the packet'],
      ['protocol', 'tcp, udp, icmp, another name or a number; any when it is missing'],
    ]),
  ],
  [
    'packet',
    help('Packets through the embedded kernel.', [
      ['send source destination [text]', 'hands it a UDP packet and says what became of it'],
      ['list', 'the latest packets: as ESP on the wire, and as they came out; needs keymat'],
      ['stats', 'how many were sent, received and dropped, and why'],
    ]),
  ],
  [
    'why',
    help(
      'Says why something failed, at which message, who is to blame and what to change; or where it stands.',
      [
        ['id', 'a negotiation or SA as the log names it: p1-3, p2-1, acquire-2, sa-1, ipsec-4'],
        ['peer', 'an address or host name: what is under way with it, what failed last, what stands'],
        ['last', 'whatever failed last; the same without a word'],
      ],
    ),
  ],
  [
    'doctor',
    help(
      'Compares the SAs of in.iked with those of its kernel, and asks the peers that can be asked. The status is 1 when something stale is left.',
      [['--fix', 'also mends what it finds, an SA at a time; needs modkeys']],
    ),
  ],
  [
    'record',
    help(
      'The flight recorder: what negotiations were told and said, for replay. Failures are written by themselves.',
      [
        ['list', 'what is recorded, and the files of failures'],
        [
          'save id file',
          'writes what negotiation id belongs to; with --with-secrets its keys, too, which needs keymat',
        ],
        [
          'export id|file format file',
          'pcapng, pcap (decrypted), keys (ikev1_decryption_table of Wireshark), ladder, svg, jsonl',
        ],
        ['on', 'records what begins from now on; with --with-secrets keys, too, which needs keymat'],
        ['off', 'records no more, and forgets what is in memory'],
      ],
    ),
  ],
  [
    'inspect',
    help('The page on which the charts of this daemon are watched: see docs/inspector.md.', [
      ['on [[address:]port]', 'serves it, and says where; at a free port of 127.0.0.1 when nothing is said'],
      ['off', 'drops the pages that are open, and watches no more'],
    ]),
  ],
  [
    'replay',
    help(
      'Plays a recording again through the same charts, and says where it comes out otherwise. A file needs no daemon.',
      [
        ['id', 'what the daemon holds of a negotiation'],
        ['file', 'a recording, of ikeadm record save or of a failure'],
        [
          "--set 'line'",
          'with a line of ike.config(5) changed: a rule in braces, what stands in one, or a parameter',
        ],
        ['--page [[address:]port]', "shows it on the inspector's page instead, until it is interrupted"],
      ],
    ),
  ],
  [
    'diff',
    help(
      'Shows the recordings of both ends in one ladder: what was lost, repeated, dropped, and where they disagree.',
      [
        ['a.ikerec', 'the recording of one end'],
        ['b.ikerec', 'that of the other'],
      ],
    ),
  ],
  [
    'monitor',
    help(
      'Prints what happens in the daemon, as it happens, until it is interrupted; with -j a JSON document a line.',
      [['(no object)', 'who is too slow loses events, and is told how many']],
    ),
  ],
  ['help', help('Shows the commands, or the objects of one command.', [['command', 'any of the others']])],
]);

export function generalHelp(): string {
  return wholeLines(GENERAL);
}

/** Undefined for an unknown command. */
export function commandHelp(command: string): string | undefined {
  const lines = HELP.get(command);
  return lines && wholeLines(lines);
}

function help(
  sentence: string,
  objects: readonly (readonly [name: string, explanation: string])[],
): readonly string[] {
  const width = Math.max(...objects.map(([name]) => name.length)) + 2;
  return [sentence, '', ...objects.map(([name, text]) => `\t${name.padEnd(width)}${text}`), ''];
}

function wholeLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

/** What keeps `in.iked` from starting: one sentence that says how to mend it, the exit status, and nothing left behind. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { join } from 'node:path';
import { DaemonProcess } from './daemon-process.js';
import {
  configFile,
  EAST,
  freePorts,
  policyFile,
  type Ports,
  presharedFile,
  presharedKey,
  rule,
  traceFile,
  tunnelPolicy,
  WEST,
  writeRoot,
} from './gateways.js';
import { makeScratch, type Scratch } from './scratch.js';

const SERVICE = 'svc:/network/ipsec/ike:default';
/** TEST-NET-1: no interface has it. */
const ELSEWHERE = '192.0.2.1';

interface Refusal {
  readonly what: string;
  readonly spoil?: (root: string) => void;
  readonly flags?: (root: string) => readonly string[];
  readonly listen?: string;
  /** All of stderr but its last line. */
  readonly says: (root: string, ports: Ports) => string;
  readonly underSmf: 95 | 100;
  readonly lastWords: string;
}

const CONFIGURATION = { underSmf: 95, lastWords: `Bad configuration of service ${SERVICE}.` } as const;
const PERMISSION = { underSmf: 100, lastWords: `Permission error with ${SERVICE}.` } as const;
const ENVIRONMENT = { underSmf: 95, lastWords: `Service ${SERVICE} fatal error.` } as const;

const REFUSALS: readonly Refusal[] = [
  {
    what: 'a missing configuration file',
    spoil: (root) => {
      rmSync(configFile(root));
    },
    says: (root) =>
      `in.iked: ${configFile(root)} does not exist: make it, or name another file or root (-f, -R).`,
    ...CONFIGURATION,
  },
  {
    what: 'every mistake of every file',
    spoil: (root) => {
      writeFileSync(configFile(root), `p1_nonce_len many\n${rule('192.0.2.256', WEST)}`);
      writeFileSync(presharedFile(root), presharedKey(EAST, WEST, '0x00'));
      writeFileSync(policyFile(root), '{ laddr 10.0.0.0/33 } ipsec { encr_algs aes sa shared }');
    },
    says: (root) =>
      [
        `in.iked: ${configFile(root)}:1:14: …`,
        `in.iked: ${configFile(root)}:2:47: …`,
        `in.iked: ${policyFile(root)}:1:18: …`,
        `in.iked: ${presharedFile(root)}:1:75: …`,
      ].join('\n'),
    ...CONFIGURATION,
  },
  {
    what: 'a missing preshared file',
    spoil: (root) => {
      rmSync(presharedFile(root));
    },
    says: (root) =>
      `in.iked: ${presharedFile(root)} does not exist: make it, or name another file or root (-f, -R).`,
    ...CONFIGURATION,
  },
  {
    what: 'a preshared file that others may read',
    spoil: (root) => {
      chmodSync(presharedFile(root), 0o644);
    },
    says: (root) =>
      `in.iked: ${presharedFile(root)} holds keys and has mode 0644; nobody but its owner may have access: chmod 0600 it.`,
    ...PERMISSION,
  },
  {
    what: 'an address that is not of this host',
    listen: ELSEWHERE,
    says: (_, { port }) =>
      `in.iked: UDP ${ELSEWHERE}:${String(port)} cannot be opened: no interface of this host has that address; correct --listen.`,
    ...ENVIRONMENT,
  },
  {
    what: 'an inspector that others could reach',
    flags: (root) => ['-p', '2', '--sadb-trace', traceFile(root), '--inspect', '0.0.0.0:0'],
    says: () =>
      'in.iked: the inspector serves only 127.0.0.1 or ::1, not 0.0.0.0: what it shows is for this host; forward the port with ssh to see it from elsewhere',
    ...ENVIRONMENT,
  },
  {
    what: 'a trace in a folder that is not there',
    flags: (root) => ['-p', '2', '--sadb-trace', join(root, 'missing/sadb.jsonl')],
    says: (root) => `in.iked: Cannot open the SADB trace ${join(root, 'missing/sadb.jsonl')}: …`,
    ...ENVIRONMENT,
  },
];

interface Flag {
  readonly flags: readonly string[];
  readonly says: RegExp;
}

const WRONG_FLAGS: readonly Flag[] = [
  {
    flags: ['-p', '2', '--kernel', 'pfkey', '--sadb-trace', '/nonexistent/trace'],
    says: /^in\.iked: --sadb-trace is of --kernel embedded/,
  },
  {
    flags: ['--kernel', 'vax'],
    says: /^error: .+'vax' is invalid\. Allowed choices are auto, embedded, pfkey, xfrm\.$/,
  },
  {
    flags: ['--sadb-trace', 'keys'],
    says: /^in\.iked: --sadb-trace writes keys .+ needs -p 2 \(keymat\)\.$/,
  },
  { flags: ['-p', '1', '--sadb-trace', 'keys'], says: /needs -p 2 \(keymat\)\.$/ },
  { flags: ['-p', '3'], says: /^error: .+'3' is invalid\. Write 0, 1 or 2\.$/ },
  { flags: ['--listen', 'localhost'], says: /"localhost" is no numeric IPv4 or IPv6 address\.$/ },
  { flags: ['--port', '70000'], says: /'70000' is invalid\. Write a port from 1 to 65535\.$/ },
  { flags: ['--port', '4500'], says: /^in\.iked: --port and --natt-port must differ\.$/ },
  {
    flags: ['--inspect', 'public'],
    says: /'public' is invalid\. Write a port, or an address of this host and a port/,
  },
  { flags: ['--workers', '0'], says: /'0' is invalid\. Write a number from 1 to 64/ },
  {
    flags: ['--workers', '2', '--kernel', 'xfrm'],
    says: /^in\.iked: --workers keeps SAs in the workers themselves: add --kernel embedded\./,
  },
  {
    flags: ['--workers', '2', '--kernel', 'embedded', '--inspect'],
    says: /^in\.iked: The inspector shows one process: leave out --workers 2, or --inspect\.$/,
  },
  {
    flags: ['--workers', '2', '--kernel', 'embedded', '--metrics', '9090'],
    says: /^in\.iked: --metrics counts in one process/,
  },
  {
    flags: ['--workers', '2', '--tun', '--policy', 'policy'],
    says: /^in\.iked: --tun has one thread that carries packets/,
  },
  {
    flags: ['--workers', '2', '-p', '2', '--kernel', 'embedded', '--sadb-trace', 'keys'],
    says: /^in\.iked: --sadb-trace writes what one kernel holds/,
  },
  { flags: ['--frobnicate'], says: /^error: unknown option '--frobnicate'$/ },
  { flags: ['surplus'], says: /^error: too many arguments/ },
  { flags: ['-f'], says: /^error: option '-f <file>' argument missing$/ },
];

describe('in.iked does not start', () => {
  let scratch: Scratch;
  let root: string;
  let ports: Ports;
  let started: DaemonProcess[];

  beforeEach(async () => {
    scratch = makeScratch();
    root = scratch.folder;
    ports = await freePorts(EAST);
    started = [];
    writeRoot(root, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: tunnelPolicy({ network: 1, address: EAST }, { network: 2, address: WEST }),
    });
  });
  afterEach(async () => {
    await Promise.all(started.map((daemon) => daemon.stop()));
    scratch.remove();
  });

  function start(
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    listen = EAST,
  ): DaemonProcess {
    const { port, nattPort } = ports;
    const daemon = new DaemonProcess(
      [
        ...['-R', root, '--policy', policyFile(root), '--listen', listen],
        ...['--port', String(port), '--natt-port', String(nattPort), ...flags],
      ],
      environment,
    );
    started.push(daemon);
    return daemon;
  }

  /** Files of the root that are neither configuration nor folders. */
  function leftBehind(): readonly string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => ![configFile(root), presharedFile(root), policyFile(root)].includes(file));
  }

  for (const { what, spoil, flags, listen, says, underSmf, lastWords } of REFUSALS) {
    it(`with ${what}`, async () => {
      spoil?.(root);
      const traced = flags?.(root) ?? ['-p', '2', '--sadb-trace', traceFile(root)];
      const shell = start(traced, {}, listen);
      assert.equal(await shell.ended(), 1);
      const smf = start(traced, { SMF_FMRI: SERVICE }, listen);
      assert.equal(await smf.ended(), underSmf);
      const reasons = shell.lastWords.slice(0, -1);
      const wanted = says(root, ports).split('\n');
      // What follows an ellipsis is worded elsewhere.
      const cut = reasons.map((line, index) => {
        const start = wanted[index]?.split('…', 1)[0] ?? '';
        return wanted[index]?.endsWith('…') === true && line.startsWith(start) ? `${start}…` : line;
      });
      assert.deepEqual(cut, wanted);
      assert.deepEqual(smf.lastWords.slice(0, -1), reasons);
      assert.equal(shell.lastWords.at(-1), 'Fatal error - exiting.');
      assert.equal(smf.lastWords.at(-1), lastWords);
      assert.deepEqual(leftBehind(), []);
    });
  }

  it('with a port in use', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => {
      other.bind({ port: ports.nattPort, address: EAST, exclusive: true }, resolve);
    });
    try {
      const daemon = start(['-p', '2', '--sadb-trace', traceFile(root)]);
      assert.equal(await daemon.ended(), 1);
      assert.deepEqual(daemon.lastWords, [
        `in.iked: UDP ${EAST}:${String(ports.nattPort)} is in use by another program: end that program, or choose other ports with --port and --natt-port.`,
        'Fatal error - exiting.',
      ]);
      assert.deepEqual(leftBehind(), []);
    } finally {
      other.close();
    }
  });

  for (const { flags, says } of WRONG_FLAGS) {
    it(`with ${flags.join(' ')}`, async () => {
      const daemon = new DaemonProcess(['-R', root, ...flags]);
      started.push(daemon);
      assert.equal(await daemon.ended(), 1);
      assert.equal(daemon.lastWords.length, 1, daemon.lastWords.join('\n'));
      assert.match(daemon.lastWords[0] ?? '', says);
      assert.deepEqual(leftBehind(), []);
    });
  }
});

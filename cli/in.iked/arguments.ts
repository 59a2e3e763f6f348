/** The command line of `in.iked`: the original's flags, and ours. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isDeviceName } from '../../adapters/tun/tun-path.js';
import { parseServiceDebugLevel } from '../../services/admin/debug-levels.js';
import { inspectorPlace, type InspectorPlace } from '../../services/admin/inspector.js';
import { parsePrivilegeLevel, type PrivilegeLevel } from '../../services/admin/privilege-levels.js';
import { type Address, parseAddress } from '../../services/net/address.js';
import { groupNumber } from './group-number.js';
import { type RunAs, runAs } from './run-as.js';
import { err, ok, type Result } from '../../services/result.js';

export interface Arguments {
  readonly check: boolean;
  readonly debug: boolean;
  /** Whether it was asked to end in the foreground when the daemon runs. */
  readonly background: boolean;
  /** Undefined, here and below, where no flag says so: then the service's properties may. */
  readonly configFile: string | undefined;
  readonly privilege: PrivilegeLevel | undefined;
  readonly debugLevel: number | undefined;
  readonly logFile: string | undefined;
  /** Undefined for text on a terminal and JSON elsewhere. */
  readonly logFormat: 'text' | 'json' | undefined;
  readonly ignoreErrors: true | undefined;
  /** What svcprop(1) prints of the group `config`, read at the start and at each refresh. */
  readonly propertiesFile: string | undefined;
  /** Number of the group that may log in to tokens; undefined for the owner of the door alone. */
  readonly tokenGroup: number | undefined;
  /** Whom the daemon becomes when all is open; undefined for whoever starts it. */
  readonly user: RunAs | undefined;
  readonly root: string;
  readonly listen: readonly Address[] | undefined;
  readonly port: number;
  readonly nattPort: number;
  readonly kernel: 'auto' | 'embedded' | 'pfkey' | 'xfrm';
  readonly policyFile: string | undefined;
  /** Name of the TUN device by which real traffic comes to the embedded kernel, or `auto`; undefined: none. */
  readonly tun: string | undefined;
  readonly inspect: InspectorPlace | undefined;
  /** Origins whose pages may connect to the sockets of Stately's tools; undefined: there are no such sockets. */
  readonly stately: readonly string[] | undefined;
  readonly sadbTrace: string | undefined;
  /** Port of the metrics, on loopback; undefined: none are kept. */
  readonly metrics: number | undefined;
  /** Whether the flight recorder runs from the start. */
  readonly record: boolean;
  /** How many threads negotiate, each for itself; 1: the one of the process. */
  readonly workers: number;
}

/** What is printed instead of running, and the status it ends with. */
export interface Instead {
  readonly text: string;
  readonly exit: 0 | 1;
}

interface Options {
  c?: boolean;
  d?: boolean;
  f?: string;
  p?: PrivilegeLevel;
  background?: boolean;
  debugLevel?: number;
  log?: string;
  logFormat?: 'text' | 'json';
  ignoreErrors?: true;
  properties?: string;
  tokenGroup?: number;
  user?: RunAs;
  R: string;
  listen?: readonly Address[];
  port: number;
  nattPort: number;
  kernel: Arguments['kernel'];
  policy?: string;
  /** `true` for `--tun` without a name. */
  tun?: string | true;
  /** `true` for `--inspect` without a value, `false` for `--no-inspect`. */
  inspect?: Arguments['inspect'] | boolean;
  /** `true` without a value. */
  stately?: string | true;
  sadbTrace?: string;
  metrics?: number;
  /** `false` for `--no-record`. */
  record: boolean;
  workers: number;
}

const LOOPBACK = '127.0.0.1';
const MOST_WORKERS = 64;

export function readArguments(argv: readonly string[]): Result<Arguments, Instead> {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const command = program().configureOutput({ writeOut: write, writeErr: write }).exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return err({ text, exit: error.exitCode === 0 ? 0 : 1 });
  }
  const options = command.opts<Options>();
  const fault = contradiction(options);
  if (fault !== undefined) return err({ text: `in.iked: ${fault}\n`, exit: 1 });
  return ok({
    check: options.c ?? false,
    debug: options.d ?? false,
    background: options.background ?? false,
    configFile: options.f,
    privilege: options.p,
    debugLevel: options.debugLevel,
    logFile: options.log,
    logFormat: options.logFormat,
    ignoreErrors: options.ignoreErrors,
    propertiesFile: options.properties,
    tokenGroup: options.tokenGroup,
    user: options.user,
    root: options.R,
    listen: options.listen,
    port: options.port,
    nattPort: options.nattPort,
    kernel: kernelOf(options),
    policyFile: options.policy,
    tun: options.tun === true ? 'auto' : options.tun,
    inspect: inspectorOf(options),
    stately: options.stately === undefined ? undefined : options.stately === true ? [] : [options.stately],
    sadbTrace: options.sadbTrace,
    metrics: options.metrics,
    record: options.record,
    workers: options.workers,
  });
}

function program(): Command {
  return new Command('in.iked')
    .description(
      'IKEv1 key management daemon. It stays in the foreground, unless --background is given, and ends on SIGTERM.',
    )
    .helpOption('-h, --help', 'print this help')
    .option('-c', 'check the configuration file and exit')
    .option('-d', 'debug: all categories of the log, and the inspector')
    .option('-f <file>', 'configuration file (default: ROOT/etc/inet/ike/config)')
    .addOption(
      new Option('-p <level>', 'privilege of the door: 0 base, 1 modkeys, 2 keymat (default: 0)').argParser(
        privilege,
      ),
    )
    .addOption(
      new Option('--debug-level <level>', 'categories of the log, as of ikeadm set debug').argParser(
        debugLevel,
      ),
    )
    .option('--log <file>', 'append the log to FILE instead of stderr; SIGUSR1 reopens it')
    .addOption(
      new Option(
        '--log-format <form>',
        'plain lines or JSON (default: text on a terminal, else json)',
      ).choices(['text', 'json']),
    )
    .option('--ignore-errors', 'start without the rules of a broken file and wait for better ones')
    .option('--background', 'end with status 0 when the daemon runs')
    .option('--properties <file>', 'properties of the SMF service, as svcprop -p config prints them')
    .addOption(
      new Option('--token-group <group>', 'a group that may log in to tokens: name or number').argParser(
        (text) => groupNumber(text),
      ),
    )
    .addOption(
      new Option(
        '--user <user>',
        'become USER, or USER:GROUP, when sockets, log and door are open; needs root',
      ).argParser((text) => runAs(text)),
    )
    .option('-R <root>', 'root of all default paths', '/')
    .addOption(
      new Option(
        '--listen <addresses>',
        'local addresses, separated by commas or each with a flag of its own (default: all)',
      ).argParser(addresses),
    )
    .addOption(
      new Option('--port <n>', 'UDP port of IKE, here and at the peers').default(500).argParser(port),
    )
    .addOption(
      new Option('--natt-port <n>', 'UDP port of NAT-T and of ESP in UDP').default(4500).argParser(port),
    )
    .addOption(
      new Option('--kernel <which>', 'where SAs are kept')
        .choices(['auto', 'embedded', 'pfkey', 'xfrm'])
        .default('auto'),
    )
    .option('--policy <file>', 'IPsec policies for the kernel, in the form of ipsecconf(8)')
    .addOption(
      new Option(
        '--tun [name]',
        'carry real traffic of the policies, through a TUN device (default: the first free of iked0 to iked15)',
      ).argParser(deviceName),
    )
    .addOption(
      new Option('--inspect [where]', 'serve the inspector page at [ADDRESS:]PORT of this host').argParser(
        inspect,
      ),
    )
    .option('--no-inspect', 'no inspector page, even with -d')
    .addOption(
      new Option(
        '--stately [origin]',
        "with the inspector, also /stately and /legacy for Stately's tools; pages of ORIGIN may connect",
      ).argParser(origin),
    )
    .option('--sadb-trace <file>', 'write every change of the SADB with its keys to FILE; needs -p 2')
    .addOption(
      new Option('--metrics <port>', 'serve metrics for Prometheus at 127.0.0.1:PORT').argParser(port),
    )
    .option('--no-record', 'do not record negotiations; ikeadm record on begins it later')
    .addOption(
      new Option(
        '--workers <n>',
        'negotiate in so many threads, which share the ports; for --kernel embedded',
      )
        .argParser(workers)
        .default(1),
    )
    .allowExcessArguments(false);
}

function contradiction(options: Options): string | undefined {
  if (options.sadbTrace !== undefined && options.kernel !== 'embedded')
    return '--sadb-trace is of --kernel embedded: other kernels tell their SAs, with keys, to "ip xfrm state" and "ip xfrm monitor" (Linux) or "ipseckey dump" (illumos).';
  if (options.tun !== undefined && kernelOf(options) !== 'embedded')
    return '--tun is of --kernel embedded: other kernels carry packets themselves.';
  if (options.tun !== undefined && options.policy === undefined)
    return '--tun carries what policies protect: name their file with --policy.';
  if (options.sadbTrace !== undefined && options.p !== 2) {
    return '--sadb-trace writes keys to a file and needs -p 2 (keymat).';
  }
  if (options.background === true && options.d === true)
    return '-d stays attached to the terminal: leave out -d or --background.';
  if (options.stately !== undefined && inspectorOf(options) === undefined)
    return '--stately is served by the inspector: add --inspect.';
  if (options.user !== undefined && options.c !== true && process.geteuid?.() !== 0)
    return `--user needs root, who alone can become ${options.user.name}: start in.iked as root, or as ${options.user.name} without --user.`;
  if (options.port === options.nattPort) return '--port and --natt-port must differ.';
  return options.workers === 1 ? undefined : notWithWorkers(options);
}

/** What one thread has for itself cannot be had of several. */
function notWithWorkers({
  kernel,
  tun,
  inspect: page,
  metrics,
  sadbTrace,
  workers: count,
}: Options): string | undefined {
  const alone = `leave out --workers ${String(count)}, or`;
  if (tun !== undefined)
    return `--tun has one thread that carries packets, and one that tells it what to do: ${alone} --tun.`;
  if (kernel !== 'embedded')
    return `--workers keeps SAs in the workers themselves: add --kernel embedded. With a kernel of the system, whose news every worker would hear, in.iked is one process: leave out --workers ${String(count)}.`;
  if (typeof page === 'object' || page === true)
    return `The inspector shows one process: ${alone} --inspect.`;
  if (metrics !== undefined) return `--metrics counts in one process: ${alone} --metrics.`;
  if (sadbTrace !== undefined) return `--sadb-trace writes what one kernel holds: ${alone} --sadb-trace.`;
  return undefined;
}

/** What only the embedded kernel has asks for it. */
function kernelOf({ kernel, tun, sadbTrace }: Options): Arguments['kernel'] {
  return kernel === 'auto' && (tun !== undefined || sadbTrace !== undefined) ? 'embedded' : kernel;
}

function inspectorOf({ inspect: asked, d, workers }: Options): Arguments['inspect'] {
  if (typeof asked === 'object') return asked;
  // It shows one process, and without being asked for it is not missed.
  const wanted = asked === true ? true : asked === false ? false : d === true && workers === 1;
  return wanted ? { address: LOOPBACK, port: 0 } : undefined;
}

function deviceName(text: string): string {
  if (isDeviceName(text)) return text;
  throw new InvalidArgumentError(
    'Write a name of small letters with a number from 0 to 15 at its end, e.g. iked0.',
  );
}

function privilege(text: string): PrivilegeLevel {
  const level = parsePrivilegeLevel(text);
  if (level === undefined) throw new InvalidArgumentError('Write 0, 1 or 2.');
  return level;
}

function debugLevel(text: string): number {
  const level = parseServiceDebugLevel(text);
  if (!level.ok)
    throw new InvalidArgumentError(
      `"${level.error}" is no category; write a number, or e.g. all, op+p1+p2, all-pfkey.`,
    );
  return level.value;
}

/** `before`: of flags of the same name before it. Each address is listened on once. */
function addresses(text: string, before: readonly Address[] = []): readonly Address[] {
  const named = text.split(',').map((part) => {
    const address = parseAddress(part.trim());
    if (address === undefined)
      throw new InvalidArgumentError(`"${part}" is no numeric IPv4 or IPv6 address.`);
    return address;
  });
  return [...new Set([...before, ...named])];
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535)
    throw new InvalidArgumentError('Write a port from 1 to 65535.');
  return number;
}

function workers(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MOST_WORKERS)
    throw new InvalidArgumentError(
      `Write a number from 1 to ${String(MOST_WORKERS)}: how many processors shall negotiate.`,
    );
  return count;
}

function inspect(text: string): InspectorPlace {
  const place = inspectorPlace(text);
  if (place === undefined)
    throw new InvalidArgumentError('Write a port, or an address of this host and a port: 127.0.0.1:8500.');
  return place;
}

function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== text) {
    throw new InvalidArgumentError(
      'Write the scheme and host of a page, without a path: https://stately.ai.',
    );
  }
  return text;
}

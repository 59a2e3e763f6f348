/** strongSwan's charon as the peer. Its kernel is the shim's: SAs are acknowledged and written down, keys included. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBackground, type Background } from './background.js';
import type { End } from './addresses.js';
import { CONNECTION, writeCharonFiles } from './charon-files.js';
import type { Credentials } from './pki.js';
import { readSaLines, type SaLine } from './sa-log.js';
import type { Scenario } from './scenario.js';
import { renderSection, type Section } from './section.js';
import { attempt, eventually, succeed, type Ended } from './shell.js';

const CHARON = '/usr/lib/ipsec/charon';
const PLUGINS =
  'random nonce openssl aes sha1 sha2 md5 hmac gmp pem pkcs1 pkcs8 x509 pubkey revocation constraints socket-default vici';
const SWANCTL_PLUGINS = 'random openssl pem pkcs1 pkcs8 x509 revocation constraints pubkey';

export interface CharonPlan {
  readonly namespace: string;
  /** Which end of a scenario it plays. */
  readonly end: End;
  /** For its files. */
  readonly directory: string;
  /** The compiled shim; undefined: SAs go into the real kernel. */
  readonly shim: string | undefined;
  readonly pki: Credentials;
  /** `shim`, if not given: SAs are written down and no packet flows. `libipsec`: ESP in user space, always in UDP. */
  readonly kernel?: 'shim' | 'libipsec';
  /** Further values of `charon { }` in strongswan.conf, for example `{ fragment_size: 576 }`. */
  readonly settings?: Section;
}

export class Charon {
  readonly #plan: CharonPlan;
  readonly #directory: string;
  #process: Background;
  readonly #end: End;
  readonly #pki: Credentials;
  /** SA lines written before the present scenario. */
  #linesBefore = 0;
  /** Characters of its log before the present scenario. */
  #logBefore = 0;

  private constructor(plan: CharonPlan) {
    this.#plan = plan;
    this.#directory = plan.directory;
    this.#process = launch(plan);
    this.#end = plan.end;
    this.#pki = plan.pki;
  }

  /** Starts it in a namespace, with /run of its own so that it meets no other charon's pid file and socket. */
  static async start(plan: CharonPlan): Promise<Charon> {
    const { directory } = plan;
    if (!existsSync(CHARON)) throw new Error(`${CHARON} is missing: run test/interop/run.sh as root`);
    mkdirSync(join(directory, 'run'), { recursive: true });
    const log = { path: join(directory, 'charon.log'), default: 1, ike: 2, enc: 1, flush_line: 'yes' };
    writeFileSync(
      join(directory, 'strongswan.conf'),
      renderSection({
        charon: {
          load_modular: 'no',
          load: `${PLUGINS}${plan.kernel === 'libipsec' ? ' kernel-libipsec' : ''} kernel-netlink updown`,
          install_routes: plan.kernel === 'libipsec' ? 'yes' : 'no',
          // A refusal is known soon; the good cases lose no packet.
          retransmit_timeout: 0.5,
          retransmit_base: 1.5,
          retransmit_tries: 3,
          // What it warns of is what is tested.
          i_dont_care_about_security_and_use_aggressive_mode_psk: 'yes',
          filelog: { file: log },
          ...plan.settings,
        },
        swanctl: { load: SWANCTL_PLUGINS },
      }),
    );
    const charon = new Charon(plan);
    await charon.#answers();
    return charon;
  }

  async #answers(): Promise<void> {
    await eventually('charon answers', 10, async () => {
      if (this.#process.exit() !== undefined)
        throw new Error(`charon ended: ${readFileSync(join(this.#directory, 'out.log'), 'utf8')}`);
      return (await this.#ask('--stats')).status === 0 ? true : undefined;
    });
  }

  /** Dies without a word, all its SAs with it. */
  async crash(): Promise<void> {
    await this.#process.kill();
  }

  /** Runs again after a crash, and knows only its configuration. */
  async revive(scenario: Scenario): Promise<void> {
    this.#process = launch(this.#plan);
    await this.#answers();
    await this.configure(scenario);
  }

  #ask(command: string, ...args: readonly string[]): Promise<Ended> {
    const uri = `unix://${join(this.#directory, 'run', 'charon.vici')}`;
    return attempt(
      'env',
      [
        `STRONGSWAN_CONF=${join(this.#directory, 'strongswan.conf')}`,
        `SWANCTL_DIR=${this.#swanctlDirectory}`,
        ...['swanctl', command, '--uri', uri, ...args],
      ],
      30,
    );
  }

  /** Takes over a scenario's configuration in place of what it had. */
  async configure(scenario: Scenario): Promise<void> {
    await writeCharonFiles(this.#swanctlDirectory, scenario, this.#end, this.#pki);
    this.#linesBefore = readSaLines(this.saFile).length;
    this.#logBefore = this.log().length;
    // Verdicts on certificates of the scenario before.
    await this.#ask('--flush-certs');
    const loaded = await this.#ask('--load-all', '--clear', '--noprompt');
    if (loaded.status !== 0) throw new Error(`swanctl --load-all: ${loaded.stdout}${loaded.stderr}`);
  }

  get #swanctlDirectory(): string {
    return join(this.#directory, 'swanctl');
  }

  get saFile(): string {
    return join(this.#directory, 'sa.jsonl');
  }

  /** SA lines since the present scenario was configured. */
  saLines(): readonly SaLine[] {
    return readSaLines(this.saFile, this.#linesBefore);
  }

  /** Negotiates a child as the initiator; true when charon says that it is established. */
  async initiate(child: string): Promise<boolean> {
    return (await this.#ask('--initiate', '--child', child, '--timeout', '15')).status === 0;
  }

  /** Ends the Phase 1 and its children with Deletes. */
  async terminate(): Promise<void> {
    await this.#ask('--terminate', '--ike', CONNECTION, '--timeout', '5');
  }

  /** Ends one child with a Delete. */
  async terminateChild(child: string): Promise<void> {
    await this.#ask('--terminate', '--child', child, '--timeout', '5');
  }

  /** Makes another pair of SAs for a child, in place of the one it has. */
  async rekeyChild(child: string): Promise<void> {
    await this.#ask('--rekey', '--child', child);
  }

  /** Makes another Phase 1 in place of the one it has. */
  async rekeyPhase1(): Promise<void> {
    await this.#ask('--rekey', '--ike', CONNECTION);
  }

  /** Forgets everything without telling the peer. */
  async forget(): Promise<void> {
    await this.#ask('--terminate', '--ike', CONNECTION, '--force', '--timeout', '1');
  }

  /** How many Phase 1 SAs and children it holds. */
  async held(): Promise<{ readonly phase1: number; readonly children: number }> {
    const { stdout } = await this.#ask('--list-sas', '--raw');
    return {
      phase1: stdout.match(/state=ESTABLISHED/g)?.length ?? 0,
      children: stdout.match(/state=INSTALLED/g)?.length ?? 0,
    };
  }

  log(): string {
    return readFileSync(join(this.#directory, 'charon.log'), 'utf8');
  }

  /** Lines of its log since the present scenario was configured that hold all these words. */
  logged(...words: readonly string[]): readonly string[] {
    const lines = this.log().slice(this.#logBefore).split('\n');
    return lines.filter((line) => words.every((word) => line.includes(word)));
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

/** With /run of its own. */
function launch({ directory, namespace, shim, kernel }: CharonPlan): Background {
  return startBackground(
    'ip',
    [
      ...['netns', 'exec', namespace, 'sh', '-c'],
      'mount --bind "$1" /run && exec env LD_PRELOAD="$2" "$3"',
      ...['sh', join(directory, 'run'), kernel === 'libipsec' ? '' : (shim ?? ''), CHARON],
    ],
    { stdout: join(directory, 'out.log'), stderr: join(directory, 'out.log') },
    {
      ...process.env,
      STRONGSWAN_CONF: join(directory, 'strongswan.conf'),
      FAKEXFRM_LOG: join(directory, 'sa.jsonl'),
    },
  );
}

/** Compiles the shim into a directory; its path. */
export async function compileShim(directory: string): Promise<string> {
  const shim = join(directory, 'fakexfrm.so');
  const source = join(import.meta.dirname, 'fakexfrm.c');
  await succeed('cc', ['-Wall', '-shared', '-fPIC', '-O2', '-o', shim, source, '-ldl', '-lpthread'], 60);
  return shim;
}

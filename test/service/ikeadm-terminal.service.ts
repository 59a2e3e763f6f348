/** `ikeadm` on a real terminal, with a daemon behind it: the prompt, editing, history, Ctrl-C, Ctrl-D, and PINs. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { DIST } from '../cli/in.iked/daemon-process.js';
import {
  EAST,
  freePorts,
  Gateway,
  presharedKey,
  rule,
  tunnelPolicy,
  WEST,
  writeRoot,
} from '../cli/in.iked/gateways.js';
import { makeScratch } from '../cli/in.iked/scratch.js';

const UP = '\u001b[A';
const BACKSPACE = '\u007f';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const PRIV = 'Current privilege level is 0x2, access to keying material enabled';
const COMMENT = `# ${'x'.repeat(3000)}`;

/** What `script` gives the command for a terminal. */
class Terminal {
  readonly #child: ChildProcess;
  #shown = '';
  #isOver = false;
  #wake = (): void => undefined;
  #read = 0;

  constructor(root: string, ...words: readonly string[]) {
    const line = [process.execPath, join(DIST, 'ikeadm.js'), '-n', '-R', root, ...words].join(' ');
    this.#child = spawn('script', ['-q', '-e', '-c', line, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      this.#shown += part;
      this.#wake();
    });
    this.#child.on('close', () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  get shown(): string {
    return this.#shown;
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** What is shown up to and with `text`, from where the last of these ended. */
  async until(text: string): Promise<string> {
    const from = this.#read;
    while (!this.#shown.includes(text, from)) {
      assert.ok(!this.#isOver, `ended before ${text}:\n${this.#shown}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#read = this.#shown.indexOf(text, from) + text.length;
    return this.#shown.slice(from, this.#read);
  }

  async status(): Promise<number | null> {
    while (!this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#child.exitCode;
  }

  async stop(): Promise<void> {
    if (this.#isOver) return;
    this.#child.stdin?.end(CTRL_D);
    await this.status();
  }
}

describe('ikeadm on a terminal', () => {
  const scratch = makeScratch();
  const root = join(scratch.folder, 'east');
  let gateway: Gateway;
  let terminal: Terminal;

  before(async () => {
    writeRoot(root, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, 'ab'.repeat(16)),
      policy: tunnelPolicy({ network: 1, address: EAST }, { network: 2, address: WEST }),
    });
    gateway = new Gateway(root, [EAST], await freePorts(EAST), ['--no-inspect']);
    await gateway.daemon.running();
  });
  after(async () => {
    await gateway.daemon.stop();
    scratch.remove();
  });
  afterEach(() => terminal.stop());

  async function atPrompt(): Promise<void> {
    terminal = new Terminal(root);
    await terminal.until('ikeadm> ');
  }

  it('prompts, shows what is typed, runs it and prompts again; exit ends it with 0', async () => {
    await atPrompt();
    terminal.type('get priv\r');
    const shown = await terminal.until(`${PRIV}\r\n`);
    assert.match(shown, /get priv/);
    await terminal.until('ikeadm> ');
    terminal.type('exit\r');
    assert.equal(await terminal.status(), 0);
  });

  it('edits the line, and gives earlier lines back, but none with a key in it', async () => {
    await atPrompt();
    terminal.type(`get prix${BACKSPACE}v\r`);
    await terminal.until(PRIV);
    await terminal.until('ikeadm> ');
    const secret = '0123456789abcdef';
    terminal.type(`add preshared { localid ${EAST} remoteid 192.0.2.9 key ${secret} }\r`);
    await terminal.until('Successfully created new preshared key.');
    await terminal.until('ikeadm> ');
    terminal.type(`${UP}\r`);
    const shown = await terminal.until(PRIV);
    assert.ok(!shown.includes(secret));
  });

  it('forgets what is beyond 64000 bytes of history', async () => {
    await atPrompt();
    terminal.type('get priv\r');
    await terminal.until(PRIV);
    const count = Math.ceil(64_000 / COMMENT.length);
    for (let times = 0; times < count; times++) {
      await terminal.until('ikeadm> ');
      // The editor keeps no line that is as the one before.
      terminal.type(`${COMMENT}${String(times)}\r`);
      await terminal.until(`x${String(times)}\r`);
    }
    await terminal.until('ikeadm> ');
    const before = terminal.shown.length;
    terminal.type(`${UP.repeat(count + 5)}\r`);
    terminal.type('get debug\r');
    await terminal.until('Current debug level');
    assert.ok(!terminal.shown.slice(before).includes(PRIV));
  });

  it('abandons the line at Ctrl-C, and ends at Ctrl-D on an empty one with 0', async () => {
    await atPrompt();
    terminal.type(`flush p1${CTRL_C}`);
    await terminal.until('ikeadm> ');
    terminal.type('get priv\r');
    const shown = await terminal.until(PRIV);
    assert.doesNotMatch(shown, /flushed|Unrecognized/);
    await terminal.until('ikeadm> ');
    terminal.type(CTRL_D);
    assert.equal(await terminal.status(), 0);
  });

  it('asks for a PIN with the label, and echoes nothing of it', async () => {
    terminal = new Terminal(root, 'token', 'login', 'box');
    assert.equal(
      await terminal.until("Enter PIN for PKCS#11 token 'box': "),
      "Enter PIN for PKCS#11 token 'box': ",
    );
    terminal.type('4711-0815\r');
    const shown = await terminal.until(
      'ERROR: PKCS#11 operation: token login failed or no objects on device',
    );
    assert.match(shown, /^\r?\nikeadm: ERROR/);
    assert.equal(await terminal.status(), 1);
    assert.ok(!terminal.shown.includes('4711'));
  });
});

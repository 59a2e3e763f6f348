/** A person at a terminal: what the keys do, what is shown and what is not. */
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { LONGEST_PIN } from '../../../../cli/ikeadm/console/console.js';
import type { TerminalInput } from '../../../../cli/ikeadm/console/hidden-line.js';
import { TerminalConsole } from '../../../../cli/ikeadm/console/terminal-console.js';

const UP = '\x1b[A';
const CTRL_C = '\x03';
const CTRL_D = '\x04';
const BACKSPACE = '\x7f';

class Keyboard extends PassThrough {
  readonly isTTY = true;
  raw = false;

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }
}

describe('the console at a terminal', () => {
  let keys: Keyboard & TerminalInput;
  let shown: string;
  let console: TerminalConsole;
  beforeEach(() => {
    keys = new Keyboard();
    shown = '';
    const screen = new Writable({
      write(chunk: Buffer, _encoding, done) {
        shown += chunk.toString();
        done();
      },
    });
    console = new TerminalConsole(keys, screen);
  });
  afterEach(() => {
    console.close();
  });

  async function line(typed: string): Promise<unknown> {
    const entered = console.line('ikeadm> ');
    keys.write(typed);
    return entered;
  }

  async function secret(typed: string): Promise<string | undefined> {
    const entered = console.secret('PIN: ');
    keys.write(typed);
    const bytes = await entered;
    return bytes && Buffer.from(bytes).toString();
  }

  it('prompts, and shows what is typed', async () => {
    assert.deepEqual(await line('get debug\r'), { kind: 'line', text: 'get debug' });
    assert.match(shown, /ikeadm> .*get debug/s);
  });

  it('edits', async () => {
    assert.deepEqual(await line(`get debux${BACKSPACE}g\r`), { kind: 'line', text: 'get debug' });
  });

  it('gives earlier lines back, but none with a key in it', async () => {
    await line('get priv\r');
    await line('add preshared { localid 192.0.2.1 remoteid 192.0.2.2 key 0123456789abcdef }\r');
    assert.deepEqual(await line(`${UP}\r`), { kind: 'line', text: 'get priv' });
  });

  it('keeps its history while a PIN is asked for, and never the PIN', async () => {
    await line('get priv\r');
    assert.equal(await secret('123456\r'), '123456');
    assert.deepEqual(await line(`${UP}\r`), { kind: 'line', text: 'get priv' });
  });

  it('keeps at most 64000 bytes of history', async () => {
    const longLine = (index: number): string => `${String(index).padStart(2, '0')}${'x'.repeat(3998)}`;
    for (let index = 0; index < 20; index++) await line(`${longLine(index)}\r`);
    // 16 of them fit; the editor shows an empty line beyond the oldest.
    assert.deepEqual(await line(`${UP.repeat(16)}\r`), { kind: 'line', text: longLine(4) });
    assert.deepEqual(await line(`${UP.repeat(17)}\r`), { kind: 'line', text: '' });
  });

  it('abandons the line at Ctrl-C, and what was typed of it', async () => {
    assert.deepEqual(await line(`flush p1${CTRL_C}`), { kind: 'interrupted' });
    assert.deepEqual(await line('get priv\r'), { kind: 'line', text: 'get priv' });
  });

  it('ends at Ctrl-D on an empty line', async () => {
    assert.deepEqual(await line(CTRL_D), { kind: 'end' });
  });

  it('says that a line is too long', async () => {
    assert.deepEqual(await line(`${'x'.repeat(4097)}\r`), { kind: 'too-long' });
  });

  it('takes lines that were pasted together one after the other', async () => {
    assert.deepEqual(await line('get priv\rget debug\r'), { kind: 'line', text: 'get priv' });
    assert.deepEqual(await console.line('ikeadm> '), { kind: 'line', text: 'get debug' });
  });

  it('shows nothing of a PIN, and the terminal echoes nothing either', async () => {
    const entered = console.secret('PIN: ');
    assert.equal(keys.raw, true);
    keys.write('secret\r');
    await entered;
    assert.equal(shown, 'PIN: \n');
    assert.equal(keys.raw, false);
  });

  it('lets a PIN be corrected, in characters and whole', async () => {
    assert.equal(await secret(`12é${BACKSPACE}3\n`), '123');
    assert.equal(await secret(`99\x1512\n`), '12');
    assert.equal(await secret(`${BACKSPACE}1\n`), '1');
  });

  it('gives a PIN up at Ctrl-C and at Ctrl-D on an empty line', async () => {
    assert.equal(await secret(`12${CTRL_C}`), undefined);
    assert.equal(await secret(CTRL_D), undefined);
    assert.equal(await secret(`12${CTRL_D}`), '12');
  });

  it('keeps no more of a PIN than shows that it is too long', async () => {
    assert.equal((await secret(`${'1'.repeat(10_000)}\r`))?.length, LONGEST_PIN + 1);
  });
});

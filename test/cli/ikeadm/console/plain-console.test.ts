/** Lines of a pipe: however they arrive. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { LONGEST_PIN } from '../../../../cli/ikeadm/console/console.js';
import { PlainConsole } from '../../../../cli/ikeadm/console/plain-console.js';

function consoleOf(...chunks: readonly string[]): PlainConsole {
  return new PlainConsole(Readable.from(chunks.map((chunk) => Buffer.from(chunk))));
}

async function linesOf(console: PlainConsole): Promise<readonly unknown[]> {
  const lines: unknown[] = [];
  for (;;) {
    const entered = await console.line();
    if (entered.kind === 'end') return lines;
    lines.push(entered.kind === 'line' ? entered.text : entered.kind);
  }
}

describe('the console of a pipe', () => {
  it('finds lines wherever chunks end', async () => {
    const text = 'get debug\r\n\nget "Köln"\nlast';
    const whole = ['get debug', '', 'get "Köln"', 'last'];
    assert.deepEqual(await linesOf(consoleOf(text)), whole);
    const bytes = [...Buffer.from(text)].map((byte) => Buffer.from([byte]));
    assert.deepEqual(await linesOf(new PlainConsole(Readable.from(bytes))), whole);
  });

  it('goes on behind a line that is too long', async () => {
    assert.deepEqual(await linesOf(consoleOf('x'.repeat(5000), 'y'.repeat(5000), '\nget debug\n')), [
      'too-long',
      'get debug',
    ]);
  });

  it('gives a PIN as bytes, and the lines around it', async () => {
    const console = consoleOf('token login x\n12', '34\nget debug\n');
    assert.deepEqual(await console.line(), { kind: 'line', text: 'token login x' });
    assert.deepEqual(await console.secret(), new Uint8Array(Buffer.from('1234')));
    assert.deepEqual(await console.line(), { kind: 'line', text: 'get debug' });
    assert.equal(await console.secret(), undefined);
  });

  it('keeps no more of a PIN than shows that it is too long', async () => {
    assert.equal((await consoleOf('1'.repeat(10_000)).secret())?.length, LONGEST_PIN + 1);
  });

  it('wipes what it read', async () => {
    const chunk = Buffer.from('1234\nrest\n');
    const console = new PlainConsole(Readable.from([chunk]));
    assert.equal((await console.secret())?.length, 4);
    assert.equal(chunk.toString('latin1'), '\0\0\0\0\nrest\n');
  });
});

/** Numbers of labels: who has one keeps it, whatever becomes of the file. */
import assert from 'node:assert/strict';
import { EventStream } from '../../daemon/event-stream.js';
import { RuleCookies } from '../../daemon/rule-cookies.js';
import { parseLabelCookies } from '../../services/policy/label-cookies.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { CookieFileInMemory } from './administration-of.js';

function cookies(file = new CookieFileInMemory()) {
  const events = new EventStream(new VirtualClock());
  const notes: string[] = [];
  events.subscribe((event) => {
    if (event.type === 'config.note') notes.push(event.note);
  });
  return { file, notes, cookies: new RuleCookies(file, events) };
}

describe('label cookies', () => {
  it('begin at 1, go on above the highest, and are written only when there is a new one', () => {
    const { file, cookies: held } = cookies();
    held.keep(['a', 'b c']);
    assert.equal(file.text, '1\ta\n2\tb c\n');
    held.keep(['b c']);
    held.keep(['a', 'b c']);
    assert.equal(file.writes, 1);
    held.keep(['d']);
    assert.equal(file.text, '1\ta\n2\tb c\n3\td\n');
    assert.deepEqual([held.of('a'), held.of('d'), held.of('nobody')], [1, 3, 0]);
  });

  it('follow the file over a restart, and what others have added to it', () => {
    const { file, cookies: held } = cookies();
    file.text = '7\tof ipsecconf\n3 a\n';
    held.keep(['a', 'b']);
    assert.deepEqual([held.of('of ipsecconf'), held.of('a'), held.of('b')], [7, 3, 8]);
    file.text += '9\tmore\n';
    held.keep(['a', 'b', 'c']);
    assert.equal(held.of('c'), 10);
    assert.equal(file.text, '7\tof ipsecconf\n3\ta\n8\tb\n9\tmore\n10\tc\n');
  });

  it('are written again when the file is lost', () => {
    const { file, cookies: held } = cookies();
    held.keep(['a', 'b']);
    file.text = undefined;
    held.keep(['b']);
    assert.equal(file.text, '1\ta\n2\tb\n');
    file.text = '2\tstranger\n';
    held.keep(['b']);
    assert.deepEqual([held.of('a'), held.of('b'), held.of('stranger')], [1, 3, 2]);
  });

  it('leave a file alone that they do not understand, and say where', () => {
    const { file, notes, cookies: held } = cookies();
    file.text = '1\ta\nnonsense\n';
    held.keep(['a', 'b']);
    assert.equal(file.text, '1\ta\nnonsense\n');
    assert.match(notes.join(), /line 2/);
    assert.notEqual(held.of('b'), 0, 'the daemon goes on');
  });

  it('survive a file that cannot be read or written', () => {
    const { file, notes, cookies: held } = cookies();
    file.writeFault = 'It cannot be written: EROFS.';
    held.keep(['a']);
    file.readFault = 'It cannot be read: EIO.';
    held.keep(['a', 'b']);
    assert.deepEqual([held.of('a'), held.of('b')], [1, 2]);
    assert.deepEqual(notes, ['It cannot be written: EROFS.', 'It cannot be read: EIO.']);
  });

  it('are lines of a number, a blank or a tab, and a label', () => {
    for (const bad of ['x\ta\n', '1\n', '1\t\n', '4294967296\ta\n', '\n1\ta\n', `1\t${'a'.repeat(4096)}\n`])
      assert.equal(parseLabelCookies(bad).ok, false, JSON.stringify(bad.slice(0, 20)));
    const good = parseLabelCookies('1\ta\n2   b\n1\ta\n5\ta');
    assert.deepEqual(good.ok && [...good.value], [
      ['a', 1],
      ['  b', 2],
    ]);
    assert.deepEqual(parseLabelCookies('').ok, true);
  });

  it('know the label of a number, for a kernel that asks by it', () => {
    const held = cookies();
    held.cookies.keep(['a', 'b c']);
    assert.equal(held.cookies.labelOf(held.cookies.of('b c')), 'b c');
    assert.equal(held.cookies.labelOf(77), undefined);
  });
});

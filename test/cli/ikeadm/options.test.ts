import assert from 'node:assert/strict';
import { parseCommandLine, type Options } from '../../../cli/ikeadm/options.js';

const PLAIN: Options = { help: false, numeric: false, paranoid: false, json: false, root: '/' };

describe('the options of ikeadm', () => {
  const GOOD: readonly (readonly [line: string, options: Partial<Options>, words: readonly string[]])[] = [
    ['', {}, []],
    ['dump p1', {}, ['dump', 'p1']],
    ['-np dump p1', { numeric: true, paranoid: true }, ['dump', 'p1']],
    ['-j -R /tmp/a get p1 -n', { json: true, root: '/tmp/a' }, ['get', 'p1', '-n']],
    ['-nR/tmp/a up', { numeric: true, root: '/tmp/a' }, ['up']],
    ['-h', { help: true }, []],
    ['-n -- -x', { numeric: true }, ['-x']],
    ['- x', {}, ['-', 'x']],
  ];
  for (const [line, options, words] of GOOD) {
    it(`"${line}"`, () => {
      const args = line === '' ? [] : line.split(' ');
      assert.deepEqual(parseCommandLine(args), { options: { ...PLAIN, ...options }, words });
    });
  }

  it('are refused by name', () => {
    assert.deepEqual(parseCommandLine(['-nx']), { fault: 'illegal option -- x' });
    assert.deepEqual(parseCommandLine(['-R']), { fault: 'option -R requires a directory' });
  });
});

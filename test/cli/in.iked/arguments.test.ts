/** Flags of `in.iked` that may be given more than once. */
import assert from 'node:assert/strict';
import { readArguments } from '../../../cli/in.iked/arguments.js';

function listensOn(...flags: readonly string[]): readonly string[] | undefined {
  const args = readArguments(flags);
  assert.ok(args.ok, args.ok ? '' : args.error.text);
  return args.value.listen;
}

describe('--listen', () => {
  it('adds up when it is given again, and listens once on an address that is named twice', () => {
    assert.deepEqual(
      listensOn('--listen', '192.0.2.1,192.0.2.2', '--listen', '2001:db8::1', '--listen=192.0.2.2'),
      ['192.0.2.1', '192.0.2.2', '2001:db8::1'],
    );
  });

  it('is every address when it is not given, and refuses what is none wherever it stands', () => {
    assert.equal(listensOn(), undefined);
    const wrong = readArguments(['--listen', '192.0.2.1', '--listen', 'here']);
    assert.match(wrong.ok ? '' : wrong.error.text, /"here" is no numeric IPv4 or IPv6 address/);
  });
});

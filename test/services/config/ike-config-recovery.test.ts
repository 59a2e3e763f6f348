/** One slip is one message, wherever it is made, and the rest of the file is still read. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { KEYWORD_NAMES } from '../../../services/config/ike-config-keywords.js';
import { places } from './reading.js';

const GOOD = `p1_lifetime_secs 7200
use_http
{ label "a"
  local_addr 192.0.2.1
  remote_addr 192.0.2.2
  p1_xform { auth_method preshared oakley_group 14
             auth_alg sha1 encr_alg aes(128..256) } }
{ label "b"
  p2_pfs 14
  p1_xform { auth_method preshared oakley_group 5 auth_alg md5 encr_alg 3des }
  local_addr 192.0.2.1
  p1_xform { auth_method preshared oakley_group 2 auth_alg sha encr_alg aes }
  remote_addr 192.0.3.0/24
}
expire_timer 60
{
  remote_addr 198.51.100.1 - 198.51.100.9
  local_addr 2001:db8::1
  local_addr 192.0.2.7
  label "c"
  p1_xform { auth_method preshared oakley_group 5 auth_alg md5 encr_alg 3des }
}
`;
const TOKENS = [...GOOD.matchAll(/"[^"]*"|[{}]|[^\s{}"]+/g)];
const LAST_MISTAKE = 'retry_limit x\n';

/** What cannot be seen as a mistake: the only flag left out or said twice. */
const HARMLESS = new Set(['use_http']);

function replaced(token: RegExpMatchArray, by: string): string {
  const at = token.index ?? 0;
  return GOOD.slice(0, at) + by + GOOD.slice(at + token[0].length);
}

function place(token: RegExpMatchArray): string {
  return `${token[0]} at ${String(token.index)}`;
}

/** The mistake itself, and one more at the end of the file to prove that it is still read. */
function assertOneMistake(text: string, what: string): void {
  const one = parseIkeConfig(text, 'f').diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(one.length, 1, `${what}:\n${one.map(({ problem }) => problem).join('\n')}`);
  const { diagnostics } = parseIkeConfig(text + LAST_MISTAKE, 'f');
  const line = text.split('\n').length;
  assert.ok(places(diagnostics).includes(`${String(line)}:13`), `${what} hides the end of the file`);
}

describe('ike.config: one slip is one message', () => {
  it('reads the text that the slips are made in', () => {
    assert.deepEqual(parseIkeConfig(GOOD, 'f').diagnostics, []);
  });

  it('when any token is left out', () => {
    for (const token of TOKENS) {
      if (!HARMLESS.has(token[0])) assertOneMistake(replaced(token, ''), `without ${place(token)}`);
    }
  });

  it('when any token is doubled', () => {
    for (const token of TOKENS) {
      if (!HARMLESS.has(token[0]))
        assertOneMistake(replaced(token, `${token[0]} ${token[0]}`), `double ${place(token)}`);
    }
  });

  it('when any keyword or word lacks a letter', () => {
    for (const token of TOKENS) {
      if (!/^[a-z]\w{3,}$/.test(token[0])) continue;
      assertOneMistake(replaced(token, token[0].slice(0, 1) + token[0].slice(2)), `garbled ${place(token)}`);
    }
  });

  it('when nothing is left of the file behind any token', () => {
    for (const token of TOKENS) {
      const end = token.index + token[0].length;
      const { diagnostics } = parseIkeConfig(GOOD.slice(0, end), 'f');
      // A file that ends early may lack a brace, a value, and what a rule must have.
      assert.ok(places(diagnostics).length <= 4, place(token));
    }
  });
});

describe('ike.config: any text', () => {
  const words = fc.constantFrom(
    ...KEYWORD_NAMES,
    ...[
      '{',
      '}',
      '(',
      ')',
      '..',
      '/',
      '-',
      '"',
      '"a"',
      '\\',
      '#',
      '//',
      '\n',
      'preshared',
      'aes',
      '14',
      '10.0.0.1',
      '::',
      '0.5',
      'x',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(words, { maxLength: 60 }).map((list) => list.join(' ')),
    fc
      .tuple(fc.nat(GOOD.length), fc.nat(GOOD.length), fc.string({ maxLength: 10 }))
      .map(([from, to, text]) => GOOD.slice(0, from) + text + GOOD.slice(to)),
  );

  it('never throws, and either accepts or says why, within the file', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { config, diagnostics } = parseIkeConfig(text, 'f');
        assert.equal(config === undefined, places(diagnostics).length > 0);
        const lines = text.split(/\r\n|\n|\r/);
        for (const { position, problem } of diagnostics) {
          assert.notEqual(problem, '');
          const line = lines[position.line - 1];
          assert.ok(line !== undefined && position.column >= 1 && position.column <= line.length + 1);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** The interactive mode with a pipe in place of a person; the terminal is in console/terminal-console.test.ts. */
import assert from 'node:assert/strict';
import { MOST_WORDS, splitWords } from '../../../cli/ikeadm/interactive/words.js';
import { LONGEST_LINE } from '../../../cli/ikeadm/console/console.js';
import { ownCall } from '../../../services/admin/door-call.js';
import { handleRequest } from '../../../services/admin/handle-request.js';
import { ok } from '../../../services/result.js';
import { phase1Sa, SimulatedAdministration } from '../../services/admin/simulated-administration.js';
import { runIn, typed, worldOf } from './simulated-world.js';

const DEBUG = 'Current debug level is 0x0\nNo debug categories enabled.\n';

describe('words of the interactive mode', () => {
  const WORDS: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['', []],
    ['  \t ', []],
    ['get debug', ['get', 'debug']],
    ['  get\t debug  ', ['get', 'debug']],
    ['get rule "two gateways"', ['get', 'rule', 'two gateways']],
    ['label "C=DE, O=x"y', ['label', 'C=DE, O=xy']],
    ['a"b c"d', ['ab cd']],
    ['label ""', ['label', '']],
    ['a\\ "b\\"', ['a\\', 'b\\']],
  ];
  for (const [line, words] of WORDS) {
    it(`splits <${line}>`, () => {
      assert.deepEqual(splitWords(line), ok(words));
    });
  }

  it('refuses a quoted part that does not end, and too many words', () => {
    assert.deepEqual(splitWords('get rule "two gateways'), { ok: false, error: 'open-quote' });
    assert.equal(splitWords('a '.repeat(MOST_WORDS)).ok, true);
    assert.deepEqual(splitWords('a '.repeat(MOST_WORDS + 1)), { ok: false, error: 'too-many-words' });
  });
});

describe('ikeadm without a command', () => {
  let admin: SimulatedAdministration;
  beforeEach(() => {
    admin = new SimulatedAdministration();
  });

  it('runs one line after the other until the input ends, and exits 0', async () => {
    assert.deepEqual(await typed('get debug\n\n  # get priv\nget priv\nget debug', admin), {
      stdout: `${DEBUG}Current privilege level is 0x0, base privileges enabled\n${DEBUG}`,
      stderr: '',
      exit: 0,
    });
  });

  it('ends at exit and at quit, whatever follows', async () => {
    for (const word of ['exit', 'quit', 'quit now']) {
      assert.deepEqual(await typed(`get debug\n${word}\nget debug\n`, admin), {
        stdout: DEBUG,
        stderr: '',
        exit: 0,
      });
    }
  });

  it('takes a line that ends with a backslash together with the next', async () => {
    assert.equal((await typed('get\\\ndebug\n', admin)).stdout, DEBUG);
    assert.equal((await typed('get \\\n \\\n debug\n', admin)).stdout, DEBUG);
    const ended = await typed('get debug \\', admin);
    assert.deepEqual(
      [ended.stdout, ended.stderr, ended.exit],
      ['', 'ikeadm: The last line ends with \\, but no line follows.\n', 0],
    );
  });

  it('takes a line that ends with a carriage return', async () => {
    assert.equal((await typed('get debug\r\nget debug\r\n', admin)).stdout, DEBUG + DEBUG);
  });

  it('returns to the prompt after every error', async () => {
    const { stdout, stderr, exit } = await typed(
      'frob\nget\nget p1\nget p1 x\nget p1 192.0.2.1 192.0.2.2\nset debug all x y\nget rule "x\nget debug\n',
      admin,
    );
    assert.equal(
      stderr,
      [
        "ikeadm: Unrecognized command 'frob'",
        '',
        'Type help for usage info',
        '',
        'Type help for usage info',
        'ikeadm: Error: not enough identification info',
        'ikeadm: ERROR: invalid phase 1 SA identification',
        '',
        'ikeadm: Could not find requested phase 1 SA.',
        'ikeadm: Error: Too many arguments to "set debug"',
        'ikeadm: A quoted part has no closing ".',
        '',
      ].join('\n'),
    );
    assert.deepEqual([stdout, exit], [DEBUG, 0]);
  });

  it('drops a line that is too long, and a command that grows too long', async () => {
    const fits = `get debug${' '.repeat(LONGEST_LINE - 'get debug'.length)}`;
    assert.equal((await typed(`${fits}\nget debug\n`, admin)).stdout, DEBUG + DEBUG);
    for (const [input, complaint] of [
      [`${fits} `, 'ikeadm: Line too long (max=4096 chars)\n'],
      ['x'.repeat(3_000_000), 'ikeadm: Line too long (max=4096 chars)\n'],
      [`${fits.slice(1)}\\\n x`, 'ikeadm: Command buffer overrun.\n'],
    ] as const) {
      assert.deepEqual(await typed(`${input}\nget debug\n`, admin), {
        stdout: DEBUG,
        stderr: complaint,
        exit: 0,
      });
    }
  });

  it('prints one document a line with -j', async () => {
    const { stdout, stderr } = await typed('get debug\nfrob\nget\ndump p1\nx "\n', admin, '-j');
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
      [
        { level: 0, categories: [] },
        { error: { message: "Unrecognized command 'frob'" } },
        { error: { message: 'Type help for usage info' } },
        [],
        { error: { message: 'A quoted part has no closing ".' } },
      ],
    );
    assert.equal(stderr, '');
  });

  it('knows -n and -p for every line', async () => {
    admin.level = 2;
    admin.add(phase1Sa());
    const { stdout } = await typed('dump p1\ndump p1\n', admin, '-np');
    assert.equal(stdout.split('\nLOCIP: AF_INET: port 500, 192.0.2.1.\n').length, 3);
    assert.equal(stdout.split(`(20 bytes): ${'XX'.repeat(20)}/160\n`).length, 3);
  });

  it('needs no daemon before a command asks for one, and outlives its absence', async () => {
    const { stdout, stderr, exit } = await typed('help get\nget debug\nget debug\n');
    assert.match(stdout, /^Shows one thing that in\.iked knows\./);
    const lines =
      'Unable to communicate with in.iked\nStart it.\nikeadm: open_door failed: No such file or directory\n';
    assert.deepEqual([stderr, exit], [lines + lines, 0]);
  });

  it('opens the door once more when the daemon was started again', async () => {
    let doors = 0;
    const world = worldOf(admin, {
      input: 'get debug\nget debug\nget debug\n',
      connect() {
        doors++;
        let calls = 0;
        return Promise.resolve(
          ok({
            passesFiles: false,
            async call(request: Uint8Array) {
              return calls++ < 1
                ? ok(await handleRequest(ownCall(request), admin))
                : {
                    ok: false as const,
                    error: {
                      operation: 'call' as const,
                      reason: 'Connection closed by in.iked',
                      mend: 'Look.',
                    },
                  };
            },
            close: () => undefined,
          }),
        );
      },
    });
    assert.deepEqual(await runIn(world, []), { stdout: DEBUG.repeat(3), stderr: '', exit: 0 });
    assert.equal(doors, 3);
  });

  it('says so when the door closes a second time', async () => {
    let doors = 0;
    const world = worldOf(admin, {
      connect() {
        doors++;
        return Promise.resolve(
          ok({
            passesFiles: false,
            call: () =>
              Promise.resolve({
                ok: false as const,
                error: { operation: 'call' as const, reason: 'Connection closed by in.iked', mend: 'Look.' },
              }),
            close: () => undefined,
          }),
        );
      },
    });
    assert.deepEqual(await runIn(world, ['get', 'debug']), {
      stdout: '',
      stderr:
        'Unable to communicate with in.iked\nLook.\nikeadm: door_call failed: Connection closed by in.iked\nFatal error - exiting.\n',
      exit: 1,
    });
    assert.equal(doors, 2);
  });
});

/** The debug log: which events a level selects, what a line looks like, and what happens to its file. */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EventLog, type EventLogOptions } from '../../../adapters/log/event-log.js';
import { LogOutput } from '../../../adapters/log/log-output.js';
import { colourOf } from '../../../adapters/log/negotiation-colour.js';
import { lineOf } from '../../../adapters/log/event-lines.js';
import { EventStream } from '../../../daemon/event-stream.js';
import { DEBUG_CATEGORIES } from '../../../services/admin/debug-levels.js';
import type { DaemonEvent, EventCategory } from '../../../services/events/event.js';
import { failure } from '../../../services/failure/build.js';
import { makeScratch, type Scratch } from '../../cli/in.iked/scratch.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const REMOTE = { address: '192.0.2.7', port: 500 } as const;
const LOCAL = { address: '192.0.2.1', port: 500 } as const;
const WHY = failure(
  'no-common-phase1-proposal',
  { exchange: 'Main Mode', message: 1 },
  'config',
  'It does not fit.',
  'Mend it.',
);

/** What an operator expects to find under each category; one event of every sort. */
const EVENTS: Readonly<Record<Exclude<EventCategory, 'label'>, readonly DaemonEvent[]>> = {
  cert: [
    { type: 'certificates.fetched', source: 'http://192.0.2.9/ca.crl' },
    { type: 'certificates.fetch-failed', source: 'http://192.0.2.9/ca.crl', reason: 'no answer' },
  ],
  op: [
    { type: 'daemon.state', state: 'running' },
    { type: 'socket.opened', local: LOCAL },
    { type: 'socket.closed', local: LOCAL },
    { type: 'socket.error', local: LOCAL, error: 'no way' },
    { type: 'log.reopened', file: '/var/log/in.iked.log', error: undefined },
    { type: 'inspector.opened', url: 'http://127.0.0.1:1/' },
    { type: 'datagram.dropped', remote: REMOTE, reason: 'too short', count: 2 },
    { type: 'config.refused', file: 'config', errors: ['config:1:1: wrong'] },
    { type: 'config.ignored', errors: ['config:1:1: wrong'] },
    { type: 'phase1.not-renewed', negotiation: 'sa-1', failure: WHY },
    { type: 'token.state', token: 'box', state: 'locked', reason: 'Token "box" was given a wrong PIN.' },
    { type: 'negotiation.suspicion', negotiation: 'p1-1', failure: WHY },
    { type: 'negotiation.ended', negotiation: 'p1-1', outcome: 'failed', failure: WHY },
    { type: 'negotiation.ended', negotiation: 'p2-1', outcome: 'failed', failure: WHY },
    { type: 'peer.dead', negotiation: 'sa-1', remote: REMOTE, phase2: 1, failure: WHY },
    { type: 'kernel.unable', explanation: 'AH is not carried.' },
    { type: 'kernel.note', note: 'SHA-256 is not offered.' },
    { type: 'internal.error', where: 'timer', error: 'oh' },
  ],
  phase1: [
    {
      type: 'negotiation.started',
      negotiation: 'p1-1',
      chart: 'main-mode-initiator',
      local: LOCAL,
      remote: REMOTE,
      rule: undefined,
      parent: undefined,
    },
    { type: 'negotiation.note', negotiation: 'p1-1', note: 'clipped' },
    { type: 'negotiation.ended', negotiation: 'p1-1', outcome: 'established', failure: undefined },
    { type: 'negotiation.ended', negotiation: 'sa-1', outcome: 'gone', failure: undefined },
    {
      type: 'negotiation.ended',
      negotiation: 'p1-2',
      outcome: 'failed',
      failure: { ...WHY, code: 'crowded-out' },
    },
    { type: 'phase1.established', negotiation: 'p1-1', cookies: '1:2', role: 'initiator' },
    { type: 'phase1.gone', cookies: '1:2', reason: 'it expired' },
    { type: 'message.duplicate', negotiation: 'p1-1', remote: REMOTE, answered: true },
    { type: 'message.ignored', negotiation: undefined, remote: REMOTE, reason: 'unknown' },
    {
      type: 'notify.received',
      negotiation: 'p1-1',
      remote: REMOTE,
      notify: 'NO-PROPOSAL-CHOSEN',
      authenticated: false,
    },
  ],
  phase2: [
    {
      type: 'negotiation.started',
      negotiation: 'p2-1',
      chart: 'quick-mode-initiator',
      local: LOCAL,
      remote: REMOTE,
      rule: undefined,
      parent: 'p1-1',
    },
    { type: 'negotiation.ended', negotiation: 'p2-1', outcome: 'installed', failure: undefined },
    { type: 'negotiation.ended', negotiation: 'ipsec-1', outcome: 'gone', failure: undefined },
    { type: 'phase2.installed', negotiation: 'p2-1', pairs: [] },
    { type: 'phase2.gone', pairs: [], reason: 'it expired' },
  ],
  pfkey: [
    { type: 'negotiation.ended', negotiation: 'acquire-1', outcome: 'answered', failure: undefined },
    { type: 'kernel.acquire', id: 1, local: '192.0.2.1', remote: '192.0.2.7' },
    { type: 'kernel.expire', spi: 256, limit: 'soft' },
    { type: 'kernel.call', call: 'add', detail: 'ESP', error: undefined },
    { type: 'kernel.packet', direction: 'in', form: 'esp', bytes: 100 },
  ],
  key: [{ type: 'negotiation.key', negotiation: 'p1-1', why: 'The key used is that of line 3.' }],
  prop: [
    { type: 'negotiation.agreed', negotiation: 'p1-1', suite: 'aes' },
    { type: 'negotiation.agreed', negotiation: 'p2-1', suite: 'aes' },
  ],
  policy: [{ type: 'negotiation.rule', negotiation: 'p1-1', rule: 'east' }],
  door: [{ type: 'door.request', command: 'GET_STATS', error: undefined, uid: 0, rights: 'all' }],
  config: [
    { type: 'config.read', file: 'config', rules: 1, presharedKeys: 1 },
    { type: 'config.note', note: 'a rule is of no use' },
  ],
};
const ALL = Object.values(EVENTS).flat();

describe('the debug log', () => {
  let scratch: Scratch;
  let file: string;
  let clock: VirtualClock;
  let events: EventStream;

  beforeEach(() => {
    scratch = makeScratch();
    file = join(scratch.folder, 'in.iked.log');
    clock = new VirtualClock();
    events = new EventStream(clock);
  });
  afterEach(() => {
    scratch.remove();
  });

  function open(level: number, format: EventLogOptions['format'] = 'json'): EventLog {
    const log = new EventLog(events, level, {
      clock,
      format,
      stderr: { colourDepth: 1, isTerminal: false },
    });
    assert.ok(log.writeTo(file).ok);
    return log;
  }

  function lines(path = file): readonly string[] {
    return readFileSync(path, 'utf8').split('\n').slice(0, -1);
  }

  function logged(): readonly string[] {
    return lines().map((line) => {
      const { type, category } = JSON.parse(line) as { type: string; category: string };
      return `${category} ${type}`;
    });
  }

  for (const { bit, category, nicknames } of DEBUG_CATEGORIES) {
    it(`at level ${nicknames.join(', ')} holds the events of that category and no others`, () => {
      open(bit);
      for (const event of ALL) events.emit(event);
      const wanted = Object.entries(EVENTS).flatMap(([name, list]) => (name === category ? list : []));
      assert.deepEqual(
        logged(),
        wanted.map(({ type }) => `${category} ${type}`),
      );
    });
  }

  it('holds nothing at level 0, and what a new level selects from then on', () => {
    const log = open(0);
    for (const event of ALL) events.emit(event);
    assert.deepEqual(lines(), []);
    log.setLevel(0x100);
    for (const event of ALL) events.emit(event);
    assert.deepEqual(logged(), ['door door.request']);
  });

  it('goes on in a new file of the same name after a rotation, mode 0600 like the first', () => {
    const log = open(0x4);
    events.emit({ type: 'daemon.state', state: 'before' });
    renameSync(file, `${file}.0`);
    events.emit({ type: 'daemon.state', state: 'renamed' });
    assert.deepEqual(log.reopen(), { ok: true, value: undefined });
    events.emit({ type: 'daemon.state', state: 'after' });
    assert.match(lines(`${file}.0`).join(), /before.*renamed/);
    assert.match(lines().join(), /^[^b]*"after"/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(log.file, file);
  });

  it('stays in the old file when the new one cannot be opened', () => {
    const log = open(0x4);
    renameSync(file, `${file}.0`);
    mkdirSync(file);
    assert.deepEqual(log.reopen(), { ok: false, error: 'EISDIR' });
    assert.deepEqual(log.writeTo(join(scratch.folder, 'missing/log')), { ok: false, error: 'ENOENT' });
    events.emit({ type: 'daemon.state', state: 'after' });
    assert.match(lines(`${file}.0`).join(), /"after"/);
  });

  it('writes to a descriptor that was opened elsewhere, which no rotation touches, and closes it for a file', () => {
    const log = open(0x4);
    const other = join(scratch.folder, 'other');
    const descriptor = openSync(other, 'a', 0o600);
    log.writeToDescriptor(descriptor);
    assert.equal(log.file, undefined);
    renameSync(other, `${other}.0`);
    assert.deepEqual(log.reopen(), { ok: true, value: undefined });
    events.emit({ type: 'daemon.state', state: 'passed' });
    assert.match(lines(`${other}.0`).join(), /"passed"/);
    assert.ok(log.writeTo(file).ok);
    assert.throws(() => {
      closeSync(descriptor);
    }, /EBADF/);
  });

  it('has nowhere to write when stderr is gone, until there is a file', () => {
    const log = new EventLog(events, 0x4, {
      clock,
      format: 'json',
      stderr: { colourDepth: 1, isTerminal: false },
    });
    assert.ok(log.hasOutput);
    log.leaveStderr();
    assert.ok(!log.hasOutput);
    events.emit({ type: 'daemon.state', state: 'unseen' });
    assert.ok(log.writeTo(file).ok);
    log.leaveStderr();
    events.emit({ type: 'daemon.state', state: 'seen' });
    assert.equal(lines().length, 1);
  });

  it('in words has the whole date, the category, the negotiation, and no colour in a file', () => {
    open(0x8, 'text');
    events.emit({ type: 'negotiation.note', negotiation: 'p1-3', note: 'clipped' });
    assert.match(lines()[0] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z phase1 p1-3 notes: clipped$/);
  });

  it('lets no peer write escape sequences or lines of its own', () => {
    open(0x8, 'text');
    events.emit({ type: 'negotiation.note', negotiation: 'p1-3', note: 'a\u001b[2Jb\u009bc\r\nd' });
    const [first, second, ...others] = lines();
    assert.match(first ?? '', /notes: a\\x1b\[2Jb\\x9bc\\x0d$/);
    assert.deepEqual([second, others], ['\td', []]);
  });
});

describe('an output of the log that cannot be written', () => {
  it('loses lines, counts them, and says so when it can', () => {
    const scratch = makeScratch();
    try {
      const file = join(scratch.folder, 'log');
      // A descriptor that is closed under it fails like a full disk: each write, for a while.
      const descriptor = openSync(file, 'a');
      const output = LogOutput.descriptor(descriptor);
      output.write('one\n');
      closeSync(descriptor);
      output.write('two\n');
      output.write('three\n');
      assert.equal(openSync(file, 'a'), descriptor, 'the number is used again');
      output.write('four\n');
      output.close();
      assert.equal(readFileSync(file, 'utf8'), 'one\n2 line(s) of the log were lost here: EBADF\nfour\n');
      rmSync(file);
    } finally {
      scratch.remove();
    }
  });
});

describe('the colour of a negotiation', () => {
  const line = (negotiation: string, colourDepth: number): string =>
    lineOf({ type: 'negotiation.note', negotiation, note: 'clipped', sequence: 1, at: 0 }, 0, {
      format: 'text',
      colourDepth,
      dated: false,
    });

  it('is its own: its neighbours, and its Quick Modes, have others', () => {
    for (const depth of [4, 8, 24]) {
      const names = ['p1-1', 'p1-2', 'p1-3', 'p2-1', 'acquire-1'];
      const colours = names.map((name) => colourOf(name, depth));
      assert.equal(new Set(colours).size, names.length, colours.join());
      assert.deepEqual(
        colours,
        names.map((name) => colourOf(name, depth)),
      );
    }
  });

  it('covers the line and ends with it', () => {
    const coloured = (depth: number): string => line('p1-1', depth).replaceAll('\u001b', '^');
    assert.match(coloured(4), /^\^\[\d+m00:00:00\.000 phase1 p1-1 notes: clipped\^\[0m\n$/);
    assert.match(coloured(8), /^\^\[38;5;\d+m00/);
  });

  it('is none where the terminal has none', () => {
    assert.equal(line('p1-1', 1), '00:00:00.000 phase1 p1-1 notes: clipped\n');
  });
});

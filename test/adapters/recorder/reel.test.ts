import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Blanks } from '../../../adapters/recorder/blanks.js';
import { OPERATIONS } from '../../../adapters/recorder/operation.js';
import {
  BRIEF_BYTES,
  briefSize,
  callSize,
  EVENT_BYTES,
  KIND,
  type Kind,
  NO_NUMBER,
  OUTCOME,
  type OutcomeKind,
  type Piece,
  PIECE_BYTES,
} from '../../../adapters/recorder/piece.js';
import { Reel } from '../../../adapters/recorder/reel.js';
import type { StampedEvent } from '../../../services/ports/events.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { Note, RareNote, TakenOutcome } from '../../../adapters/recorder/taken.js';

const ROOMY = { head: 1_000_000, bytes: 10_000_000 };
const PLAIN = { noNullPrototype: true } as const;
const ENDS = { local: { address: '192.0.2.1', port: 500 }, remote: { address: '192.0.2.2', port: 500 } };

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.nat({ max: 0xffff_ffff }),
  fc.double({ noNaN: true }),
  fc.string(),
  fc.boolean(),
  fc.constant(undefined),
  fc.constant(null),
  fc.record({ spi: fc.nat(), key: fc.nat() }, PLAIN),
  fc.array(fc.oneof(fc.nat(), fc.uint8Array({ maxLength: 40 })), { maxLength: 5 }),
);
const outcome = fc.oneof(fc.record({ value }, PLAIN), fc.record({ error: value }, PLAIN));
const number = fc.integer({ min: 1, max: 5000 });
const note: fc.Arbitrary<Note> = fc.oneof(
  fc.record(
    {
      kind: fc.constantFrom('in' as const, 'out' as const),
      local: fc.constant(ENDS.local),
      remote: fc.record({ address: fc.constant('192.0.2.2'), port: fc.nat({ max: 65_535 }) }, PLAIN),
      bytes: fc.uint8Array({ maxLength: 9000 }),
    },
    PLAIN,
  ),
  fc
    .record(
      {
        kind: fc.constant('call' as const),
        of: fc.constantFrom(...OPERATIONS),
        args: fc.array(value, { maxLength: 6 }),
        outcome: fc.option(outcome, { nil: undefined }),
        number: fc.option(number, { nil: undefined }),
        secret: fc.constant(undefined),
      },
      PLAIN,
    )
    .map(({ of, ...call }) => ({ ...call, ...of })),
  fc.record(
    {
      kind: fc.constant('done' as const),
      port: fc.constant('kernel' as const),
      op: fc.constantFrom('update', 'add'),
      number,
      outcome,
      secret: fc.constant(undefined),
    },
    PLAIN,
  ),
  fc.record({ kind: fc.constant('timer' as const), number }, PLAIN),
  fc.record(
    {
      kind: fc.constant('circumstance' as const),
      which: fc.constant('knowsPeer' as const),
      value: fc.boolean(),
    },
    PLAIN,
  ),
  // Of whom and when it is, is made to agree with its place.
  fc.string().map((rule) => ({ kind: 'event' as const, event: eventOf('', 0, rule) })),
);

function eventOf(negotiation: string, at: number, rule: string): StampedEvent {
  return { type: 'negotiation.rule', negotiation, rule, sequence: 1, at };
}

function inPlace(one: Note, by: string, at: number): Note {
  if (one.kind !== 'event' || one.event.type !== 'negotiation.rule') return one;
  return { kind: 'event', event: eventOf(by, at, one.event.rule) };
}

/** Into which was written last. */
const latest = new WeakMap<Reel, Piece>();

/** As a conversation does it, and so does `write`. */
function roomIn(reel: Reel, size: number): Piece {
  const piece = latest.get(reel);
  if (piece?.has(size) === true) return piece;
  const next = reel.append(size);
  latest.set(reel, next);
  return next;
}

function write(reel: Reel, sequence: number, at: number, by: string, one: Note): void {
  const room = (size: number): Piece => roomIn(reel, size);
  const begin = (kind: Kind, size: number): Piece => {
    const piece = room(size);
    piece.head(kind, sequence, at, by);
    return piece;
  };
  const plain = (kind: Kind, number: number, piece = room(BRIEF_BYTES)): void => {
    const [, ...none] = [undefined, undefined, undefined, undefined] as const;
    piece.brief(kind, 0, sequence, at, by, undefined, number, NO_NUMBER, NO_NUMBER, ...none);
  };
  const rare = (note: RareNote): void => {
    const piece = room(BRIEF_BYTES);
    plain(KIND.rare, piece.rare(note), piece);
  };
  switch (one.kind) {
    case 'in':
    case 'out': {
      const { kind, local, remote, bytes } = one;
      const piece = room(briefSize(bytes, undefined, undefined));
      const ends = [piece.contents.localOf(local), piece.contents.remoteOf(remote)] as const;
      piece.brief(
        KIND[kind],
        0,
        sequence,
        at,
        by,
        undefined,
        ...ends,
        NO_NUMBER,
        bytes,
        undefined,
        undefined,
      );
      break;
    }
    case 'call': {
      const [kind, outcome] = settled(one.outcome);
      const piece = begin(KIND.call, callSize(one.args, outcome));
      piece.call(numberOf(one.op), one.args, kind, outcome, one.number ?? 0, one.secret);
      break;
    }
    case 'done': {
      const [kind, outcome] = settled(one.outcome);
      begin(KIND.done, callSize([], outcome)).done(numberOf(one.op), kind, outcome, one.number, one.secret);
      break;
    }
    case 'timer':
      plain(KIND.timer, one.number);
      break;
    case 'event':
      room(EVENT_BYTES).tell(one.event, sequence);
      break;
    default:
      rare(one);
  }
}

function settled(outcome: TakenOutcome | undefined): readonly [OutcomeKind, unknown] {
  if (outcome === undefined) return [OUTCOME.none, undefined];
  return 'error' in outcome ? [OUTCOME.error, outcome.error] : [OUTCOME.value, outcome.value];
}

function numberOf(name: string): number {
  return OPERATIONS.findIndex(({ op }) => op === name);
}

describe('the reel of a conversation', () => {
  it('gives up what is old where nothing but events comes', () => {
    const reel = new Reel({ head: 0, bytes: 100_000 }, new Blanks());
    for (let n = 0; n < 2000; n++) {
      roomIn(reel, EVENT_BYTES).tell(eventOf('p1-1', n, 'a'), n);
      assert.ok(reel.bytes <= 100_000, String(reel.bytes));
    }
    assert.equal(reel.entries, reel.read().length);
    assert.ok(reel.incomplete);
  });

  it('gives back what was written, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('p1-1', 'p2-7'), note), { maxLength: 40 }), (notes) => {
        const reel = new Reel(ROOMY, new Blanks());
        const written = notes.map(([by, any], sequence) => {
          const one = inPlace(any, by, sequence / 3);
          write(reel, sequence, sequence / 3, by, one);
          return { ...one, sequence, at: sequence / 3, by };
        });
        assert.deepEqual(reel.read(), written);
        assert.equal(reel.entries, written.length);
      }),
      { numRuns: 60 },
    );
  });

  it('writes beside what stands in the same memory, and never into it', () => {
    const entry = fc.record({ to: fc.nat({ max: 4 }), any: note });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 120 }), (entries) => {
        const blanks = new Blanks();
        const reels = Array.from({ length: 5 }, () => ({
          reel: new Reel(ROOMY, blanks),
          written: [] as Note[],
        }));
        for (const { to, any } of entries) {
          const { reel, written } = reels[to] ?? assert.fail();
          const one = inPlace(any, 'p1-1', 0);
          write(reel, 0, 0, 'p1-1', one);
          written.push(one);
        }
        for (const { reel, written } of reels)
          assert.deepEqual(
            reel.read(),
            written.map((one) => ({ ...one, sequence: 0, at: 0, by: 'p1-1' })),
          );
      }),
      { numRuns: 60 },
    );
  });

  it('writes a handle of any size as a number, not as an object that weighs', () => {
    const reel = new Reel(ROOMY, new Blanks());
    const call = (handle: number): Note => ({
      kind: 'call',
      port: 'crypto',
      op: 'prf',
      args: ['sha1', handle],
      outcome: { value: handle },
      number: undefined,
      secret: undefined,
    });
    write(reel, 0, 0, 'p1-1', call(1));
    const before = reel.bytes;
    write(reel, 1, 0, 'p1-1', call(Number.MAX_SAFE_INTEGER));
    assert.equal(reel.bytes, before);
    assert.deepEqual(
      reel.read().map((taken) => (taken.kind === 'call' ? taken.outcome : undefined)),
      [{ value: 1 }, { value: Number.MAX_SAFE_INTEGER }],
    );
  });

  it('looks for a name among those of a piece, not of all that ever came, and forgets them with the piece', () => {
    const limits = { head: 8 * 1024, bytes: 40 * 1024 };
    const pieces: Piece[] = [];
    const blanks = new (class extends Blanks {
      override take(length: number): Piece {
        const piece = super.take(length);
        if (!pieces.includes(piece)) pieces.push(piece);
        return piece;
      }
    })();
    const reel = new Reel(limits, blanks);
    for (let n = 1; n <= 20_000; n++) write(reel, n, n, `p2-${String(n)}`, { kind: 'timer', number: n });
    assert.ok(pieces.every(({ contents }) => contents.names.length <= PIECE_BYTES / 25));
    assert.ok(pieces.length < 12, String(pieces.length));
    const kept = reel.read();
    assert.equal(kept[0]?.by, 'p2-1');
    assert.equal(kept.at(-1)?.by, 'p2-20000');
    assert.ok(reel.bytes <= limits.bytes);
  });

  it('says of which copies of keys no entry is left', () => {
    const wiped: number[] = [];
    const reel = new Reel({ head: 8 * 1024, bytes: 40 * 1024 }, new Blanks(), (secrets) => {
      wiped.push(...secrets);
    });
    const keys = new KeyStore();
    const made = Array.from({ length: 2000 }, () => keys.put(Uint8Array.of(1)));
    made.forEach((secret, n) => {
      write(reel, n, n, 'p2-1', {
        ...{ kind: 'call', port: 'crypto', op: 'generateKeyPair', args: [2], outcome: { value: 1 } },
        ...{ number: undefined, secret },
      });
    });
    const left = new Set(reel.read().flatMap((entry) => (entry.kind === 'call' ? [entry.secret] : [])));
    assert.ok(wiped.length > 0);
    assert.deepEqual(
      wiped,
      made.filter((key) => !left.has(key)),
    );
  });

  it('keeps a copy of bytes that their owner wipes', () => {
    const reel = new Reel(ROOMY, new Blanks());
    const bytes = Uint8Array.of(1, 2, 3);
    write(reel, 1, 0, 'p1-1', { kind: 'in', ...ENDS, bytes });
    bytes.fill(0);
    const [kept] = reel.read();
    assert.deepEqual(kept?.kind === 'in' ? kept.bytes : undefined, Uint8Array.of(1, 2, 3));
  });

  it('never takes more than its bound, and gives up what is neither the beginning nor the end, in whole steps', () => {
    const limits = { head: 8 * 1024, bytes: 40 * 1024 };
    const reel = new Reel(limits, new Blanks());
    const last = 3000;
    for (let n = 1; n <= last; n++) {
      const call = {
        kind: 'call',
        port: 'crypto',
        op: 'mac',
        args: [new Uint8Array(60)],
        number: n,
        secret: undefined,
      } as const;
      const step: Note =
        n % 5 === 0 ? { kind: 'in', ...ENDS, bytes: new Uint8Array(100) } : { ...call, outcome: undefined };
      write(reel, n, n, 'p1-1', step);
      assert.ok(reel.bytes <= limits.bytes, `${String(reel.bytes)} bytes after ${String(n)} entries`);
    }
    assert.ok(reel.incomplete);
    const kept = reel.read();
    assert.equal(kept[0]?.sequence, 1);
    assert.equal(kept.at(-1)?.sequence, last);
    const behind = kept.findIndex(({ sequence }, index) => index > 0 && sequence !== index + 1);
    assert.ok(behind > 20);
    assert.equal(kept[behind]?.kind, 'in');
    const after = kept.slice(behind);
    assert.ok(after.every(({ sequence }, index) => sequence === (after[0]?.sequence ?? 0) + index));
  });
});

/** What is remembered of our SAs: in the file before the kernel has them, bounded, and no worse off for a bad file. */
import assert from 'node:assert/strict';
import { EventStream } from '../../daemon/event-stream.js';
import { rememberingKernel } from '../../daemon/remembering-kernel.js';
import { SaMemory } from '../../daemon/sa-memory.js';
import { KernelError, type Kernel, type KernelListener, type KernelSa } from '../../services/ports/kernel.js';
import { JOURNAL_HEADER, madeLine, parseJournal } from '../../services/state/sa-journal.js';
import { sampleSa } from '../services/state/sample-sa.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { FileOfSas } from './file-of-sas.js';
import { later } from '../sim/later.js';

function open(file = new FileOfSas()) {
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  const notes: string[] = [];
  events.subscribe((event) => {
    if (event.type === 'kernel.note') notes.push(event.note);
  });
  return { file, clock, notes, memory: new SaMemory(file, events) };
}

function written({ text }: FileOfSas): readonly number[] {
  const journal = parseJournal(text ?? JOURNAL_HEADER);
  assert.ok(journal.ok);
  assert.deepEqual(journal.value.spoiled, []);
  return journal.value.sas.map(({ spi }) => spi);
}

/** A kernel of which only what is asked here matters. */
function kernelWith(calls: Partial<Kernel>): Kernel {
  const done = (): Promise<void> => Promise.resolve();
  return {
    name: 'a test',
    open: done,
    getSpi: () => Promise.resolve(0),
    update: done,
    add: done,
    moveRemote: done,
    delete: done,
    usage: () => Promise.resolve(undefined),
    policyFor: () => Promise.resolve(undefined),
    policyForPacket: () => Promise.resolve(undefined),
    answerAcquire: () => undefined,
    held: () => Promise.resolve([]),
    adopt: () => Promise.resolve([]),
    replacePolicies: done,
    close: done,
    ...calls,
  };
}

function kernelSa(spi: number): KernelSa {
  const { softSeconds, hardSeconds, ...sa } = sampleSa({ spi });
  const lifetimes = { softSeconds, hardSeconds, softBytes: undefined, hardBytes: undefined };
  return { ...sa, lifetimes, encryption: undefined, integrity: undefined, encapsulation: undefined };
}

describe('the memory of our SAs', () => {
  it('has an SA in the file before the kernel is given it, and not after it refused it', async () => {
    const { file, clock, memory } = open();
    const seen: (readonly number[])[] = [];
    let refuses = false;
    const put = (): Promise<void> => {
      seen.push(written(file));
      return refuses ? Promise.reject(new KernelError('add', 'no')) : Promise.resolve();
    };
    const kernel = rememberingKernel(kernelWith({ add: put, update: put }), memory, clock);
    await kernel.update(kernelSa(0x101));
    await kernel.add(kernelSa(0x102));
    refuses = true;
    await assert.rejects(
      later(() => kernel.add(kernelSa(0x103))),
      /no/,
    );
    assert.deepEqual(seen, [[0x101], [0x101, 0x102], [0x101, 0x102, 0x103]]);
    assert.deepEqual(written(file), [0x101, 0x102]);
    assert.ok(!file.text?.includes('key'));
  });

  it('keeps an SA whose SPI a peer has named again', async () => {
    const { file, clock, memory } = open();
    let refuses = false;
    const add = (): Promise<void> =>
      refuses ? Promise.reject(new KernelError('add', 'it exists')) : Promise.resolve();
    const kernel = rememberingKernel(kernelWith({ add }), memory, clock);
    await kernel.add(kernelSa(0x101));
    const first = memory.find(kernelSa(0x101));
    refuses = true;
    clock.advance(1000);
    await assert.rejects(
      later(() => kernel.add(kernelSa(0x101))),
      /exists/,
    );
    assert.equal(memory.find(kernelSa(0x101)), first);
    assert.deepEqual(written(file), [0x101]);
  });

  it('forgets what expired, what was deleted by us or by others, and all at a flush', async () => {
    const { file, clock, memory } = open();
    let told: KernelListener | undefined;
    const kernel = rememberingKernel(
      kernelWith({
        open: (listener) => {
          told = listener;
          return Promise.resolve();
        },
      }),
      memory,
      clock,
    );
    const heard: string[] = [];
    const hear = (word: string) => (): void => {
      heard.push(word);
    };
    await kernel.open({
      acquire: hear('acquire'),
      expire: hear('expire'),
      deleted: hear('deleted'),
      flushed: hear('flushed'),
    });
    for (const spi of [0x101, 0x102, 0x103, 0x104, 0x105]) await kernel.add(kernelSa(spi));
    told?.expire({ sa: kernelSa(0x101), limit: 'soft' });
    assert.equal(written(file).length, 5);
    told?.expire({ sa: kernelSa(0x101), limit: 'hard' });
    told?.deleted(kernelSa(0x102));
    await kernel.delete(kernelSa(0x103));
    assert.deepEqual(written(file), [0x104, 0x105]);
    told?.flushed();
    assert.deepEqual(written(file), []);
    assert.deepEqual(heard, ['expire', 'expire', 'deleted', 'flushed']);
  });

  it('follows an SA whose peer moved', async () => {
    const { clock, memory } = open();
    const kernel = rememberingKernel(kernelWith({}), memory, clock);
    await kernel.add(kernelSa(0x101));
    await kernel.moveRemote(kernelSa(0x101), { address: '198.51.100.1', port: 61_000 });
    assert.deepEqual(
      memory.list().map(({ destination, maker }) => [destination, maker.peer.port]),
      [['198.51.100.1', 61_000]],
    );
    await kernel.moveRemote(kernelSa(0x101), { address: '198.51.100.7', port: 61_001 });
    assert.deepEqual(
      memory.list().map(({ destination, maker }) => [destination, maker.peer.port]),
      [['198.51.100.7', 61_001]],
    );
  });

  it('does not grow with what is gone', () => {
    const { file, memory } = open();
    memory.made(sampleSa({ spi: 0x100 }));
    for (let spi = 0x101; spi < 0x101 + 700; spi++) {
      memory.made(sampleSa({ spi }));
      memory.gone(sampleSa({ spi }));
    }
    assert.ok((file.text ?? '').split('\n').length < 600);
    assert.deepEqual(written(file), [0x100]);
  });

  it('says once that the file cannot be written, and writes all of it when it can be again', () => {
    const { file, notes, memory } = open();
    memory.made(sampleSa({ spi: 0x101 }));
    file.refusal = 'there is no space left';
    memory.made(sampleSa({ spi: 0x102 }));
    memory.made(sampleSa({ spi: 0x103 }));
    assert.equal(notes.length, 1);
    assert.match(
      notes[0] ?? '',
      /\/var\/run\/ike_sas cannot be written: there is no space left\. Should in\.iked be killed/,
    );
    file.refusal = undefined;
    memory.made(sampleSa({ spi: 0x104 }));
    assert.deepEqual(written(file), [0x101, 0x102, 0x103, 0x104]);
  });

  it('goes on in a file whose last line was cut off, and names the line', () => {
    const file = new FileOfSas();
    const [first, second] = [sampleSa({ spi: 0x101 }), sampleSa({ spi: 0x102 })];
    file.text = (JOURNAL_HEADER + madeLine(first) + madeLine(second)).slice(0, -20);
    const { notes, memory } = open(file);
    assert.deepEqual(memory.earlier(), [first]);
    assert.match(notes.join(), /ike_sas is spoiled: line 3 cannot be understood/);
    memory.made(sampleSa({ spi: 0x103 }));
    const journal = parseJournal(file.text);
    assert.ok(journal.ok);
    assert.deepEqual(
      journal.value.sas.map(({ spi }) => spi),
      [0x101, 0x103],
    );
    memory.settle([first]);
    assert.deepEqual(written(file), [0x103, 0x101]);
  });

  it('puts a file of another kind aside and begins one of its own', () => {
    const file = new FileOfSas();
    file.text = '{"ikechart":"sas","version":99}\n';
    const { notes, memory } = open(file);
    assert.match(notes.join(), /it is of version 99\. It is kept as \/var\/run\/ike_sas\.spoiled/);
    memory.made(sampleSa({ spi: 0x101 }));
    assert.deepEqual(written(file), [0x101]);
  });

  it('keeps what the kernel did not let go of, and leaves no file behind otherwise', async () => {
    for (const refuses of [true, false]) {
      const { file, clock, memory } = open();
      const remove = (): Promise<void> =>
        refuses ? Promise.reject(new KernelError('delete', 'no answer')) : Promise.resolve();
      const kernel = rememberingKernel(kernelWith({ delete: remove }), memory, clock);
      await kernel.add(kernelSa(0x101));
      await kernel.close();
      assert.equal(file.text === undefined, !refuses);
    }
  });

  it('leaves a file alone about whose SAs nobody has decided: the start failed', async () => {
    const file = new FileOfSas();
    file.text = JOURNAL_HEADER + madeLine(sampleSa({ spi: 0x101 }));
    const { clock, memory } = open(file);
    await rememberingKernel(kernelWith({}), memory, clock).close();
    assert.deepEqual(written(file), [0x101]);
  });
});

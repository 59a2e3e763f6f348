import assert from 'node:assert/strict';
import { FlightRecorder } from '../../../adapters/recorder/flight-recorder.js';
import { EventStream } from '../../../daemon/event-stream.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { NO_STORES } from '../../../services/certs/stores.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import { failure } from '../../../services/failure/build.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import { gatewayPlan, startPair, tunnelPacket } from '../../sim/two-gateways.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

const ENDS = { local: { address: '192.0.2.1', port: 500 }, remote: { address: '192.0.2.2', port: 500 } };
const SILENT = failure('peer-silent', { exchange: 'Main Mode', message: 1 }, 'network', 'silence', 'look');

function start(limits?: ConstructorParameters<typeof FlightRecorder>[0]['limits']) {
  const clock = new VirtualClock();
  const stream = new EventStream(clock);
  const written: string[] = [];
  const recorder = new FlightRecorder({
    clock,
    keys: new KeyStore(),
    failed: ({ id }, code) => {
      written.push(`${id} ${code}`);
    },
    ...(limits === undefined ? {} : { limits }),
  });
  recorder.follow(stream);
  const { config } = parseIkeConfig('', 'test');
  if (config === undefined) throw new Error('an empty configuration is none');
  const settings = { config, presharedKeys: [], certificates: NO_STORES };
  const begin = (id: string, links: { readonly parent?: string; readonly under?: string } = {}): void => {
    recorder.begin(id, { chart: 'main-mode-initiator', settings, ...links });
  };
  const end = (negotiation: string, outcome: 'failed' | 'established' | 'installed'): void => {
    const why = outcome === 'failed' ? SILENT : undefined;
    stream.emit({ type: 'negotiation.ended', negotiation, outcome, failure: why });
  };
  const hear = (id: string, length = 100): void => {
    recorder.heard(id, { ...ENDS, bytes: new Uint8Array(length) });
  };
  /** An SA as it stands, made by `parent`. */
  const stand = (negotiation: string, parent: string): void => {
    stream.emit({
      type: 'negotiation.started',
      negotiation,
      chart: 'isakmp-sa',
      ...ENDS,
      rule: 'peer',
      parent,
    });
  };
  return { clock, recorder, written, begin, end, hear, stand, settings };
}

describe('the flight recorder', () => {
  it('tells once of a failure that a negotiation and what asked for it share, and again when it comes back', () => {
    const { clock, written, begin, end } = start();
    begin('acquire-1');
    begin('p1-1', { parent: 'acquire-1' });
    end('p1-1', 'failed');
    end('acquire-1', 'failed');
    clock.advance(1);
    assert.deepEqual(written, ['p1-1 peer-silent']);
    begin('p2-1', { under: 'p1-1' });
    end('p2-1', 'failed');
    clock.advance(1);
    assert.deepEqual(written, ['p1-1 peer-silent', 'p1-1 peer-silent']);
  });

  it('keeps so many conversations, and no more bytes than its bound; strangers push out none of a peer', () => {
    const row = { conversations: 4, bytes: 45_000 };
    const limits = { conversation: { head: 10_000, bytes: 30_000 }, proved: row, unproved: row };
    const { recorder, begin, end, hear } = start(limits);
    begin('p1-1');
    end('p1-1', 'established');
    for (let n = 2; n < 20; n++) {
      begin(`p1-${String(n)}`);
      for (let packet = 0; packet < n; packet++) hear(`p1-${String(n)}`, 1000);
      end(`p1-${String(n)}`, 'failed');
      const strangers = recorder.list().filter(({ id }) => id !== 'p1-1');
      const latest = strangers.at(-1);
      assert.equal(latest?.id, `p1-${String(n)}`);
      assert.ok(strangers.length <= row.conversations);
      const before = strangers.slice(0, -1).reduce((sum, { bytes }) => sum + bytes, 0);
      assert.ok(before <= row.bytes, `${String(before)} bytes`);
    }
    assert.ok(recorder.find('p1-1') !== undefined);
  });

  it('keeps less of what comes in a rush, but none whose failure is about to be told, nor of what comes slowly', () => {
    const row = { conversations: 64, bytes: 800_000 };
    const limits = {
      conversation: { head: 10_000, bytes: 30_000 },
      ...{ proved: { ...row, rush: 100_000 }, unproved: row },
    };
    const { clock, recorder, written, begin, end } = start(limits);
    const establish = (from: number, count: number, everyMs: number): number => {
      for (let n = from; n < from + count; n++) {
        begin(`p1-${String(n)}`);
        end(`p1-${String(n)}`, 'established');
        begin(`p2-${String(n)}`, { under: `p1-${String(n)}` });
        end(`p2-${String(n)}`, 'installed');
        if (everyMs > 0) clock.advance(everyMs);
      }
      return recorder.list().length;
    };
    const few = establish(1, 60, 0);
    assert.ok(few > 5 && few < 15, String(few));
    begin('p2-100', { under: 'p1-60' });
    end('p2-100', 'failed');
    establish(101, 60, 0);
    assert.ok(recorder.find('p2-100') !== undefined);
    clock.advance(2000);
    assert.deepEqual(written, ['p1-60 peer-silent']);
    assert.ok(establish(201, 60, 500) > 50);
  });

  it('keeps in a rush what waits for its Quick Mode, which would be a conversation of its own otherwise', () => {
    const row = { conversations: 64, bytes: 2_000_000 };
    const limits = {
      conversation: { head: 10_000, bytes: 30_000 },
      ...{ proved: { ...row, rush: 100_000 }, unproved: row },
    };
    const { recorder, begin, end } = start(limits);
    const numbers = Array.from({ length: 40 }, (_, n) => String(n));
    for (const n of numbers) {
      begin(`p1-${n}`);
      end(`p1-${n}`, 'established');
    }
    for (const n of numbers) {
      begin(`p2-${n}`, { under: `p1-${n}` });
      assert.deepEqual(recorder.find(`p2-${n}`)?.members, [`p1-${n}`, `p2-${n}`]);
      end(`p2-${n}`, 'installed');
    }
    begin('p1-40');
    end('p1-40', 'established');
    assert.ok(recorder.list().length < 15);
  });

  it('forgets first what began longest ago: a Quick Mode is a beginning, unless its Phase 1 is of the same moment', () => {
    const row = { conversations: 3, bytes: 1_000_000 };
    const limits = { conversation: { head: 10_000, bytes: 30_000 }, proved: row, unproved: row };
    const { clock, recorder, begin, end } = start(limits);
    const establish = (id: string, under?: string): void => {
      begin(id, under === undefined ? {} : { under });
      end(id, 'established');
    };
    const ids = (): readonly string[] => recorder.list().map(({ id }) => id);
    for (const id of ['p1-1', 'p1-2', 'p1-3']) establish(id);
    establish('p2-1', 'p1-1');
    establish('p1-4');
    assert.deepEqual(ids(), ['p1-2', 'p1-3', 'p1-4']);
    clock.advance(1000);
    establish('p2-2', 'p1-2');
    establish('p1-5');
    assert.deepEqual(ids().toSorted(), ['p1-2', 'p1-4', 'p1-5']);
  });

  it('keeps to its bound while Quick Modes follow each other within a moment', () => {
    const row = { conversations: 64, bytes: 45_000 };
    const limits = { conversation: { head: 10_000, bytes: 40_000 }, proved: row, unproved: row };
    const { recorder, begin, end, hear } = start(limits);
    for (const id of ['p1-1', 'p1-2', 'p1-3', 'p1-4']) {
      begin(id);
      end(id, 'established');
    }
    for (let n = 1; n < 30; n++) {
      begin(`p2-${String(n)}`, { under: 'p1-4' });
      hear(`p2-${String(n)}`, 1000);
      end(`p2-${String(n)}`, 'installed');
    }
    const kept = recorder.list();
    assert.ok(kept.reduce((sum, { bytes }) => sum + bytes, 0) <= row.bytes);
    assert.ok(recorder.find('p1-4') !== undefined && recorder.find('p1-1') === undefined);
  });

  it('keeps what an SA as it stands hears with the negotiation that made it, as long as that is kept', () => {
    const { recorder, begin, end, hear, stand } = start();
    begin('p1-1');
    end('p1-1', 'established');
    stand('sa-1', 'p1-1');
    begin('p1-2');
    end('p1-2', 'established');
    stand('sa-2', 'p1-2');
    hear('sa-1');
    hear('sa-3');
    const heard = (id: string): readonly string[] =>
      recorder
        .find(id)
        ?.entries()
        .flatMap((entry) => (entry.kind === 'in' ? [entry.by] : [])) ?? [];
    assert.deepEqual(heard('p1-1'), ['sa-1']);
    assert.deepEqual(heard('p1-2'), []);
    assert.equal(recorder.find('sa-1'), recorder.find('p1-1'));
    assert.deepEqual(
      recorder.toldOf('sa-2').map(({ type }) => type),
      ['negotiation.started'],
    );
    assert.equal(recorder.find('sa-3'), undefined);
    stand('sa-3', 'p1-2');
    assert.equal(recorder.find('sa-3'), recorder.find('p1-2'));
  });

  it('knows no SA any more when the negotiation that made it had to go, or too many came after it', () => {
    const row = { conversations: 1, bytes: 45_000 };
    const conversation = { head: 10_000, bytes: 30_000 };
    const { recorder, begin, end, hear, stand } = start({ conversation, proved: row, unproved: row });
    begin('p1-1');
    end('p1-1', 'established');
    stand('sa-1', 'p1-1');
    hear('sa-1');
    for (let n = 1; n <= 64; n++) stand(`ipsec-${String(n)}`, 'p1-1');
    assert.equal(recorder.find('sa-1'), undefined);
    assert.equal(recorder.find('ipsec-1'), recorder.find('p1-1'));
    begin('p1-2');
    end('p1-2', 'established');
    assert.deepEqual([recorder.find('p1-1'), recorder.find('ipsec-1')], [undefined, undefined]);
  });

  it('gives nothing of an SA to its first conversation when its second is kept no more', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(tunnelPacket('east', 'first'));
    await runUntil(pair.clock, () => pair.east.engine.table.phase2Count > 0, 5000);
    const [entry] = pair.east.engine.table.phase1();
    assert.ok(entry !== undefined);
    const row = { conversations: 1, bytes: 45_000 };
    const limits = { conversation: { head: 2000, bytes: 30_000 }, proved: row, unproved: row };
    const { recorder, begin, end, hear, stand, settings } = start(limits);
    begin(entry.id);
    hear(entry.id, 3000);
    end(entry.id, 'established');
    stand(entry.standing, entry.id);
    const first = recorder.find(entry.standing);
    recorder.stands(entry, settings);
    begin('p2-7', { under: entry.id });
    end('p2-7', 'failed');
    assert.equal(recorder.find(entry.standing), recorder.find('p2-7'));
    // A stranger takes the place of the second conversation.
    begin('p1-900');
    assert.ok(first !== undefined && recorder.list().some(({ id }) => id === first.id));
    assert.equal(recorder.find(entry.standing), undefined);
  });

  it('knows a bounded number of Quick Modes under one Phase 1 SA by name, the latest', () => {
    const { recorder, begin, end } = start();
    begin('p1-1');
    end('p1-1', 'established');
    for (let n = 1; n <= 300; n++) {
      begin(`p2-${String(n)}`, { under: 'p1-1' });
      end(`p2-${String(n)}`, 'installed');
    }
    assert.equal(recorder.find('p2-300'), recorder.find('p1-1'));
    assert.equal(recorder.find('p2-1'), undefined);
    assert.ok((recorder.list()[0]?.negotiations.length ?? 0) < 100);
  });
});

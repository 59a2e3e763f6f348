import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hex } from '../../services/bytes.js';
import type { DaemonEvent } from '../../services/events/event.js';
import { readRecording } from '../../services/record/file-text.js';
import { ok } from '../../services/result.js';
import { certificatePlan } from './certificate-gateways.js';
import { authority } from './certificates.js';
import { read, recorded, replayed, savedText } from './recorded-pair.js';
import { type DaemonPlan, runUntil } from './simulated-daemon.js';
import { type ConfigWords, gatewayPlan, packetToWest, presharedText, startPair } from './two-gateways.js';

type State = 'without secrets' | 'with secrets';

async function run(eastPlan: DaemonPlan, westPlan: DaemonPlan, state: State, ms = 3000) {
  const [east, west] = [recorded(eastPlan, state), recorded(westPlan, state)];
  const pair = await startPair(1, east.plan, west.plan);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, ms);
  await runUntil(pair.clock, () => false, 1000);
  return { ...pair, records: { east: east.recorder(), west: west.recorder() } };
}

function tunnel(state: State, words: ConfigWords = {}, ms?: number) {
  return run(gatewayPlan('east', { words }), gatewayPlan('west', { words }), state, ms);
}

function endings(events: readonly DaemonEvent[]) {
  return events
    .filter((event) => event.type === 'negotiation.ended')
    .map(({ negotiation, outcome, failure }) => [negotiation, failure?.code ?? outcome]);
}

async function assertSame(text: string) {
  const result = await replayed(text);
  assert.equal(result.parting, undefined, JSON.stringify(result.parting, undefined, 1));
  assert.equal(result.missing, undefined);
  return result;
}

describe('a recording of Main Mode and Quick Mode', () => {
  for (const end of ['east', 'west'] as const) {
    for (const state of ['without secrets', 'with secrets'] as const) {
      it(`is replayed to the same end, ${end}, ${state}`, async () => {
        const { records, ...pair } = await tunnel(state);
        const result = await assertSame(savedText(records[end], pair[end], 'p1-1', state === 'with secrets'));
        const asked = end === 'east' ? [['acquire-1', 'answered']] : [];
        assert.deepEqual(endings(result.events), [['p1-1', 'established'], ['p2-1', 'installed'], ...asked]);
        assert.ok(result.alike.datagrams >= 4);
        assert.equal(result.alike.computed > 10, state === 'with secrets', JSON.stringify(result.alike));
      });
    }
  }

  for (const state of ['without secrets', 'with secrets'] as const) {
    it(`is replayed where cryptography answers late, ${state}`, async () => {
      const late = { cryptoMs: 40 };
      const { records, west } = await run(
        { ...gatewayPlan('east'), ...late },
        { ...gatewayPlan('west'), ...late },
        state,
      );
      const text = savedText(records.west, west, 'p1-1', state === 'with secrets');
      const kinds = read(text).entries.filter(({ kind }) => kind === 'done');
      assert.equal(kinds.length, 2);
      const result = await assertSame(text);
      assert.deepEqual(endings(result.events), [
        ['p1-1', 'established'],
        ['p2-1', 'installed'],
      ]);
    });
  }

  it('has what went into a prf or a MAC with secrets alone', async () => {
    const keyed = (text: string) =>
      read(text).entries.flatMap((entry) =>
        entry.kind === 'call' && (entry.op === 'prf' || entry.op === 'mac') ? [entry.args] : [],
      );
    const { records, west } = await tunnel('without secrets');
    const calls = keyed(savedText(records.west, west, 'p1-1'));
    assert.ok(calls.length > 5);
    assert.ok(calls.every((args) => args.length === 3 && args[2] === '?...'));
    const full = await tunnel('with secrets');
    for (const secrets of [true, false]) {
      const text = savedText(full.records.west, full.west, 'p1-1', secrets);
      assert.ok(keyed(text).every((args) => args.length > 2 && !args.includes('?...')));
      await assertSame(text);
    }
  });

  it('is replayed from files of version 4, which have each HMAC of a derivation, and of 3, where nothing is left out', async () => {
    for (const secrets of [false, true]) {
      const name = `version-4-with${secrets ? '' : 'out'}-secrets.ikerec`;
      const text = readFileSync(new URL(`recordings/${name}`, import.meta.url), 'utf8');
      const { events, alike } = await assertSame(text);
      assert.deepEqual(endings(events), [
        ['p1-1', 'established'],
        ['p2-1', 'installed'],
      ]);
      assert.ok(alike.calls > 25, String(alike.calls));
      assert.equal(alike.computed > 10, secrets, String(alike.computed));
      if (secrets) await assertSame(text.replace('"version":4', '"version":3'));
    }
  });

  it('has what was said again after the end, by a negotiation that keeps little more than that', async () => {
    const { records, ...pair } = await tunnel('without secrets');
    const proof = pair.network.sent.filter(({ from }) => from.address === pair.east.address)[2];
    assert.ok(proof);
    pair.network.send(proof.from, proof.to, proof.bytes);
    await runUntil(pair.clock, () => false, 1000);
    const text = savedText(records.west, pair.west, 'p1-1');
    const said = read(text).entries.flatMap((entry) => (entry.kind === 'out' ? [entry.bytes] : []));
    assert.equal(said.length, 5);
    assert.equal(said[4], said[2], 'message 6 again');
    await assertSame(text);
  });

  it('tells every state that the charts were in', async () => {
    const [east, west] = [recorded({ ...gatewayPlan('east'), watched: true }), gatewayPlan('west')];
    const pair = await startPair(1, east.plan, west);
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 3000);
    const states = (events: readonly DaemonEvent[]) =>
      events.flatMap((event) =>
        event.type === 'negotiation.state' && /^(p1|p2|acquire)-/.test(event.negotiation)
          ? [[event.negotiation, ...event.active]]
          : [],
      );
    const { events } = await assertSame(savedText(east.recorder(), pair.east, 'p1-1'));
    assert.ok(states(events).length > 20);
    assert.deepEqual(states(events), states(pair.east.events));
  });

  it('holds no key of the run when secrets are left out', async () => {
    const everything = new Set<string>();
    const [east, west] = [recorded(gatewayPlan('east')), recorded(gatewayPlan('west'))];
    const pair = await startPair(1, east.plan, west.plan);
    for (const { keys } of [pair.east, pair.west]) {
      const put = keys.put.bind(keys);
      keys.put = (bytes) => {
        everything.add(hex(bytes));
        return put(bytes);
      };
    }
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 3000);
    everything.add('0123456789abcdef0123456789abcdef');
    for (const { enc, auth } of pair.east.trace)
      for (const key of [enc?.key, auth?.key]) if (key) everything.add(key);
    // Exponents, g^xy, SKEYID and its children, the cipher's key and those of the SAs.
    assert.ok(everything.size >= 12, String(everything.size));
    for (const [recorder, daemon] of [
      [east.recorder(), pair.east],
      [west.recorder(), pair.west],
    ] as const) {
      const text = savedText(recorder, daemon, 'p1-1');
      assert.deepEqual(
        [...everything].filter((key) => text.includes(key)),
        [],
      );
    }
  });

  it('holds no proof by which a pre-shared key could be guessed, but what agrees still agrees', async () => {
    const { records, west } = await tunnel('with secrets');
    const [open, shut] = [true, false].map((secrets) => savedText(records.west, west, 'p1-1', secrets));
    const macs = read(open ?? '').entries.flatMap((entry) =>
      entry.kind === 'call' && entry.op === 'mac' && entry.outcome !== undefined && 'value' in entry.outcome
        ? [JSON.stringify(entry.outcome.value).slice(3, -1)]
        : [],
    );
    assert.ok(macs.length >= 4);
    for (const mac of macs) {
      assert.ok(open?.includes(mac));
      assert.ok(!shut?.includes(mac));
    }
    await assertSame(shut ?? '');
  });

  it('says what was lost, sent again and answered twice', async () => {
    const [east, west] = [recorded(gatewayPlan('east')), recorded(gatewayPlan('west'))];
    const pair = await startPair(5, east.plan, west.plan);
    let n = 0;
    pair.network.filter = () => ([2, 5, 7].includes(n++) ? 'drop' : 'pass');
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
    for (const [recorder, daemon] of [
      [east.recorder(), pair.east],
      [west.recorder(), pair.west],
    ] as const)
      await assertSame(savedText(recorder, daemon, 'p1-1'));
    const again = read(savedText(east.recorder(), pair.east, 'p1-1')).entries.filter(
      (entry) =>
        entry.kind === 'event' && entry.event.type === 'message.sent' && entry.event.retransmission > 0,
    );
    assert.ok(again.length > 0);
  });
});

describe('a recording of a failure', () => {
  it('of the proposal is replayed, with the same explanation', async () => {
    const [east, west] = [
      gatewayPlan('east'),
      gatewayPlan('west', {
        words: { transform: 'auth_method preshared oakley_group 5 auth_alg sha1 encr_alg aes(128..128)' },
      }),
    ];
    const { records, ...pair } = await run(east, west, 'without secrets');
    const { events } = await assertSame(savedText(records.west, pair.west, 'p1-1'));
    assert.deepEqual(endings(events), [['p1-1', 'no-common-phase1-proposal']]);
    await assertSame(savedText(records.east, pair.east, 'p1-1'));
  });

  for (const state of ['without secrets', 'with secrets'] as const) {
    it(`of the pre-shared key is replayed, ${state}`, async () => {
      const plans = [
        gatewayPlan('east'),
        gatewayPlan('west', { preshared: presharedText('west', 'ffffffffffffffffffffffffffffffff') }),
      ] as const;
      const { records, ...pair } = await run(...plans, state, 400_000);
      for (const end of ['east', 'west'] as const) {
        const { events } = await assertSame(
          savedText(records[end], pair[end], 'p1-1', state === 'with secrets'),
        );
        assert.equal(endings(events)[0]?.[1], end === 'east' ? 'peer-silent' : 'wrong-preshared-key');
      }
    });
  }

  it('of a silent peer is replayed, with each retransmission', async () => {
    const east = recorded(gatewayPlan('east'));
    const pair = await startPair(1, east.plan, gatewayPlan('west'));
    pair.network.filter = () => 'drop';
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, 60_000);
    const { events, alike } = await assertSame(savedText(east.recorder(), pair.east, 'p1-1'));
    assert.deepEqual(endings(events), [
      ['p1-1', 'peer-silent'],
      ['acquire-1', 'peer-silent'],
    ]);
    assert.equal(alike.datagrams, 6);
  });
});

describe('a recording of another kind', () => {
  it('of Aggressive Mode with PFS is replayed', async () => {
    for (const state of ['without secrets', 'with secrets'] as const) {
      const { records, ...pair } = await tunnel(state, { pfs: 2, rule: 'ike_mode aggressive' });
      assert.equal(pair.west.delivered.length, 1);
      for (const end of ['east', 'west'] as const)
        await assertSame(savedText(records[end], pair[end], 'p1-1', state === 'with secrets'));
    }
  });

  for (const method of ['rsa_sig', 'rsa_encrypt', 'dss_sig'] as const) {
    for (const state of ['without secrets', 'with secrets'] as const) {
      it(`of ${method} is replayed, ${state}`, async () => {
        const made = await authority();
        const [east, west] = [
          certificatePlan('east', made, { method }),
          certificatePlan('west', made, { method }),
        ];
        const { records, ...pair } = await run(east, west, state);
        assert.equal(pair.west.delivered.length, 1);
        for (const end of ['east', 'west'] as const)
          await assertSame(savedText(records[end], pair[end], 'p1-1', state === 'with secrets'));
      });
    }
  }
});

describe('a replay with another configuration', () => {
  it('parts where the change shows, and says what it would need', async () => {
    const [east, west] = [
      gatewayPlan('east'),
      gatewayPlan('west', {
        words: { transform: 'auth_method preshared oakley_group 5 auth_alg sha1 encr_alg aes(128..128)' },
      }),
    ];
    const { records, ...pair } = await run(east, west, 'without secrets');
    const { parting, events } = await replayed(savedText(records.west, pair.west, 'p1-1'), (text) =>
      ok(text.replace('oakley_group 5', 'oakley_group 2')),
    );
    assert.equal(parting?.by, 'p1-1');
    assert.match(parting.replayed, /sends \d+ bytes/);
    assert.ok(events.some((event) => event.type === 'message.sent' && event.message.number === 2));
    assert.deepEqual(endings(events), []);
  });
});

describe('a replay that says less than the recording', () => {
  it('parts at the first thing left out, not at the first negotiation that does not begin', async () => {
    const { records, ...pair } = await tunnel('without secrets');
    const { parting, events } = await replayed(savedText(records.west, pair.west, 'p1-1'), (text) =>
      ok(text.replace('oakley_group 2', 'oakley_group 5')),
    );
    assert.deepEqual(endings(events), [['p1-1', 'no-common-phase1-proposal']]);
    assert.equal(parting?.by, 'p1-1');
  });

  it('parts there also when the refusal is not told to the peer', async () => {
    const { records, ...pair } = await tunnel('without secrets');
    const text = savedText(records.west, pair.west, 'p1-1');
    const [header = '', ...rest] = text.split('\n');
    const keyless = JSON.stringify({
      ...read(text).header,
      config: { ...read(text).header.config, presharedKeys: [] },
    });
    assert.notEqual(keyless, header);
    const { parting, events } = await replayed([keyless, ...rest].join('\n'), (config) => ok(config));
    assert.deepEqual(endings(events), [['p1-1', 'no-preshared-key']]);
    assert.deepEqual([parting?.by, parting?.kind], ['p1-1', 'missing']);
  });
});

describe('a damaged recording', () => {
  it('is refused at whatever line it was cut off, and at whatever byte', async () => {
    const { records, west } = await tunnel('without secrets');
    const text = savedText(records.west, west, 'p1-1');
    const lines = text.split('\n');
    for (let kept = 0; kept < lines.length - 1; kept++) {
      const read = readRecording(lines.slice(0, kept).join('\n'));
      assert.ok(!read.ok, `${String(kept)} lines`);
      assert.ok(read.error.line <= Math.max(kept, 1));
    }
    for (let kept = 0; kept < text.length - 1; kept += 97) assert.ok(!readRecording(text.slice(0, kept)).ok);
  });

  it('of a newer form names the program to use', () => {
    const read = readRecording('{"format":"ikerec","version":9}\n');
    assert.ok(!read.ok);
    assert.match(read.error.message, /form 9.*as new as the daemon/);
  });
});

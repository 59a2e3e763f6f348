/**
 * Plays a recording again: the production engine and charts, with its inputs at its times. The first thing that comes out
 * otherwise is where the two part; with a changed configuration that is what was asked for.
 */
import type { NegotiationId } from '../../services/events/event.js';
import { type Bytes, fromHex } from '../../services/bytes.js';
import type { Explanation } from '../../services/explain/explanation.js';
import type { Crypto } from '../../services/ports/crypto.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { Keys } from '../../services/ports/keys.js';
import type { NegotiationPorts } from '../../services/ports/recorder.js';
import type { Random } from '../../services/ports/random.js';
import type { Entry, Recording } from '../../services/record/entry.js';
import { standingPhase1 } from '../../services/record/recorded-phase1.js';
import { err, ok, type Result } from '../../services/result.js';
import { Engine } from '../engine.js';
import { EventStream } from '../event-stream.js';
import { watchNegotiation } from '../inspect-hook.js';
import { eventParting } from './event-parting.js';
import { ReplayClock } from './replay-clock.js';
import { ReplayKeys } from './replay-keys.js';
import { ReplayRecorder } from './replay-recorder.js';
import { settingsOf } from './replay-settings.js';
import { effectWords, type Parting } from './track.js';

export interface ReplayOptions {
  /** The real cryptography over a key store; private draws come from `random`. */
  readonly crypto: (keys: Keys, random: Random) => Crypto;
  /** Lets everything happen that follows from what was fed, promises included: a turn of the event loop or two. */
  readonly settled: () => Promise<void>;
  /** Makes another text of the configuration: then the paths may part. The error is a sentence. */
  readonly change?: (text: string) => Result<string, string>;
}

export interface Replayed {
  /** Of the negotiations in the recording and the SAs they made, charts and all; named as in the recording. */
  readonly events: readonly StampedEvent[];
  /** Where replay and recording part; undefined when all is the same to the end. */
  readonly parting: Parting | undefined;
  /** What was needed and is not in the recording: there it ended. */
  readonly missing: string | undefined;
  /** How much was alike: calls of ports, those of them that were computed again, datagrams byte for byte. */
  readonly alike: { readonly calls: number; readonly computed: number; readonly datagrams: number };
  /** Keys that were recomputed or are in the recording; the caller wipes them. */
  readonly keys: ReplayKeys;
  readonly engine: Engine;
  /** As the daemon would say it at the end, named as in the recording. Undefined when it is unknown. */
  readonly explain: (id: NegotiationId) => Explanation | undefined;
}

/** The first version of the file in which keys are derived by one call for several. */
const DERIVES_AT_ONCE = 5;

/** Ends what a replay does in one place. */
class Parted extends Error {}

export async function replay(
  recording: Recording,
  options: ReplayOptions,
): Promise<Result<Replayed, string>> {
  const { header, entries } = recording;
  const found: { parting: Parting | undefined; missing: string | undefined } = {
    parting: undefined,
    missing: undefined,
  };
  const mayFork = options.change !== undefined;
  const clock = new ReplayClock(header.epoch);
  const keys = new ReplayKeys((what) => {
    found.missing ??= what;
  });
  const change = options.change ?? ((text: string) => ok(text));
  const settings = settingsOf(header.config, keys, change);
  if (!settings.ok) return settings;
  const fresh = freshBytes();
  const counts = { calls: 0, datagrams: 0, computed: 0 };
  const stream = new EventStream(clock);
  const crypto = options.crypto(keys, { bytes: fresh });
  const outside = outsideOf(recording, crypto, clock, fresh);
  const recorder: ReplayRecorder = new ReplayRecorder(
    {
      keys,
      clock,
      crypto,
      fresh,
      counts,
      derivesByParts: header.version < DERIVES_AT_ONCE,
      part: (where) => {
        found.parting ??= { ...where, at: clock.now() };
        if (!mayFork) throw new Parted(where.replayed);
      },
    },
    recording,
    outside,
  );
  const events: StampedEvent[] = [];
  const collect = stream.subscribe((event) => {
    if (found.missing === undefined && (mayFork || found.parting === undefined))
      events.push(named(event, recorder));
  });
  const engine = new Engine(
    { ...outside, keys, events: stream, recorder },
    {
      ikePort: header.ikePort,
      nattPort: header.nattPort,
      settings: settings.value,
      watcher: (actor, id) => watchNegotiation(actor, id, stream),
    },
  );
  for (const entry of entries) {
    clock.set(entry.at);
    if (entry.kind === 'config') {
      const next = settingsOf(entry.config, keys, change);
      if (!next.ok) return next;
      engine.replaceSettings(next.value);
      continue;
    }
    if (entry.kind === 'stands') {
      const lacking = stand(entry, engine, recorder, keys);
      if (lacking !== undefined) return err(lacking);
      continue;
    }
    if (!(await feed(entry, engine, recorder))) continue;
    await options.settled();
    // What the peer said next, it said to what we had said.
    if (found.parting !== undefined || found.missing !== undefined) break;
  }
  collect();
  const { missing } = found;
  const parting =
    found.parting ??
    (missing === undefined ? unfinished(recorder, recording) : undefined) ??
    (missing === undefined && !mayFork ? eventParting(recording, events) : undefined);
  const explain = (id: NegotiationId): Explanation | undefined => explained(id, engine, recorder);
  return ok({ events, parting, missing, alike: counts, keys, engine, explain });
}

/** A Phase 1 whose exchange is not in the recording stands from the beginning; the result is why it cannot. */
function stand(
  { by, phase1 }: Extract<Entry, { kind: 'stands' }>,
  engine: Engine,
  recorder: ReplayRecorder,
  keys: ReplayKeys,
): string | undefined {
  const rule = engine.settings.config.rules.find(({ label }) => label === phase1.rule);
  if (rule === undefined)
    return `Rule "${phase1.rule}" of the Phase 1 SA that stood is not in the configuration.`;
  const standing = standingPhase1(phase1, recorder.stand(by, phase1.standing), rule, (key) => {
    const handle = key?.secret === undefined ? keys.absent() : keys.put(fromHex(key.secret));
    if (key !== undefined) keys.call(handle, `#${String(key.handle)}`);
    return handle;
  });
  engine.peers.isakmpSas.stand(standing);
  return undefined;
}

/** Whether the entry is an input, and was fed. */
async function feed(entry: Entry, engine: Engine, recorder: ReplayRecorder): Promise<boolean> {
  try {
    switch (entry.kind) {
      case 'begin':
        return begin(entry, engine, recorder);
      case 'in':
        engine.receive({ local: entry.local, remote: entry.remote, bytes: fromHex(entry.bytes.slice(2)) });
        return true;
      case 'done':
        await recorder.of(entry.by)?.ports.settle(entry.number, entry.outcome, entry.secret);
        return true;
      case 'timer':
        return recorder.of(entry.by)?.ports.clock.goOff(entry.number) ?? false;
      case 'answer':
        recorder.of(entry.by)?.ports.answered(entry.question, entry.value);
        return true;
      case 'withdrawn':
        return withdraw(entry, engine, recorder);
      default:
        return false;
    }
  } catch (error) {
    if (error instanceof Parted) return true;
    throw error;
  }
}

function begin(entry: Extract<Entry, { kind: 'begin' }>, engine: Engine, recorder: ReplayRecorder): boolean {
  // What another negotiation asked for began by itself.
  if (recorder.of(entry.by) !== undefined) return false;
  const { question, offer, parent = '' } = entry;
  if (question !== undefined) {
    const near = question.near === undefined ? undefined : recorder.replayedId(question.near);
    const entryNear = near === undefined ? undefined : engine.table.phase1ById(near);
    const policy = { ...question.policy, ruleLabel: question.policy.ruleLabel ?? undefined };
    void engine.acquires.ask(policy, entryNear, entry.parent);
    return true;
  }
  const rule = engine.settings.config.rules.find(({ label }) => label === offer?.rule);
  if (offer === undefined || rule === undefined) return false;
  void engine.phase1.negotiate(offer.local, offer.remote, rule, recorder.replayedId(parent) ?? parent);
  return true;
}

function withdraw(
  { by, withdrawal }: Extract<Entry, { kind: 'withdrawn' }>,
  engine: Engine,
  recorder: ReplayRecorder,
): boolean {
  const id = recorder.replayedId(by);
  if (by.startsWith('acquire-')) {
    engine.acquires.withdrawAll(withdrawal.failure);
    return true;
  }
  for (const negotiation of [...engine.phase1.live(), ...engine.phase2.live()]) {
    if (negotiation.id === id) negotiation.send(withdrawal);
  }
  return true;
}

/** What the recording goes on with first when the replay is at its end. */
function unfinished(recorder: ReplayRecorder, { header, entries }: Recording): Parting | undefined {
  const begun = entries.flatMap((entry): Parting[] =>
    entry.kind === 'begin' && !header.incomplete && recorder.of(entry.by) === undefined
      ? [{ ...placeOf(entry), recorded: `begins a ${entry.chart}`, replayed: 'begins none' }]
      : [],
  );
  const done = recorder.tracks().flatMap(({ next }): Parting[] =>
    next === undefined
      ? []
      : [
          {
            ...placeOf(next),
            recorded: effectWords(next),
            replayed: 'nothing more',
            ...(next.kind === 'out'
              ? { datagrams: { recorded: next.bytes.slice(2), replayed: undefined } }
              : {}),
          },
        ],
  );
  return [...done, ...begun].sort((one, other) => one.at - other.at)[0];
}

function placeOf({ by, at }: Entry): Pick<Parting, 'by' | 'at' | 'kind'> {
  return { by, at, kind: 'missing' };
}

/** The ports of the daemon around the negotiations: nothing comes in by them, and what goes out is nobody's. */
function outsideOf(
  { entries }: Recording,
  crypto: Crypto,
  clock: ReplayClock,
  fresh: (length: number) => Bytes,
): NegotiationPorts {
  const locals = new Map(
    entries
      .flatMap((entry) => {
        if (entry.kind === 'in' || entry.kind === 'out') return [entry.local];
        const local = entry.kind === 'begin' ? (entry.question?.local ?? entry.offer?.local) : undefined;
        // Port 0 says that there was no socket.
        return local === undefined || local.port === 0 ? [] : [local];
      })
      .map((local) => [`${local.address} ${String(local.port)}`, local]),
  );
  const done = (): Promise<void> => Promise.resolve();
  return {
    udp: {
      send: () => undefined,
      keepalive: () => undefined,
      onDatagram: () => undefined,
      open: done,
      endpoints: () => [...locals.values()],
      endpointAt: (address) => [...locals.values()].find((local) => local.address === address),
      close: done,
    },
    kernel: {
      name: 'recorded',
      open: done,
      getSpi: () => Promise.resolve(0),
      update: done,
      add: done,
      moveRemote: done,
      delete: done,
      usage: () => Promise.resolve(undefined),
      policyFor: () => Promise.resolve(undefined),
      adopt: () => Promise.resolve([]),
      policyForPacket: () => Promise.resolve(undefined),
      answerAcquire: () => undefined,
      held: () => Promise.resolve([]),
      replacePolicies: () => Promise.resolve(),
      close: done,
    },
    crypto,
    clock,
    random: { bytes: fresh },
  };
}

/** Where events tell of an SA as it stands, its name is that of the replay. */
function named(event: StampedEvent, recorder: ReplayRecorder): StampedEvent {
  const known = (id: NegotiationId | undefined): NegotiationId | undefined =>
    id === undefined ? undefined : (recorder.recordedId(id) ?? id);
  if (!('negotiation' in event) || event.negotiation === undefined) return event;
  const negotiation = known(event.negotiation) ?? event.negotiation;
  return event.type === 'negotiation.started'
    ? { ...event, negotiation, parent: known(event.parent) }
    : { ...event, negotiation };
}

function explained(id: NegotiationId, engine: Engine, recorder: ReplayRecorder): Explanation | undefined {
  const explanation = engine.explanations.explanation(recorder.replayedId(id) ?? id);
  if (explanation === undefined) return undefined;
  const { about } = explanation;
  const recorded = (replayed: NegotiationId): NegotiationId => recorder.recordedId(replayed) ?? replayed;
  return {
    ...explanation,
    about: { ...about, negotiation: recorded(about.negotiation), related: about.related.map(recorded) },
  };
}

/** Not random, so that two replays are the same. */
function freshBytes(): (length: number) => Bytes {
  let state = 1;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (state * 48_271) % 0x7fff_ffff;
      return state & 0xff;
    });
}

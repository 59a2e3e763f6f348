/** What is kept of a conversation as a recording: values become text, and without secrets nothing that is one stays. */
import { createHmac, randomBytes } from 'node:crypto';
import { hex } from '../../services/bytes.js';
import type { SourcedCrl } from '../../services/certs/stores.js';
import { writeIkeConfig } from '../../services/config/write-ike-config.js';
import type { Clock } from '../../services/ports/clock.js';
import type { Keys } from '../../services/ports/keys.js';
import type { RecordedSettings } from '../../services/ports/recorder.js';
import type {
  CallOutcome,
  Entry,
  RecordedConfig,
  RecordedObject,
  Recording,
} from '../../services/record/entry.js';
import { RECORD_VERSION } from '../../services/record/entry.js';
import {
  argumentsText,
  bytesText,
  errorText,
  plainHandle,
  resultText,
} from '../../services/record/values.js';
import { recordedPhase1 } from '../../services/record/recorded-phase1.js';
import { type Noise, veiled } from '../../services/record/veil.js';
import type { Conversation } from './conversation.js';
import type { Taken, TakenOutcome } from './taken.js';

export interface RecordingWorld {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly ikePort: number;
  readonly nattPort: number;
}

/** `withSecrets` gives what the conversation was recorded with, and no more. */
export function recordingOf(
  conversation: Conversation,
  world: RecordingWorld,
  withSecrets: boolean,
): Recording {
  const secrets = withSecrets && conversation.secrets;
  const { clock, keys } = world;
  const bytesOf = (handle: Parameters<Keys['bytes']>[0]): string => hex(keys.bytes(handle));
  let settings = conversation.settings;
  const entries: Entry[] = [];
  let version = 1;
  const configOf = (which: RecordedSettings): RecordedConfig =>
    recordedConfig(which, version, secrets ? keys : undefined);
  const header = {
    format: 'ikerec',
    version: RECORD_VERSION,
    id: conversation.id,
    negotiations: conversation.members,
    secrets,
    epoch: clock.wallTime() - clock.now(),
    ikePort: world.ikePort,
    nattPort: world.nattPort,
    incomplete: conversation.incomplete,
    config: configOf(settings),
  } as const;
  // What stands does so before anything else happens, also before the question that led to it.
  const all = conversation.entries();
  const inOrder = [...all.filter(isStanding), ...all.filter((taken) => !isStanding(taken))];
  for (const taken of inOrder) {
    if (taken.kind === 'begin' && !sameSettings(taken.beginning.settings, settings)) {
      settings = taken.beginning.settings;
      version += 1;
      entries.push({ at: taken.at, by: taken.by, kind: 'config', config: configOf(settings) });
    }
    entries.push(entryOf(taken, secrets ? bytesOf : undefined));
  }
  return { header, entries: secrets ? entries : veiled(entries, freshNoise()) };
}

function entryOf(
  taken: Taken,
  secretOf: ((handle: Parameters<Keys['bytes']>[0]) => string) | undefined,
): Entry {
  const stamp = { at: taken.at, by: taken.by };
  switch (taken.kind) {
    case 'begin': {
      const { chart, parent, under, offer, question } = taken.beginning;
      return {
        ...stamp,
        kind: 'begin',
        chart,
        ...(parent === undefined ? {} : { parent }),
        ...(under === undefined ? {} : { under }),
        ...(offer === undefined ? {} : { offer }),
        ...(question === undefined
          ? {}
          : {
              question: {
                policy: question.policy,
                local: question.local,
                ...(question.near === undefined ? {} : { near: question.near }),
              },
            }),
      };
    }
    case 'in':
    case 'out': {
      const { kind, local, remote, bytes } = taken;
      return { ...stamp, kind, local, remote, bytes: bytesText(bytes) };
    }
    case 'call': {
      const { port, op, outcome, number, secret } = taken;
      return {
        ...stamp,
        kind: 'call',
        port,
        op,
        args: argumentsText(port, op, taken.args, plainHandle),
        ...(outcome === undefined ? {} : { outcome: outcomeText(taken, outcome) }),
        ...(number === undefined ? {} : { number }),
        ...(secret === undefined || secretOf === undefined ? {} : { secret: secretOf(secret) }),
      };
    }
    case 'done': {
      const { number, outcome, secret } = taken;
      return {
        ...stamp,
        kind: 'done',
        number,
        outcome: outcomeText(taken, outcome),
        ...(secret === undefined || secretOf === undefined ? {} : { secret: secretOf(secret) }),
      };
    }
    case 'timer':
      return { ...stamp, kind: 'timer', number: taken.number };
    case 'withdrawn':
      return { ...stamp, kind: 'withdrawn', withdrawal: taken.withdrawal };
    case 'circumstance':
      return { ...stamp, kind: 'circumstance', which: taken.which, value: taken.value };
    case 'answer':
      return { ...stamp, kind: 'answer', question: taken.question, value: taken.value };
    case 'stands': {
      const secrets = secretOf === undefined ? [] : taken.copies.map(secretOf);
      return { ...stamp, kind: 'stands', phase1: recordedPhase1(taken.phase1, secrets) };
    }
    case 'event':
      return { ...stamp, kind: 'event', event: taken.event };
  }
}

function isStanding({ kind }: Taken): boolean {
  return kind === 'stands';
}

function outcomeText(
  { port, op }: Extract<Taken, { kind: 'call' | 'done' }>,
  outcome: TakenOutcome,
): CallOutcome {
  return 'error' in outcome
    ? errorText(outcome.error)
    : { value: resultText(port, op, outcome.value, plainHandle) };
}

function sameSettings(a: RecordedSettings, b: RecordedSettings): boolean {
  return a.config === b.config && a.presharedKeys === b.presharedKeys && a.certificates === b.certificates;
}

function recordedConfig(
  { config, presharedKeys, certificates }: RecordedSettings,
  version: number,
  keys: Keys | undefined,
): RecordedConfig {
  return {
    version,
    text: writeIkeConfig(config),
    positions: Object.fromEntries(
      config.rules.map(({ label, position, written }) => [
        label,
        { rule: position, transforms: written.map((transform) => transform.position) },
      ]),
    ),
    presharedKeys: presharedKeys.map(({ key, ...entry }) => {
      const secret = keys && secretText(keys, key);
      return { ...entry, handle: key, ...(secret === undefined ? {} : { secret }) };
    }),
    certificates: certificates.certificates.map(({ slot, certificate, privateKey }) => ({
      slot,
      der: hex(certificate.der),
      ...(privateKey === undefined
        ? {}
        : { privateKey: { algorithm: privateKey.algorithm, bits: privateKey.bits } }),
    })),
    crls: recordedCrls(certificates.crls),
    fetched: {
      certificates: certificates.fetched.certificates.map(({ source, certificate }) => ({
        source,
        der: hex(certificate.der),
      })),
      crls: recordedCrls(certificates.fetched.crls),
      pending: [...certificates.fetched.pending],
      failed: Object.fromEntries(certificates.fetched.failed),
    },
  };
}

/** A list of thousands says nothing to who reads the recording. */
const LONGEST_CRL = 64 * 1024;

function recordedCrls(crls: readonly SourcedCrl[]): readonly RecordedObject[] {
  return crls
    .filter(({ crl }) => crl.der.length <= LONGEST_CRL)
    .map(({ source, crl }) => ({ source, der: hex(crl.der) }));
}

/** A key that a refresh has taken away since is not there any more. */
function secretText(keys: Keys, handle: Parameters<Keys['bytes']>[0]): string | undefined {
  try {
    return hex(keys.bytes(handle));
  } catch {
    return undefined;
  }
}

/** The key of the noise is forgotten with it: from the noise nothing can be tried. */
function freshNoise(): Noise {
  const key = randomBytes(32);
  return (bytes) => {
    const blocks: Buffer[] = [];
    for (let at = 0; at * 64 < bytes.length; at++)
      blocks.push(createHmac('sha512', key).update(String(at)).update(bytes).digest());
    return new Uint8Array(Buffer.concat(blocks).subarray(0, bytes.length));
  };
}

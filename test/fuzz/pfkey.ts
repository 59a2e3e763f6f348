/**
 * Fuzz target: what a kernel might say over PF_KEY, of both dialects: valid messages, spoiled ones, answers that nobody asked
 * for, thrown at a kernel adapter with an SA of its own. Afterwards it must still know its kernel and end in order.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { illumosPfkeyKernel, linuxPfkeyKernel } from '../../adapters/kernel/pfkey/pfkey-kernels.js';
import type { PfkeyKernel } from '../../adapters/kernel/pfkey/pfkey-kernel.js';
import { policyNumbered } from '../../adapters/kernel/pfkey/linux-spd-messages.js';
import { endsExtensions, saNamed } from '../../adapters/kernel/pfkey/sa-extensions.js';
import { KeyStore } from '../../daemon/key-store.js';
import type { Bytes } from '../../services/bytes.js';
import type { ExtendedCombination, PfkeyExtension } from '../../services/pfkey/extension.js';
import { encodeMessage, type PfkeyMessage } from '../../services/pfkey/message.js';
import { Dice } from '../sim/dice.js';
import { finished } from '../sim/pfkey/key-gateways.js';
import { SimulatedIllumosKernel } from '../sim/pfkey/simulated-illumos-kernel.js';
import type { SimulatedKeyKernel } from '../sim/pfkey/simulated-key-kernel.js';
import { SimulatedLinuxKernel } from '../sim/pfkey/simulated-linux-kernel.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { EAST, tunnelPolicy, WEST } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { anyMessage } from '../services/pfkey/any-message.js';
import { mutateDatagram } from './byte-mutations.js';
import { caseSeed, type Finding, type FuzzReport, type FuzzTarget, MOST_FINDINGS, Tally } from './target.js';

const PID = 4242;
const TOLD: readonly PfkeyMessage['kind'][] = [
  'ACQUIRE',
  'EXPIRE',
  'DELETE',
  'FLUSH',
  'REGISTER',
  'GETSPI',
  'GET',
  'DUMP',
];
/** Messages between two looks at whether all is well. */
const BATCH = 50;

interface Subject {
  readonly time: VirtualClock;
  readonly system: SimulatedKeyKernel;
  readonly kernel: PfkeyKernel;
  readonly heard: Tally;
}

async function subject(name: 'linux' | 'illumos', seed: number, heard: Tally): Promise<Subject> {
  const time = new VirtualClock();
  const keys = new KeyStore();
  const note = (): void => {
    heard.add('note');
  };
  const common = { clock: time, keys, pid: PID, note };
  const dice = new Dice(seed);
  const linux = new SimulatedLinuxKernel(time, dice);
  const illumos = new SimulatedIllumosKernel(time, dice, EAST, [{ policy: tunnelPolicy('east'), cookie: 0 }]);
  const system = name === 'linux' ? linux : illumos;
  const kernel =
    name === 'linux'
      ? linuxPfkeyKernel({ ...common, sockets: linux, policies: [tunnelPolicy('east')] })
      : illumosPfkeyKernel({ ...common, sockets: illumos, policies: [], labelOf: () => undefined });
  const opening = kernel.open({
    acquire: () => heard.add(`${name}: acquire`),
    expire: () => heard.add(`${name}: expire`),
    deleted: () => heard.add(`${name}: deleted`),
    flushed: () => heard.add(`${name}: flushed`),
  });
  await finished(time, opening);
  return { time, system, kernel, heard };
}

export const pfkey: FuzzTarget = {
  name: 'pfkey',
  fullCount: 10_000,
  async run({ seed, count }): Promise<FuzzReport> {
    const findings: Finding[] = [];
    const tally = new Tally();
    for (let at = 0; at < count && findings.length < MOST_FINDINGS; at += BATCH) {
      const name = (at / BATCH) % 2 === 0 ? 'linux' : 'illumos';
      const batchSeed = caseSeed(seed, at);
      const inputs: Bytes[] = [];
      try {
        const tested = await subject(name, batchSeed, tally);
        await batch(tested, batchSeed, Math.min(BATCH, count - at), inputs);
        tally.add(`${name}: well afterwards`);
      } catch (error) {
        findings.push({ target: 'pfkey', seed, at, input: inputs.at(-1) ?? new Uint8Array(), error });
      }
    }
    return { findings, reached: tally.counts() };
  },
};

async function batch(tested: Subject, seed: number, count: number, inputs: Bytes[]): Promise<void> {
  const { time, system, kernel } = tested;
  const dice = new Dice(seed);
  const [socket] = system.hearing();
  assert.ok(socket !== undefined);
  for (const message of fc.sample(anyMessage(system.dialect), { seed: seed | 0, numRuns: count })) {
    // Half of them are of the kinds that are listened to; some pretend to be answers to us.
    const kind = dice.chance(0.5) ? dice.pick(TOLD) : message.kind;
    const answer = {
      pid: dice.chance(0.5) ? PID : 0,
      sequence: dice.below(40),
      errno: dice.chance(0.8) ? 0 : 22,
    };
    const sensible = dice.chance(0.5) ? sensibleParts(dice, kind) : undefined;
    const made = { ...message, kind, ...(dice.chance(0.7) ? answer : {}), ...sensible };
    const encoded = encodeMessage(made, system.dialect);
    if (!encoded.ok) continue;
    const bytes = dice.chance(0.5) ? encoded.value : mutateDatagram(dice, encoded.value, encoded.value);
    inputs.push(bytes);
    // With questions under way, whose answers come in between.
    if (dice.chance(0.2))
      void kernel.getSpi(WEST, EAST, 50, { mode: 'tunnel', origin: undefined }).catch(() => 0);
    if (dice.chance(0.05)) void kernel.held().catch(() => []);
    system.deliver(socket, bytes);
    if (dice.chance(0.05)) socket.listener.overrun();
    await runUntil(time, () => false, 1);
  }
  await runUntil(time, () => false, 60_000);
  const spi = await finished(time, kernel.getSpi(WEST, EAST, 50, { mode: 'tunnel', origin: undefined }));
  assert.ok(spi >= 0x100);
  const held = await finished(time, kernel.held());
  assert.ok(held.some((sa) => sa.spi === spi && sa.state === 'larval'));
  await finished(time, kernel.close());
  assert.deepEqual(system.faults, []);
  assert.equal(system.find(3, spi, EAST), undefined);
}

/** Of a message that may mean something: an SA between our ends, with a limit. */
function sensibleParts(
  dice: Dice,
  kind: PfkeyMessage['kind'],
): Pick<PfkeyMessage, 'saType' | 'extensions' | 'errno' | 'pid' | 'sequence'> {
  const limit = dice.chance(0.5) ? 'LIFETIME_HARD' : 'LIFETIME_SOFT';
  const sequence = dice.below(100);
  const saType = kind === 'FLUSH' ? dice.pick([0, 2, 3]) : dice.pick([2, 3]);
  const ends = endsExtensions(EAST, WEST);
  const extensions: readonly PfkeyExtension[] =
    kind === 'FLUSH'
      ? []
      : kind === 'ACQUIRE'
        ? [
            ...ends,
            ...(dice.chance(0.5)
              ? [policyNumbered(8 * dice.below(4), 'out')]
              : [
                  {
                    kind: 'X_EPROP',
                    replayWindow: 64,
                    combinations: [AES],
                    cookieInside: undefined,
                  } as const,
                ]),
          ]
        : [
            saNamed(0x100 + dice.below(1000)),
            ...ends,
            { kind: limit, allocations: 0, bytes: 0, addTime: 60, useTime: 0 },
          ];
  return { saType, extensions, errno: 0, pid: 0, sequence };
}

const NO_LIMITS = { allocations: 0, bytes: 0, addTime: 0, useTime: 0 };
const AES: ExtendedCombination = {
  flags: 0,
  soft: NO_LIMITS,
  hard: NO_LIMITS,
  algorithms: [{ saType: 3, algorithmType: 2, algorithm: 12, saltBits: 0, minBits: 128, maxBits: 256 }],
};

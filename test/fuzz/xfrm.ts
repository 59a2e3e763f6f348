/** Fuzz target: messages of a netlink kernel, right, spoiled and out of order, at a kernel adapter with SAs in it. */
import assert from 'node:assert/strict';
import { XfrmKernel } from '../../adapters/kernel/xfrm/xfrm-kernel.js';
import { KeyStore } from '../../daemon/key-store.js';
import { type Bytes, concat } from '../../services/bytes.js';
import type { KernelSockets, MessageListener } from '../../services/ports/kernel-socket.js';
import { decodeXfrm } from '../../services/xfrm/message.js';
import { splitDatagram } from '../../services/xfrm/netlink.js';
import { verifyXfrm } from '../../services/xfrm/verify.js';
import { CAPTURED } from '../services/xfrm/capture.js';
import { SimulatedXfrm } from '../adapters/kernel/xfrm/simulated-xfrm.js';
import { Dice } from '../sim/dice.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { mutateBytes } from './byte-mutations.js';
import { caseSeed, type Finding, type FuzzReport, type FuzzTarget, MOST_FINDINGS, Tally } from './target.js';

const CORPUS = CAPTURED.map(({ datagram }) => datagram);
const [US, PEER] = ['10.0.0.1', '10.0.0.2'];

export const xfrm: FuzzTarget = {
  name: 'xfrm',
  fullCount: 10_000,
  async run({ seed, count }): Promise<FuzzReport> {
    const findings: Finding[] = [];
    const tally = new Tally();
    const subject = await openSubject();
    for (let at = 0; at < count && findings.length < MOST_FINDINGS; at++) {
      const dice = new Dice(caseSeed(seed, at));
      const input = anyDatagram(dice, subject.lastSequence());
      try {
        tally.add(understood(input));
        dice.pick(subject.listeners()).message(Uint8Array.from(input));
        if (dice.chance(0.01)) subject.simulated.overrun();
      } catch (error) {
        findings.push({ target: 'xfrm', seed, at, input, error });
      }
    }
    // After all that it does its work as before.
    const spi = await subject.kernel.getSpi(PEER, US, 50, { mode: 'tunnel', origin: undefined });
    await subject.kernel.delete({ destination: US, protocol: 50, spi });
    await subject.kernel.close();
    return { findings, reached: { ...tally.counts(), ...subject.told() } };
  },
};

/** As the kernel said it, spoiled, or noise; some of it under the number of our last question. */
function anyDatagram(dice: Dice, sequence: number): Bytes {
  const whole = dice.pick(CORPUS);
  const bytes = dice.chance(0.2)
    ? Uint8Array.from(whole)
    : dice.chance(0.95)
      ? mutateBytes(dice, whole, dice.pick(CORPUS))
      : dice.bytes(dice.below(300));
  if (bytes.length < 16) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (dice.chance(0.7)) view.setUint32(0, bytes.length, true);
  if (dice.chance(0.3)) view.setUint32(8, sequence, true);
  return dice.chance(0.1) ? concat(bytes, dice.pick(CORPUS)) : bytes;
}

/** Throws when the codec does; tells how far it got. */
function understood(bytes: Bytes): string {
  const messages = splitDatagram(bytes);
  if (!messages.ok) {
    assert.ok(messages.error.why.length > 0);
    return 'no datagram';
  }
  let verdict = 'nothing in it';
  for (const { type, body } of messages.value) {
    const message = decodeXfrm(type, body);
    if (!message.ok) verdict = 'malformed';
    else if (message.value === undefined) verdict = 'of no use';
    else verdict = verifyXfrm(message.value, 'fromKernel').length > 0 ? 'verified as wrong' : 'well formed';
  }
  return verdict;
}

async function openSubject() {
  const simulated = new SimulatedXfrm();
  const heard: MessageListener[] = [];
  const sockets: KernelSockets = {
    ...simulated.sockets,
    xfrm: (groups, listener) => {
      heard.push(listener);
      return simulated.sockets.xfrm(groups, listener);
    },
  };
  const counts = { acquires: 0, news: 0 };
  const news = (): void => void (counts.news += 1);
  const kernel = new XfrmKernel({
    sockets,
    clock: new VirtualClock(),
    keys: new KeyStore(),
    policies: [],
    note: () => undefined,
  });
  await kernel.open({
    acquire: ({ id }) => {
      counts.acquires += 1;
      kernel.answerAcquire(id);
    },
    expire: news,
    deleted: news,
    flushed: news,
    mapped: news,
  });
  return {
    kernel,
    simulated,
    listeners: (): readonly MessageListener[] => heard,
    lastSequence: (): number => simulated.lastSequence,
    told: () => ({ 'ACQUIREs passed on': counts.acquires, 'news passed on': counts.news }),
  };
}

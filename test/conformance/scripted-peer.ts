/** A peer that says what a test wants it to say: a Phase 1 offer, or a Quick Mode under an SA that stands. */
import assert from 'node:assert/strict';
import type { Phase1Entry } from '../../daemon/sa-table.js';
import { u32 } from '../../services/bytes.js';
import { allOf, firstOf } from '../../services/exchange/payloads-of.js';
import { openMessage, sealMessage } from '../../services/exchange/protection.js';
import { decodeHeader, FLAG, HEADER_LENGTH, ZERO_COOKIE } from '../../services/isakmp/header.js';
import { decodePayloads, encodeMessage, encodePayloads } from '../../services/isakmp/message.js';
import type { DecodedPayload, Payload } from '../../services/isakmp/payload.js';
import type { Attribute } from '../../services/isakmp/payloads/attribute.js';
import type { Proposal } from '../../services/isakmp/payloads/proposal.js';
import type { Transform } from '../../services/isakmp/payloads/transform.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { notifyName } from '../../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { phase2Iv } from '../../services/keymat/initialization-vectors.js';
import { quickModeHash1 } from '../../services/keymat/proofs.js';
import { Dice } from '../sim/dice.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { runUntil, type SimulatedDaemon, startSimulated } from '../sim/simulated-daemon.js';
import { SimulatedNetwork } from '../sim/simulated-network.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const AT_WEST = { address: WEST, port: 500 };
const AT_EAST = { address: EAST, port: 500 };

export const basic = (type: number, value: number): Attribute => ({ type, form: 'basic', value });

/** What a daemon made of a message: what it answered, and what its operator was told. */
export interface Reaction {
  /** Payloads of an answer of the same exchange. */
  readonly answer: readonly DecodedPayload[] | undefined;
  /** Names of error notifies, in the clear or protected. */
  readonly notifies: readonly string[];
  /** Codes of failed negotiations, and reasons of dropped datagrams. */
  readonly reported: readonly string[];
}

/** The one proposal of the answer; fails when there is none. */
export function chosen({ answer, notifies, reported }: Reaction): Proposal {
  const proposals = answer === undefined ? [] : (firstOf(answer, 'SA')?.proposals ?? []);
  assert.equal(proposals.length, 1, [...notifies, ...reported].join(', '));
  const [proposal] = proposals;
  assert.ok(proposal);
  return proposal;
}

function reportedBy(daemon: SimulatedDaemon, since: number): readonly string[] {
  return daemon.events.slice(since).flatMap((event) => {
    if (event.type === 'datagram.dropped') return [event.reason];
    return event.type === 'negotiation.ended' && event.failure !== undefined ? [event.failure.code] : [];
  });
}

/** A west for which nobody else is there, and what it makes of one message 1 of Main Mode. */
export async function reactionToOffer(payloads: readonly Payload[]): Promise<Reaction> {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new Dice(1));
  const west = await startSimulated(gatewayPlan('west'), network, clock, 3, new Map());
  const header = {
    initiatorCookie: '0102030405060708',
    responderCookie: ZERO_COOKIE,
    messageId: 0,
    flags: 0,
  };
  const bytes = encodeMessage({ ...header, exchangeType: EXCHANGE.mainMode }, payloads);
  west.engine.receive({ local: AT_WEST, remote: AT_EAST, bytes });
  await runUntil(clock, () => false, 100);
  let answer: readonly DecodedPayload[] | undefined;
  const notifies: string[] = [];
  for (const sent of network.sent) {
    const decoded = decodeHeader(sent.bytes);
    assert.ok(decoded.ok);
    const chain = decodePayloads(decoded.value.nextPayload, sent.bytes.subarray(HEADER_LENGTH));
    assert.ok(chain.ok);
    if (decoded.value.exchangeType === EXCHANGE.mainMode) answer = chain.value.payloads;
    notifies.push(...allOf(chain.value.payloads, 'NOTIFY').map(({ notifyType }) => notifyName(notifyType)));
  }
  return { answer, notifies, reported: reportedBy(west, 0) };
}

/** An SA payload of Phase 1 with one proposal. */
export function phase1Sa(transforms: readonly Transform[]): Payload {
  const proposal = { number: 1, protocol: PROTOCOL.isakmp, spi: new Uint8Array(0), transforms };
  return { kind: 'SA', doi: 1, situation: 1, proposals: [proposal] };
}

/** An SA payload of Phase 2. */
export function phase2Sa(...proposals: readonly Proposal[]): Payload {
  return { kind: 'SA', doi: 1, situation: 1, proposals };
}

export function espProposal(number: number, transforms: readonly Transform[]): Proposal {
  return { number, protocol: PROTOCOL.esp, spi: u32(0x1000 + number), transforms };
}

/** Two gateways with a Phase 1 SA, of which east is the script's from now on. */
export async function phase1Pair(west: Parameters<typeof gatewayPlan>[1] = {}): Promise<Pair> {
  const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west', west));
  pair.network.filter = ({ bytes }) => (bytes[18] === EXCHANGE.quickMode ? 'drop' : 'pass');
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.engine.table.phase1Count === 1, 60_000);
  await runUntil(pair.clock, () => false, 100);
  pair.network.filter = () => 'drop';
  return pair;
}

/** What west makes of message 1 of a Quick Mode that holds `payloads` behind a HASH that is right. */
export async function reactionToRequest(
  pair: Pair,
  payloads: readonly Payload[],
  messageId = 7,
): Promise<Reaction> {
  const { west, clock, network } = pair;
  const entry = onlyPhase1(pair.east);
  const before = { sent: network.sent.length, events: west.events.length };
  const { crypto } = pair.east.engine.ports;
  const hash = quickModeHash1(crypto, {
    hash: entry.sa.suite.hash,
    skeyidA: entry.sa.keys.skeyidA,
    messageId,
    rest: encodePayloads(payloads).bytes,
  });
  const header = { ...cookiesOf(entry), exchangeType: EXCHANGE.quickMode, messageId };
  const said: readonly Payload[] = [{ kind: 'HASH', data: hash }, ...payloads];
  const request = sealMessage(crypto, protectionOf(pair, messageId), header, said);
  west.engine.receive({ local: AT_WEST, remote: AT_EAST, bytes: request.bytes });
  await runUntil(clock, () => false, 100);
  let answer: readonly DecodedPayload[] | undefined;
  const notifies: string[] = [];
  for (const sent of network.sent.slice(before.sent).filter(({ from }) => from.address === WEST)) {
    const decoded = decodeHeader(sent.bytes);
    assert.ok(decoded.ok && (decoded.value.flags & FLAG.encryption) !== 0);
    const ours = decoded.value.exchangeType === EXCHANGE.quickMode;
    if (ours && decoded.value.messageId !== messageId) continue;
    const protection = protectionOf(pair, decoded.value.messageId);
    const iv = ours ? request.iv : protection.iv;
    const opened = openMessage(crypto, { ...protection, iv }, decoded.value, sent.bytes);
    assert.ok(opened.ok, opened.ok ? '' : opened.error);
    if (ours) answer = opened.value.payloads;
    notifies.push(...allOf(opened.value.payloads, 'NOTIFY').map(({ notifyType }) => notifyName(notifyType)));
  }
  return { answer, notifies, reported: reportedBy(west, before.events) };
}

function cookiesOf({ sa }: Phase1Entry) {
  return { initiatorCookie: sa.initiatorCookie, responderCookie: sa.responderCookie };
}

function protectionOf(pair: Pair, messageId: number) {
  const { sa } = onlyPhase1(pair.east);
  const { crypto } = pair.east.engine.ports;
  const iv = phase2Iv(crypto, sa.suite.hash, sa.suite.cipher, sa.lastBlock, messageId);
  return { suite: sa.suite, key: sa.keys.encryptionKey, iv };
}

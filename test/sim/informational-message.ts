/** Informational messages under an SA of the simulation, made as its peer would make them, or a little wrong. */
import type { Phase1Entry } from '../../daemon/sa-table.js';
import { u32 } from '../../services/bytes.js';
import * as informational from '../../services/exchange/informational.js';
import { sealMessage } from '../../services/exchange/protection.js';
import { encodeMessage } from '../../services/isakmp/message.js';
import type { Payload } from '../../services/isakmp/payload.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { phase2Iv } from '../../services/keymat/initialization-vectors.js';
import type { SimulatedDaemon } from './simulated-daemon.js';

export function onlyPhase1(daemon: SimulatedDaemon): Phase1Entry {
  const [entry, ...more] = daemon.engine.table.phase1();
  if (entry === undefined || more.length > 0) throw new Error('there is not just one Phase 1 SA');
  return entry;
}

/** A protected Informational of `daemon`; `hash` changes the payloads after they were hashed. */
export function protectedMessage(
  daemon: SimulatedDaemon,
  payloads: readonly Payload[],
  messageId: number,
  hash: (payloads: readonly Payload[]) => readonly Payload[] = (right) => right,
): Uint8Array {
  const { crypto } = daemon.engine.ports;
  const { sa } = onlyPhase1(daemon);
  const { initiatorCookie, responderCookie, suite, keys, lastBlock } = sa;
  const iv = phase2Iv(crypto, suite.hash, suite.cipher, lastBlock, messageId);
  const header = { initiatorCookie, responderCookie, exchangeType: EXCHANGE.informational, messageId };
  const said = hash(informational.protectInformational(sa, messageId, payloads, crypto));
  return sealMessage(crypto, { suite, key: keys.encryptionKey, iv }, header, said).bytes;
}

export function openMessage(daemon: SimulatedDaemon, payloads: readonly Payload[]): Uint8Array {
  const { initiatorCookie, responderCookie } = onlyPhase1(daemon).sa;
  const header = { initiatorCookie, responderCookie, exchangeType: EXCHANGE.informational, messageId: 99 };
  return encodeMessage({ ...header, flags: 0 }, payloads);
}

export function notifyAbout(notifyType: number, spi = 0): Payload {
  return informational.notification(PROTOCOL.esp, spi === 0 ? new Uint8Array(0) : u32(spi), notifyType);
}

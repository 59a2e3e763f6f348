/**
 * An encrypted Informational while its Phase 1 is still under way: what a peer sends that does not like our proof.
 * Keys may be agreed, but nobody has proved who holds them: whatever it says is a suspicion and no more.
 */
import type { Bytes } from '../bytes.js';
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { IsakmpHeader } from '../isakmp/header.js';
import { isErrorNotify, notifyName } from '../isakmp/registries/notify-types.js';
import { phase2Iv } from '../keymat/initialization-vectors.js';
import { formatEndpoint } from '../net/address.js';
import type { Crypto } from '../ports/crypto.js';
import { informationalIsAuthentic } from './informational.js';
import { firstOf } from './payloads-of.js';
import { placeOf, type Phase1Record } from './phase1-record.js';
import { openMessage } from './protection.js';

/** Undefined while there are no keys: then it cannot be about this negotiation. */
export function suspectEarly(
  record: Phase1Record,
  header: IsakmpHeader,
  datagram: Bytes,
  crypto: Crypto,
): Failure | undefined {
  const said = readEarly(record, header, datagram, crypto);
  if (said === undefined) return undefined;
  const peer = formatEndpoint(record.remote);
  // The one in which we prove ourselves; the initiator's in Aggressive Mode ends the negotiation for it.
  const number = record.mode === 'aggressive' ? 2 : record.role === 'initiator' ? 5 : 6;
  const place = placeOf(record, number);
  const unread = `${peer} answered message ${String(number)} with an Informational that cannot be read.`;
  if (said !== 'unreadable') {
    return failure(
      'peer-refused',
      place,
      'config',
      `${peer} answered ${said} under the keys of this negotiation, without having proved who it is.`,
      'It does not accept who we say we are, or how we prove it: its log says whether it was the identity, the certificate or the signature.',
    );
  }
  if (record.method !== 'preshared') {
    return failure(
      'peer-refused',
      place,
      'config',
      unread,
      'The log of the peer says why it did not accept our identity, certificate or proof.',
    );
  }
  return failure(
    'wrong-preshared-key',
    place,
    'config',
    `${unread} The pre-shared key is probably not the same on both ends. ${record.presharedWhy}`,
    "Compare the key in ike.preshared with the peer's, digit by digit, and check that the entry is the one meant for this peer.",
  );
}

/**
 * The error in it, by name. RFC 2409 5.7 protects it as soon as there are keys, and appendix B chains its IV to the last
 * block of Phase 1, which at this time is that of our own last message.
 */
function readEarly(
  { keys, suite, iv }: Phase1Record,
  header: IsakmpHeader,
  datagram: Bytes,
  crypto: Crypto,
): string | undefined {
  if (keys === undefined || suite === undefined) return undefined;
  const { messageId } = header;
  const protection = {
    suite,
    key: keys.encryptionKey,
    iv: phase2Iv(crypto, suite.hash, suite.cipher, iv, messageId),
  };
  const opened = openMessage(crypto, protection, header, datagram);
  if (!opened.ok) return 'unreadable';
  const { payloads, plaintext } = opened.value;
  if (!informationalIsAuthentic({ suite, keys }, messageId, payloads, plaintext, crypto)) return 'unreadable';
  const notify = firstOf(payloads, 'NOTIFY');
  return notify !== undefined && isErrorNotify(notify.notifyType) ? notifyName(notify.notifyType) : undefined;
}

/** Ways to make the simulated world go wrong at a chosen moment. */
import { KernelError, type Kernel } from '../../services/ports/kernel.js';
import type { Crypto } from '../../services/ports/crypto.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { decodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader } from '../../services/isakmp/header.js';
import { encodeMessage } from '../../services/isakmp/message.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { boundCrypto } from '../sim/bound-crypto.js';
import { boundKernel } from '../sim/bound-kernel.js';
import { later } from '../sim/later.js';
import type { MaybePromise } from '../../services/ports/maybe-promise.js';
import type { SentDatagram, SimulatedNetwork } from '../sim/simulated-network.js';

type CryptoJob = 'generateKeyPair' | 'sharedSecret' | 'signRsa' | 'signDss' | 'decryptRsa';
type CryptoProof = 'equal' | 'verifyRsa' | 'verifyDss';
type CryptoCall = CryptoJob | CryptoProof | 'publicValueFault' | 'encryptRsa';
type KernelCall = 'getSpi' | 'update' | 'add' | 'policyFor';

/** What happens at the `nth` call, from 1. `hangs` never answers. */
export interface Mishap<Call> {
  readonly call: Call;
  readonly nth: number;
  readonly how: 'fails' | 'hangs';
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

export function unluckyCrypto(mishap: Mishap<CryptoCall>): (crypto: Crypto) => Crypto {
  let calls = 0;
  const struck = (call: CryptoCall): boolean => call === mishap.call && ++calls === mishap.nth;
  const job = <T>(call: CryptoJob, run: () => MaybePromise<T>): Promise<T> => {
    if (!struck(call)) return later(run);
    return mishap.how === 'hangs' ? never() : Promise.reject(new Error('the engine is on fire'));
  };
  return (crypto) => ({
    ...boundCrypto(crypto),
    generateKeyPair: (...args) => job('generateKeyPair', () => crypto.generateKeyPair(...args)),
    sharedSecret: (...args) => job('sharedSecret', () => crypto.sharedSecret(...args)),
    signRsa: (...args) => job('signRsa', () => crypto.signRsa(...args)),
    signDss: (...args) => job('signDss', () => crypto.signDss(...args)),
    decryptRsa: (...args) => job('decryptRsa', () => crypto.decryptRsa(...args)),
    publicValueFault: (...args) =>
      struck('publicValueFault') ? 'it is a trap' : crypto.publicValueFault(...args),
    encryptRsa: (...args) => (struck('encryptRsa') ? undefined : crypto.encryptRsa(...args)),
    equal: (...args) => !struck('equal') && crypto.equal(...args),
    verifyRsa: (...args) => !struck('verifyRsa') && crypto.verifyRsa(...args),
    verifyDss: (...args) => !struck('verifyDss') && crypto.verifyDss(...args),
  });
}

export function unluckyKernel(mishap: Mishap<KernelCall>): (kernel: Kernel) => Kernel {
  let calls = 0;
  const job = <T>(call: KernelCall, run: () => MaybePromise<T>): Promise<T> => {
    if (call !== mishap.call || ++calls !== mishap.nth) return later(run);
    return mishap.how === 'hangs'
      ? never()
      : Promise.reject(new KernelError(call, 'The kernel has no memory.'));
  };
  return (kernel) => ({
    ...boundKernel(kernel),
    getSpi: (...args) => job('getSpi', () => kernel.getSpi(...args)),
    update: (sa) => job('update', () => kernel.update(sa)),
    add: (sa) => job('add', () => kernel.add(sa)),
    policyFor: (...args) => job('policyFor', () => kernel.policyFor(...args)),
  });
}

/** Offset of the flags in the header. */
const FLAGS_AT = 19;

/** Which message a datagram is, as far as its header shows. */
export function headerOf(datagram: SentDatagram): IsakmpHeader {
  const header = decodeHeader(datagram.bytes);
  if (!header.ok) throw new Error(header.error.explanation);
  return header.value;
}

export function isQuickMode(datagram: SentDatagram): boolean {
  return headerOf(datagram).exchangeType === EXCHANGE.quickMode;
}

/** Drops the first copy of every distinct message. */
export function loseEverythingOnce(network: SimulatedNetwork): void {
  const seen = new Set<string>();
  network.filter = ({ bytes }) => {
    const text = Buffer.from(bytes).toString('latin1');
    if (seen.has(text)) return 'pass';
    seen.add(text);
    return 'drop';
  };
}

/** Puts `forge`'s datagram in the place of the first one that `wanted` picks; the sender's next copy passes. */
export function replaceOnce(
  network: SimulatedNetwork,
  wanted: (datagram: SentDatagram) => boolean,
  forge: (datagram: SentDatagram) => Uint8Array,
): void {
  let done = false;
  network.filter = (datagram) => {
    if (done || !wanted(datagram)) return 'pass';
    done = true;
    network.send(datagram.from, datagram.to, forge(datagram));
    return 'drop';
  };
}

/** Sends `forge`'s datagram just before the first one that `wanted` picks, from the same end. */
export function precedeOnce(
  network: SimulatedNetwork,
  wanted: (datagram: SentDatagram) => boolean,
  forge: (datagram: SentDatagram) => Uint8Array,
): void {
  let done = false;
  network.filter = (datagram) => {
    if (done || !wanted(datagram)) return 'pass';
    done = true;
    network.send(datagram.from, datagram.to, forge(datagram));
    return 'pass';
  };
}

/** The same message with its last block turned to noise. */
export function garbled({ bytes }: SentDatagram): Uint8Array {
  return bytes.map((byte, index) => (index < HEADER_LENGTH ? byte : byte ^ 0x5a));
}

/** A message in the clear with the header of the other, which holds nothing but a vendor ID. */
export function pointless(datagram: SentDatagram): Uint8Array {
  const header = headerOf(datagram);
  return encodeMessage({ ...header, flags: 0 }, [{ kind: 'VENDOR', data: new Uint8Array(16) }]);
}

/** An unauthenticated NO-PROPOSAL-CHOSEN with the cookies of the other message. */
export function openRefusal(datagram: SentDatagram): Uint8Array {
  const header = headerOf(datagram);
  return encodeMessage({ ...header, exchangeType: EXCHANGE.informational, messageId: 7, flags: 0 }, [
    {
      kind: 'NOTIFY',
      doi: 1,
      protocol: PROTOCOL.isakmp,
      spi: new Uint8Array(0),
      notifyType: NOTIFY.noProposalChosen,
      data: new Uint8Array(0),
    },
  ]);
}

/** A choice of MD5 where SHA-1 was offered: attribute 2 (hash), basic, value 1. */
export function otherHash({ bytes }: SentDatagram): Uint8Array {
  const at = Buffer.from(bytes).indexOf(Buffer.from('80020002', 'hex'));
  if (at < 0) throw new Error('the message offers no SHA-1');
  return bytes.map((byte, index) => (index === at + 3 ? 1 : byte));
}

/** The same message with the commit bit set, as no HASH can tell (RFC 2408 3.1). */
export function committing({ bytes }: SentDatagram): Uint8Array {
  return bytes.map((byte, index) => (index === FLAGS_AT ? byte | FLAG.commit : byte));
}

export function isEncrypted(datagram: SentDatagram): boolean {
  return (headerOf(datagram).flags & FLAG.encryption) !== 0;
}

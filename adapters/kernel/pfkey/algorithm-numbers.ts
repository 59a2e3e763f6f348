/** Algorithms by their PF_KEY numbers, which are those of RFC 2407 and the same in both dialects, and which a kernel has. */
import type { EspCipher, IntegrityAlgorithm } from '../../../services/algorithms.js';
import { SA_TYPE } from '../../../services/pfkey/dialect.js';
import type { SupportedAlgorithm } from '../../../services/pfkey/extension.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { IpsecProtocol, Protection } from '../../../services/ports/kernel.js';

export const CIPHER_NUMBER: Readonly<Record<EspCipher, number>> = {
  des: 2,
  '3des': 3,
  blowfish: 7,
  null: 11,
  'aes-cbc': 12,
  'aes-ctr': 13,
  'aes-gcm-16': 20,
};

/** The 96-bit form of SHA-256 has no number of its own. */
export const INTEGRITY_NUMBER: Readonly<Record<IntegrityAlgorithm, number>> = {
  'hmac-md5-96': 2,
  'hmac-sha1-96': 3,
  'hmac-sha2-256-128': 5,
  'hmac-sha2-256-96': 5,
  'hmac-sha2-384-192': 6,
  'hmac-sha2-512-256': 7,
};

/** Bits that stand behind the key of these ciphers: the nonce of RFC 3686, the salt of RFC 4106. */
export const NONCE_BITS: Readonly<Partial<Record<EspCipher, number>>> = { 'aes-ctr': 32, 'aes-gcm-16': 32 };

export function saTypeOf(protocol: IpsecProtocol): number {
  return protocol === 50 ? SA_TYPE.esp : SA_TYPE.ah;
}

/** Undefined for what is not ours: IPComp, TCP-MD5, routing protocols. */
export function protocolOf(saType: number): IpsecProtocol | undefined {
  return saType === SA_TYPE.esp ? 50 : saType === SA_TYPE.ah ? 51 : undefined;
}

/** What a kernel said of one protocol in its answer to REGISTER; refreshed when it says it again. */
export class SupportedAlgorithms {
  readonly #byProtocol = new Map<
    IpsecProtocol,
    ReadonlyMap<'auth' | 'encrypt', readonly SupportedAlgorithm[]>
  >();

  learn(message: PfkeyMessage): void {
    const protocol = protocolOf(message.saType);
    if (protocol === undefined || message.errno !== 0) return;
    this.#byProtocol.set(
      protocol,
      new Map([
        ['auth', extensionOf(message, 'SUPPORTED_AUTH')?.algorithms ?? []],
        ['encrypt', extensionOf(message, 'SUPPORTED_ENCRYPT')?.algorithms ?? []],
      ]),
    );
  }

  protocols(): readonly IpsecProtocol[] {
    return [...this.#byProtocol.keys()];
  }

  /** What of it the kernel has not, in one sentence; undefined when it has all. */
  missing(protection: Protection, kernel: string): string | undefined {
    const name = protection.protocol === 50 ? 'ESP' : 'AH';
    const has = this.#byProtocol.get(protection.protocol);
    if (has === undefined) return `${kernel} has no ${name}.`;
    const { integrity } = protection;
    const find = (kind: 'auth' | 'encrypt', id: number): SupportedAlgorithm | undefined =>
      has.get(kind)?.find((algorithm) => algorithm.id === id);
    if (integrity !== undefined && find('auth', INTEGRITY_NUMBER[integrity]) === undefined)
      return `${kernel} has no ${integrity} for ${name}.`;
    if (protection.protocol === 51) return undefined;
    const { encryption, keyBits } = protection;
    const cipher = find('encrypt', CIPHER_NUMBER[encryption]);
    // NULL is the absence of a cipher; not every kernel lists it.
    if (cipher === undefined)
      return encryption === 'null' ? undefined : `${kernel} has no ${encryption} for ESP.`;
    const salt = cipher.saltBits === 0 ? (NONCE_BITS[encryption] ?? 0) : 0;
    const fits = keyBits.low + salt <= cipher.maxBits && keyBits.high + salt >= cipher.minBits;
    return encryption === 'null' || fits
      ? undefined
      : `${kernel} has no ${encryption} with keys of ${String(keyBits.low)} to ${String(keyBits.high)} bits.`;
  }
}

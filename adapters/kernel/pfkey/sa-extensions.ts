/** Extensions that say the same in both dialects. */
import { INTEGRITY } from '../../../services/algorithms.js';
import { type Address, familyOf } from '../../../services/net/address.js';
import { SA_STATE } from '../../../services/pfkey/dialect.js';
import type {
  AddressExtension,
  KeyExtension,
  LifetimeExtension,
  SaExtension,
} from '../../../services/pfkey/extension.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { KernelSa, Lifetimes, SaIdentity } from '../../../services/ports/kernel.js';
import type { Keys } from '../../../services/ports/keys.js';
import { CIPHER_NUMBER, INTEGRITY_NUMBER, protocolOf } from './algorithm-numbers.js';

/** One address, all of it. */
export function addressExtension(
  kind: AddressExtension['kind'],
  address: Address,
  { protocol = 0, port = 0 }: { readonly protocol?: number; readonly port?: number } = {},
): AddressExtension {
  const prefixLength = familyOf(address) === 4 ? 32 : 128;
  return { kind, protocol, prefixLength, endpoint: { address, port } };
}

export function endsExtensions(source: Address, destination: Address): readonly AddressExtension[] {
  return [addressExtension('ADDRESS_SRC', source), addressExtension('ADDRESS_DST', destination)];
}

/** `spi` alone: which SA is meant. */
export function saNamed(spi: number): SaExtension {
  return {
    kind: 'SA',
    spi,
    replayWindow: 0,
    state: SA_STATE.mature,
    authentication: 0,
    encryption: 0,
    flags: 0,
  };
}

export function newSa(sa: KernelSa, replayWindow: number, flags: number): SaExtension {
  return {
    ...saNamed(sa.spi),
    // Without integrity there is no anti-replay service either (RFC 4303 2.2).
    replayWindow: sa.integrity === undefined && sa.encryption?.algorithm !== 'aes-gcm-16' ? 0 : replayWindow,
    authentication: sa.integrity === undefined ? 0 : INTEGRITY_NUMBER[sa.integrity.algorithm],
    encryption: sa.encryption === undefined ? 0 : CIPHER_NUMBER[sa.encryption.algorithm],
    flags,
  };
}

/** The key store's own bytes, which the encoder copies. A nonce counts among the bits. */
export function keyExtensions(sa: KernelSa, keys: Keys, saltBits: number): readonly KeyExtension[] {
  const extensions: KeyExtension[] = [];
  if (sa.integrity !== undefined) {
    const bits = INTEGRITY[sa.integrity.algorithm].keyLength * 8;
    extensions.push({ kind: 'KEY_AUTH', bits, saltBits: 0, key: keys.bytes(sa.integrity.key) });
  }
  if (sa.encryption !== undefined) {
    const key = keys.bytes(sa.encryption.key);
    extensions.push({ kind: 'KEY_ENCRYPT', bits: key.length * 8, saltBits, key });
  }
  return extensions;
}

/** Both or neither, as Linux wants it; 0 is no limit. */
export function lifetimeExtensions(limits: Lifetimes): readonly LifetimeExtension[] {
  const { hardSeconds = 0, softSeconds = 0, hardBytes = 0, softBytes = 0 } = limits;
  if (hardSeconds + softSeconds + hardBytes + softBytes === 0) return [];
  return [
    { kind: 'LIFETIME_HARD', allocations: 0, bytes: hardBytes, addTime: hardSeconds, useTime: 0 },
    { kind: 'LIFETIME_SOFT', allocations: 0, bytes: softBytes, addTime: softSeconds, useTime: 0 },
  ];
}

/** Which SA a message is about, and where it comes from; undefined when it is about none of ESP or AH. */
export function saOf(message: PfkeyMessage): (SaIdentity & { readonly source: Address }) | undefined {
  const sa = extensionOf(message, 'SA');
  const source = extensionOf(message, 'ADDRESS_SRC')?.endpoint.address;
  const destination = extensionOf(message, 'ADDRESS_DST')?.endpoint.address;
  const protocol = protocolOf(message.saType);
  if (sa === undefined || protocol === undefined || source === undefined || destination === undefined)
    return undefined;
  return { source, destination, protocol, spi: sa.spi };
}

/** The pairs of SAs that a Quick Mode agrees on, one for each protocol: their SPIs and their keys. */
import { u32 } from '../bytes.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { ipsecKeys } from '../keymat/keymat.js';
import type { Crypto } from '../ports/crypto.js';
import type { IpsecProtocol } from '../ports/kernel.js';
import type { KeyHandle } from '../ports/keys.js';
import { type EspSuite, keyLengthsOf } from '../proposal/phase2-suite.js';
import type { AgreedPair, Phase2Patch, Phase2Record, ReservedSpi, SaKeys } from './phase2-record.js';
import { nonces } from './quick-mode-hashes.js';

/** The protocols for which we need an SPI: those of our policy as initiator, those agreed as responder. */
export function protocolsToReserve(record: Phase2Record): readonly IpsecProtocol[] {
  return record.role === 'initiator' ? [50] : record.agreed.map(({ protocol }) => protocol);
}

export function withReserved(record: Phase2Record, own: ReservedSpi): Phase2Patch {
  return {
    reserved: [...record.reserved, own],
    agreed: record.agreed.map((pair) =>
      pair.protocol === own.protocol ? { ...pair, inboundSpi: own.spi } : pair,
    ),
  };
}

export function reservedSpi(record: Phase2Record, protocol: IpsecProtocol): number {
  const own = record.reserved.find((reserved) => reserved.protocol === protocol);
  if (own === undefined) throw new Error('Quick Mode step without an SPI of its own');
  return own.spi;
}

export function agreedPair(
  protocol: IpsecProtocol,
  suite: EspSuite,
  inboundSpi: number,
  outboundSpi: number,
): AgreedPair {
  const keys = { inboundKeys: undefined, outboundKeys: undefined };
  return { protocol, suite, inboundSpi, outboundSpi, outboundAdded: false, ...keys };
}

/** KEYMAT of both SAs; each is named by the SPI its receiver chose (RFC 2409 5.5). */
export function deriveSaKeys(
  record: Phase2Record,
  sharedSecret: KeyHandle | undefined,
  crypto: Crypto,
): Phase2Patch {
  const keys = ({ suite }: AgreedPair, spi: number): SaKeys => {
    const lengths = keyLengthsOf(suite);
    const derived = ipsecKeys(crypto, {
      hash: record.phase1.suite.hash,
      skeyidD: record.phase1.keys.skeyidD,
      sharedSecret,
      protocol: PROTOCOL.esp,
      spi: u32(spi),
      ...nonces(record),
      encryptionLength: lengths.encryption,
      integrityLength: lengths.integrity,
    });
    // The NULL cipher (RFC 2410) has a key of no bytes, and is named to the kernel like any other.
    const encryption = derived.encryption ?? crypto.slice([], 0, 0);
    return { encryption, integrity: derived.integrity };
  };
  return {
    agreed: record.agreed.map((pair) => ({
      ...pair,
      inboundKeys: keys(pair, pair.inboundSpi),
      outboundKeys: keys(pair, pair.outboundSpi),
    })),
  };
}

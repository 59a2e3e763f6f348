/** The pairs of SAs that a Quick Mode agrees on, one for each protocol: their SPIs and their keys. */
import { u32 } from '../bytes.js';
import type { Crypto } from '../ports/crypto.js';
import type { IpsecProtocol } from '../ports/kernel.js';
import type { KeyHandle } from '../ports/keys.js';
import { offeredProtocols } from '../proposal/phase2-offer.js';
import { keyLengthsOf, type Phase2Suite, wireProtocol } from '../proposal/phase2-suite.js';
import type { AgreedPair, Phase2Patch, Phase2Record, ReservedSpi, SaKeys } from './phase2-record.js';
import { nonces } from './quick-mode-hashes.js';

/** The protocols for which we need an SPI: those of our policy as initiator, those agreed as responder. */
export function protocolsToReserve(record: Phase2Record): readonly IpsecProtocol[] {
  if (record.role === 'responder') return record.agreed.map(({ protocol }) => protocol);
  return record.policy === undefined ? [] : offeredProtocols(record.policy, record.terms.encapsulation);
}

export function withReserved(record: Phase2Record, own: ReservedSpi): Phase2Patch {
  return {
    reserved: [...record.reserved, own],
    agreed: record.agreed.map((pair) =>
      pair.protocol === own.protocol ? agreedPair(pair.suite, own.spi, pair.outboundSpi) : pair,
    ),
  };
}

/** SPIs that were reserved for what was offered and not chosen. */
export function unusedSpis({ reserved, agreed }: Phase2Record): readonly ReservedSpi[] {
  return reserved.filter((own) => !agreed.some(({ protocol }) => protocol === own.protocol));
}

export function reservedSpi(record: Phase2Record, protocol: IpsecProtocol): number {
  const own = record.reserved.find((reserved) => reserved.protocol === protocol);
  if (own === undefined) throw new Error('Quick Mode step without an SPI of its own');
  return own.spi;
}

export function agreedPair(suite: Phase2Suite, inboundSpi: number, outboundSpi: number): AgreedPair {
  return {
    protocol: suite.protocol,
    suite,
    inboundSpi,
    outboundSpi,
    outboundAdded: false,
    inboundKeys: undefined,
    outboundKeys: undefined,
  };
}

/** KEYMAT of all SAs; each is named by its protocol and the SPI its receiver chose (RFC 2409 5.5). */
export function deriveSaKeys(
  record: Phase2Record,
  sharedSecret: KeyHandle | undefined,
  crypto: Crypto,
): Phase2Patch {
  const { initiatorNonce, responderNonce } = nonces(record);
  const keys = ({ suite }: AgreedPair, spi: number): SaKeys => {
    const lengths = keyLengthsOf(suite);
    const derived = crypto.ipsecKeys({
      hash: record.phase1.suite.hash,
      skeyidD: record.phase1.keys.skeyidD,
      sharedSecret,
      protocol: wireProtocol(suite.protocol),
      spi: u32(spi),
      initiatorNonce,
      responderNonce,
      encryptionLength: lengths.encryption,
      integrityLength: lengths.integrity,
    });
    if (suite.protocol === 51) return derived;
    // The NULL cipher (RFC 2410) has a key of no bytes, and is named to the kernel like any other.
    return { encryption: derived.encryption ?? crypto.slice([], 0, 0), integrity: derived.integrity };
  };
  return {
    agreed: record.agreed.map((pair) => ({
      protocol: pair.protocol,
      suite: pair.suite,
      inboundSpi: pair.inboundSpi,
      outboundSpi: pair.outboundSpi,
      outboundAdded: pair.outboundAdded,
      inboundKeys: keys(pair, pair.inboundSpi),
      outboundKeys: keys(pair, pair.outboundSpi),
    })),
  };
}

/** What an extended ACQUIRE or an INVERSE_ACQUIRE of illumos says, as a policy (pf_key(4P), `sadb.c`). */
import type { EspCipher, IntegrityAlgorithm } from '../../../services/algorithms.js';
import { type AddressRange, prefixRange, single } from '../../../services/net/address.js';
import { SA_TYPE } from '../../../services/pfkey/dialect.js';
import type {
  AddressExtension,
  AlgorithmDescriptor,
  ExtendedCombination,
} from '../../../services/pfkey/extension.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { IpsecPolicy, Protection, TrafficSide } from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import { CIPHER_NUMBER, INTEGRITY_NUMBER } from './algorithm-numbers.js';

/** Algorithm types of a descriptor. */
const AUTH = 1;
const CRYPT = 2;
/** The key manager protocol whose cookies are numbers of rule labels. */
export const KM_IKE = 1;

/** AES counter mode and the 96-bit form of SHA-256 are not there. */
const CIPHERS: readonly EspCipher[] = ['des', '3des', 'blowfish', 'null', 'aes-cbc', 'aes-gcm-16'];
const INTEGRITY: readonly IntegrityAlgorithm[] = [
  'hmac-md5-96',
  'hmac-sha1-96',
  'hmac-sha2-256-128',
  'hmac-sha2-384-192',
  'hmac-sha2-512-256',
];

/** The policy; `labelOf` gives the label of a rule for its number. */
export function policyOfAcquire(
  message: PfkeyMessage,
  labelOf: (cookie: number) => string | undefined,
): Result<IpsecPolicy, string> {
  const source = extensionOf(message, 'ADDRESS_SRC');
  const destination = extensionOf(message, 'ADDRESS_DST');
  const offer = extensionOf(message, 'X_EPROP');
  if (source === undefined || destination === undefined || offer === undefined)
    return err('An ACQUIRE of the kernel without addresses or proposal is refused.');
  const proposals = offer.combinations.map(protectionsOf).filter((together) => together !== undefined);
  if (proposals.length === 0)
    return err(
      'An ACQUIRE of the kernel is refused: IKE can negotiate none of the algorithms of its policy.',
    );
  // Newer kernels have it as an extension of its own, those of 2017 inside the proposal.
  const cookie = extensionOf(message, 'X_KM_COOKIE') ?? offer.cookieInside;
  const number = cookie?.protocol === KM_IKE ? cookie.cookie : 0;
  const ruleLabel = number === 0 ? undefined : labelOf(number);
  if (number !== 0 && ruleLabel === undefined)
    return err(
      `A policy of the kernel asks for rule number ${String(number)}, which ipsec_kmc_map does not have.`,
    );
  const inner = {
    source: extensionOf(message, 'X_ADDRESS_INNER_SRC'),
    destination: extensionOf(message, 'X_ADDRESS_INNER_DST'),
  };
  const outer = { local: source.endpoint.address, remote: destination.endpoint.address };
  const origin = { requestId: number, acquireId: message.kind === 'ACQUIRE' ? message.sequence : undefined };
  const common = { outer, proposals, ruleLabel, origin };
  if (inner.source !== undefined && inner.destination !== undefined) {
    const selectors = {
      local: innerSide(inner.source),
      remote: innerSide(inner.destination),
      protocol: inner.source.protocol,
    };
    return ok({ ...common, mode: 'tunnel', selectors });
  }
  const side = ({ endpoint }: AddressExtension): TrafficSide => ({
    addresses: single(endpoint.address),
    port: endpoint.port,
  });
  const selectors = { local: side(source), remote: side(destination), protocol: source.protocol };
  return ok({ ...common, mode: 'transport', selectors });
}

/** Unspecified is zeros with the prefix 0: everything. */
function innerSide({ endpoint, prefixLength }: AddressExtension): TrafficSide {
  const addresses: AddressRange = prefixRange(endpoint.address, prefixLength);
  return { addresses, port: endpoint.port };
}

/** A conjunction; undefined where something of it is none of ours. AH is outermost. */
function protectionsOf({ algorithms }: ExtendedCombination): readonly Protection[] | undefined {
  const of = (saType: number, type: number): AlgorithmDescriptor | undefined =>
    algorithms.find((algorithm) => algorithm.saType === saType && algorithm.algorithmType === type);
  const ahAuth = of(SA_TYPE.ah, AUTH);
  const espAuth = of(SA_TYPE.esp, AUTH);
  const crypt = of(SA_TYPE.esp, CRYPT);
  const together: Protection[] = [];
  if (ahAuth !== undefined) {
    const integrity = integrityOf(ahAuth);
    if (integrity === undefined) return undefined;
    together.push({ protocol: 51, integrity });
  }
  if (espAuth !== undefined || crypt !== undefined) {
    const integrity = espAuth === undefined ? undefined : integrityOf(espAuth);
    // No descriptor is NULL, too.
    const encryption =
      crypt === undefined ? 'null' : CIPHERS.find((name) => CIPHER_NUMBER[name] === crypt.algorithm);
    if (encryption === undefined || (espAuth !== undefined && integrity === undefined)) return undefined;
    const keyBits =
      crypt === undefined || encryption === 'null'
        ? { low: 0, high: 0 }
        : { low: crypt.minBits, high: crypt.maxBits };
    together.push({ protocol: 50, encryption, keyBits, integrity });
  }
  return together.length === 0 ? undefined : together;
}

function integrityOf({ algorithm }: AlgorithmDescriptor): IntegrityAlgorithm | undefined {
  return INTEGRITY.find((name) => INTEGRITY_NUMBER[name] === algorithm);
}

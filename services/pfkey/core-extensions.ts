/**
 * Extensions of RFC 2367 2.3 as bytes. Each begins with its length in words of 8 bytes (u16) and its type (u16); what is
 * here is what follows those four bytes, with the offsets counted from the beginning of the extension.
 */
import { roundedUp, structure } from '../c-structure.js';
import { concat, NO_BYTES, type Bytes } from '../bytes.js';
import { COMBINATION, decodeCombination, encodeCombination } from './combinations.js';
import type { Dialect } from './dialect.js';
import type {
  AddressExtension,
  IdentityExtension,
  KeyExtension,
  LifetimeExtension,
  ProposalExtension,
  SaExtension,
  SpiRangeExtension,
  SupportedExtension,
} from './extension.js';
import { decodeSocketAddress, encodeSocketAddress } from './socket-address.js';

export const SA = structure('sadb_sa', 16, {
  spi: [4, 'u32be'],
  replayWindow: [8, 'u8'],
  state: [9, 'u8'],
  authentication: [10, 'u8'],
  encryption: [11, 'u8'],
  flags: [12, 'u32'],
});
export const LIFETIME = structure('sadb_lifetime', 32, {
  allocations: [4, 'u32'],
  bytes: [8, 'u64'],
  addTime: [16, 'u64'],
  useTime: [24, 'u64'],
});
export const ADDRESS = structure('sadb_address', 8, { protocol: [4, 'u8'], prefixLength: [5, 'u8'] });
export const KEY = structure('sadb_key', 8, { bits: [4, 'u16'], saltBits: [6, 'u16'] });
export const IDENTITY = structure('sadb_ident', 16, { type: [4, 'u16'], id: [8, 'u64'] });
export const PROPOSAL = structure('sadb_prop', 8, { replayWindow: [4, 'u8'] });
export const SUPPORTED = structure('sadb_supported', 8, {});
export const ALGORITHM = structure('sadb_alg', 8, {
  id: [0, 'u8'],
  ivLength: [1, 'u8'],
  minBits: [2, 'u16'],
  maxBits: [4, 'u16'],
  incrementBits: [6, 'u8'],
  saltBits: [7, 'u8'],
});
const SPIRANGE_FIELDS = {
  host: structure('sadb_spirange', 16, { min: [4, 'u32'], max: [8, 'u32'] }),
  network: structure('sadb_spirange', 16, { min: [4, 'u32be'], max: [8, 'u32be'] }),
};

function spiRange({ spiRangeInNetworkOrder }: Dialect) {
  return spiRangeInNetworkOrder ? SPIRANGE_FIELDS.network : SPIRANGE_FIELDS.host;
}

export function encodeSa({
  spi,
  replayWindow,
  state,
  authentication,
  encryption,
  flags,
}: SaExtension): Bytes {
  return SA.encode({ spi, replayWindow, state, authentication, encryption, flags }, {});
}

export function decodeSa(bytes: Bytes): SaExtension | undefined {
  const read = SA.read(bytes);
  return (
    read && {
      kind: 'SA',
      spi: read.number('spi'),
      replayWindow: read.number('replayWindow'),
      state: read.number('state'),
      authentication: read.number('authentication'),
      encryption: read.number('encryption'),
      flags: read.number('flags'),
    }
  );
}

export function encodeLifetime({ allocations, bytes, addTime, useTime }: LifetimeExtension): Bytes {
  return LIFETIME.encode({ allocations, bytes, addTime, useTime }, {});
}

export function decodeLifetime(kind: LifetimeExtension['kind'], bytes: Bytes): LifetimeExtension | undefined {
  const read = LIFETIME.read(bytes);
  return (
    read && {
      kind,
      allocations: read.number('allocations'),
      bytes: read.number('bytes'),
      addTime: read.number('addTime'),
      useTime: read.number('useTime'),
    }
  );
}

export function encodeAddress(address: AddressExtension, dialect: Dialect): Bytes {
  const { protocol, prefixLength, endpoint } = address;
  return concat(ADDRESS.encode({ protocol, prefixLength }, {}), encodeSocketAddress(endpoint, dialect));
}

export function decodeAddress(
  kind: AddressExtension['kind'],
  bytes: Bytes,
  dialect: Dialect,
): AddressExtension | undefined {
  const read = ADDRESS.read(bytes);
  const socket = decodeSocketAddress(bytes, ADDRESS.size, dialect);
  if (read === undefined || socket === undefined) return undefined;
  return {
    kind,
    protocol: read.number('protocol'),
    prefixLength: read.number('prefixLength'),
    endpoint: socket.endpoint,
  };
}

export function encodeKey({ bits, saltBits, key }: KeyExtension, dialect: Dialect): Bytes {
  return concat(KEY.encode({ bits, saltBits: dialect.saltBits ? saltBits : 0 }, {}), key);
}

/** Undefined also when the bits announced do not stand there. NULL encryption has a key of no bits. */
export function decodeKey(
  kind: KeyExtension['kind'],
  bytes: Bytes,
  dialect: Dialect,
): KeyExtension | undefined {
  const read = KEY.read(bytes);
  if (read === undefined) return undefined;
  const bits = read.number('bits');
  const end = KEY.size + Math.ceil(bits / 8);
  if (end > bytes.length) return undefined;
  const saltBits = dialect.saltBits ? read.number('saltBits') : 0;
  return { kind, bits, saltBits, key: bytes.slice(KEY.size, end) };
}

export function encodeIdentity({ type, id, text }: IdentityExtension): Bytes {
  return concat(IDENTITY.encode({ type, id }, {}), text, new Uint8Array(1));
}

export function decodeIdentity(kind: IdentityExtension['kind'], bytes: Bytes): IdentityExtension | undefined {
  const read = IDENTITY.read(bytes);
  if (read === undefined) return undefined;
  return {
    kind,
    type: read.number('type'),
    id: read.number('id'),
    text: withoutPadding(bytes, IDENTITY.size),
  };
}

/** Text or DER up to its NUL and padding: DER may hold zeros, so only those at the end go. */
function withoutPadding(bytes: Bytes, begin: number): Bytes {
  let end = bytes.length;
  while (end > begin && bytes[end - 1] === 0) end--;
  return end === begin ? NO_BYTES : bytes.slice(begin, end);
}

export function encodeProposal({ replayWindow, combinations }: ProposalExtension, dialect: Dialect): Bytes {
  return concat(
    PROPOSAL.encode({ replayWindow }, {}),
    ...combinations.map((combination) => encodeCombination(combination, dialect)),
  );
}

export function decodeProposal(bytes: Bytes, dialect: Dialect): ProposalExtension | undefined {
  const read = PROPOSAL.read(bytes);
  if (read === undefined || (bytes.length - PROPOSAL.size) % COMBINATION.size !== 0) return undefined;
  const combinations = [];
  for (let at = PROPOSAL.size; at < bytes.length; at += COMBINATION.size) {
    const combination = decodeCombination(bytes, at, dialect);
    if (combination === undefined) return undefined;
    combinations.push(combination);
  }
  return { kind: 'PROPOSAL', replayWindow: read.number('replayWindow'), combinations };
}

export function encodeSupported({ algorithms }: SupportedExtension, dialect: Dialect): Bytes {
  return concat(
    SUPPORTED.encode({}, {}),
    ...algorithms.map(({ id, ivLength, minBits, maxBits, incrementBits, saltBits }) =>
      ALGORITHM.encode(
        {
          id,
          ivLength,
          minBits,
          maxBits,
          incrementBits: dialect.saltBits ? incrementBits : 0,
          saltBits: dialect.saltBits ? saltBits : 0,
        },
        {},
      ),
    ),
  );
}

export function decodeSupported(
  kind: SupportedExtension['kind'],
  bytes: Bytes,
  dialect: Dialect,
): SupportedExtension | undefined {
  if (bytes.length < SUPPORTED.size) return undefined;
  const algorithms = [];
  for (let at = SUPPORTED.size; at < bytes.length; at += ALGORITHM.size) {
    const read = ALGORITHM.read(bytes, at);
    if (read === undefined) return undefined;
    algorithms.push({
      id: read.number('id'),
      ivLength: read.number('ivLength'),
      minBits: read.number('minBits'),
      maxBits: read.number('maxBits'),
      incrementBits: dialect.saltBits ? read.number('incrementBits') : 0,
      saltBits: dialect.saltBits ? read.number('saltBits') : 0,
    });
  }
  return { kind, algorithms };
}

export function encodeSpiRange({ min, max }: SpiRangeExtension, dialect: Dialect): Bytes {
  return spiRange(dialect).encode({ min, max }, {});
}

export function decodeSpiRange(bytes: Bytes, dialect: Dialect): SpiRangeExtension | undefined {
  const read = spiRange(dialect).read(bytes);
  return read && { kind: 'SPIRANGE', min: read.number('min'), max: read.number('max') };
}

/** Extensions fill whole words. */
export function padded(bytes: Bytes): Bytes {
  const missing = roundedUp(bytes.length) - bytes.length;
  return missing === 0 ? bytes : concat(bytes, new Uint8Array(missing));
}

/**
 * A Phase 1 SA: header, transform, addresses, then parts found by 16-bit offsets from the start of the structure.
 *
 *   0  hdr 40     40  xform 32     72  ipaddrs 512     584  offset and length of
 *   stats, errors, local id, remote id, keys     604  reserved     608  the parts, each at a multiple of 8
 */
import { concat, NO_BYTES, type Bytes } from '../../bytes.js';
import type { Endpoint } from '../../net/address.js';
import { err, ok, type Result } from '../../result.js';
import {
  ADDRESS_PAIR_LENGTH,
  decodeAddressPair,
  encodeAddressPair,
  type AddressPair,
} from './address-pair.js';
import { COOKIE_PAIR_LENGTH, decodeCookies, encodeCookies, type CookiePair } from './cookie-pair.js';
import { decodeIdentity, encodeIdentity, type IdentityRecord } from './identity.js';
import {
  decodeErrors,
  decodeKeys,
  decodeUsage,
  encodeErrors,
  encodeKeys,
  encodeUsage,
  type KeyRecord,
  type Phase1Errors,
  type Phase1Usage,
} from './phase1-parts.js';
import { decodeTransform, encodeTransform, type TransformRecord } from './phase1-transform.js';
import { roundedUp, structureWithAreas } from '../../c-structure.js';

export const P1_HDR = structureWithAreas(
  'p1_hdr',
  40,
  {
    major: [16, 'u8'],
    minor: [17, 'u8'],
    exchange: [18, 'u8'],
    isInitiator: [19, 'u8'],
    state: [20, 'u32'],
    supportsDpd: [24, 'u32'],
    dpdState: [28, 'u32'],
    dpdTime: [32, 'u64'],
  },
  { cookies: [0, COOKIE_PAIR_LENGTH] },
);

export const P1_SA = structureWithAreas(
  'p1_sa',
  608,
  {
    statsOffset: [584, 'u16'],
    statsLength: [586, 'u16'],
    errorsOffset: [588, 'u16'],
    errorsLength: [590, 'u16'],
    localIdOffset: [592, 'u16'],
    localIdLength: [594, 'u16'],
    remoteIdOffset: [596, 'u16'],
    remoteIdLength: [598, 'u16'],
    keysOffset: [600, 'u16'],
    keysLength: [602, 'u16'],
    reserved: [604, 'u32'],
  },
  { hdr: [0, P1_HDR.size], xform: [40, 32], addresses: [72, ADDRESS_PAIR_LENGTH] },
);

/** All in the numbers of the door; a printer gives them names. */
export interface Phase1SaRecord extends CookiePair {
  readonly major: number;
  readonly minor: number;
  /** 2 main, 4 aggressive. */
  readonly exchange: number;
  readonly isInitiator: boolean;
  /** 1 init, 2 sent SA, 3 sent KE, 4 sent last, 5 active, 6 deleted. */
  readonly state: number;
  readonly supportsDpd: boolean;
  /** 0 not begun, 1 in progress, 2 successful, 3 failed. */
  readonly dpdState: number;
  /** Seconds since 1970 UTC. */
  readonly dpdTime: number;
  readonly transform: TransformRecord;
  readonly addresses: AddressPair;
  readonly usage: Phase1Usage | undefined;
  readonly errors: Phase1Errors | undefined;
  readonly localIdentity: IdentityRecord | undefined;
  readonly remoteIdentity: IdentityRecord | undefined;
  readonly keys: readonly KeyRecord[];
}

export function encodePhase1Sa(sa: Phase1SaRecord, local: Endpoint, remote: Endpoint): Bytes {
  const parts = [
    sa.usage ? encodeUsage(sa.usage) : NO_BYTES,
    sa.errors ? encodeErrors(sa.errors) : NO_BYTES,
    sa.localIdentity ? encodeIdentity('local', sa.localIdentity) : NO_BYTES,
    sa.remoteIdentity ? encodeIdentity('remote', sa.remoteIdentity) : NO_BYTES,
    encodeKeys(sa.keys),
  ] as const;
  const [stats, errors, localId, remoteId, keys] = parts;
  const errorsOffset = P1_SA.size + roundedUp(stats.length);
  const localIdOffset = errorsOffset + roundedUp(errors.length);
  const remoteIdOffset = localIdOffset + roundedUp(localId.length);
  const keysOffset = remoteIdOffset + roundedUp(remoteId.length);
  const head = P1_SA.encode(
    {
      statsOffset: P1_SA.size,
      statsLength: stats.length,
      errorsOffset,
      errorsLength: errors.length,
      localIdOffset,
      localIdLength: localId.length,
      remoteIdOffset,
      remoteIdLength: remoteId.length,
      keysOffset,
      keysLength: keys.length,
      reserved: 0,
    },
    {
      hdr: encodeHeader(sa),
      xform: encodeTransform(sa.transform),
      addresses: encodeAddressPair(local, remote),
    },
  );
  return concat(
    head,
    ...parts.flatMap((part) => [part, new Uint8Array(roundedUp(part.length) - part.length)]),
  );
}

/** The error is one sentence: what of the reply cannot be read. */
export function decodePhase1Sa(bytes: Bytes, at = 0): Result<Phase1SaRecord, string> {
  const body = bytes.subarray(at);
  const sa = P1_SA.read(body);
  const header = sa && P1_HDR.read(sa.area('hdr'));
  const cookies = header && decodeCookies(header.area('cookies'));
  const transform = sa && decodeTransform(sa.area('xform'));
  const addresses = sa && decodeAddressPair(sa.area('addresses'));
  if (!sa || !header || !cookies || !transform || !addresses) {
    return err(`a phase 1 SA takes ${String(P1_SA.size)} bytes, only ${String(body.length)} came`);
  }
  const part = (offset: number, length: number) => body.subarray(offset, offset + length);
  for (const name of ['stats', 'errors', 'localId', 'remoteId', 'keys'] as const) {
    if (sa.number(`${name}Offset`) + sa.number(`${name}Length`) > body.length) {
      return err(`part ${name} of a phase 1 SA reaches beyond the reply`);
    }
  }
  const keys = decodeKeys(part(sa.number('keysOffset'), sa.number('keysLength')));
  if (keys === undefined) return err('the keys of a phase 1 SA reach beyond their part');
  return ok({
    ...cookies,
    major: header.number('major'),
    minor: header.number('minor'),
    exchange: header.number('exchange'),
    isInitiator: header.number('isInitiator') !== 0,
    state: header.number('state'),
    supportsDpd: header.number('supportsDpd') !== 0,
    dpdState: header.number('dpdState'),
    dpdTime: header.number('dpdTime'),
    transform,
    addresses,
    usage: decodeUsage(part(sa.number('statsOffset'), sa.number('statsLength'))),
    errors: decodeErrors(part(sa.number('errorsOffset'), sa.number('errorsLength'))),
    localIdentity: decodeIdentity(part(sa.number('localIdOffset'), sa.number('localIdLength'))),
    remoteIdentity: decodeIdentity(part(sa.number('remoteIdOffset'), sa.number('remoteIdLength'))),
    keys,
  });
}

function encodeHeader(sa: Phase1SaRecord): Bytes {
  return P1_HDR.encode(
    {
      major: sa.major,
      minor: sa.minor,
      exchange: sa.exchange,
      isInitiator: sa.isInitiator ? 1 : 0,
      state: sa.state,
      supportsDpd: sa.supportsDpd ? 1 : 0,
      dpdState: sa.dpdState,
      dpdTime: sa.dpdTime,
    },
    { cookies: encodeCookies(sa) },
  );
}

/** Extensions that only illumos has (`pfkeyv2.h`, pf_key(4P)), as bytes. Offsets count from the beginning of each. */
import { structure, structureWithAreas } from '../c-structure.js';
import { concat, NO_BYTES, type Bytes } from '../bytes.js';
import { decodeExtendedCombination, encodeExtendedCombination } from './combinations.js';
import type {
  ExtendedCombination,
  ExtendedDumpExtension,
  ExtendedProposalExtension,
  ExtendedRegisterExtension,
  KeyManagerCookieExtension,
  PairExtension,
  ReplayValueExtension,
} from './extension.js';
import { ILLUMOS_DIALECT } from './illumos-dialect.js';

export const EREG = structureWithAreas('sadb_x_ereg', 8, {}, { saTypes: [4, 4] });
export const EPROP = structure('sadb_eprop', 8, { replayWindow: [4, 'u8'], combinations: [6, 'u16'] });
export const KM_COOKIE = structure('sadb_x_kmc', 16, { protocol: [4, 'u32'], cookie: [8, 'u32'] });
export const PAIR = structure('sadb_x_pair', 8, { spi: [4, 'u32be'] });
export const REPLAY_VALUE = structure('sadb_x_replay_ctr', 16, {
  replay32: [4, 'u32'],
  replay64: [8, 'u64'],
});
export const EDUMP = structure('sadb_x_edump', 16, { timeout: [8, 'u64'] });

/** At most four SA types; a list of fewer ends with a 0. */
export function encodeExtendedRegister({ saTypes }: ExtendedRegisterExtension): Bytes {
  return EREG.encode({}, { saTypes: Uint8Array.from(saTypes) });
}

export function decodeExtendedRegister(bytes: Bytes): ExtendedRegisterExtension | undefined {
  const area = EREG.read(bytes)?.area('saTypes');
  if (area === undefined) return undefined;
  const end = area.indexOf(0);
  return { kind: 'X_EREG', saTypes: [...(end < 0 ? area : area.subarray(0, end))] };
}

export function encodeExtendedProposal({
  replayWindow,
  combinations,
  cookieInside,
}: ExtendedProposalExtension): Bytes {
  return concat(
    EPROP.encode({ replayWindow, combinations: combinations.length }, {}),
    ...combinations.map(encodeExtendedCombination),
    cookieInside === undefined ? NO_BYTES : withHead(encodeCookie(cookieInside)),
  );
}

/** The head of an extension that stands inside another. */
function withHead(bytes: Bytes): Bytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint16(0, bytes.length / 8, true);
  view.setUint16(2, COOKIE_TYPE, true);
  return bytes;
}

const COOKIE_TYPE = ILLUMOS_DIALECT.extensions.X_KM_COOKIE ?? 0;

export function decodeExtendedProposal(bytes: Bytes): ExtendedProposalExtension | undefined {
  const read = EPROP.read(bytes);
  if (read === undefined) return undefined;
  const combinations: ExtendedCombination[] = [];
  let at = EPROP.size;
  for (let left = read.number('combinations'); left > 0; left--) {
    const next = decodeExtendedCombination(bytes, at);
    if (next === undefined) return undefined;
    combinations.push(next.combination);
    at = next.end;
  }
  const tail = bytes.subarray(at);
  if (tail.length !== 0 && tail.length !== KM_COOKIE.size) return undefined;
  return {
    kind: 'X_EPROP',
    replayWindow: read.number('replayWindow'),
    combinations,
    cookieInside: tail.length === 0 ? undefined : decodeCookie(tail),
  };
}

export function encodeCookie({ protocol, cookie }: KeyManagerCookieExtension): Bytes {
  return KM_COOKIE.encode({ protocol, cookie }, {});
}

export function decodeCookie(bytes: Bytes): KeyManagerCookieExtension | undefined {
  const read = KM_COOKIE.read(bytes);
  return read && { kind: 'X_KM_COOKIE', protocol: read.number('protocol'), cookie: read.number('cookie') };
}

export function encodePair({ spi }: PairExtension): Bytes {
  return PAIR.encode({ spi }, {});
}

export function decodePair(bytes: Bytes): PairExtension | undefined {
  const read = PAIR.read(bytes);
  return read && { kind: 'X_PAIR', spi: read.number('spi') };
}

export function encodeReplayValue({ replay32, replay64 }: ReplayValueExtension): Bytes {
  return REPLAY_VALUE.encode({ replay32, replay64 }, {});
}

export function decodeReplayValue(bytes: Bytes): ReplayValueExtension | undefined {
  const read = REPLAY_VALUE.read(bytes);
  return (
    read && { kind: 'X_REPLAY_VALUE', replay32: read.number('replay32'), replay64: read.number('replay64') }
  );
}

export function encodeExtendedDump({ timeout }: ExtendedDumpExtension): Bytes {
  return EDUMP.encode({ timeout }, {});
}

export function decodeExtendedDump(bytes: Bytes): ExtendedDumpExtension | undefined {
  const read = EDUMP.read(bytes);
  return read && { kind: 'X_EDUMP', timeout: read.number('timeout') };
}

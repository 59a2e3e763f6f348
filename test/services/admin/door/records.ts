/** Arbitrary values of the door's variable structures, as they come back from a round trip. */
import fc from 'fast-check';
import type { IdentityRecord } from '../../../../services/admin/door/identity.js';
import type { Selection } from '../../../../services/admin/door/packed-texts.js';
import type { TransformRecord } from '../../../../services/admin/door/phase1-transform.js';
import type { PresharedEnd, PresharedRecord } from '../../../../services/admin/door/preshared.js';
import type { RuleRecord } from '../../../../services/admin/door/rule.js';
import { addressFromBytes, type AddressRange, type Endpoint } from '../../../../services/net/address.js';

export const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true });

export const u16 = fc.nat(0xffff);
export const u32 = fc.nat(0xffff_ffff);
export const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
/** A u64 that JavaScript holds exactly. */
export const wide = fc.nat(Number.MAX_SAFE_INTEGER);

/** Fits where a NUL ends it. */
export const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'grapheme', maxLength }).filter((value) => !value.includes('\0'));

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const v4 = bytesOf(4).map((bytes) => addressFromBytes(bytes) ?? '');
const v6 = bytesOf(16).map((bytes) => addressFromBytes(bytes) ?? '');

export const endpoint: fc.Arbitrary<Endpoint> = record({ address: fc.oneof(v4, v6), port: u16 });

const range: fc.Arbitrary<AddressRange> = fc.oneof(
  record({ begin: v4, end: v4 }),
  record({ begin: v6, end: v6 }),
);

export const identity: fc.Arbitrary<IdentityRecord> = record({ type: u16, uid: wide, text: text(40) });

export const transform: fc.Arbitrary<TransformRecord> = record({
  group: u16,
  cipher: u16,
  lowBits: u16,
  highBits: u16,
  hash: u16,
  method: u16,
  prf: u16,
  pfsGroup: u16,
  maxSeconds: u32,
  maxKilobytes: u32,
  maxKeyUses: u32,
});

const texts = fc.array(text(20), { maxLength: 4 });
const selection: fc.Arbitrary<Selection> = record({ includes: texts, excludes: texts });
const ranges = fc.array(fc.option(range, { nil: undefined }), { maxLength: 4 });

export const anyRule: fc.Arbitrary<RuleRecord> = record({
  label: text(40),
  cookie: u32,
  exchange: u16,
  localIdType: u16,
  phase1NonceLength: u32,
  phase2NonceLength: u32,
  pfsGroup: u32,
  lifetimeSeconds: u32,
  softlifeSeconds: u32,
  idletimeSeconds: u32,
  lifetimeKb: u32,
  softlifeKb: u32,
  transforms: fc.array(transform, { maxLength: 5 }),
  localRanges: ranges,
  remoteRanges: ranges,
  localIds: selection,
  remoteIds: selection,
});

const end: fc.Arbitrary<PresharedEnd> = fc.oneof(
  record({ address: fc.option(endpoint, { nil: undefined }), prefixLength: i32 }),
  record({ identity }),
);

export const anyPreshared: fc.Arbitrary<PresharedRecord> = record({
  exchange: u16,
  local: end,
  remote: end,
  key: fc.option(fc.uint8Array({ minLength: 1, maxLength: 80 }), { nil: undefined }),
  bits: u16,
});

/** Generators of PF_KEY messages of one dialect: well formed, not necessarily sensible. */
import fc from 'fast-check';
import { parseAddress } from '../../../services/net/address.js';
import type { Dialect, MessageKind } from '../../../services/pfkey/dialect.js';
import type {
  Combination,
  CombinationLimits,
  ExtendedCombination,
  ExtensionKind,
  PfkeyExtension,
  PolicyRequest,
} from '../../../services/pfkey/extension.js';
import type { PfkeyMessage } from '../../../services/pfkey/message.js';

/** Ordinary objects, which compare equal to what a decoder makes. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u64 = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseAddress(text) ?? '::1');
const endpoint = record({ address, port: u16 });
/** Both ends are of one family: only then does a request fill whole words. */
function endsOf(texts: fc.Arbitrary<string>) {
  const end = record({ address: texts.map((text) => parseAddress(text) ?? '::1'), port: u16 });
  return record({ source: end, destination: end });
}
const range = record({ low: u16, high: u16 });
const limits: fc.Arbitrary<CombinationLimits> = record({
  allocations: u32,
  bytes: u64,
  addTime: u64,
  useTime: u64,
});
/** Multiples of 8 with the head of 4 bytes, as whatever came over the wire is. */
const body = fc
  .uint8Array({ minLength: 0, maxLength: 3 })
  .chain((words) => fc.uint8Array({ minLength: 4 + 8 * words.length, maxLength: 4 + 8 * words.length }));

function combination(salt: boolean): fc.Arbitrary<Combination> {
  return record({
    authentication: u8,
    encryption: u8,
    flags: u16,
    authenticationBits: range,
    encryptionBits: range,
    encryptionSaltBits: salt ? u8 : fc.constant(0),
    soft: limits,
    hard: limits,
  });
}

const extendedCombination: fc.Arbitrary<ExtendedCombination> = record({
  flags: u16,
  soft: limits,
  hard: limits,
  algorithms: fc.array(
    record({ saType: u8, algorithmType: u8, algorithm: u8, saltBits: u8, minBits: u16, maxBits: u16 }),
    { maxLength: 3 },
  ),
});

const cookie = record({ kind: fc.constant('X_KM_COOKIE' as const), protocol: u32, cookie: u32 });

const request: fc.Arbitrary<PolicyRequest> = fc.oneof(
  record({
    protocol: u16,
    mode: fc.constant(1),
    level: u8,
    requestId: u32,
    tunnel: fc.constant(undefined),
  }),
  record({
    protocol: u16,
    mode: fc.constant(2),
    level: u8,
    requestId: u32,
    tunnel: fc.oneof(endsOf(fc.ipV4()), endsOf(fc.ipV6())),
  }),
);

function extensionOfKind(kind: ExtensionKind, { saltBits }: Dialect): fc.Arbitrary<PfkeyExtension> {
  const salt16 = saltBits ? u16 : fc.constant(0);
  const salt8 = saltBits ? u8 : fc.constant(0);
  switch (kind) {
    case 'SA':
      return record({
        kind: fc.constant(kind),
        spi: u32,
        replayWindow: u8,
        state: u8,
        authentication: u8,
        encryption: u8,
        flags: u32,
      });
    case 'LIFETIME_CURRENT':
    case 'LIFETIME_HARD':
    case 'LIFETIME_SOFT':
    case 'X_LIFETIME_IDLE':
      return record({
        kind: fc.constant(kind),
        allocations: u32,
        bytes: u64,
        addTime: u64,
        useTime: u64,
      });
    case 'ADDRESS_SRC':
    case 'ADDRESS_DST':
    case 'ADDRESS_PROXY':
    case 'X_ADDRESS_NATT_LOC':
    case 'X_ADDRESS_NATT_REM':
    case 'X_ADDRESS_INNER_SRC':
    case 'X_ADDRESS_INNER_DST':
    case 'X_NAT_T_OA':
      return record({ kind: fc.constant(kind), protocol: u8, prefixLength: u8, endpoint });
    case 'KEY_AUTH':
    case 'KEY_ENCRYPT':
    case 'X_STR_AUTH':
      return record({
        salt: salt16,
        key: fc.uint8Array({ maxLength: 40 }),
        spare: fc.integer({ min: 0, max: 7 }),
      }).map(({ salt, key, spare }) => ({
        kind,
        bits: Math.max(0, key.length * 8 - spare),
        saltBits: salt,
        key,
      }));
    case 'IDENTITY_SRC':
    case 'IDENTITY_DST':
      return record({
        kind: fc.constant(kind),
        type: u16,
        id: u64,
        // Its last byte is no padding.
        text: fc.uint8Array({ maxLength: 30 }).map((text) => Uint8Array.from([...text, 0x2e])),
      });
    case 'PROPOSAL':
      return record({
        kind: fc.constant(kind),
        replayWindow: u8,
        combinations: fc.array(combination(saltBits), { maxLength: 3 }),
      });
    case 'SUPPORTED_AUTH':
    case 'SUPPORTED_ENCRYPT':
      return record({
        kind: fc.constant(kind),
        algorithms: fc.array(
          record({
            id: u8,
            ivLength: u8,
            minBits: u16,
            maxBits: u16,
            incrementBits: salt8,
            saltBits: salt8,
          }),
          { maxLength: 4 },
        ),
      });
    case 'SPIRANGE':
      return record({ kind: fc.constant(kind), min: u32, max: u32 });
    case 'X_EREG':
      return record({
        kind: fc.constant(kind),
        saTypes: fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 4 }),
      });
    case 'X_EPROP':
      return record({
        kind: fc.constant(kind),
        replayWindow: u8,
        combinations: fc.array(extendedCombination, { maxLength: 3 }),
        cookieInside: fc.option(cookie, { nil: undefined }),
      });
    case 'X_KM_COOKIE':
      return cookie;
    case 'X_PAIR':
      return record({ kind: fc.constant(kind), spi: u32 });
    case 'X_REPLAY_VALUE':
      return record({ kind: fc.constant(kind), replay32: u32, replay64: u64 });
    case 'X_EDUMP':
      return record({ kind: fc.constant(kind), timeout: u64 });
    case 'X_POLICY':
      return record({
        kind: fc.constant(kind),
        type: u16,
        direction: u8,
        id: u32,
        priority: u32,
        requests: fc.array(request, { maxLength: 2 }),
      });
    case 'X_SA2':
      return record({ kind: fc.constant(kind), mode: u8, sequence: u32, requestId: u32 });
    case 'X_NAT_T_TYPE':
      return record({ kind: fc.constant(kind), type: u8 });
    case 'X_NAT_T_SPORT':
    case 'X_NAT_T_DPORT':
      return record({ kind: fc.constant(kind), port: u16 });
    case 'SENSITIVITY':
    case 'X_OUTER_SENS':
    case 'X_KMPRIVATE':
    case 'X_SEC_CTX':
    case 'X_KMADDRESS':
    case 'X_FILTER':
      return record({ kind: fc.constant(kind), body });
  }
}

function kinds<K extends string>(numbers: Readonly<Partial<Record<K, number>>>): readonly K[] {
  const found: K[] = [];
  for (const kind in numbers) found.push(kind);
  return found;
}

export function anyExtension(dialect: Dialect): fc.Arbitrary<PfkeyExtension> {
  const unknown = record({
    kind: fc.constant('unknown' as const),
    number: fc.integer({ min: 40, max: 0xffff }),
    body,
  });
  return fc.oneof(
    ...kinds<ExtensionKind>(dialect.extensions).map((kind) => extensionOfKind(kind, dialect)),
    unknown,
  );
}

export function anyMessage(
  dialect: Dialect,
  { minLength = 0 }: { readonly minLength?: number } = {},
): fc.Arbitrary<PfkeyMessage> {
  return record({
    kind: fc.constantFrom(...kinds<MessageKind>(dialect.messages)),
    errno: u8,
    saType: u8,
    diagnostic: u16,
    sequence: u32,
    pid: u32,
    extensions: fc.array(anyExtension(dialect), { minLength, maxLength: 6 }),
  });
}

/** PF_KEY messages that make no sense, and why. */
import assert from 'node:assert/strict';
import type { Dialect } from '../../../services/pfkey/dialect.js';
import type { PfkeyExtension } from '../../../services/pfkey/extension.js';
import { ILLUMOS_DIALECT, ILLUMOS_SA_FLAG } from '../../../services/pfkey/illumos-dialect.js';
import { LINUX_DIALECT } from '../../../services/pfkey/linux-dialect.js';
import type { PfkeyMessage } from '../../../services/pfkey/message.js';
import { verifyMessage, type Direction } from '../../../services/pfkey/verify.js';

function address(kind: 'ADDRESS_SRC' | 'ADDRESS_DST' | 'X_ADDRESS_INNER_SRC', text: string): PfkeyExtension {
  return {
    kind,
    protocol: 0,
    prefixLength: text.includes(':') ? 128 : 32,
    endpoint: { address: text, port: 0 },
  };
}

const SOURCE = address('ADDRESS_SRC', '192.0.2.1');
const DESTINATION = address('ADDRESS_DST', '192.0.2.2');
const SA = {
  kind: 'SA',
  spi: 256,
  replayWindow: 32,
  state: 1,
  authentication: 3,
  encryption: 12,
  flags: 0,
} as const;
const CIPHER_KEY: PfkeyExtension = { kind: 'KEY_ENCRYPT', bits: 128, saltBits: 0, key: new Uint8Array(16) };
const AUTH_KEY: PfkeyExtension = { kind: 'KEY_AUTH', bits: 160, saltBits: 0, key: new Uint8Array(20) };

function lifetime(kind: 'LIFETIME_HARD' | 'LIFETIME_SOFT', addTime: number): PfkeyExtension {
  return { kind, allocations: 0, bytes: 0, addTime, useTime: 0 };
}

function message(
  kind: PfkeyMessage['kind'],
  extensions: readonly PfkeyExtension[],
  more: Partial<PfkeyMessage> = {},
): PfkeyMessage {
  return { kind, errno: 0, saType: 3, diagnostic: 0, sequence: 1, pid: 1, extensions, ...more };
}

const GOOD = [SA, SOURCE, DESTINATION, AUTH_KEY, CIPHER_KEY];

const SENSIBLE: readonly (readonly [string, Dialect, Direction, PfkeyMessage])[] = [
  ['an ADD', LINUX_DIALECT, 'toKernel', message('ADD', GOOD)],
  ['an ADD', ILLUMOS_DIALECT, 'toKernel', message('ADD', GOOD)],
  [
    'NULL with a key of no bits',
    LINUX_DIALECT,
    'toKernel',
    message('ADD', [
      { ...SA, encryption: 11 },
      SOURCE,
      DESTINATION,
      AUTH_KEY,
      { kind: 'KEY_ENCRYPT', bits: 0, saltBits: 0, key: new Uint8Array(0) },
    ]),
  ],
  ['an error, which is its base header', LINUX_DIALECT, 'fromKernel', message('GETSPI', [], { errno: 17 })],
  [
    'an extension that only a later kernel knows',
    LINUX_DIALECT,
    'toKernel',
    message('ADD', [...GOOD, { kind: 'unknown', number: 99, body: new Uint8Array(4) }]),
  ],
  ['the end of a DUMP', ILLUMOS_DIALECT, 'fromKernel', message('DUMP', [], { sequence: 0 })],
];

const SENSELESS: readonly (readonly [string, Dialect, Direction, PfkeyMessage])[] = [
  [
    'X_KM_COOKIE has no place in DELETE',
    ILLUMOS_DIALECT,
    'toKernel',
    message('DELETE', [SA, SOURCE, DESTINATION, { kind: 'X_KM_COOKIE', protocol: 1, cookie: 1 }]),
  ],
  ['ADDRESS_DST is missing', LINUX_DIALECT, 'toKernel', message('DELETE', [SA, SOURCE])],
  ['SPIRANGE is missing', ILLUMOS_DIALECT, 'toKernel', message('GETSPI', [SOURCE, DESTINATION])],
  ['SA stands twice', LINUX_DIALECT, 'toKernel', message('ADD', [...GOOD, SA])],
  [
    'extension 99 is unknown to illumos',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [...GOOD, { kind: 'unknown', number: 99, body: new Uint8Array(4) }]),
  ],
  ['EXPIRE does not go to the kernel of linux', LINUX_DIALECT, 'toKernel', message('EXPIRE', [])],
  [
    'X_NAT_T_NEW_MAPPING does not go from the kernel of illumos',
    ILLUMOS_DIALECT,
    'fromKernel',
    message('X_NAT_T_NEW_MAPPING', []),
  ],
  [
    'ACQUIRE with an errno has extensions',
    LINUX_DIALECT,
    'toKernel',
    message('ACQUIRE', [SOURCE], { errno: 1 }),
  ],
  [
    'the addresses are of different families',
    LINUX_DIALECT,
    'toKernel',
    message('GETSPI', [SOURCE, address('ADDRESS_DST', '2001:db8::1')]),
  ],
  [
    'the SPI range is empty',
    LINUX_DIALECT,
    'toKernel',
    message('GETSPI', [SOURCE, DESTINATION, { kind: 'SPIRANGE', min: 2, max: 1 }]),
  ],
  [
    'the prefix of ADDRESS_SRC is longer than its address',
    LINUX_DIALECT,
    'toKernel',
    message('GETSPI', [
      { kind: 'ADDRESS_SRC', protocol: 0, prefixLength: 64, endpoint: { address: '192.0.2.1', port: 0 } },
      DESTINATION,
    ]),
  ],
  [
    'LIFETIME_HARD and LIFETIME_SOFT go together',
    LINUX_DIALECT,
    'toKernel',
    message('ADD', [...GOOD, lifetime('LIFETIME_HARD', 10)]),
  ],
  [
    'the soft limit of addTime is above the hard one',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [...GOOD, lifetime('LIFETIME_HARD', 10), lifetime('LIFETIME_SOFT', 11)]),
  ],
  [
    'ESP needs KEY_ENCRYPT, for NULL one of no bits',
    LINUX_DIALECT,
    'toKernel',
    message('ADD', [{ ...SA, encryption: 11 }, SOURCE, DESTINATION, AUTH_KEY]),
  ],
  [
    'KEY_ENCRYPT has no bits',
    LINUX_DIALECT,
    'toKernel',
    message('ADD', [
      SA,
      SOURCE,
      DESTINATION,
      { kind: 'KEY_ENCRYPT', bits: 0, saltBits: 0, key: new Uint8Array(0) },
    ]),
  ],
  ['AH needs KEY_AUTH', LINUX_DIALECT, 'toKernel', message('ADD', [SA, SOURCE, DESTINATION], { saType: 2 })],
  [
    'the state of a new SA is MATURE',
    ILLUMOS_DIALECT,
    'toKernel',
    message('UPDATE', [{ ...SA, state: 0 }, SOURCE, DESTINATION, CIPHER_KEY]),
  ],
  [
    'ESP without encryption says so by the number of NULL, not by 0',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [{ ...SA, encryption: 0 }, SOURCE, DESTINATION, AUTH_KEY]),
  ],
  [
    'a cipher needs KEY_ENCRYPT',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [SA, SOURCE, DESTINATION, AUTH_KEY]),
  ],
  [
    'a tunnel needs X_ADDRESS_INNER_SRC',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [{ ...SA, flags: ILLUMOS_SA_FLAG.tunnel }, SOURCE, DESTINATION, CIPHER_KEY]),
  ],
  [
    'the flag of a translated local address needs X_ADDRESS_NATT_LOC',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [{ ...SA, flags: ILLUMOS_SA_FLAG.nattLocal }, SOURCE, DESTINATION, CIPHER_KEY]),
  ],
  [
    'the flag of a translated peer needs X_ADDRESS_NATT_REM',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [{ ...SA, flags: ILLUMOS_SA_FLAG.nattRemote }, SOURCE, DESTINATION, CIPHER_KEY]),
  ],
  [
    'LIFETIME_CURRENT has no place in ADD',
    ILLUMOS_DIALECT,
    'toKernel',
    message('ADD', [...GOOD, { kind: 'LIFETIME_CURRENT', allocations: 0, bytes: 0, addTime: 0, useTime: 0 }]),
  ],
];

describe('verifying PF_KEY messages', () => {
  for (const [name, dialect, direction, sensible] of SENSIBLE) {
    it(`${dialect.name} accepts ${name}`, () => {
      assert.deepEqual(verifyMessage(sensible, direction, dialect), []);
    });
  }
  for (const [fault, dialect, direction, senseless] of SENSELESS) {
    it(`${dialect.name}: ${fault}`, () => {
      assert.deepEqual(verifyMessage(senseless, direction, dialect), [fault]);
    });
  }
});

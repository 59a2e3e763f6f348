/** Sizes and offsets of PF_KEY structures, as `pfkeyv2.h` of illumos and of Linux have them (both compiled for LP64). */
import assert from 'node:assert/strict';
import type { Structure } from '../../../services/c-structure.js';
import { COMBINATION, DESCRIPTOR, EXTENDED_COMBINATION } from '../../../services/pfkey/combinations.js';
import {
  ADDRESS,
  ALGORITHM,
  IDENTITY,
  KEY,
  LIFETIME,
  PROPOSAL,
  SA,
  SUPPORTED,
} from '../../../services/pfkey/core-extensions.js';
import {
  EDUMP,
  EPROP,
  EREG,
  KM_COOKIE,
  PAIR,
  REPLAY_VALUE,
} from '../../../services/pfkey/illumos-extensions.js';
import { NAT_PORT, NAT_TYPE, POLICY, POLICY_REQUEST, SA2 } from '../../../services/pfkey/linux-extensions.js';
import { BASE } from '../../../services/pfkey/message.js';

/** Fields in the order of the headers, each with its offset and its width in bytes. */
const LAYOUTS: readonly (readonly [Structure<string, string>, number, string])[] = [
  [
    BASE,
    16,
    'version 0 1, type 1 1, errno 2 1, saType 3 1, length 4 2, reserved 6 2, sequence 8 4, pid 12 4',
  ],
  [SA, 16, 'spi 4 4, replayWindow 8 1, state 9 1, authentication 10 1, encryption 11 1, flags 12 4'],
  [LIFETIME, 32, 'allocations 4 4, bytes 8 8, addTime 16 8, useTime 24 8'],
  [ADDRESS, 8, 'protocol 4 1, prefixLength 5 1'],
  [KEY, 8, 'bits 4 2, saltBits 6 2'],
  [IDENTITY, 16, 'type 4 2, id 8 8'],
  [PROPOSAL, 8, 'replayWindow 4 1'],
  [SUPPORTED, 8, ''],
  [ALGORITHM, 8, 'id 0 1, ivLength 1 1, minBits 2 2, maxBits 4 2, incrementBits 6 1, saltBits 7 1'],
  [
    COMBINATION,
    72,
    'authentication 0 1, encryption 1 1, flags 2 2, authMin 4 2, authMax 6 2, encryptMin 8 2, encryptMax 10 2, ' +
      'saltBits 12 1, softAllocations 16 4, hardAllocations 20 4, softBytes 24 8, hardBytes 32 8, softAddTime 40 8, ' +
      'hardAddTime 48 8, softUseTime 56 8, hardUseTime 64 8',
  ],
  [
    EXTENDED_COMBINATION,
    64,
    'algorithms 0 1, flags 2 2, softAllocations 8 4, hardAllocations 12 4, softBytes 16 8, hardBytes 24 8, ' +
      'softAddTime 32 8, hardAddTime 40 8, softUseTime 48 8, hardUseTime 56 8',
  ],
  [DESCRIPTOR, 8, 'saType 0 1, algorithmType 1 1, algorithm 2 1, saltBits 3 1, minBits 4 2, maxBits 6 2'],
  [EREG, 8, 'saTypes 4 4'],
  [EPROP, 8, 'replayWindow 4 1, combinations 6 2'],
  [KM_COOKIE, 16, 'protocol 4 4, cookie 8 4'],
  [PAIR, 8, 'spi 4 4'],
  [REPLAY_VALUE, 16, 'replay32 4 4, replay64 8 8'],
  [EDUMP, 16, 'timeout 8 8'],
  [POLICY, 16, 'type 4 2, direction 6 1, id 8 4, priority 12 4'],
  [POLICY_REQUEST, 16, 'length 0 2, protocol 2 2, mode 4 1, level 5 1, requestId 8 4'],
  [SA2, 16, 'mode 4 1, sequence 8 4, requestId 12 4'],
  [NAT_TYPE, 8, 'type 4 1'],
  [NAT_PORT, 8, 'port 4 2'],
];

const WIDTH = { u8: 1, u16: 2, u16be: 2, u32: 4, u32be: 4, i32: 4, u64: 8 } as const;

describe('PF_KEY structures', () => {
  for (const [structure, size, fields] of LAYOUTS) {
    it(`${structure.name}: ${String(size)} bytes`, () => {
      assert.equal(structure.size, size);
      const numbers = Object.entries(structure.numbers).map(
        ([name, [offset, kind]]) => `${name} ${String(offset)} ${String(WIDTH[kind])}`,
      );
      const areas = Object.entries(structure.areas).map(
        ([name, [offset, length]]) => `${name} ${String(offset)} ${String(length)}`,
      );
      assert.equal([...numbers, ...areas].join(', '), fields);
    });
  }
});

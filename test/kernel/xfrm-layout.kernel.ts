/** Our structures of netlink against the system's own headers: a C program prints what its compiler makes of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '../../services/c-structure.js';
import * as structures from '../../services/xfrm/structures.js';
import { succeed } from '../interop/lab/shell.js';

/** Names of our fields and areas in the headers, where they are not the structure's first member of that name. */
const FIELDS: readonly (readonly [Structure<string, string>, Readonly<Record<string, string>>])[] = [
  [
    structures.NLMSGHDR,
    {
      length: 'nlmsg_len',
      type: 'nlmsg_type',
      flags: 'nlmsg_flags',
      sequence: 'nlmsg_seq',
      port: 'nlmsg_pid',
    },
  ],
  [structures.NLATTR, { length: 'nla_len', type: 'nla_type' }],
  [structures.NLMSGERR, { error: 'error', requestLength: 'msg.nlmsg_len' }],
  [
    structures.SELECTOR,
    {
      destinationPort: 'dport',
      destinationPortMask: 'dport_mask',
      sourcePort: 'sport',
      sourcePortMask: 'sport_mask',
      family: 'family',
      destinationPrefix: 'prefixlen_d',
      sourcePrefix: 'prefixlen_s',
      protocol: 'proto',
      interfaceIndex: 'ifindex',
      user: 'user',
      destination: 'daddr',
      source: 'saddr',
    },
  ],
  [
    structures.LIFETIME_CONFIG,
    {
      softBytes: 'soft_byte_limit',
      hardBytes: 'hard_byte_limit',
      softPackets: 'soft_packet_limit',
      hardPackets: 'hard_packet_limit',
      softAddSeconds: 'soft_add_expires_seconds',
      hardAddSeconds: 'hard_add_expires_seconds',
      softUseSeconds: 'soft_use_expires_seconds',
      hardUseSeconds: 'hard_use_expires_seconds',
    },
  ],
  [
    structures.LIFETIME_CURRENT,
    { bytes: 'bytes', packets: 'packets', addTime: 'add_time', useTime: 'use_time' },
  ],
  [
    structures.USERSA_INFO,
    {
      spi: 'id.spi',
      protocol: 'id.proto',
      replayWindowExceeded: 'stats.replay_window',
      replays: 'stats.replay',
      integrityFailed: 'stats.integrity_failed',
      sequence: 'seq',
      requestId: 'reqid',
      family: 'family',
      mode: 'mode',
      replayWindow: 'replay_window',
      flags: 'flags',
      selector: 'sel',
      destination: 'id.daddr',
      source: 'saddr',
      limits: 'lft',
      current: 'curlft',
    },
  ],
  [structures.USERSA_ID, { spi: 'spi', family: 'family', protocol: 'proto', destination: 'daddr' }],
  [structures.USERSPI_INFO, { min: 'min', max: 'max', info: 'info' }],
  [
    structures.USERPOLICY_INFO,
    {
      priority: 'priority',
      index: 'index',
      direction: 'dir',
      action: 'action',
      flags: 'flags',
      share: 'share',
      selector: 'sel',
      limits: 'lft',
      current: 'curlft',
    },
  ],
  [structures.USERPOLICY_ID, { index: 'index', direction: 'dir', selector: 'sel' }],
  [
    structures.USER_TEMPLATE,
    {
      spi: 'id.spi',
      protocol: 'id.proto',
      family: 'family',
      requestId: 'reqid',
      mode: 'mode',
      share: 'share',
      optional: 'optional',
      authMask: 'aalgos',
      cryptMask: 'ealgos',
      compMask: 'calgos',
      destination: 'id.daddr',
      source: 'saddr',
    },
  ],
  [
    structures.USER_ACQUIRE,
    {
      spi: 'id.spi',
      protocol: 'id.proto',
      authMask: 'aalgos',
      cryptMask: 'ealgos',
      compMask: 'calgos',
      sequence: 'seq',
      destination: 'id.daddr',
      source: 'saddr',
      selector: 'sel',
      policy: 'policy',
    },
  ],
  [structures.USER_EXPIRE, { hard: 'hard', state: 'state' }],
  [
    structures.USER_MAPPING,
    {
      requestId: 'reqid',
      oldPort: 'old_sport',
      newPort: 'new_sport',
      id: 'id',
      oldSource: 'old_saddr',
      newSource: 'new_saddr',
    },
  ],
  [structures.USERSA_FLUSH, { protocol: 'proto' }],
  [structures.ALGORITHM, { keyBits: 'alg_key_len', name: 'alg_name' }],
  [structures.ALGORITHM_AUTH, { keyBits: 'alg_key_len', truncatedBits: 'alg_trunc_len', name: 'alg_name' }],
  [structures.ALGORITHM_AEAD, { keyBits: 'alg_key_len', icvBits: 'alg_icv_len', name: 'alg_name' }],
  [
    structures.ENCAPSULATION,
    { type: 'encap_type', sourcePort: 'encap_sport', destinationPort: 'encap_dport', original: 'encap_oa' },
  ],
  [
    structures.REPLAY_ESN,
    {
      bitmapWords: 'bmp_len',
      outgoing: 'oseq',
      incoming: 'seq',
      outgoingHigh: 'oseq_hi',
      incomingHigh: 'seq_hi',
      window: 'replay_window',
    },
  ],
];

const WIDTH = { u8: 1, u16: 2, u16be: 2, u32: 4, u32be: 4, i32: 4, u64: 8 } as const;

/** Lines `structure field offset width`, and `structure size`. */
function ours(): readonly string[] {
  return FIELDS.flatMap(([{ name, size, numbers, areas }]) => [
    `${name} ${String(size)}`,
    ...Object.entries(numbers).map(
      ([field, [offset, kind]]) => `${name} ${field} ${String(offset)} ${String(WIDTH[kind])}`,
    ),
    ...Object.entries(areas).map(
      ([field, [offset, length]]) => `${name} ${field} ${String(offset)} ${String(length)}`,
    ),
  ]);
}

function program(): string {
  const lines = FIELDS.flatMap(([{ name, numbers, areas }, fields]) => [
    `printf("${name} %zu\\n", sizeof (struct ${name}));`,
    ...[...Object.keys(numbers), ...Object.keys(areas)].map((field) => {
      const theirs = fields[field] ?? 'missing';
      const width = `sizeof (((struct ${name} *)0)->${theirs})`;
      return `printf("${name} ${field} %zu %zu\\n", offsetof(struct ${name}, ${theirs}), ${width});`;
    }),
  ]);
  const headers = ['stddef.h', 'stdio.h', 'linux/netlink.h', 'linux/xfrm.h'];
  return [...headers.map((header) => `#include <${header}>`), 'int main(void) {', ...lines, '}', ''].join(
    '\n',
  );
}

describe('structures of netlink', () => {
  it('are laid out as a C compiler lays out those of the headers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ikechart-layout-'));
    try {
      writeFileSync(join(folder, 'layout.c'), program());
      await succeed('cc', ['-o', join(folder, 'layout'), join(folder, 'layout.c')]);
      const theirs = (await succeed(join(folder, 'layout'), [])).trimEnd().split('\n');
      assert.deepEqual(ours(), theirs);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('are all of them held against the headers', () => {
    const exported = Object.values(structures).map(({ name }) => name);
    assert.deepEqual(new Set(FIELDS.map(([{ name }]) => name)), new Set(exported));
  });
});

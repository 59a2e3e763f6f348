/** Numbers of `linux/xfrm.h`, `linux/netlink.h` and `linux/udp.h`, as far as an IKE daemon meets them. */

export const NETLINK_TYPE = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** `root` and `match` together ask for a dump; with a request that makes something, `root` replaces and `create` creates. */
export const NETLINK_FLAG = {
  request: 0x1,
  multi: 0x2,
  acknowledge: 0x4,
  dumpInterrupted: 0x10,
  dump: 0x300,
  /** Of an error: the request is not repeated whole in it. */
  capped: 0x100,
  /** Of an error: attributes that explain it stand behind. */
  explained: 0x200,
} as const;

/** Attributes of an error (NLMSGERR_ATTR_*). */
export const EXPLANATION = { message: 1, offset: 2 } as const;

export const XFRM_TYPE = {
  NEWSA: 0x10,
  DELSA: 0x11,
  GETSA: 0x12,
  NEWPOLICY: 0x13,
  DELPOLICY: 0x14,
  GETPOLICY: 0x15,
  ALLOCSPI: 0x16,
  ACQUIRE: 0x17,
  EXPIRE: 0x18,
  UPDPOLICY: 0x19,
  UPDSA: 0x1a,
  POLEXPIRE: 0x1b,
  FLUSHSA: 0x1c,
  FLUSHPOLICY: 0x1d,
  MAPPING: 0x26,
} as const;

export type XfrmKind = keyof typeof XFRM_TYPE;

export function xfrmKind(type: number): XfrmKind | undefined {
  return KINDS.find((kind) => XFRM_TYPE[kind] === type);
}

const KINDS = Object.keys(XFRM_TYPE).filter((name): name is XfrmKind => name in XFRM_TYPE);

/** XFRMA_*. */
export const ATTRIBUTE = {
  algAuth: 1,
  algCrypt: 2,
  encapsulation: 4,
  template: 5,
  sa: 6,
  policy: 7,
  sourceAddress: 13,
  careOfAddress: 14,
  lastUsed: 15,
  algAead: 18,
  algAuthTruncated: 20,
  replayEsn: 23,
  pad: 27,
} as const;

/** XFRMNLGRP_*. */
export const GROUP = { acquire: 1, expire: 2, sa: 3, policy: 4, mapping: 8 } as const;

export const MODE = { transport: 0, tunnel: 1 } as const;

export const DIRECTION = { in: 0, out: 1, forward: 2 } as const;

export const ACTION = { allow: 0, block: 1 } as const;

/** XFRM_STATE_*: the selector of a tunnel's SA may be of another family than its ends. */
export const SA_FLAG = { anyFamily: 32 } as const;

export const AF_INET = 2;
export const AF_INET6 = 10;

/** UDP_ENCAP_ESPINUDP: RFC 3948. */
export const ESP_IN_UDP = 2;

/** XFRM_SHARE_ANY. A policy's template that may use every algorithm has all bits of its masks. */
export const ANY_ALGORITHM = 0xffff_ffff;

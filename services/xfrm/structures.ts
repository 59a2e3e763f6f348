/**
 * The structures of `linux/xfrm.h` and `linux/netlink.h`: what a C compiler makes of the headers, on 64 bits. Structures
 * inside others are areas of them. `test/services/xfrm/layout.test.ts` holds all this against the system's own headers.
 */
import { structure, structureWithAreas } from '../c-structure.js';

export const NLMSGHDR = structure('nlmsghdr', 16, {
  length: [0, 'u32'],
  type: [4, 'u16'],
  flags: [6, 'u16'],
  sequence: [8, 'u32'],
  port: [12, 'u32'],
});

export const NLATTR = structure('nlattr', 4, { length: [0, 'u16'], type: [2, 'u16'] });

/** Behind the errno stands the header of the request, and the request itself where it is not capped. */
export const NLMSGERR = structure('nlmsgerr', 20, { error: [0, 'i32'], requestLength: [4, 'u32'] });

export const SELECTOR = structureWithAreas(
  'xfrm_selector',
  56,
  {
    destinationPort: [32, 'u16be'],
    destinationPortMask: [34, 'u16be'],
    sourcePort: [36, 'u16be'],
    sourcePortMask: [38, 'u16be'],
    family: [40, 'u16'],
    destinationPrefix: [42, 'u8'],
    sourcePrefix: [43, 'u8'],
    protocol: [44, 'u8'],
    interfaceIndex: [48, 'i32'],
    user: [52, 'u32'],
  },
  { destination: [0, 16], source: [16, 16] },
);

export const LIFETIME_CONFIG = structure('xfrm_lifetime_cfg', 64, {
  softBytes: [0, 'u64'],
  hardBytes: [8, 'u64'],
  softPackets: [16, 'u64'],
  hardPackets: [24, 'u64'],
  softAddSeconds: [32, 'u64'],
  hardAddSeconds: [40, 'u64'],
  softUseSeconds: [48, 'u64'],
  hardUseSeconds: [56, 'u64'],
});

export const LIFETIME_CURRENT = structure('xfrm_lifetime_cur', 32, {
  bytes: [0, 'u64'],
  packets: [8, 'u64'],
  addTime: [16, 'u64'],
  useTime: [24, 'u64'],
});

export const USERSA_INFO = structureWithAreas(
  'xfrm_usersa_info',
  224,
  {
    spi: [72, 'u32be'],
    protocol: [76, 'u8'],
    replayWindowExceeded: [192, 'u32'],
    replays: [196, 'u32'],
    integrityFailed: [200, 'u32'],
    sequence: [204, 'u32'],
    requestId: [208, 'u32'],
    family: [212, 'u16'],
    mode: [214, 'u8'],
    replayWindow: [215, 'u8'],
    flags: [216, 'u8'],
  },
  {
    selector: [0, 56],
    destination: [56, 16],
    source: [80, 16],
    limits: [96, 64],
    current: [160, 32],
  },
);

export const USERSA_ID = structureWithAreas(
  'xfrm_usersa_id',
  24,
  { spi: [16, 'u32be'], family: [20, 'u16'], protocol: [22, 'u8'] },
  { destination: [0, 16] },
);

export const USERSPI_INFO = structureWithAreas(
  'xfrm_userspi_info',
  232,
  { min: [224, 'u32'], max: [228, 'u32'] },
  { info: [0, 224] },
);

export const USERPOLICY_INFO = structureWithAreas(
  'xfrm_userpolicy_info',
  168,
  {
    priority: [152, 'u32'],
    index: [156, 'u32'],
    direction: [160, 'u8'],
    action: [161, 'u8'],
    flags: [162, 'u8'],
    share: [163, 'u8'],
  },
  { selector: [0, 56], limits: [56, 64], current: [120, 32] },
);

export const USERPOLICY_ID = structureWithAreas(
  'xfrm_userpolicy_id',
  64,
  { index: [56, 'u32'], direction: [60, 'u8'] },
  { selector: [0, 56] },
);

export const USER_TEMPLATE = structureWithAreas(
  'xfrm_user_tmpl',
  64,
  {
    spi: [16, 'u32be'],
    protocol: [20, 'u8'],
    family: [24, 'u16'],
    requestId: [44, 'u32'],
    mode: [48, 'u8'],
    share: [49, 'u8'],
    optional: [50, 'u8'],
    authMask: [52, 'u32'],
    cryptMask: [56, 'u32'],
    compMask: [60, 'u32'],
  },
  { destination: [0, 16], source: [28, 16] },
);

export const USER_ACQUIRE = structureWithAreas(
  'xfrm_user_acquire',
  280,
  {
    spi: [16, 'u32be'],
    protocol: [20, 'u8'],
    authMask: [264, 'u32'],
    cryptMask: [268, 'u32'],
    compMask: [272, 'u32'],
    sequence: [276, 'u32'],
  },
  { destination: [0, 16], source: [24, 16], selector: [40, 56], policy: [96, 168] },
);

export const USER_EXPIRE = structureWithAreas(
  'xfrm_user_expire',
  232,
  { hard: [224, 'u8'] },
  { state: [0, 224] },
);

export const USER_MAPPING = structureWithAreas(
  'xfrm_user_mapping',
  64,
  { requestId: [24, 'u32'], oldPort: [60, 'u16be'], newPort: [62, 'u16be'] },
  { id: [0, 24], oldSource: [28, 16], newSource: [44, 16] },
);

export const USERSA_FLUSH = structure('xfrm_usersa_flush', 1, { protocol: [0, 'u8'] });

/** The key follows: so in all three. */
export const ALGORITHM = structureWithAreas('xfrm_algo', 68, { keyBits: [64, 'u32'] }, { name: [0, 64] });

export const ALGORITHM_AUTH = structureWithAreas(
  'xfrm_algo_auth',
  72,
  { keyBits: [64, 'u32'], truncatedBits: [68, 'u32'] },
  { name: [0, 64] },
);

export const ALGORITHM_AEAD = structureWithAreas(
  'xfrm_algo_aead',
  72,
  { keyBits: [64, 'u32'], icvBits: [68, 'u32'] },
  { name: [0, 64] },
);

export const ENCAPSULATION = structureWithAreas(
  'xfrm_encap_tmpl',
  24,
  { type: [0, 'u16'], sourcePort: [2, 'u16be'], destinationPort: [4, 'u16be'] },
  { original: [8, 16] },
);

/** Its bitmap follows, in words of 32 bits. */
export const REPLAY_ESN = structure('xfrm_replay_state_esn', 24, {
  bitmapWords: [0, 'u32'],
  outgoing: [4, 'u32'],
  incoming: [8, 'u32'],
  outgoingHigh: [12, 'u32'],
  incomingHigh: [16, 'u32'],
  window: [20, 'u32'],
});

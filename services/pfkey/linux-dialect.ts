/** PF_KEY as Linux speaks it: `include/uapi/linux/pfkeyv2.h`, `net/key/af_key.c`. */
import { CORE_EXTENSIONS, CORE_MESSAGES, type Dialect } from './dialect.js';

export const LINUX_DIALECT: Dialect = {
  name: 'linux',
  messages: {
    ...CORE_MESSAGES,
    X_PCHANGE: 12,
    X_SPDUPDATE: 13,
    X_SPDADD: 14,
    X_SPDDELETE: 15,
    X_SPDGET: 16,
    X_SPDACQUIRE: 17,
    X_SPDDUMP: 18,
    X_SPDFLUSH: 19,
    X_SPDSETIDX: 20,
    X_SPDEXPIRE: 21,
    X_SPDDELETE2: 22,
    X_NAT_T_NEW_MAPPING: 23,
    X_MIGRATE: 24,
  },
  extensions: {
    ...CORE_EXTENSIONS,
    ADDRESS_PROXY: 7,
    X_KMPRIVATE: 17,
    X_POLICY: 18,
    X_SA2: 19,
    X_NAT_T_TYPE: 20,
    X_NAT_T_SPORT: 21,
    X_NAT_T_DPORT: 22,
    X_NAT_T_OA: 23,
    X_SEC_CTX: 24,
    X_KMADDRESS: 25,
    X_FILTER: 26,
  },
  afInet6: 10,
  sockaddrIn6: 28,
  spiRangeInNetworkOrder: false,
  saltBits: false,
  unknownExtension: 'skipped',
};

/** Modes of X_SA2 and of policy requests. */
export const LINUX_MODE = { any: 0, transport: 1, tunnel: 2, beet: 3 } as const;

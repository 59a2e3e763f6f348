/** PF_KEY as illumos speaks it: `usr/src/uts/common/net/pfkeyv2.h`, pf_key(4P). */
import { CORE_EXTENSIONS, CORE_MESSAGES, type Dialect } from './dialect.js';

export const ILLUMOS_DIALECT: Dialect = {
  name: 'illumos',
  messages: {
    ...CORE_MESSAGES,
    X_INVERSE_ACQUIRE: 12,
    X_UPDATEPAIR: 13,
    X_DELPAIR: 14,
    X_DELPAIR_STATE: 15,
  },
  extensions: {
    ...CORE_EXTENSIONS,
    X_ADDRESS_INNER_SRC: 7,
    X_EREG: 17,
    X_EPROP: 18,
    X_KM_COOKIE: 19,
    X_ADDRESS_NATT_LOC: 20,
    X_ADDRESS_NATT_REM: 21,
    X_ADDRESS_INNER_DST: 22,
    X_PAIR: 23,
    X_REPLAY_VALUE: 24,
    X_EDUMP: 25,
    X_LIFETIME_IDLE: 26,
    X_OUTER_SENS: 27,
    X_STR_AUTH: 28,
  },
  afInet6: 26,
  sockaddrIn6: 32,
  spiRangeInNetworkOrder: true,
  saltBits: true,
  unknownExtension: 'refused',
};

/** Bits of `flags` in the SA extension. */
export const ILLUMOS_SA_FLAG = {
  pfs: 0x1,
  noReplay: 0x2,
  natted: 0x1000,
  inbound: 0x4000,
  outbound: 0x8000,
  paired: 0x1_0000,
  tunnel: 0x2_0000,
  nattRemote: 0x8_0000,
  nattLocal: 0x10_0000,
  unique: 0x4000_0000,
  used: 0x8000_0000,
} as const;

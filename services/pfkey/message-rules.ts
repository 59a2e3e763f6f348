/**
 * Which extensions each message must and may carry, to the kernel and from it: RFC 2367 3.1, pf_key(4P) of illumos,
 * `net/key/af_key.c` of Linux. What is in neither list is out of place.
 */
import type { Dialect, MessageKind } from './dialect.js';
import type { ExtensionKind } from './extension.js';

export interface MessageRule {
  readonly required: readonly ExtensionKind[];
  readonly optional: readonly ExtensionKind[];
}

type Rules = Readonly<Partial<Record<MessageKind, MessageRule>>>;

export interface DialectRules {
  readonly toKernel: Rules;
  readonly fromKernel: Rules;
}

const NOTHING: MessageRule = { required: [], optional: [] };
const ENDS = ['ADDRESS_SRC', 'ADDRESS_DST'] as const;
const LIMITS = ['LIFETIME_HARD', 'LIFETIME_SOFT'] as const;
const KEYS = ['KEY_AUTH', 'KEY_ENCRYPT'] as const;
const IDENTITIES = ['IDENTITY_SRC', 'IDENTITY_DST'] as const;
const SUPPORTED = ['SUPPORTED_AUTH', 'SUPPORTED_ENCRYPT'] as const;
const ONE_SA: MessageRule = { required: ['SA', ...ENDS], optional: [] };

const LINUX_NAT = ['X_NAT_T_TYPE', 'X_NAT_T_SPORT', 'X_NAT_T_DPORT', 'X_NAT_T_OA'] as const;
const LINUX_SA: MessageRule = {
  required: ['SA', ...ENDS],
  optional: [
    ...LIMITS,
    'LIFETIME_CURRENT',
    'ADDRESS_PROXY',
    ...KEYS,
    ...IDENTITIES,
    'SENSITIVITY',
    'X_SA2',
    ...LINUX_NAT,
    'X_SEC_CTX',
  ],
};
const LINUX_SPD: MessageRule = {
  required: ['X_POLICY'],
  optional: [...ENDS, ...LIMITS, 'LIFETIME_CURRENT', 'X_SEC_CTX'],
};

const LINUX: DialectRules = {
  toKernel: {
    GETSPI: { required: ENDS, optional: ['SPIRANGE', 'X_SA2', 'ADDRESS_PROXY'] },
    UPDATE: LINUX_SA,
    ADD: LINUX_SA,
    DELETE: ONE_SA,
    GET: ONE_SA,
    ACQUIRE: NOTHING,
    REGISTER: NOTHING,
    FLUSH: NOTHING,
    DUMP: { required: [], optional: ['X_FILTER', 'ADDRESS_SRC', 'ADDRESS_DST'] },
    X_PROMISC: NOTHING,
    X_SPDUPDATE: LINUX_SPD,
    X_SPDADD: LINUX_SPD,
    X_SPDDELETE: LINUX_SPD,
    X_SPDGET: LINUX_SPD,
    X_SPDDELETE2: LINUX_SPD,
    X_SPDDUMP: NOTHING,
    X_SPDFLUSH: NOTHING,
  },
  fromKernel: {
    GETSPI: { required: ['SA', ...ENDS], optional: LINUX_SA.optional },
    UPDATE: LINUX_SA,
    ADD: LINUX_SA,
    DELETE: LINUX_SA,
    GET: LINUX_SA,
    ACQUIRE: { required: [...ENDS, 'X_POLICY', 'PROPOSAL'], optional: ['X_SEC_CTX'] },
    REGISTER: { required: [], optional: SUPPORTED },
    EXPIRE: { required: ['SA', 'LIFETIME_CURRENT', ...ENDS], optional: [...LIMITS, 'X_SA2', ...LINUX_NAT] },
    FLUSH: NOTHING,
    DUMP: { required: [], optional: ['SA', ...ENDS, ...LINUX_SA.optional] },
    X_PROMISC: NOTHING,
    X_SPDUPDATE: LINUX_SPD,
    X_SPDADD: LINUX_SPD,
    X_SPDDELETE: LINUX_SPD,
    X_SPDGET: LINUX_SPD,
    X_SPDDELETE2: LINUX_SPD,
    X_SPDDUMP: { required: [], optional: ['X_POLICY', ...LINUX_SPD.optional] },
    X_SPDEXPIRE: LINUX_SPD,
    X_SPDFLUSH: NOTHING,
    X_NAT_T_NEW_MAPPING: { required: ['SA', ...ENDS, 'X_NAT_T_SPORT', 'X_NAT_T_DPORT'], optional: [] },
  },
};

const ILLUMOS_INNER = ['X_ADDRESS_INNER_SRC', 'X_ADDRESS_INNER_DST'] as const;
const ILLUMOS_NAT = ['X_ADDRESS_NATT_LOC', 'X_ADDRESS_NATT_REM'] as const;
/** pf_key(4P): LIFETIME_CURRENT in an ADD or UPDATE is refused. */
const ILLUMOS_SA: MessageRule = {
  required: ['SA', ...ENDS],
  optional: [
    ...LIMITS,
    'X_LIFETIME_IDLE',
    ...ILLUMOS_INNER,
    ...ILLUMOS_NAT,
    ...KEYS,
    ...IDENTITIES,
    'SENSITIVITY',
    'X_OUTER_SENS',
    'X_PAIR',
    'X_KM_COOKIE',
    'X_REPLAY_VALUE',
  ],
};
const ILLUMOS_SA_SHOWN: MessageRule = {
  required: ILLUMOS_SA.required,
  optional: [...ILLUMOS_SA.optional, 'LIFETIME_CURRENT'],
};
const PAIR_LIMITS: MessageRule = {
  required: ['SA', ...ENDS],
  optional: [...LIMITS, 'X_LIFETIME_IDLE', 'X_PAIR'],
};

const ILLUMOS: DialectRules = {
  toKernel: {
    GETSPI: { required: [...ENDS, 'SPIRANGE'], optional: ['X_KM_COOKIE', ...ILLUMOS_INNER] },
    UPDATE: ILLUMOS_SA,
    ADD: ILLUMOS_SA,
    DELETE: ONE_SA,
    GET: ONE_SA,
    ACQUIRE: NOTHING,
    REGISTER: { required: [], optional: ['X_EREG'] },
    FLUSH: NOTHING,
    DUMP: { required: [], optional: ['X_EDUMP'] },
    X_PROMISC: NOTHING,
    X_INVERSE_ACQUIRE: { required: ENDS, optional: [...ILLUMOS_INNER, 'SENSITIVITY'] },
    X_UPDATEPAIR: PAIR_LIMITS,
    X_DELPAIR: ONE_SA,
    X_DELPAIR_STATE: { required: [], optional: ['SA', ...ENDS] },
  },
  fromKernel: {
    GETSPI: { required: ['SA', ...ENDS], optional: ['X_KM_COOKIE', ...ILLUMOS_INNER] },
    UPDATE: ILLUMOS_SA_SHOWN,
    ADD: ILLUMOS_SA_SHOWN,
    DELETE: ILLUMOS_SA_SHOWN,
    GET: ILLUMOS_SA_SHOWN,
    ACQUIRE: {
      required: ENDS,
      optional: [...ILLUMOS_INNER, 'SENSITIVITY', 'X_EPROP', 'PROPOSAL', 'X_KM_COOKIE', 'X_OUTER_SENS'],
    },
    REGISTER: { required: [], optional: SUPPORTED },
    EXPIRE: {
      required: ['SA', 'LIFETIME_CURRENT', ...ENDS],
      optional: [...LIMITS, 'X_LIFETIME_IDLE', ...ILLUMOS_INNER, ...ILLUMOS_NAT, 'X_PAIR', 'X_KM_COOKIE'],
    },
    FLUSH: NOTHING,
    DUMP: { required: [], optional: ['SA', ...ENDS, ...ILLUMOS_SA_SHOWN.optional] },
    X_PROMISC: NOTHING,
    X_INVERSE_ACQUIRE: {
      required: [...ENDS, 'X_EPROP'],
      optional: [...ILLUMOS_INNER, 'SENSITIVITY', 'X_KM_COOKIE', 'X_OUTER_SENS'],
    },
    X_UPDATEPAIR: PAIR_LIMITS,
    X_DELPAIR: ILLUMOS_SA_SHOWN,
    X_DELPAIR_STATE: { required: [], optional: ['SA', ...ENDS] },
  },
};

export const MESSAGE_RULES: Readonly<Record<Dialect['name'], DialectRules>> = {
  linux: LINUX,
  illumos: ILLUMOS,
};

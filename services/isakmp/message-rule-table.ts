/**
 * Which payloads each message may carry: one row per exchange, message and authentication method. The rows are the
 * message diagrams of RFC 2409 5, with what RFC 2408 and practice let ride along. They judge what arrives and what we
 * send, and are printed in the documentation.
 */
import type { AuthMethod } from '../algorithms.js';
import type { PayloadKind } from './payload.js';

export type ExchangeName = 'main-mode' | 'aggressive-mode' | 'quick-mode' | 'informational';

/** A payload as rows name it: a kind, or the registry's name of a type without a codec. */
export type RulePayload = Exclude<PayloadKind, 'UNKNOWN'> | 'NAT-D' | 'NAT-D-DRAFT';

export interface PayloadRule {
  readonly payload: RulePayload;
  readonly least: number;
  readonly most: number;
  /** All or none: `most` of them or not a single one. */
  readonly together?: true;
}

export interface MessageRule {
  readonly exchange: ExchangeName;
  readonly number: number;
  /** `undecided`: before a responder has chosen, when the method is not known and matters. */
  readonly methods: readonly AuthMethod[] | 'any' | 'undecided';
  readonly protection: 'never' | 'always' | 'either';
  readonly payloads: readonly PayloadRule[];
  /** At least one of these must be there. */
  readonly oneOf?: readonly RulePayload[];
  /** Those of them that are present must stand first, in this order. */
  readonly begins: readonly RulePayload[];
  /** The SA payload offers, or chooses from the offer; what its proposals may be for. */
  readonly sa?: { readonly phase: 1 | 2; readonly chooses: boolean };
  /** Payloads whose body is encrypted with a public key, so that nothing can be said of their content yet. */
  readonly sealed?: readonly RulePayload[];
  readonly source: string;
}

const one = (...names: readonly RulePayload[]) =>
  names.map((payload): PayloadRule => ({ payload, least: 1, most: 1 }));
const maybe = (...names: readonly RulePayload[]) =>
  names.map((payload): PayloadRule => ({ payload, least: 0, most: 1 }));
const any = (...names: readonly RulePayload[]) =>
  names.map((payload): PayloadRule => ({ payload, least: 0, most: Infinity }));
const some = (...names: readonly RulePayload[]) =>
  names.map((payload): PayloadRule => ({ payload, least: 1, most: Infinity }));
const bothOrNone = (payload: RulePayload): PayloadRule => ({ payload, least: 0, most: 2, together: true });

const NAT_D = any('NAT-D', 'NAT-D-DRAFT');
const NAT_OA = any('NAT-OA', 'NAT-OA-DRAFT');
/** RFC 2408 3.9, 3.10: certificates and requests may ride in any message. A peer asks for them before it knows the method. */
const CERTIFICATES = any('CERT', 'CERTREQ');

const SIGNATURES: readonly AuthMethod[] = ['rsa_sig', 'dss_sig'];
const SECRETS: readonly AuthMethod[] = ['preshared'];
const ENCRYPTION: readonly AuthMethod[] = ['rsa_encrypt'];
const REVISED: readonly AuthMethod[] = ['rsa_encrypt_revised'];
const NUMBERS_OF = { offer: 1, choice: 2 } as const;

const MAIN_MODE: readonly MessageRule[] = [
  ...[NUMBERS_OF.offer, NUMBERS_OF.choice].map((number): MessageRule => ({
    exchange: 'main-mode',
    number,
    methods: 'any',
    protection: 'never',
    payloads: [...one('SA'), ...any('VENDOR', 'CERTREQ')],
    begins: ['SA'],
    sa: { phase: 1, chooses: number === NUMBERS_OF.choice },
    source: 'RFC 2409 5',
  })),
  ...[3, 4].flatMap((number): readonly MessageRule[] => [
    {
      exchange: 'main-mode',
      number,
      methods: [...SIGNATURES, ...SECRETS],
      protection: 'never',
      payloads: [...one('KE', 'NONCE'), ...CERTIFICATES, ...any('VENDOR'), ...NAT_D],
      begins: [],
      source: 'RFC 2409 5.1, 5.4',
    },
    {
      exchange: 'main-mode',
      number,
      methods: ENCRYPTION,
      protection: 'never',
      // HASH(1) tells which of the responder's certificates the initiator used.
      payloads: [
        ...(number === 3 ? maybe('HASH') : []),
        ...one('KE', 'ID', 'NONCE'),
        ...any('VENDOR'),
        ...NAT_D,
      ],
      begins: [],
      sealed: ['ID', 'NONCE'],
      source: 'RFC 2409 5.2',
    },
    {
      exchange: 'main-mode',
      number,
      methods: REVISED,
      protection: 'never',
      payloads: [
        ...(number === 3 ? maybe('HASH') : []),
        ...one('NONCE', 'KE', 'ID'),
        ...(number === 3 ? maybe('CERT') : []),
        ...any('VENDOR'),
        ...NAT_D,
      ],
      begins: number === 3 ? ['HASH', 'NONCE'] : ['NONCE'],
      sealed: number === 3 ? ['NONCE', 'KE', 'ID', 'CERT'] : ['NONCE', 'KE', 'ID'],
      source: 'RFC 2409 5.3',
    },
  ]),
  ...[5, 6].flatMap((number): readonly MessageRule[] => [
    {
      exchange: 'main-mode',
      number,
      methods: SIGNATURES,
      protection: 'always',
      payloads: [...one('ID', 'SIG'), ...CERTIFICATES, ...any('NOTIFY', 'VENDOR')],
      begins: [],
      source: 'RFC 2409 5.1',
    },
    {
      exchange: 'main-mode',
      number,
      methods: SECRETS,
      protection: 'always',
      payloads: [...one('ID', 'HASH'), ...any('NOTIFY', 'VENDOR')],
      begins: [],
      source: 'RFC 2409 5.4',
    },
    {
      exchange: 'main-mode',
      number,
      methods: [...ENCRYPTION, ...REVISED],
      protection: 'always',
      payloads: [...one('HASH'), ...any('NOTIFY', 'VENDOR')],
      begins: [],
      source: 'RFC 2409 5.2, 5.3',
    },
  ]),
];

const AGGRESSIVE_MODE: readonly MessageRule[] = [
  {
    exchange: 'aggressive-mode',
    number: 1,
    methods: 'undecided',
    protection: 'never',
    payloads: [...one('SA', 'KE', 'NONCE', 'ID'), ...maybe('HASH'), ...CERTIFICATES, ...any('VENDOR')],
    begins: ['SA'],
    sa: { phase: 1, chooses: false },
    source: 'RFC 2409 5',
  },
  {
    exchange: 'aggressive-mode',
    number: 1,
    methods: [...SIGNATURES, ...SECRETS],
    protection: 'never',
    payloads: [...one('SA', 'KE', 'NONCE', 'ID'), ...any('CERTREQ', 'VENDOR')],
    begins: ['SA'],
    sa: { phase: 1, chooses: false },
    source: 'RFC 2409 5.1, 5.4',
  },
  {
    exchange: 'aggressive-mode',
    number: 1,
    methods: ENCRYPTION,
    protection: 'never',
    payloads: [...one('SA'), ...maybe('HASH'), ...one('KE', 'ID', 'NONCE'), ...any('VENDOR')],
    begins: ['SA'],
    sa: { phase: 1, chooses: false },
    sealed: ['ID', 'NONCE'],
    source: 'RFC 2409 5.2',
  },
  {
    exchange: 'aggressive-mode',
    number: 1,
    methods: REVISED,
    protection: 'never',
    payloads: [
      ...one('SA'),
      ...maybe('HASH'),
      ...one('NONCE', 'KE', 'ID'),
      ...maybe('CERT'),
      ...any('VENDOR'),
    ],
    begins: ['SA', 'HASH', 'NONCE'],
    sa: { phase: 1, chooses: false },
    sealed: ['NONCE', 'KE', 'ID', 'CERT'],
    source: 'RFC 2409 5.3',
  },
  {
    exchange: 'aggressive-mode',
    number: 2,
    methods: SIGNATURES,
    protection: 'never',
    payloads: [
      ...one('SA', 'KE', 'NONCE', 'ID', 'SIG'),
      ...CERTIFICATES,
      ...any('NOTIFY', 'VENDOR'),
      ...NAT_D,
    ],
    begins: ['SA'],
    sa: { phase: 1, chooses: true },
    source: 'RFC 2409 5.1',
  },
  {
    exchange: 'aggressive-mode',
    number: 2,
    methods: SECRETS,
    protection: 'never',
    payloads: [...one('SA', 'KE', 'NONCE', 'ID', 'HASH'), ...any('CERTREQ', 'NOTIFY', 'VENDOR'), ...NAT_D],
    begins: ['SA'],
    sa: { phase: 1, chooses: true },
    source: 'RFC 2409 5.4',
  },
  {
    exchange: 'aggressive-mode',
    number: 2,
    methods: ENCRYPTION,
    protection: 'never',
    payloads: [...one('SA', 'KE', 'ID', 'NONCE', 'HASH'), ...any('NOTIFY', 'VENDOR'), ...NAT_D],
    begins: ['SA'],
    sa: { phase: 1, chooses: true },
    sealed: ['ID', 'NONCE'],
    source: 'RFC 2409 5.2',
  },
  {
    exchange: 'aggressive-mode',
    number: 2,
    methods: REVISED,
    protection: 'never',
    payloads: [...one('SA', 'NONCE', 'KE', 'ID', 'HASH'), ...any('NOTIFY', 'VENDOR'), ...NAT_D],
    begins: ['SA', 'NONCE'],
    sa: { phase: 1, chooses: true },
    sealed: ['NONCE', 'KE', 'ID'],
    source: 'RFC 2409 5.3',
  },
  // RFC 2409 5: the last message may be sent encrypted or not.
  {
    exchange: 'aggressive-mode',
    number: 3,
    methods: SIGNATURES,
    protection: 'either',
    payloads: [...one('SIG'), ...any('CERT', 'NOTIFY', 'VENDOR'), ...NAT_D],
    begins: [],
    source: 'RFC 2409 5.1',
  },
  {
    exchange: 'aggressive-mode',
    number: 3,
    methods: [...SECRETS, ...ENCRYPTION, ...REVISED],
    protection: 'either',
    payloads: [...one('HASH'), ...any('NOTIFY', 'VENDOR'), ...NAT_D],
    begins: [],
    source: 'RFC 2409 5.2, 5.3, 5.4',
  },
];

const QUICK_MODE: readonly MessageRule[] = [
  ...[NUMBERS_OF.offer, NUMBERS_OF.choice].map((number): MessageRule => ({
    exchange: 'quick-mode',
    number,
    methods: 'any',
    protection: 'always',
    // RFC 2409 5.5 lets one Quick Mode carry several SA payloads. Several are refused, but by an authenticated answer.
    payloads: [
      ...one('HASH', 'NONCE'),
      ...(number === NUMBERS_OF.offer ? some('SA') : one('SA')),
      ...maybe('KE'),
      bothOrNone('ID'),
      ...any('NOTIFY', 'VENDOR'),
      ...NAT_OA,
    ],
    begins: ['HASH', 'SA'],
    sa: { phase: 2, chooses: number === NUMBERS_OF.choice },
    source: 'RFC 2409 5.5',
  })),
  {
    exchange: 'quick-mode',
    number: 3,
    methods: 'any',
    protection: 'always',
    payloads: [...one('HASH'), ...any('NOTIFY', 'VENDOR')],
    begins: ['HASH'],
    source: 'RFC 2409 5.5',
  },
];

const INFORMATIONAL: readonly MessageRule[] = [
  {
    exchange: 'informational',
    number: 1,
    methods: 'any',
    protection: 'always',
    payloads: [...one('HASH'), ...any('NOTIFY', 'DELETE', 'VENDOR')],
    oneOf: ['NOTIFY', 'DELETE'],
    begins: ['HASH'],
    source: 'RFC 2409 5.7',
  },
  {
    exchange: 'informational',
    number: 1,
    methods: 'any',
    protection: 'never',
    // RFC 2408 3.15: a Delete is protected by the ISAKMP SA, or it deletes nothing.
    payloads: any('NOTIFY', 'VENDOR'),
    oneOf: ['NOTIFY'],
    begins: [],
    source: 'RFC 2409 5.7, RFC 2408 4.8',
  },
];

export const MESSAGE_RULES: readonly MessageRule[] = [
  ...MAIN_MODE,
  ...AGGRESSIVE_MODE,
  ...QUICK_MODE,
  ...INFORMATIONAL,
];

/** Messages of NETLINK_XFRM as values: requests of ours, answers and news of the kernel. */
import { concat, NO_BYTES, type Bytes } from '../bytes.js';
import { addressBytes, type Address } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { decodeAddress, decodeSelector, encodeSelector, type XfrmSelector } from './addresses.js';
import { encodeAttributes, readAttributes, type Attribute, type NetlinkFault } from './netlink.js';
import { decodePolicy, encodePolicy, readTemplates, templateAttribute, type XfrmPolicy } from './policy.js';
import { ANY_ALGORITHM, ATTRIBUTE, XFRM_TYPE, xfrmKind } from './registry.js';
import { decodeSa, encodeSa, readSaAttributes, saAttributes } from './sa.js';
import type { SaAttributes, XfrmSa } from './sa.js';
import {
  USER_ACQUIRE,
  USER_EXPIRE,
  USER_MAPPING,
  USERPOLICY_ID,
  USERPOLICY_INFO,
  USERSA_FLUSH,
  USERSA_ID,
  USERSA_INFO,
  USERSPI_INFO,
} from './structures.js';

/** An SA as a request names it. */
export interface XfrmSaId {
  readonly destination: Address;
  readonly spi: number;
  readonly family: number;
  readonly protocol: number;
}

interface WithSa {
  readonly sa: XfrmSa;
  readonly attributes: SaAttributes;
}

export type XfrmMessage =
  | ({ readonly kind: 'NEWSA' | 'UPDSA' } & WithSa)
  /** News of a deletion tell the SA once more; a request does not. */
  | { readonly kind: 'DELSA'; readonly id: XfrmSaId; readonly deleted: XfrmSa | undefined }
  | { readonly kind: 'GETSA'; readonly id: XfrmSaId }
  | ({ readonly kind: 'ALLOCSPI'; readonly min: number; readonly max: number } & WithSa)
  | {
      readonly kind: 'ACQUIRE';
      readonly id: Pick<XfrmSaId, 'destination' | 'spi' | 'protocol'>;
      readonly source: Address;
      /** What the packet was. */
      readonly packet: XfrmSelector;
      readonly policy: XfrmPolicy;
      readonly sequence: number;
    }
  | { readonly kind: 'EXPIRE'; readonly sa: XfrmSa; readonly hard: boolean }
  | { readonly kind: 'NEWPOLICY' | 'UPDPOLICY'; readonly policy: XfrmPolicy }
  /** By selector; by `index` where that is not 0. */
  | {
      readonly kind: 'DELPOLICY' | 'GETPOLICY';
      readonly selector: XfrmSelector;
      readonly index: number;
      readonly direction: number;
      readonly deleted: XfrmPolicy | undefined;
    }
  /** Of this protocol, or all with 0 or 255. */
  | { readonly kind: 'FLUSHSA'; readonly protocol: number }
  | { readonly kind: 'FLUSHPOLICY' }
  | {
      readonly kind: 'MAPPING';
      readonly id: XfrmSaId;
      readonly requestId: number;
      readonly before: { readonly address: Address; readonly port: number };
      readonly now: { readonly address: Address; readonly port: number };
    };

/** The body; a netlink header goes before it. */
export function encodeXfrm(message: XfrmMessage): { readonly type: number; readonly body: Bytes } {
  return { type: XFRM_TYPE[message.kind], body: bodyOf(message) };
}

function bodyOf(message: XfrmMessage): Bytes {
  switch (message.kind) {
    case 'NEWSA':
    case 'UPDSA':
      return concat(encodeSa(message.sa), encodeAttributes(saAttributes(message.attributes)));
    case 'DELSA': {
      const { deleted } = message;
      const told = deleted === undefined ? [] : [{ type: ATTRIBUTE.sa, payload: encodeSa(deleted) }];
      return concat(encodeId(message.id), encodeAttributes(told));
    }
    case 'GETSA':
      return encodeId(message.id);
    case 'ALLOCSPI': {
      const { sa, min, max, attributes } = message;
      const head = USERSPI_INFO.encode({ min, max }, { info: encodeSa(sa) });
      return concat(head, encodeAttributes(saAttributes(attributes)));
    }
    case 'ACQUIRE':
      return encodeAcquire(message);
    case 'EXPIRE':
      return USER_EXPIRE.encode({ hard: message.hard ? 1 : 0 }, { state: encodeSa(message.sa) });
    case 'NEWPOLICY':
    case 'UPDPOLICY':
      return concat(encodePolicy(message.policy), encodeAttributes(templatesOf(message.policy)));
    case 'DELPOLICY':
    case 'GETPOLICY': {
      const { index, direction, selector, deleted } = message;
      const head = USERPOLICY_ID.encode({ index, direction }, { selector: encodeSelector(selector) });
      if (deleted === undefined) return head;
      const told = { type: ATTRIBUTE.policy, payload: encodePolicy(deleted) };
      return concat(head, encodeAttributes([told, ...templatesOf(deleted)]));
    }
    case 'FLUSHSA':
      return USERSA_FLUSH.encode({ protocol: message.protocol }, {});
    case 'FLUSHPOLICY':
      return NO_BYTES;
    case 'MAPPING': {
      const { id, requestId, before, now } = message;
      return USER_MAPPING.encode(
        { requestId, oldPort: before.port, newPort: now.port },
        {
          id: encodeId(id),
          oldSource: addressBytes(before.address),
          newSource: addressBytes(now.address),
        },
      );
    }
  }
}

function templatesOf({ templates }: XfrmPolicy): readonly Attribute[] {
  return templates.length === 0 ? [] : [templateAttribute(templates)];
}

function encodeId({ destination, spi, family, protocol }: XfrmSaId): Bytes {
  return USERSA_ID.encode({ spi, family, protocol }, { destination: addressBytes(destination) });
}

function encodeAcquire({ id, source, packet, policy, sequence }: XfrmMessage & { kind: 'ACQUIRE' }): Bytes {
  const head = USER_ACQUIRE.encode(
    {
      spi: id.spi,
      protocol: id.protocol,
      authMask: ANY_ALGORITHM,
      cryptMask: ANY_ALGORITHM,
      compMask: ANY_ALGORITHM,
      sequence,
    },
    {
      destination: addressBytes(id.destination),
      source: addressBytes(source),
      selector: encodeSelector(packet),
      policy: encodePolicy(policy),
    },
  );
  return concat(head, encodeAttributes(templatesOf(policy)));
}

/** Undefined for a type that is of no use here. `at` in a fault counts from the beginning of the body. */
export function decodeXfrm(type: number, body: Bytes): Result<XfrmMessage | undefined, NetlinkFault> {
  const kind = xfrmKind(type);
  if (kind === undefined || kind === 'POLEXPIRE') return ok(undefined);
  const read = READERS[kind](body);
  if (read === undefined) return err({ at: 0, why: `${kind} is cut short or malformed` });
  return read;
}

type Reading = Result<XfrmMessage, NetlinkFault> | undefined;
type ReadableKind = XfrmMessage['kind'];

const READERS: Readonly<Record<ReadableKind, (body: Bytes) => Reading>> = {
  NEWSA: (body) => withSa(body, (sa, attributes) => ({ kind: 'NEWSA', sa, attributes })),
  UPDSA: (body) => withSa(body, (sa, attributes) => ({ kind: 'UPDSA', sa, attributes })),
  DELSA(body) {
    const id = decodeId(body);
    return (
      id &&
      withAttributes(body, USERSA_ID.size, (attributes) => {
        const told = attributes.find(({ type }) => type === ATTRIBUTE.sa)?.payload;
        const deleted = told && decodeSa(told);
        if (told !== undefined && deleted === undefined) return undefined;
        return { kind: 'DELSA', id, deleted };
      })
    );
  },
  GETSA(body) {
    const id = decodeId(body);
    return id && ok({ kind: 'GETSA', id });
  },
  ALLOCSPI(body) {
    const read = USERSPI_INFO.read(body);
    const sa = read && decodeSa(read.area('info'));
    return (
      read &&
      sa &&
      withAttributes(body, USERSPI_INFO.size, (list) => {
        const attributes = readSaAttributes(list, sa.family);
        const range = { min: read.number('min'), max: read.number('max') };
        return attributes && { kind: 'ALLOCSPI', sa, attributes, ...range };
      })
    );
  },
  ACQUIRE: decodeAcquire,
  EXPIRE(body) {
    const read = USER_EXPIRE.read(body);
    const sa = read && decodeSa(read.area('state'));
    return read && sa && ok({ kind: 'EXPIRE', sa, hard: read.number('hard') !== 0 });
  },
  NEWPOLICY: (body) => withPolicy(body, (policy) => ({ kind: 'NEWPOLICY', policy })),
  UPDPOLICY: (body) => withPolicy(body, (policy) => ({ kind: 'UPDPOLICY', policy })),
  DELPOLICY: (body) => policyId('DELPOLICY', body),
  GETPOLICY: (body) => policyId('GETPOLICY', body),
  FLUSHSA(body) {
    const read = USERSA_FLUSH.read(body);
    return read && ok({ kind: 'FLUSHSA', protocol: read.number('protocol') });
  },
  FLUSHPOLICY: () => ok({ kind: 'FLUSHPOLICY' }),
  MAPPING: decodeMapping,
};

function withAttributes(
  body: Bytes,
  at: number,
  make: (attributes: readonly Attribute[]) => XfrmMessage | undefined,
): Reading {
  const attributes = readAttributes(body, at);
  if (!attributes.ok) return attributes;
  const message = make(attributes.value);
  return message && ok(message);
}

function withSa(body: Bytes, make: (sa: XfrmSa, attributes: SaAttributes) => XfrmMessage): Reading {
  const sa = decodeSa(body);
  return (
    sa &&
    withAttributes(body, USERSA_INFO.size, (list) => {
      const attributes = readSaAttributes(list, sa.family);
      return attributes && make(sa, attributes);
    })
  );
}

function withPolicy(body: Bytes, make: (policy: XfrmPolicy) => XfrmMessage): Reading {
  return withAttributes(body, USERPOLICY_INFO.size, (attributes) => {
    const templates = readTemplates(attributes);
    const policy = templates && decodePolicy(body, templates);
    return policy && make(policy);
  });
}

function decodeId(body: Bytes): XfrmSaId | undefined {
  const read = USERSA_ID.read(body);
  if (read === undefined) return undefined;
  const family = read.number('family');
  const destination = decodeAddress(read.area('destination'), family);
  if (destination === undefined) return undefined;
  return { destination, spi: read.number('spi'), family, protocol: read.number('protocol') };
}

function decodeAcquire(body: Bytes): Reading {
  const read = USER_ACQUIRE.read(body);
  const packet = read && decodeSelector(read.area('selector'));
  if (read === undefined || packet === undefined) return undefined;
  return withAttributes(body, USER_ACQUIRE.size, (attributes) => {
    const templates = readTemplates(attributes);
    const policy = templates && decodePolicy(read.area('policy'), templates);
    if (policy === undefined) return undefined;
    // The ends are those of the SA that is missing: in a tunnel they may be of another family than the packet.
    const protocol = read.number('protocol');
    const family = templates?.find((template) => template.protocol === protocol)?.family ?? packet.family;
    const destination = decodeAddress(read.area('destination'), family);
    const source = decodeAddress(read.area('source'), family);
    if (destination === undefined || source === undefined) return undefined;
    const id = { destination, spi: read.number('spi'), protocol };
    return { kind: 'ACQUIRE', id, source, packet, policy, sequence: read.number('sequence') };
  });
}

function policyId(kind: 'DELPOLICY' | 'GETPOLICY', body: Bytes): Reading {
  const read = USERPOLICY_ID.read(body);
  const selector = read && decodeSelector(read.area('selector'));
  if (read === undefined || selector === undefined) return undefined;
  return withAttributes(body, USERPOLICY_ID.size, (attributes) => {
    const templates = readTemplates(attributes);
    const told = attributes.find(({ type }) => type === ATTRIBUTE.policy)?.payload;
    const deleted = told && templates && decodePolicy(told, templates);
    if (templates === undefined || (told !== undefined && deleted === undefined)) return undefined;
    return {
      kind,
      selector,
      index: read.number('index'),
      direction: read.number('direction'),
      deleted,
    };
  });
}

function decodeMapping(body: Bytes): Reading {
  const read = USER_MAPPING.read(body);
  const id = read && decodeId(read.area('id'));
  if (read === undefined || id === undefined) return undefined;
  const before = decodeAddress(read.area('oldSource'), id.family);
  const now = decodeAddress(read.area('newSource'), id.family);
  if (before === undefined || now === undefined) return undefined;
  return ok({
    kind: 'MAPPING',
    id,
    requestId: read.number('requestId'),
    before: { address: before, port: read.number('oldPort') },
    now: { address: now, port: read.number('newPort') },
  });
}

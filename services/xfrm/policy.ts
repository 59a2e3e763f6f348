/** Policies as netlink has them: `xfrm_userpolicy_info` with its templates. */
import { concat, type Bytes } from '../bytes.js';
import { addressBytes, type Address } from '../net/address.js';
import { decodeAddress, decodeSelector, encodeSelector, type XfrmSelector } from './addresses.js';
import type { Attribute } from './netlink.js';
import { ANY_ALGORITHM, ATTRIBUTE } from './registry.js';
import { NO_LIMITS, NO_USE } from './sa.js';
import { LIFETIME_CONFIG, LIFETIME_CURRENT, USER_TEMPLATE, USERPOLICY_INFO } from './structures.js';

/** One SA that a packet needs. */
export interface XfrmTemplate {
  readonly protocol: number;
  /** 0 for any. */
  readonly spi: number;
  readonly family: number;
  /** Ends of a tunnel; unspecified in transport mode. */
  readonly source: Address;
  readonly destination: Address;
  /** 0 for any. */
  readonly requestId: number;
  readonly mode: number;
  readonly optional: boolean;
}

export interface XfrmPolicy {
  readonly selector: XfrmSelector;
  /** The smallest is asked first. */
  readonly priority: number;
  readonly index: number;
  readonly direction: number;
  readonly action: number;
  readonly flags: number;
  readonly share: number;
  /** As they are applied: the innermost first. */
  readonly templates: readonly XfrmTemplate[];
}

/** Without its templates, which are an attribute behind it. */
export function encodePolicy({
  selector,
  priority,
  index,
  direction,
  action,
  flags,
  share,
}: XfrmPolicy): Bytes {
  return USERPOLICY_INFO.encode(
    { priority, index, direction, action, flags, share },
    {
      selector: encodeSelector(selector),
      limits: LIFETIME_CONFIG.encode(NO_LIMITS, {}),
      current: LIFETIME_CURRENT.encode(NO_USE, {}),
    },
  );
}

export function decodePolicy(bytes: Bytes, templates: readonly XfrmTemplate[]): XfrmPolicy | undefined {
  const read = USERPOLICY_INFO.read(bytes);
  const selector = read && decodeSelector(read.area('selector'));
  return (
    read &&
    selector && {
      selector,
      priority: read.number('priority'),
      index: read.number('index'),
      direction: read.number('direction'),
      action: read.number('action'),
      flags: read.number('flags'),
      share: read.number('share'),
      templates,
    }
  );
}

export function templateAttribute(templates: readonly XfrmTemplate[]): Attribute {
  return { type: ATTRIBUTE.template, payload: concat(...templates.map(encodeTemplate)) };
}

function encodeTemplate(template: XfrmTemplate): Bytes {
  const { protocol, spi, family, source, destination, requestId, mode, optional } = template;
  return USER_TEMPLATE.encode(
    {
      spi,
      protocol,
      family,
      requestId,
      mode,
      share: 0,
      optional: optional ? 1 : 0,
      authMask: ANY_ALGORITHM,
      cryptMask: ANY_ALGORITHM,
      compMask: ANY_ALGORITHM,
    },
    { destination: addressBytes(destination), source: addressBytes(source) },
  );
}

/** The templates among the attributes; none where there is none. Undefined: they are cut short, or of no family. */
export function readTemplates(attributes: readonly Attribute[]): readonly XfrmTemplate[] | undefined {
  const payload = attributes.find(({ type }) => type === ATTRIBUTE.template)?.payload;
  if (payload === undefined) return [];
  if (payload.length % USER_TEMPLATE.size !== 0) return undefined;
  const templates: XfrmTemplate[] = [];
  for (let at = 0; at < payload.length; at += USER_TEMPLATE.size) {
    const template = decodeTemplate(payload, at);
    if (template === undefined) return undefined;
    templates.push(template);
  }
  return templates;
}

function decodeTemplate(bytes: Bytes, at: number): XfrmTemplate | undefined {
  const read = USER_TEMPLATE.read(bytes, at);
  if (read === undefined) return undefined;
  const family = read.number('family');
  const source = decodeAddress(read.area('source'), family);
  const destination = decodeAddress(read.area('destination'), family);
  if (source === undefined || destination === undefined) return undefined;
  return {
    protocol: read.number('protocol'),
    spi: read.number('spi'),
    family,
    source,
    destination,
    requestId: read.number('requestId'),
    mode: read.number('mode'),
    optional: read.number('optional') !== 0,
  };
}

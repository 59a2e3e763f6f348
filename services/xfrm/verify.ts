/** Whether a well-formed message makes sense: what `net/xfrm/xfrm_user.c` would refuse, and what a kernel never says. */
import type { XfrmSelector, XfrmSide } from './addresses.js';
import type { XfrmMessage, XfrmSaId } from './message.js';
import type { XfrmPolicy } from './policy.js';
import { ACTION, AF_INET, AF_INET6, DIRECTION, ESP_IN_UDP } from './registry.js';
import type { SaAttributes, XfrmSa } from './sa.js';

export type Direction = 'toKernel' | 'fromKernel';

const AH = 51;
const ESP = 50;
/** XFRM_MODE_MAX. */
const MODES = 5;
/** XFRM_MAX_DEPTH: SAs around one packet. */
const DEPTH = 6;
/** XFRMA_REPLAY_ESN_MAX, bytes of a bitmap. */
const LONGEST_BITMAP = 4096;

/** Every fault, in words for the log; empty when there is none. */
export function verifyXfrm(message: XfrmMessage, direction: Direction): readonly string[] {
  switch (message.kind) {
    case 'NEWSA':
    case 'UPDSA':
      return [
        ...saFaults(message.sa),
        ...attributeFaults(message.sa, message.attributes),
        ...(direction === 'toKernel' ? newSaFaults(message.sa, message.attributes) : []),
      ];
    case 'DELSA':
      return [...idFaults(message.id), ...(message.deleted === undefined ? [] : saFaults(message.deleted))];
    case 'GETSA':
      return idFaults(message.id);
    case 'ALLOCSPI':
      return [...saFaults(message.sa), ...(message.min > message.max ? ['the range of SPIs is empty'] : [])];
    case 'ACQUIRE':
      return [
        ...(direction === 'toKernel' ? ['ACQUIRE comes from the kernel'] : []),
        ...selectorFaults(message.packet),
        ...policyFaults(message.policy),
        ...(message.policy.templates.some(({ protocol }) => protocol === message.id.protocol)
          ? []
          : [`no template of the policy is of protocol ${String(message.id.protocol)}`]),
      ];
    case 'EXPIRE':
      return saFaults(message.sa);
    case 'NEWPOLICY':
    case 'UPDPOLICY':
      return policyFaults(message.policy);
    case 'DELPOLICY':
    case 'GETPOLICY':
      return [
        ...selectorFaults(message.selector),
        ...directionFaults(message),
        ...(message.deleted === undefined ? [] : policyFaults(message.deleted)),
      ];
    case 'MAPPING':
      return [
        ...idFaults(message.id),
        ...(message.now.port === 0 ? ['the new port is 0'] : []),
        ...(message.id.protocol === ESP ? [] : ['only ESP travels in UDP']),
      ];
    case 'FLUSHSA':
    case 'FLUSHPOLICY':
      return [];
  }
}

function familyFaults(family: number): readonly string[] {
  return family === AF_INET || family === AF_INET6 ? [] : [`family ${String(family)} is neither of IP`];
}

function idFaults({ family, spi }: XfrmSaId): readonly string[] {
  return [...familyFaults(family), ...(spi === 0 ? ['the SPI is 0'] : [])];
}

function saFaults(sa: XfrmSa): readonly string[] {
  const { softBytes, hardBytes, softAddSeconds, hardAddSeconds } = sa.limits;
  return [
    ...familyFaults(sa.family),
    ...selectorFaults(sa.selector),
    ...(sa.mode >= MODES ? [`mode ${String(sa.mode)} is unknown`] : []),
    ...(softBytes > hardBytes && softBytes !== Infinity
      ? ['the soft limit of bytes is above the hard one']
      : []),
    ...(hardAddSeconds !== 0 && softAddSeconds > hardAddSeconds
      ? ['the soft limit of seconds is above the hard one']
      : []),
  ];
}

function attributeFaults({ protocol }: XfrmSa, { encapsulation, replay }: SaAttributes): readonly string[] {
  const faults: string[] = [];
  if (encapsulation !== undefined && protocol !== ESP) faults.push('only ESP travels in UDP');
  if (replay !== undefined && replay.bitmap.length > LONGEST_BITMAP)
    faults.push('the replay window is too large');
  if (replay !== undefined && replay.window > replay.bitmap.length * 8)
    faults.push('the replay window has more packets than its bitmap has bits');
  return faults;
}

function newSaFaults(sa: XfrmSa, { crypt, auth, aead, encapsulation }: SaAttributes): readonly string[] {
  const faults: string[] = [];
  if (sa.spi === 0) faults.push('the SPI is 0');
  if (sa.protocol === AH) {
    if (auth === undefined) faults.push('AH needs an authentication algorithm');
    if (crypt !== undefined || aead !== undefined) faults.push('AH encrypts nothing');
  } else if (sa.protocol === ESP) {
    if (crypt === undefined && auth === undefined && aead === undefined)
      faults.push('ESP needs an algorithm');
    if (aead !== undefined && (crypt !== undefined || auth !== undefined))
      faults.push('a combined algorithm stands alone');
  } else faults.push(`protocol ${String(sa.protocol)} is neither ESP nor AH`);
  if (encapsulation !== undefined && encapsulation.type !== ESP_IN_UDP)
    faults.push(`encapsulation ${String(encapsulation.type)} is not that of RFC 3948`);
  for (const algorithm of [crypt, auth, aead])
    if (algorithm?.name === '') faults.push('an algorithm has no name');
  return faults;
}

function selectorFaults({ family, source, destination }: XfrmSelector): readonly string[] {
  // The kernel's own larval SAs have prefixes and no family.
  const longest = family === AF_INET ? 32 : 128;
  const faults = family === 0 ? [] : [...familyFaults(family)];
  for (const side of [source, destination]) {
    if (side.prefixLength > longest)
      faults.push(`a prefix of ${String(side.prefixLength)} is longer than its address`);
    if (maskFault(side)) faults.push('a port stands outside its mask');
  }
  return faults;
}

function maskFault({ port, portMask }: XfrmSide): boolean {
  return (port & ~portMask & 0xffff) !== 0;
}

function policyFaults(policy: XfrmPolicy): readonly string[] {
  const faults = [...selectorFaults(policy.selector), ...directionFaults(policy)];
  if (policy.action !== ACTION.allow && policy.action !== ACTION.block)
    faults.push(`action ${String(policy.action)} is unknown`);
  if (policy.templates.length > DEPTH) faults.push('there are more templates than a packet can have SAs');
  for (const { family, mode } of policy.templates) {
    faults.push(...familyFaults(family));
    if (mode >= MODES) faults.push(`mode ${String(mode)} is unknown`);
  }
  return faults;
}

/** Above the three stand the policies of sockets, which have no name. */
function directionFaults({ direction }: { readonly direction: number }): readonly string[] {
  return direction <= DIRECTION.forward + 3 ? [] : [`direction ${String(direction)} is unknown`];
}

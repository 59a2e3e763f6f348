/** Whether ESP travels as itself or in UDP, and the Encapsulation Mode that says so (RFC 2407 4.5, RFC 3947 5.1). */
import type { PeerFeatures } from '../exchange/peer-features.js';
import { ENCAPSULATION_MODE } from '../isakmp/registries/ipsec-attributes.js';

export type IpsecMode = 'transport' | 'tunnel';

/** `draft`: in UDP, by the numbers that were in use before RFC 3947. */
export type Encapsulation = 'none' | 'udp' | 'draft';

/** RFC 3947 5.1: in UDP where a NAT was found on the way, as itself where none was. */
export function encapsulationFor({ nat, natTraversal }: PeerFeatures): Encapsulation {
  if (natTraversal === undefined || !(nat.local || nat.remote)) return 'none';
  return natTraversal === 'rfc3947' ? 'udp' : 'draft';
}

const MODE_NUMBER: Readonly<Record<Encapsulation, Readonly<Record<IpsecMode, number>>>> = {
  none: { tunnel: ENCAPSULATION_MODE.tunnel, transport: ENCAPSULATION_MODE.transport },
  udp: { tunnel: ENCAPSULATION_MODE.udpTunnel, transport: ENCAPSULATION_MODE.udpTransport },
  draft: { tunnel: ENCAPSULATION_MODE.udpTunnelDraft, transport: ENCAPSULATION_MODE.udpTransportDraft },
};

export function modeNumber(mode: IpsecMode, encapsulation: Encapsulation): number {
  return MODE_NUMBER[encapsulation][mode];
}

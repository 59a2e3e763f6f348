/** Extensions that only Linux has (`linux/pfkeyv2.h`, `linux/ipsec.h`), as bytes. Offsets count from the beginning of each. */
import { structure } from '../c-structure.js';
import { concat, NO_BYTES, type Bytes } from '../bytes.js';
import type {
  NatPortExtension,
  NatTypeExtension,
  PolicyExtension,
  PolicyRequest,
  Sa2Extension,
} from './extension.js';
import { LINUX_DIALECT, LINUX_MODE } from './linux-dialect.js';
import { decodeSocketAddress, encodeSocketAddress } from './socket-address.js';

export const POLICY = structure('sadb_x_policy', 16, {
  type: [4, 'u16'],
  direction: [6, 'u8'],
  id: [8, 'u32'],
  priority: [12, 'u32'],
});
/** Its length counts bytes, not words. */
export const POLICY_REQUEST = structure('sadb_x_ipsecrequest', 16, {
  length: [0, 'u16'],
  protocol: [2, 'u16'],
  mode: [4, 'u8'],
  level: [5, 'u8'],
  requestId: [8, 'u32'],
});
export const SA2 = structure('sadb_x_sa2', 16, {
  mode: [4, 'u8'],
  sequence: [8, 'u32'],
  requestId: [12, 'u32'],
});
export const NAT_TYPE = structure('sadb_x_nat_t_type', 8, { type: [4, 'u8'] });
export const NAT_PORT = structure('sadb_x_nat_t_port', 8, { port: [4, 'u16be'] });

export function encodePolicy({ type, direction, id, priority, requests }: PolicyExtension): Bytes {
  return concat(POLICY.encode({ type, direction, id, priority }, {}), ...requests.map(encodeRequest));
}

function encodeRequest({ protocol, mode, level, requestId, tunnel }: PolicyRequest): Bytes {
  const ends =
    tunnel === undefined
      ? NO_BYTES
      : concat(
          encodeSocketAddress(tunnel.source, LINUX_DIALECT),
          encodeSocketAddress(tunnel.destination, LINUX_DIALECT),
        );
  const length = POLICY_REQUEST.size + ends.length;
  return concat(POLICY_REQUEST.encode({ length, protocol, mode, level, requestId }, {}), ends);
}

export function decodePolicy(bytes: Bytes): PolicyExtension | undefined {
  const read = POLICY.read(bytes);
  if (read === undefined) return undefined;
  const requests: PolicyRequest[] = [];
  let at = POLICY.size;
  while (at < bytes.length) {
    const length = POLICY_REQUEST.read(bytes, at)?.number('length') ?? 0;
    if (length < POLICY_REQUEST.size || at + length > bytes.length) return undefined;
    const request = decodeRequest(bytes.subarray(at, at + length));
    if (request === undefined) return undefined;
    requests.push(request);
    at += length;
  }
  return {
    kind: 'X_POLICY',
    type: read.number('type'),
    direction: read.number('direction'),
    id: read.number('id'),
    priority: read.number('priority'),
    requests,
  };
}

function decodeRequest(bytes: Bytes): PolicyRequest | undefined {
  const read = POLICY_REQUEST.read(bytes);
  if (read === undefined) return undefined;
  const tunnel = bytes.length === POLICY_REQUEST.size ? undefined : tunnelEnds(bytes);
  if (tunnel === undefined && read.number('mode') === LINUX_MODE.tunnel) return undefined;
  return {
    protocol: read.number('protocol'),
    mode: read.number('mode'),
    level: read.number('level'),
    requestId: read.number('requestId'),
    tunnel,
  };
}

function tunnelEnds(bytes: Bytes): PolicyRequest['tunnel'] {
  const source = decodeSocketAddress(bytes, POLICY_REQUEST.size, LINUX_DIALECT);
  const destination =
    source && decodeSocketAddress(bytes, POLICY_REQUEST.size + source.length, LINUX_DIALECT);
  return destination && { source: source.endpoint, destination: destination.endpoint };
}

export function encodeSa2({ mode, sequence, requestId }: Sa2Extension): Bytes {
  return SA2.encode({ mode, sequence, requestId }, {});
}

export function decodeSa2(bytes: Bytes): Sa2Extension | undefined {
  const read = SA2.read(bytes);
  return (
    read && {
      kind: 'X_SA2',
      mode: read.number('mode'),
      sequence: read.number('sequence'),
      requestId: read.number('requestId'),
    }
  );
}

export function encodeNatType({ type }: NatTypeExtension): Bytes {
  return NAT_TYPE.encode({ type }, {});
}

export function decodeNatType(bytes: Bytes): NatTypeExtension | undefined {
  const read = NAT_TYPE.read(bytes);
  return read && { kind: 'X_NAT_T_TYPE', type: read.number('type') };
}

export function encodeNatPort({ port }: NatPortExtension): Bytes {
  return NAT_PORT.encode({ port }, {});
}

export function decodeNatPort(kind: NatPortExtension['kind'], bytes: Bytes): NatPortExtension | undefined {
  const read = NAT_PORT.read(bytes);
  return read && { kind, port: read.number('port') };
}

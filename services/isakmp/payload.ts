/** Any payload: from a body to a value and back, by kind. */
import type { Bytes } from '../bytes.js';
import type { PayloadHead } from './payload-codec.js';
import { CERTREQ, type CertReqPayload } from './payloads/certificate-request.js';
import { CERT, type CertPayload } from './payloads/certificate.js';
import { DELETE, type DeletePayload } from './payloads/delete.js';
import { HASH, type HashPayload } from './payloads/hash.js';
import { ID, type IdPayload } from './payloads/identification.js';
import { KE, type KePayload } from './payloads/key-exchange.js';
import {
  NAT_OA,
  NAT_OA_DRAFT,
  type NatOaDraftPayload,
  type NatOaPayload,
} from './payloads/nat-original-address.js';
import { NONCE, type NoncePayload } from './payloads/nonce.js';
import { NOTIFICATION, type NotifyPayload } from './payloads/notification.js';
import { SA, type SaPayload } from './payloads/security-association.js';
import { SIG, type SigPayload } from './payloads/signature.js';
import { UNKNOWN, type UnknownPayload } from './payloads/unknown.js';
import { VENDOR, type VendorPayload } from './payloads/vendor-id.js';
import type { Reader } from './reader.js';
import { NOTIFY } from './registries/notify-types.js';
import { payloadTypeName } from './registries/payload-types.js';
import type { VerifyFault } from './verify-fault.js';
import { Writer } from './writer.js';

export type Payload =
  | SaPayload
  | KePayload
  | IdPayload
  | CertPayload
  | CertReqPayload
  | HashPayload
  | SigPayload
  | NoncePayload
  | NotifyPayload
  | DeletePayload
  | VendorPayload
  | NatOaPayload
  | NatOaDraftPayload
  | UnknownPayload;

export type PayloadKind = Payload['kind'];

export type DecodedPayload = Payload & {
  /** The body as it came, without the generic header: what IKEv1 hashes (RFC 2409 5). */
  readonly raw: Bytes;
  /** Structures in which a reserved field was not zero; absent when there are none. */
  readonly reservedNotZero?: readonly string[];
};

const TYPE_OF = {
  SA: SA.type,
  KE: KE.type,
  ID: ID.type,
  CERT: CERT.type,
  CERTREQ: CERTREQ.type,
  HASH: HASH.type,
  SIG: SIG.type,
  NONCE: NONCE.type,
  NOTIFY: NOTIFICATION.type,
  DELETE: DELETE.type,
  VENDOR: VENDOR.type,
  'NAT-OA': NAT_OA.type,
  'NAT-OA-DRAFT': NAT_OA_DRAFT.type,
} as const satisfies Readonly<Record<Exclude<PayloadKind, 'UNKNOWN'>, number>>;

/** Number of the payload in Next Payload fields. */
export function payloadType(payload: Payload): number {
  return payload.kind === 'UNKNOWN' ? payload.type : TYPE_OF[payload.kind];
}

/** `SA`, `KE`, `NAT-D`, or `unknown (n)`. */
export function payloadName(payload: Payload | number): string {
  return payloadTypeName(typeof payload === 'number' ? payload : payloadType(payload));
}

interface BodyReader {
  readonly type: number;
  read(reader: Reader): DecodedPayload;
}

const READERS: readonly BodyReader[] = [
  SA,
  KE,
  ID,
  CERT,
  CERTREQ,
  HASH,
  SIG,
  NONCE,
  NOTIFICATION,
  DELETE,
  VENDOR,
  NAT_OA,
  NAT_OA_DRAFT,
];
/** By type, which is one byte on the wire: a Map costs a hash each time. */
const READER_OF_TYPE: readonly (BodyReader | undefined)[] = Array.from({ length: 256 }, (_, type) =>
  READERS.find((codec) => codec.type === type),
);

/** Reads a body to its end. A type without a codec becomes an UNKNOWN payload. */
export function readBody(type: number, reader: Reader): DecodedPayload {
  const codec = READER_OF_TYPE[type];
  if (codec !== undefined) return codec.read(reader);
  const raw = reader.peek();
  const blank: UnknownPayload & PayloadHead<'UNKNOWN'> = { kind: 'UNKNOWN', raw, type, data: raw };
  return UNKNOWN.read(reader, blank);
}

/** Bytes of the body. */
export function bodySize(payload: Payload): number {
  switch (payload.kind) {
    case 'SA':
      return SA.size(payload);
    case 'KE':
      return KE.size(payload);
    case 'ID':
      return ID.size(payload);
    case 'CERT':
      return CERT.size(payload);
    case 'CERTREQ':
      return CERTREQ.size(payload);
    case 'HASH':
      return HASH.size(payload);
    case 'SIG':
      return SIG.size(payload);
    case 'NONCE':
      return NONCE.size(payload);
    case 'NOTIFY':
      return NOTIFICATION.size(payload);
    case 'DELETE':
      return DELETE.size(payload);
    case 'VENDOR':
      return VENDOR.size(payload);
    case 'NAT-OA':
      return NAT_OA.size(payload);
    case 'NAT-OA-DRAFT':
      return NAT_OA_DRAFT.size(payload);
    case 'UNKNOWN':
      return UNKNOWN.size(payload);
  }
}

export function writeBody(writer: Writer, payload: Payload): void {
  switch (payload.kind) {
    case 'SA':
      SA.write(writer, payload);
      return;
    case 'KE':
      KE.write(writer, payload);
      return;
    case 'ID':
      ID.write(writer, payload);
      return;
    case 'CERT':
      CERT.write(writer, payload);
      return;
    case 'CERTREQ':
      CERTREQ.write(writer, payload);
      return;
    case 'HASH':
      HASH.write(writer, payload);
      return;
    case 'SIG':
      SIG.write(writer, payload);
      return;
    case 'NONCE':
      NONCE.write(writer, payload);
      return;
    case 'NOTIFY':
      NOTIFICATION.write(writer, payload);
      return;
    case 'DELETE':
      DELETE.write(writer, payload);
      return;
    case 'VENDOR':
      VENDOR.write(writer, payload);
      return;
    case 'NAT-OA':
      NAT_OA.write(writer, payload);
      return;
    case 'NAT-OA-DRAFT':
      NAT_OA_DRAFT.write(writer, payload);
      return;
    case 'UNKNOWN':
      UNKNOWN.write(writer, payload);
  }
}

/** The body without its generic header: what the peer hashes of what we send. */
export function encodeBody(payload: Payload): Bytes {
  const writer = new Writer(bodySize(payload));
  writeBody(writer, payload);
  return writer.take();
}

/** A payload's length field has 16 bits and counts the generic header. */
const LONGEST_BODY = 0xffff - 4;

/** The first thing a payload must not say, or undefined. Whatever verifies can be encoded and sent. */
export function verifyPayload(
  payload: Payload & Partial<Pick<DecodedPayload, 'raw' | 'reservedNotZero'>>,
): VerifyFault | undefined {
  const { raw, reservedNotZero } = payload;
  const notZero = reservedNotZero?.[0];
  if (notZero !== undefined) {
    const name = payloadName(payload);
    // RFC 2408 5.3: the field must be zero.
    const explanation = `the ${name} payload is wrong: a reserved field of its ${notZero} is not zero`;
    return { code: 'reserved-not-zero', payload: name, explanation, notify: NOTIFY.payloadMalformed };
  }
  const fault = verifyValues(payload);
  if (fault !== undefined) return fault;
  if ((raw?.length ?? bodySize(payload)) <= LONGEST_BODY) return undefined;
  const name = payloadName(payload);
  const explanation = `the ${name} payload is too long`;
  return { code: 'bad-length', payload: name, explanation, notify: NOTIFY.payloadMalformed };
}

function verifyValues(payload: Payload): VerifyFault | undefined {
  switch (payload.kind) {
    case 'SA':
      return SA.verify(payload);
    case 'KE':
      return KE.verify(payload);
    case 'ID':
      return ID.verify(payload);
    case 'CERT':
      return CERT.verify(payload);
    case 'CERTREQ':
      return CERTREQ.verify(payload);
    case 'HASH':
      return HASH.verify(payload);
    case 'SIG':
      return SIG.verify(payload);
    case 'NONCE':
      return NONCE.verify(payload);
    case 'NOTIFY':
      return NOTIFICATION.verify(payload);
    case 'DELETE':
      return DELETE.verify(payload);
    case 'VENDOR':
      return VENDOR.verify(payload);
    case 'NAT-OA':
      return NAT_OA.verify(payload);
    case 'NAT-OA-DRAFT':
      return NAT_OA_DRAFT.verify(payload);
    case 'UNKNOWN':
      return undefined;
  }
}

/** Notify message types: errors 1..16383, status from 16384 (RFC 2408 3.14.1, RFC 2407 4.6.3, RFC 3706 5.2). */
import { registry } from './registry.js';

export const NOTIFY = {
  invalidPayloadType: 1,
  doiNotSupported: 2,
  situationNotSupported: 3,
  invalidCookie: 4,
  invalidMajorVersion: 5,
  invalidMinorVersion: 6,
  invalidExchangeType: 7,
  invalidFlags: 8,
  invalidMessageId: 9,
  invalidProtocolId: 10,
  invalidSpi: 11,
  invalidTransformId: 12,
  attributesNotSupported: 13,
  noProposalChosen: 14,
  badProposalSyntax: 15,
  payloadMalformed: 16,
  invalidKeyInformation: 17,
  invalidIdInformation: 18,
  invalidCertEncoding: 19,
  invalidCertificate: 20,
  certTypeUnsupported: 21,
  invalidCertAuthority: 22,
  invalidHashInformation: 23,
  authenticationFailed: 24,
  invalidSignature: 25,
  addressNotification: 26,
  notifySaLifetime: 27,
  certificateUnavailable: 28,
  unsupportedExchangeType: 29,
  unequalPayloadLengths: 30,
  connected: 16384,
  responderLifetime: 24576,
  replayStatus: 24577,
  initialContact: 24578,
  rUThere: 36136,
  rUThereAck: 36137,
} as const;

/** The first status type; below it are errors (RFC 2408 3.14.1). */
export const FIRST_STATUS = 16384;

const ERRORS = 'RFC 2408 3.14.1';

export const NOTIFY_TYPES = registry('notify message type', [
  { number: NOTIFY.invalidPayloadType, name: 'INVALID-PAYLOAD-TYPE', source: ERRORS, supported: true },
  { number: NOTIFY.doiNotSupported, name: 'DOI-NOT-SUPPORTED', source: ERRORS, supported: true },
  { number: NOTIFY.situationNotSupported, name: 'SITUATION-NOT-SUPPORTED', source: ERRORS, supported: true },
  { number: NOTIFY.invalidCookie, name: 'INVALID-COOKIE', source: ERRORS, supported: true },
  { number: NOTIFY.invalidMajorVersion, name: 'INVALID-MAJOR-VERSION', source: ERRORS, supported: true },
  { number: NOTIFY.invalidMinorVersion, name: 'INVALID-MINOR-VERSION', source: ERRORS, supported: true },
  { number: NOTIFY.invalidExchangeType, name: 'INVALID-EXCHANGE-TYPE', source: ERRORS, supported: true },
  { number: NOTIFY.invalidFlags, name: 'INVALID-FLAGS', source: ERRORS, supported: true },
  { number: NOTIFY.invalidMessageId, name: 'INVALID-MESSAGE-ID', source: ERRORS, supported: true },
  { number: NOTIFY.invalidProtocolId, name: 'INVALID-PROTOCOL-ID', source: ERRORS, supported: true },
  { number: NOTIFY.invalidSpi, name: 'INVALID-SPI', source: ERRORS, supported: true },
  { number: NOTIFY.invalidTransformId, name: 'INVALID-TRANSFORM-ID', source: ERRORS, supported: true },
  {
    number: NOTIFY.attributesNotSupported,
    name: 'ATTRIBUTES-NOT-SUPPORTED',
    source: ERRORS,
    supported: true,
  },
  { number: NOTIFY.noProposalChosen, name: 'NO-PROPOSAL-CHOSEN', source: ERRORS, supported: true },
  { number: NOTIFY.badProposalSyntax, name: 'BAD-PROPOSAL-SYNTAX', source: ERRORS, supported: true },
  { number: NOTIFY.payloadMalformed, name: 'PAYLOAD-MALFORMED', source: ERRORS, supported: true },
  { number: NOTIFY.invalidKeyInformation, name: 'INVALID-KEY-INFORMATION', source: ERRORS, supported: true },
  { number: NOTIFY.invalidIdInformation, name: 'INVALID-ID-INFORMATION', source: ERRORS, supported: true },
  { number: NOTIFY.invalidCertEncoding, name: 'INVALID-CERT-ENCODING', source: ERRORS, supported: true },
  { number: NOTIFY.invalidCertificate, name: 'INVALID-CERTIFICATE', source: ERRORS, supported: true },
  { number: NOTIFY.certTypeUnsupported, name: 'CERT-TYPE-UNSUPPORTED', source: ERRORS, supported: true },
  { number: NOTIFY.invalidCertAuthority, name: 'INVALID-CERT-AUTHORITY', source: ERRORS, supported: true },
  {
    number: NOTIFY.invalidHashInformation,
    name: 'INVALID-HASH-INFORMATION',
    source: ERRORS,
    supported: true,
  },
  { number: NOTIFY.authenticationFailed, name: 'AUTHENTICATION-FAILED', source: ERRORS, supported: true },
  { number: NOTIFY.invalidSignature, name: 'INVALID-SIGNATURE', source: ERRORS, supported: true },
  { number: NOTIFY.addressNotification, name: 'ADDRESS-NOTIFICATION', source: ERRORS },
  { number: NOTIFY.notifySaLifetime, name: 'NOTIFY-SA-LIFETIME', source: ERRORS },
  { number: NOTIFY.certificateUnavailable, name: 'CERTIFICATE-UNAVAILABLE', source: ERRORS, supported: true },
  {
    number: NOTIFY.unsupportedExchangeType,
    name: 'UNSUPPORTED-EXCHANGE-TYPE',
    source: ERRORS,
    supported: true,
  },
  { number: NOTIFY.unequalPayloadLengths, name: 'UNEQUAL-PAYLOAD-LENGTHS', source: ERRORS, supported: true },
  { number: NOTIFY.connected, name: 'CONNECTED', source: ERRORS, supported: true },
  {
    number: NOTIFY.responderLifetime,
    name: 'RESPONDER-LIFETIME',
    source: 'RFC 2407 4.6.3.1',
    supported: true,
  },
  { number: NOTIFY.replayStatus, name: 'REPLAY-STATUS', source: 'RFC 2407 4.6.3.2' },
  { number: NOTIFY.initialContact, name: 'INITIAL-CONTACT', source: 'RFC 2407 4.6.3.3', supported: true },
  { number: NOTIFY.rUThere, name: 'R-U-THERE', source: 'RFC 3706 5.2' },
  { number: NOTIFY.rUThereAck, name: 'R-U-THERE-ACK', source: 'RFC 3706 5.2' },
]);

export function notifyName(number: number): string {
  return NOTIFY_TYPES.nameOf(number);
}

/** Whether the type reports an error rather than a status. */
export function isErrorNotify(number: number): boolean {
  return number < FIRST_STATUS;
}

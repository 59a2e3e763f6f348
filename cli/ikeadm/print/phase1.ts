/** `dump p1` and `get p1`: one block per SA, every line with its tag. */
import type { IdentityRecord } from '../../../services/admin/door/identity.js';
import type { KeyRecord, Phase1Usage } from '../../../services/admin/door/phase1-parts.js';
import type { Phase1SaRecord } from '../../../services/admin/door/phase1-sa.js';
import type { TransformRecord } from '../../../services/admin/door/phase1-transform.js';
import { longAddress, type HostNames } from './address.js';
import { exchangeName, identityTypeName, keyName, stateName } from './names.js';
import { cookieNumber, inKilobytes, inSeconds, keyDigits, localTime } from './numbers.js';
import { printable } from './printable.js';
import { limitLines, transformLines } from './transform.js';

export interface Phase1Printing {
  readonly names: HostNames;
  readonly paranoid: boolean;
  /** Seconds since 1970 UTC. */
  readonly now: number;
}

/** Whole lines, the first of them empty. */
export function phase1Text(sa: Phase1SaRecord, printing: Phase1Printing): string {
  const [local, remote] = sa.isInitiator
    ? (['Initiator', 'Responder'] as const)
    : (['Responder', 'Initiator'] as const);
  const lines = [
    '',
    ...headerLines(sa),
    ...transformLines(sa.transform).map((line) => `XFORM: ${line}`),
    `LOCIP: Address (${local}):`,
    `LOCIP: ${longAddress(sa.addresses.local, printing.names)}`,
    `REMIP: Address (${remote}):`,
    `REMIP: ${longAddress(sa.addresses.remote, printing.names)}`,
    ...limitLines(sa.transform).map((line) => `LIFTM: ${line}`),
    ...(sa.usage ? usageLines(sa.transform, sa.usage, printing.now) : []),
    ...errorLines(sa),
    ...identityLines('LOCID', local, sa.localIdentity),
    ...identityLines('REMID', remote, sa.remoteIdentity),
    ...sa.keys.map((key) => `KEY:   ${keyText(key, printing.paranoid)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function headerLines(sa: Phase1SaRecord): readonly string[] {
  const lines = [
    `Cookies: Initiator ${cookieNumber(sa.initiatorCookie)}  Responder ${cookieNumber(sa.responderCookie)}`,
    `The local host is the ${sa.isInitiator ? 'initiator' : 'responder'}.`,
    `ISAKMP version ${String(sa.major)}.${String(sa.minor)}; ${exchangeName(sa.exchange)} exchange`,
    `Current state is ${stateName(sa.state)}`,
  ];
  if (sa.supportsDpd) {
    lines.push('Dead Peer Detection (RFC 3706) enabled');
    const handshake = dpdText(sa);
    if (handshake !== undefined) lines.push(`Dead Peer Detection handshake ${handshake}`);
  }
  return lines.map((line) => `IKESA: ${line}`);
}

function dpdText(sa: Phase1SaRecord): string | undefined {
  switch (sa.dpdState) {
    case 1:
      return 'is in progress. ';
    case 2:
      return `was successful at  ${localTime(sa.dpdTime)}`;
    case 3:
      return `failed at  ${localTime(sa.dpdTime)}`;
    default:
      return undefined;
  }
}

function usageLines(limits: TransformRecord, usage: Phase1Usage, now: number): readonly string[] {
  return [
    'LIFTM: Current usage:',
    `LIFTM: SA was created at ${localTime(usage.created)}`,
    `LIFTM: ${String(usage.kilobytes)} kbytes ${inKilobytes(usage.kilobytes)}protected`,
    `LIFTM: keying material for IPsec SAs provided ${String(usage.keyUses)} times`,
    'LIFTM: Expiration info:',
    ...expiryLines(limits, usage, now),
    `STATS: ${String(usage.quickModeSasCreated)} Quick Mode SAs created; ${String(usage.quickModeSasDeleted)} Quick Mode SAs deleted`,
  ];
}

function expiryLines(limits: TransformRecord, usage: Phase1Usage, now: number): readonly string[] {
  const lines: string[] = [];
  if (limits.maxKilobytes !== 0) {
    // The original says bytes and prints kilobytes; scripts read it so.
    const left = Math.max(0, limits.maxKilobytes - usage.kilobytes);
    lines.push(`LIFTM: ${String(left)} more bytes ${inKilobytes(left)}can be protected.`);
  }
  if (limits.maxKeyUses !== 0) {
    const left = Math.max(0, limits.maxKeyUses - usage.keyUses);
    lines.push(`LIFTM: Keying material can be provided ${String(left)} more times.`);
  }
  if (limits.maxSeconds !== 0) {
    const end = usage.created + limits.maxSeconds;
    const left = Math.floor(end - now);
    if (left > 0) {
      lines.push(`LIFTM: SA expires in ${String(left)} seconds${inSeconds(left)}`);
      lines.push(`LIFTM: Time of expiration: ${localTime(end)}`);
    } else {
      lines.push(`LIFTM: SA Expired at ${localTime(end)}`);
    }
  }
  return lines;
}

function errorLines({ errors }: Phase1SaRecord): readonly string[] {
  if (errors === undefined) return [];
  const { decryption, hash, other, transmit } = errors;
  return [
    `ERRS:  ${String(decryption + hash + other)} RX errors: ${String(decryption)} decryption, ${String(hash)} hash, ${String(other)} other`,
    `ERRS:  ${String(transmit)} TX errors`,
  ];
}

function identityLines(tag: string, role: string, identity: IdentityRecord | undefined): readonly string[] {
  if (identity === undefined) return [];
  return [
    `${tag}: ${role} identity, uid=${String(identity.uid)}, type ${identityTypeName(identity.type)}`,
    `${tag}: ${printable(identity.text)}`,
  ];
}

function keyText({ type, bytes }: KeyRecord, paranoid: boolean): string {
  if (bytes === undefined) return 'Short key';
  const name = keyName(type);
  if (name === undefined) return `Unidentified key info ${String(type)} ${String(bytes.length)}`;
  return `${name} (${String(bytes.length)} bytes): ${keyDigits(bytes, paranoid)}`;
}

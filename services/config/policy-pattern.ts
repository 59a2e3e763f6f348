/** The pattern of a policy: which traffic it covers, and between which ends it is protected. */
import { type Address, type AddressRange, familyOf, prefixRange } from '../net/address.js';
import type { IpsecPolicy, TrafficSelectors } from '../ports/kernel.js';
import { readAddressTokens } from './address-value.js';
import { type DiagnosticLog, type Place, quote } from './diagnostic.js';
import { Dash, placeOf } from './lexicon.js';
import { parseUnsigned } from './number-text.js';
import type { SettingsByName } from './policy-settings.js';
import type { Setting } from './setting.js';
import {
  checkSurplus,
  complain,
  firstToken,
  keywordText,
  readString,
  readToken,
  readWord,
} from './setting-value.js';

type Pattern = Omit<IpsecPolicy, 'proposals'>;

const TCP = 6;
const UDP = 17;

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['any', 0],
  ['icmp', 1],
  ['tcp', TCP],
  ['udp', UDP],
  ['ipv6-icmp', 58],
]);

const DIRECTIONS: ReadonlyMap<string, 'both'> = new Map([['both', 'both']]);
const MODES: ReadonlyMap<string, 'tunnel'> = new Map([['tunnel', 'tunnel']]);

/** Undefined when something is wrong, which is logged. */
export function readPattern(settings: SettingsByName, start: Place, log: DiagnosticLog): Pattern | undefined {
  const before = log.errorCount;
  const read = <T>(name: string, reader: (setting: Setting) => T): T | undefined => {
    const setting = settings.get(name);
    return setting === undefined ? undefined : reader(setting);
  };
  const laddr = read('laddr', (setting) => readSide(setting, log)) ?? 'any';
  const raddr = read('raddr', (setting) => readSide(setting, log)) ?? 'any';
  const protocolSetting = settings.get('ulp') ?? settings.get('proto');
  const protocol = protocolSetting === undefined ? 0 : readProtocol(protocolSetting, log);
  const lport = read('lport', (setting) => readPort(setting, log)) ?? 0;
  const rport = read('rport', (setting) => readPort(setting, log)) ?? 0;
  read('dir', (setting) => readWord(setting, log, 'direction of this program', DIRECTIONS));
  const tunnel = read('tunnel', (setting) => readTunnel(setting, log));
  read('negotiate', (setting) => readWord(setting, log, 'mode of this program', MODES));
  const ruleLabel = read('ike_rule', (setting) =>
    readString(setting, log, 'the label of a rule', (text) => (text === '' ? complain('is empty') : text)),
  );
  const portSetting = settings.get('lport') ?? settings.get('rport');
  if (portSetting !== undefined && protocol !== TCP && protocol !== UDP && protocol !== undefined) {
    log.error(
      placeOf(portSetting.keyword),
      `${keywordText(portSetting)} without a protocol that has ports`,
      'expected `ulp tcp` or `ulp udp`',
    );
  }
  checkTunnelWords(settings, log);
  if (log.errorCount > before || protocol === undefined) return undefined;

  const sides = completeSides(laddr, raddr, tunnel, start, log);
  if (sides === undefined) return undefined;
  const selectors: TrafficSelectors = {
    local: { addresses: sides.local, port: lport },
    remote: { addresses: sides.remote, port: rport },
    protocol,
  };
  // In transport mode the ends are those of each packet; the kernel puts them in place of these.
  const outer = tunnel ?? { local: sides.local.begin, remote: sides.remote.begin };
  return { selectors, mode: tunnel === undefined ? 'transport' : 'tunnel', outer, ruleLabel };
}

function checkTunnelWords(settings: SettingsByName, log: DiagnosticLog): void {
  const tunnel = settings.get('tunnel');
  const negotiate = settings.get('negotiate');
  if (tunnel !== undefined && negotiate === undefined) {
    log.error(placeOf(tunnel.keyword), '`tunnel` without `negotiate`', 'expected `negotiate tunnel` too');
  }
  if (negotiate !== undefined && tunnel === undefined) {
    const expected = 'expected `tunnel OUTER_LOCAL-OUTER_REMOTE` too';
    log.error(placeOf(negotiate.keyword), '`negotiate` without `tunnel`', expected);
  }
}

function readSide(setting: Setting, log: DiagnosticLog): AddressRange | 'any' | undefined {
  const forms = 'an IPv4 or IPv6 address, `address/length`, or any';
  const first = firstToken(setting, log, forms);
  if (first === undefined) return undefined;
  if (first.image === 'any' && setting.argument.length === 1) {
    checkSurplus(setting, log);
    return 'any';
  }
  const joint = setting.argument[1];
  if (joint?.tokenType === Dash) {
    log.error(placeOf(joint), 'a policy covers no range of addresses', `expected ${forms}`);
    return undefined;
  }
  const range = readAddressTokens(setting.argument, log, forms);
  if (range !== undefined) checkSurplus(setting, log);
  return range;
}

function readProtocol(setting: Setting, log: DiagnosticLog): number | undefined {
  return readToken(
    setting,
    log,
    `one of ${[...PROTOCOLS.keys()].join(', ')}, or a number up to 255`,
    (text) => {
      const value = PROTOCOLS.get(text) ?? parseUnsigned(text);
      return typeof value === 'number' && value <= 255 ? value : complain('is no protocol');
    },
  );
}

function readPort(setting: Setting, log: DiagnosticLog): number | undefined {
  return readToken(setting, log, 'a port number from 1 to 65535, or any', (text) => {
    const value = text === 'any' ? 0 : parseUnsigned(text);
    return typeof value === 'number' && value <= 0xffff && (value > 0 || text === 'any')
      ? value
      : complain('is no port');
  });
}

/** `OUTER_LOCAL-OUTER_REMOTE`, where ipsecconf(8) names an interface. */
function readTunnel(setting: Setting, log: DiagnosticLog): IpsecPolicy['outer'] | undefined {
  const form = 'two addresses, OUTER_LOCAL-OUTER_REMOTE';
  const first = firstToken(setting, log, form);
  if (first === undefined) return undefined;
  const [local, joint, remote] = setting.argument;
  if (local === undefined || joint?.tokenType !== Dash || remote === undefined) {
    log.error(placeOf(first), `${quote(first.image)} names no two ends`, `expected ${form}`);
    return undefined;
  }
  const begin = readAddressTokens([local], log, form);
  const end = readAddressTokens([remote], log, form);
  if (begin === undefined || end === undefined) return undefined;
  const ends = { local: begin.begin, remote: end.begin };
  if (familyOf(ends.local) !== familyOf(ends.remote)) {
    log.error(
      placeOf(remote),
      'the ends of the tunnel are of different families',
      `expected an IPv${String(familyOf(ends.local))} address`,
    );
    return undefined;
  }
  checkSurplus(setting, log);
  return ends;
}

/** `any` takes the family of the other side, or that of the tunnel. */
function completeSides(
  local: AddressRange | 'any',
  remote: AddressRange | 'any',
  tunnel: { readonly local: Address } | undefined,
  start: Place,
  log: DiagnosticLog,
): { readonly local: AddressRange; readonly remote: AddressRange } | undefined {
  const known = [local, remote].filter((side) => side !== 'any').map((side) => familyOf(side.begin));
  const family = known[0] ?? (tunnel === undefined ? undefined : familyOf(tunnel.local));
  if (family === undefined) {
    log.error(
      start,
      'the policy covers everything to everywhere',
      'expected `laddr` or `raddr` with an address',
    );
    return undefined;
  }
  if (known.some((other) => other !== family)) {
    log.error(start, '`laddr` and `raddr` are of different families', 'expected IPv4 or IPv6 on both sides');
    return undefined;
  }
  const everything = prefixRange(family === 4 ? '0.0.0.0' : '::', 0);
  return { local: local === 'any' ? everything : local, remote: remote === 'any' ? everything : remote };
}

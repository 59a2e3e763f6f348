/** Identity types, certificate selectors and server lists of `ike.config`. */
import { parseAddress } from '../net/address.js';
import type { CertificateSelector, GlobalParameters, IdTypeKeyword } from '../policy/rule.js';
import type { DiagnosticLog } from './diagnostic.js';
import type { Setting } from './setting.js';
import { complain, type Complaint, readString, readWord } from './setting-value.js';

const ID_TYPES: ReadonlyMap<string, IdTypeKeyword> = new Map([
  ['ip', 'ip'],
  ['IP', 'ip'],
  ['ipv4', 'ipv4'],
  ['ipv4_prefix', 'ipv4_prefix'],
  ['ipv4_range', 'ipv4_range'],
  ['ipv6', 'ipv6'],
  ['ipv6_prefix', 'ipv6_prefix'],
  ['ipv6_range', 'ipv6_range'],
  ['fqdn', 'fqdn'],
  ['FQDN', 'fqdn'],
  ['dns', 'fqdn'],
  ['DNS', 'fqdn'],
  ['user_fqdn', 'user_fqdn'],
  ['mbox', 'user_fqdn'],
  ['MBOX', 'user_fqdn'],
  ['dn', 'dn'],
  ['DN', 'dn'],
  ['gn', 'gn'],
  ['GN', 'gn'],
]);

export function readIdType(setting: Setting, log: DiagnosticLog): IdTypeKeyword | undefined {
  return readWord(setting, log, 'identity type', ID_TYPES);
}

/** `anyone`: whether the empty selector is allowed, which accepts every identity. */
export function readSelector(
  setting: Setting,
  log: DiagnosticLog,
  anyone: 'anyone' | 'someone',
): CertificateSelector | undefined {
  return readString(setting, log, 'a certificate selector', (written): CertificateSelector | Complaint => {
    if (written === '') {
      return anyone === 'anyone'
        ? { text: '', negated: false }
        : complain('selects nothing; only `remote_id` may be empty');
    }
    const negated = written.startsWith('!');
    const text = negated ? written.slice(1) : written;
    if (text.trim() === '') return complain('selects nothing');
    const [, tag, value = ''] = /^([A-Z]+)=(.*)$/.exec(text) ?? [];
    if (tag === 'SLOT' && !/^\d+$/.test(value)) return complain('has no slot number');
    if (tag === 'IP' && parseAddress(value) === undefined) return complain('has no IP address');
    return { text, negated };
  });
}

type LdapServers = GlobalParameters['ldapServers'];

const LDAP_PORT = 389;

export function readLdapServers(setting: Setting, log: DiagnosticLog): LdapServers | undefined {
  return readString(setting, log, 'a list `host[:port],host[:port]`', (text): LdapServers | Complaint => {
    const servers: { host: string; port: number }[] = [];
    for (const part of text.split(',')) {
      const [, bracketed, plain, port] = /^\s*(?:\[([^\]]+)\]|([^\s:,]+))(?::(\d+))?\s*$/.exec(part) ?? [];
      const host = bracketed ?? plain;
      if (host === undefined) return complain('is not a list of servers');
      const number = port === undefined ? LDAP_PORT : Number(port);
      if (number < 1 || number > 0xffff) return complain(`has a port that is not 1 to 65535`);
      servers.push({ host, port: number });
    }
    return servers;
  });
}

export function readText(setting: Setting, log: DiagnosticLog, what: string): string | undefined {
  return readString(setting, log, what, (text) => (text === '' ? complain('is empty') : text));
}

/** PROVISIONAL by the lead, to unblock the demo: to be replaced by the config helper's chevrotain grammar. */
import { parseAddress, prefixRange, single, type AddressRange } from '../net/address.js';
import type { EspProtection, IpsecPolicy } from '../ports/kernel.js';
import type { Diagnostic } from './diagnostic.js';

function range(text: string): AddressRange {
  const [a = '', len] = text.split('/');
  const address = parseAddress(a) ?? a;
  return len === undefined ? single(address) : prefixRange(address, Number(len));
}
const ENC: Record<string, EspProtection['encryption']> = {
  aes: 'aes-cbc',
  'aes-cbc': 'aes-cbc',
  '3des': '3des',
  '3des-cbc': '3des',
  null: 'null',
};
const AUTH: Record<string, EspProtection['integrity']> = {
  md5: 'hmac-md5-96',
  'hmac-md5': 'hmac-md5-96',
  sha: 'hmac-sha1-96',
  sha1: 'hmac-sha1-96',
  'hmac-sha1': 'hmac-sha1-96',
  sha256: 'hmac-sha2-256-128',
  sha384: 'hmac-sha2-384-192',
  sha512: 'hmac-sha2-512-256',
};

export function parseIpsecPolicies(
  text: string,
  _file: string,
): { readonly policies: readonly IpsecPolicy[] | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const clean = text.replace(/#.*$/gm, '');
  const policies: IpsecPolicy[] = [];
  for (const [, pattern = '', actions = ''] of clean.matchAll(
    /\{([^{}]*)\}\s*((?:(?:or\s+)?ipsec\s*\{[^{}]*\}\s*)+)/g,
  )) {
    const words = pattern.trim().split(/\s+/);
    const value = (name: string): string | undefined => {
      const i = words.indexOf(name);
      return i < 0 ? undefined : words[i + 1];
    };
    const local = range(value('laddr') ?? '0.0.0.0/0');
    const remote = range(value('raddr') ?? '0.0.0.0/0');
    const ulp = { tcp: 6, udp: 17, icmp: 1 }[value('ulp') ?? ''] ?? 0;
    const [ol = local.begin, or = remote.begin] = value('tunnel')?.split('-') ?? [];
    const proposals = [...actions.matchAll(/ipsec\s*\{([^{}]*)\}/g)].map(([, body = '']) => {
      const enc = /encr_algs\s+([a-z0-9-]+)(?:\((\d+)(?:\.\.(\d+))?\))?/.exec(body);
      const auth = /encr_auth_algs\s+([a-z0-9-]+)/.exec(body);
      const e = ENC[enc?.[1] ?? ''] ?? 'null';
      const low = Number(enc?.[2] ?? 128);
      return [
        {
          protocol: 50 as const,
          encryption: e,
          keyBits: e === 'aes-cbc' ? { low, high: Number(enc?.[3] ?? enc?.[2] ?? 256) } : { low: 0, high: 0 },
          integrity: AUTH[auth?.[1] ?? ''],
        },
      ];
    });
    policies.push({
      selectors: {
        local: { addresses: local, port: Number(value('lport') ?? 0) },
        remote: { addresses: remote, port: Number(value('rport') ?? 0) },
        protocol: ulp,
      },
      mode: value('tunnel') === undefined ? 'transport' : 'tunnel',
      outer: { local: ol, remote: or },
      proposals,
      ruleLabel: undefined,
    });
  }
  return { policies, diagnostics: [] };
}

/** What an IPsec policy of ours wants, as strongSwan, libreswan and Cisco IOS write it, for the other end. */
import type { EspCipher, IntegrityAlgorithm } from '../algorithms.js';
import { groupName } from '../isakmp/registries/groups.js';
import { type AddressRange, familyOf, formatRange, prefixLengthOf, prefixRange } from '../net/address.js';
import type { IpsecPolicy, Protection, TrafficSelectors } from '../ports/kernel.js';
import type { Equivalent } from './explanation.js';

interface Names<K extends string> {
  readonly strongSwan: Readonly<Record<K, string>>;
  readonly libreswan: Readonly<Record<K, string>>;
  readonly cisco: Readonly<Partial<Record<K, string>>>;
}

const CIPHER: Names<EspCipher> = {
  strongSwan: {
    des: 'des',
    '3des': '3des',
    blowfish: 'blowfish',
    null: 'null',
    'aes-cbc': 'aes',
    'aes-ctr': 'aes%ctr',
    'aes-gcm-16': 'aes%gcm16',
  },
  libreswan: {
    des: 'des',
    '3des': '3des',
    blowfish: 'blowfish',
    null: 'null',
    'aes-cbc': 'aes',
    'aes-ctr': 'aes_ctr',
    'aes-gcm-16': 'aes_gcm',
  },
  cisco: { des: 'des', '3des': '3des', null: 'null', 'aes-cbc': 'aes', 'aes-gcm-16': 'gcm' },
};

const INTEGRITY: Names<IntegrityAlgorithm> = {
  strongSwan: {
    'hmac-md5-96': 'md5',
    'hmac-sha1-96': 'sha1',
    'hmac-sha2-256-128': 'sha256',
    'hmac-sha2-256-96': 'sha256_96',
    'hmac-sha2-384-192': 'sha384',
    'hmac-sha2-512-256': 'sha512',
  },
  libreswan: {
    'hmac-md5-96': 'md5',
    'hmac-sha1-96': 'sha1',
    'hmac-sha2-256-128': 'sha2_256',
    'hmac-sha2-256-96': 'sha2_256_truncbug',
    'hmac-sha2-384-192': 'sha2_384',
    'hmac-sha2-512-256': 'sha2_512',
  },
  cisco: {
    'hmac-md5-96': 'md5-hmac',
    'hmac-sha1-96': 'sha-hmac',
    'hmac-sha2-256-128': 'sha256-hmac',
    'hmac-sha2-384-192': 'sha384-hmac',
    'hmac-sha2-512-256': 'sha512-hmac',
  },
};

export interface Phase2Wish {
  readonly policy: IpsecPolicy;
  /** 0: none. */
  readonly pfsGroup: number;
  readonly lifetimeSeconds: number | undefined;
}

/** The first alternative of the policy; the other end need not know more. */
export function phase2Equivalents(wish: Phase2Wish): readonly Equivalent[] {
  const [together] = wish.policy.proposals;
  return together === undefined
    ? []
    : [strongswan(wish, together), libreswan(wish, together), cisco(wish, together)];
}

function bits(protection: Protection): string {
  if (protection.protocol === 51 || !protection.encryption.startsWith('aes')) return '';
  return String(protection.keyBits.high);
}

function strongswan({ policy, pfsGroup, lifetimeSeconds }: Phase2Wish, together: readonly Protection[]) {
  const pfs = pfsGroup === 0 ? '' : `-${groupName(pfsGroup)}`;
  const lines = together.map((protection) => {
    const integrity = protection.integrity === undefined ? '' : INTEGRITY.strongSwan[protection.integrity];
    if (protection.protocol === 51) return `ah_proposals = ${integrity}${pfs}`;
    const name = CIPHER.strongSwan[protection.encryption];
    const cipher = name.includes('%') ? name.replace('%', bits(protection)) : `${name}${bits(protection)}`;
    return `esp_proposals = ${cipher}${integrity === '' ? '' : `-${integrity}`}${pfs}`;
  });
  return {
    product: 'strongSwan',
    file: 'swanctl.conf, connections.<name>.children.<name>',
    lines: [
      ...lines,
      `mode = ${policy.mode}`,
      ...(lifetimeSeconds === undefined ? [] : [`life_time = ${String(lifetimeSeconds)}s`]),
    ],
  } as const;
}

function libreswan({ policy, pfsGroup, lifetimeSeconds }: Phase2Wish, together: readonly Protection[]) {
  const [protection] = together;
  const group = pfsGroup === 0 ? '' : `;${groupName(pfsGroup)}`;
  const words = (one: Protection): string => {
    const integrity = one.integrity === undefined ? 'null' : INTEGRITY.libreswan[one.integrity];
    return one.protocol === 51
      ? `ah=${integrity}${group}`
      : `esp=${CIPHER.libreswan[one.encryption]}${bits(one)}-${integrity}${group}`;
  };
  return {
    product: 'libreswan',
    file: 'ipsec.conf, conn <name>',
    lines: [
      protection === undefined || together.length > 1
        ? '# libreswan does not have AH and ESP together'
        : words(protection),
      `type=${policy.mode}`,
      `pfs=${pfsGroup === 0 ? 'no' : 'yes'}`,
      ...(lifetimeSeconds === undefined ? [] : [`salifetime=${String(lifetimeSeconds)}s`]),
    ],
  } as const;
}

function cisco({ policy, pfsGroup, lifetimeSeconds }: Phase2Wish, together: readonly Protection[]) {
  const words = together.flatMap((protection) => {
    const integrity = protection.integrity === undefined ? undefined : INTEGRITY.cisco[protection.integrity];
    if (protection.protocol === 51) return [`ah-${integrity ?? `<no ${protection.integrity}>`}`];
    const cipher = CIPHER.cisco[protection.encryption];
    const size = bits(protection);
    return [
      cipher === undefined
        ? `<no ${protection.encryption}>`
        : `esp-${cipher}${size === '' ? '' : ` ${size}`}`,
      ...(protection.integrity === undefined ? [] : [`esp-${integrity ?? `<no ${protection.integrity}>`}`]),
    ];
  });
  return {
    product: 'Cisco IOS',
    file: 'running configuration',
    lines: [
      `crypto ipsec transform-set TO-IKECHART ${words.join(' ')}`,
      ` mode ${policy.mode}`,
      'crypto map <name> 10 ipsec-isakmp',
      ' set transform-set TO-IKECHART',
      ...(pfsGroup === 0 ? [' no set pfs'] : [` set pfs group${String(pfsGroup)}`]),
      ...(lifetimeSeconds === undefined
        ? []
        : [` set security-association lifetime seconds ${String(lifetimeSeconds)}`]),
    ],
  } as const;
}

/** The traffic of ours as the other end writes it: its own side is our remote one. */
export function trafficEquivalents({ local, remote, protocol }: TrafficSelectors): readonly Equivalent[] {
  const theirs = formatRange(remote.addresses);
  const ours = formatRange(local.addresses);
  const suffix = (port: number): string =>
    protocol === 0 && port === 0 ? '' : `[${String(protocol)}${port === 0 ? '' : `/${String(port)}`}]`;
  return [
    {
      product: 'strongSwan',
      file: 'swanctl.conf, connections.<name>.children.<name>',
      lines: [`local_ts = ${theirs}${suffix(remote.port)}`, `remote_ts = ${ours}${suffix(local.port)}`],
    },
    {
      product: 'libreswan',
      file: 'ipsec.conf, conn <name>, where left is the peer and right this host',
      lines: [`leftsubnet=${theirs}`, `rightsubnet=${ours}`],
    },
    {
      product: 'Cisco IOS',
      file: 'running configuration',
      lines: [
        `access-list 110 permit ${protocol === 0 ? 'ip' : String(protocol)} ${wildcard(remote.addresses)} ${wildcard(local.addresses)}`,
        'crypto map <name> 10 ipsec-isakmp',
        ' match address 110',
      ],
    },
  ];
}

function wildcard(range: AddressRange): string {
  if (range.begin === range.end) return `host ${range.begin}`;
  const length = prefixLengthOf(range);
  if (length === undefined || familyOf(range.begin) === 6) return formatRange(range);
  // The host bits of a prefix are those that differ from its first address.
  return `${range.begin} ${prefixRange('0.0.0.0', length).end}`;
}

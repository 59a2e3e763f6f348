/** A Phase 1 transform of ours as strongSwan, libreswan and Cisco IOS write it, for the other end. */
import type { AuthMethod, HashAlgorithm } from '../algorithms.js';
import { groupName } from '../isakmp/registries/groups.js';
import type { IkeMode, Phase1Transform } from '../policy/rule.js';
import type { Equivalent } from './explanation.js';

const CISCO_HASH: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'md5',
  sha1: 'sha',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
};

const LIBRESWAN_HASH: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha2_256',
  sha384: 'sha2_384',
  sha512: 'sha2_512',
};

const STRONGSWAN_AUTH: Readonly<Partial<Record<AuthMethod, string>>> = {
  preshared: 'psk',
  rsa_sig: 'pubkey',
};
const LIBRESWAN_AUTH: Readonly<Partial<Record<AuthMethod, string>>> = {
  preshared: 'secret',
  rsa_sig: 'rsasig',
};
const CISCO_AUTH: Readonly<Partial<Record<AuthMethod, string>>> = {
  preshared: 'pre-share',
  rsa_sig: 'rsa-sig',
  rsa_encrypt: 'rsa-encr',
};

const CISCO_GROUPS: ReadonlySet<number> = new Set([1, 2, 5, 14, 15, 16, 19, 20, 21, 24]);

/** The key size that fits: the strongest of the range. */
function bitsOf({ keyBits }: Phase1Transform): string {
  return keyBits === undefined ? '' : String(keyBits.high);
}

export function phase1Words(transform: Phase1Transform): string {
  return `${transform.cipher}${bitsOf(transform)}-${transform.hash}-${groupName(transform.group)}`;
}

/** What a peer must be set to so that it offers, or accepts, this transform. */
export function phase1Equivalents(transform: Phase1Transform, mode: IkeMode): readonly Equivalent[] {
  return [strongswan(transform, mode), libreswan(transform, mode), cisco(transform)];
}

function strongswan(transform: Phase1Transform, mode: IkeMode): Equivalent {
  const auth = STRONGSWAN_AUTH[transform.method];
  return {
    product: 'strongSwan',
    file: 'swanctl.conf, connections.<name>',
    lines: [
      'version = 1',
      `proposals = ${phase1Words(transform)}`,
      `rekey_time = ${String(transform.lifetimeSeconds)}s`,
      ...(mode === 'aggressive' ? ['aggressive = yes'] : []),
      auth === undefined
        ? `# strongSwan does not have ${transform.method}`
        : `local { auth = ${auth} }   remote { auth = ${auth} }`,
    ],
  };
}

function libreswan(transform: Phase1Transform, mode: IkeMode): Equivalent {
  const auth = LIBRESWAN_AUTH[transform.method];
  const { cipher, hash, group, lifetimeSeconds } = transform;
  return {
    product: 'libreswan',
    file: 'ipsec.conf, conn <name>',
    lines: [
      'ikev2=no',
      cipher === 'aes' || cipher === '3des'
        ? `ike=${cipher}${bitsOf(transform)}-${LIBRESWAN_HASH[hash]};${groupName(group)}`
        : `# libreswan does not have ${cipher} in IKE`,
      `ikelifetime=${String(lifetimeSeconds)}s`,
      ...(mode === 'aggressive' ? ['aggressive=yes'] : []),
      auth === undefined ? `# libreswan does not have ${transform.method}` : `authby=${auth}`,
    ],
  };
}

function cisco(transform: Phase1Transform): Equivalent {
  const { cipher, hash, method, group, lifetimeSeconds } = transform;
  const auth = CISCO_AUTH[method];
  return {
    product: 'Cisco IOS',
    file: 'running configuration',
    lines: [
      'crypto isakmp policy 10',
      cipher === 'blowfish'
        ? ' ! IOS does not have blowfish'
        : ` encr ${cipher}${cipher === 'aes' ? ` ${bitsOf(transform)}` : ''}`,
      ` hash ${CISCO_HASH[hash]}`,
      auth === undefined ? ` ! IOS does not have ${method}` : ` authentication ${auth}`,
      CISCO_GROUPS.has(group) ? ` group ${String(group)}` : ` ! IOS does not have group ${String(group)}`,
      ` lifetime ${String(lifetimeSeconds)}`,
    ],
  };
}

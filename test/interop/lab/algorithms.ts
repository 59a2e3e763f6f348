/** Names of cipher suites as charon writes them (`aes128-sha1-modp2048`), and the same in our files. */
const GROUPS: Readonly<Record<string, number>> = {
  modp768: 1,
  modp1024: 2,
  modp1536: 5,
  modp2048: 14,
  modp3072: 15,
  modp4096: 16,
  modp6144: 17,
  modp8192: 18,
  ecp256: 19,
  ecp384: 20,
  ecp521: 21,
  modp1024s160: 22,
  modp2048s224: 23,
  modp2048s256: 24,
  ecp192: 25,
  ecp224: 26,
};

/** `p2_pfs` value of a group's name; 0 for none. */
export function groupNumber(name: string | undefined): number {
  if (name === undefined) return 0;
  const number = GROUPS[name];
  if (number === undefined) throw new Error(`no such group: ${name}`);
  return number;
}

/** Ciphers whose name in our files is not charon's with the key size in brackets. */
const FLAVOURS: Readonly<Record<string, string>> = { ctr: 'aes-ctr', gcm16: 'aes-gcm' };

/** `aes128` is `aes(128..128)` in ike.config and `aes(128)` in ipsecconf; `aes128ctr` is `aes-ctr(128)`. */
function cipher(name: string, range: (bits: string) => string): string {
  const [, family = '', bits, flavour = ''] = /^(aes|blowfish)(\d+)(ctr|gcm16)?$/.exec(name) ?? [];
  if (bits === undefined) return name;
  // It takes no key size in our files: we offer 128 bits and accept what there is.
  return family === 'blowfish' ? family : `${FLAVOURS[flavour] ?? family}(${range(bits)})`;
}

/** `p1_xform { ... }` of `cipher-hash-group`. */
export function phase1Transform(suite: string, auth: 'psk' | 'rsa'): string {
  const [encryption = '', hash = '', group = ''] = suite.split('-');
  return [
    `p1_xform { auth_method ${auth === 'psk' ? 'preshared' : 'rsa_sig'}`,
    `oakley_group ${String(groupNumber(group))}`,
    `auth_alg ${hash}`,
    `encr_alg ${cipher(encryption, (bits) => `${bits}..${bits}`)} }`,
  ].join(' ');
}

const CUT_SHORT = '_96';

/** Whether its SHA-256 is cut to 96 bits, and its name in a proposal, which is the same as without. */
export function cutShort(suite: string): { readonly short: boolean; readonly suite: string } {
  const short = suite.endsWith(CUT_SHORT);
  return { short, suite: short ? suite.slice(0, -CUT_SHORT.length) : suite };
}

/** `ipsec { ... }` of `cipher-integrity`, of a cipher that needs no integrity, or for AH of `integrity`. */
export function ipsecAction(suite: string, protocol: 'esp' | 'ah'): string {
  if (protocol === 'ah') return `ipsec { auth_algs ${suite} sa shared }`;
  const [encryption = '', integrity] = suite.split('-');
  const encryptionAlgorithm = cipher(encryption, (bits) => bits);
  const integrityAlgorithm =
    integrity === undefined ? '' : ` encr_auth_algs ${integrity.replace(CUT_SHORT, '-96')}`;
  return `ipsec { encr_algs ${encryptionAlgorithm}${integrityAlgorithm} sa shared }`;
}

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
};

/** `p2_pfs` value of a group's name; 0 for none. */
export function groupNumber(name: string | undefined): number {
  if (name === undefined) return 0;
  const number = GROUPS[name];
  if (number === undefined) throw new Error(`no such group: ${name}`);
  return number;
}

/** `aes128` is `aes(128..128)` in ike.config and `aes(128)` in ipsecconf. */
function cipher(name: string, range: (bits: string) => string): string {
  const bits = /^aes(\d+)$/.exec(name)?.[1];
  return bits === undefined ? name : `aes(${range(bits)})`;
}

/** `p1_xform { ... }` of `cipher-hash-group`. */
export function phase1Transform(suite: string): string {
  const [encryption = '', hash = '', group = ''] = suite.split('-');
  return [
    'p1_xform { auth_method preshared',
    `oakley_group ${String(groupNumber(group))}`,
    `auth_alg ${hash}`,
    `encr_alg ${cipher(encryption, (bits) => `${bits}..${bits}`)} }`,
  ].join(' ');
}

/** `ipsec { ... }` of `cipher-integrity`. */
export function ipsecAction(suite: string): string {
  const [encryption = '', integrity = ''] = suite.split('-');
  return `ipsec { encr_algs ${cipher(encryption, (bits) => bits)} encr_auth_algs ${integrity} sa shared }`;
}

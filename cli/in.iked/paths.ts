/** Where things are, below the root. */
import type { CertificatePaths } from '../../adapters/files/certificate-directories.js';
import { doorPath, tokenDoorPath } from '../../services/admin/door-path.js';

export interface Paths {
  readonly config: string;
  readonly preshared: string;
  readonly certificates: CertificatePaths;
  readonly door: string;
  readonly tokenDoor: string;
  /** Numbers of rule labels. */
  readonly labelCookies: string;
  /** Which SAs in the kernel are ours. */
  readonly sas: string;
  /** Recordings of failures. */
  readonly recordings: string;
}

export function pathsUnder(root: string, configFile: string | undefined): Paths {
  const base = root.replace(/\/+$/, '');
  return {
    config: configFile ?? `${base}/etc/inet/ike/config`,
    preshared: `${base}/etc/inet/secret/ike.preshared`,
    certificates: {
      publicKeys: `${base}/etc/inet/ike/publickeys`,
      crls: `${base}/etc/inet/ike/crls`,
      privateKeys: `${base}/etc/inet/secret/ike.privatekeys`,
    },
    door: doorPath(root),
    tokenDoor: tokenDoorPath(root),
    labelCookies: `${base}/var/run/ipsec_kmc_map`,
    sas: `${base}/var/run/ike_sas`,
    recordings: `${base}/var/run/ike_recordings`,
  };
}

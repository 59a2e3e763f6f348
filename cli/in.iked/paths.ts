/** Where things are, below the root. */
import { doorPath } from '../../services/admin/door-path.js';

export interface Paths {
  readonly config: string;
  readonly preshared: string;
  readonly door: string;
}

export function pathsUnder(root: string, configFile: string | undefined): Paths {
  const base = root.replace(/\/+$/, '');
  return {
    config: configFile ?? `${base}/etc/inet/ike/config`,
    preshared: `${base}/etc/inet/secret/ike.preshared`,
    door: doorPath(root),
  };
}

/** Simulated gateways that prove themselves with certificates. */
import { type Authority, ROOT_NAME, storesOf } from './certificates.js';
import type { DaemonPlan } from './simulated-daemon.js';
import { EAST, gatewayPlan, WEST } from './two-gateways.js';

export interface CertificateWish {
  readonly method: 'rsa_sig' | 'dss_sig' | 'rsa_encrypt';
  readonly mode?: 'main' | 'aggressive';
  /** What local_id_type both ends use. */
  readonly idType?: 'fqdn' | 'user_fqdn' | 'dn';
  /** Whose certificate an end holds in the place of its own. */
  readonly own?: string;
  readonly remoteId?: string;
  /** Whose certificates it knows beforehand. */
  readonly known?: readonly string[];
  readonly xform?: string;
}

const SELECTORS = {
  fqdn: (end: string) => `DNS=${end}.example`,
  user_fqdn: (end: string) => `EMAIL=${end}@example.org`,
  dn: (end: string) => `CN=${end}, O=Example`,
};

export function certificatePlan(end: 'east' | 'west', made: Authority, wish: CertificateWish): DaemonPlan {
  const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
  const other = end === 'east' ? 'west' : 'east';
  const { method, mode = 'main', idType = 'fqdn', own = end } = wish;
  const selector = SELECTORS[idType];
  const algorithm = method === 'dss_sig' ? 'dsa' : 'rsa';
  const xform = wish.xform ?? `auth_method ${method} oakley_group 2 auth_alg sha1 encr_alg aes(128..128)`;
  return gatewayPlan(end, {
    config: `ignore_crls
cert_root "${ROOT_NAME}"
{ label "peer" local_addr ${local} remote_addr ${remote} ike_mode ${mode}
  local_id_type ${idType} local_id "${selector(own)}" remote_id "${wish.remoteId ?? selector(other)}"
  p1_xform { ${xform} } }
`,
    preshared: '',
    certificates: (keys) =>
      storesOf(
        made,
        keys,
        [`${own}-${algorithm}`],
        wish.known ?? (method === 'rsa_encrypt' ? [`${other}-rsa`] : []),
      ),
  });
}

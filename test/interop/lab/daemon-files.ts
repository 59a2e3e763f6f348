/** A scenario in the words of our daemon: the files of its root. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupNumber, ipsecAction, phase1Transform } from './algorithms.js';
import { distinguishedName, fqdn, mailbox, type Identity } from './identity.js';
import { ROOT_NAME, type Credentials } from './pki.js';
import type { Scenario, Traffic } from './scenario.js';

/** Name of the policy file under the root. */
export const POLICY_FILE = 'etc/inet/ipsecinit.conf';

const FOLDER = {
  certificates: 'etc/inet/ike/publickeys',
  crls: 'etc/inet/ike/crls',
  keys: 'etc/inet/secret/ike.privatekeys',
} as const;

export async function writeDaemonFiles(root: string, scenario: Scenario, pki: Credentials): Promise<void> {
  const put = (path: string, content: string | Uint8Array): void => {
    const file = join(root, path);
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  };
  put('etc/inet/ike/config', ikeConfig(scenario));
  put('etc/inet/secret/ike.preshared', scenario.auth === 'psk' ? presharedKeys(scenario) : '');
  put(POLICY_FILE, ipsecPolicy(scenario));
  if (scenario.auth !== 'rsa') return;
  const { identity, certificate, place, family } = scenario;
  const own = await pki.credential(identity.ours.name, certificate.ours, place.ours.own[family]);
  // A key belongs to the certificate in the slot of the same name.
  put(`${FOLDER.certificates}/0`, own.certificate);
  put(`${FOLDER.keys}/0`, own.privateKey);
  [pki.root, ...own.intermediates].forEach((authority, index) => {
    put(`${FOLDER.certificates}/${String(1 + index)}`, authority);
  });
  if (scenario.revocation.ours !== 'checked') return;
  pki.crls.forEach((crl, slot) => {
    put(`${FOLDER.crls}/${String(slot)}`, crl);
  });
}

function ikeConfig(scenario: Scenario): string {
  const { family, place, auth, exchange, more } = scenario;
  return [
    `expire_timer ${String(scenario.expireTimer)}`,
    'retry_timer_init 0.2',
    'retry_limit 3',
    ...(auth === 'rsa' ? [`cert_root "${ROOT_NAME}"`] : []),
    ...(auth === 'rsa' && scenario.revocation.ours === 'ignored' ? ['ignore_crls'] : []),
    ...(more.global ?? []),
    '{',
    '  label "the peer"',
    `  local_addr ${place.ours.own[family]}`,
    `  remote_addr ${place.peers.seenAs[family]}`,
    ...(exchange === 'aggressive' ? ['  ike_mode aggressive'] : []),
    ...identityLines(scenario),
    `  p2_pfs ${String(groupNumber(scenario.pfs))}`,
    ...scenario.phase1.ours.map((suite) => `  ${phase1Transform(suite, auth)}`),
    ...(more.rule ?? []),
    '}',
    '',
  ].join('\n');
}

/** With pre-shared keys in Main Mode identities are addresses, and there is nothing to say about them. */
function identityLines({ auth, exchange, identity, expected, place, family }: Scenario): readonly string[] {
  if (auth === 'psk' && (exchange === 'main' || identity.ours.kind === 'address')) return [];
  const type = identity.ours.kind === 'address' ? 'ip' : identity.ours.kind;
  const remote = expected.ours === 'anybody' ? '' : selector(expected.ours, place.peers.own[family]);
  return [
    `  local_id_type ${type}`,
    `  local_id "${selector(identity.ours, place.ours.own[family])}"`,
    `  remote_id "${remote}"`,
  ];
}

/** As `local_id` and `remote_id` name it. */
function selector({ name, kind }: Identity, address: string): string {
  switch (kind) {
    case 'address':
      return `IP=${address}`;
    case 'fqdn':
      return `DNS=${fqdn(name)}`;
    case 'user_fqdn':
      return `EMAIL=${mailbox(name)}`;
    case 'dn':
      return distinguishedName(name);
  }
}

function presharedKeys(scenario: Scenario): string {
  const { family, place, presharedKey, identity, expected, exchange } = scenario;
  const local = presharedId(identity.ours, place.ours.own[family]);
  const remote =
    expected.ours === 'anybody'
      ? (['IP', place.peers.seenAs[family]] as const)
      : presharedId(expected.ours, place.peers.seenAs[family]);
  return [
    '{',
    `  localidtype ${local[0]}`,
    `  localid ${local[1]}`,
    `  remoteidtype ${remote[0]}`,
    `  remoteid ${remote[1]}`,
    ...(exchange === 'aggressive' ? ['  ike_mode aggressive'] : []),
    `  key ${presharedKey.ours}`,
    '}',
    '',
  ].join('\n');
}

function presharedId({ name, kind }: Identity, address: string): readonly [type: string, id: string] {
  switch (kind) {
    case 'address':
      return ['IP', address];
    case 'fqdn':
      return ['fqdn', fqdn(name)];
    case 'user_fqdn':
      return ['user_fqdn', mailbox(name)];
    case 'dn':
      return ['dn', distinguishedName(name)];
  }
}

function ipsecPolicy(scenario: Scenario): string {
  const { family, mode, place } = scenario;
  const outer = `tunnel ${place.ours.own[family]}-${place.peers.seenAs[family]} negotiate tunnel`;
  const actions = ({ suite }: Traffic): string =>
    (suite === undefined ? scenario.phase2.ours : [suite])
      .map((name) => ipsecAction(name, scenario.protocol))
      .join(' or ');
  return scenario.traffic
    .map((traffic) => {
      const sides = `laddr ${traffic.ours} raddr ${traffic.peers}${portLines(traffic)}`;
      return `{ ${sides}${mode === 'tunnel' ? ` ${outer}` : ''} } ${actions(traffic)}\n`;
    })
    .join('');
}

function portLines({ ports }: Traffic): string {
  if (ports === undefined) return '';
  const side = (keyword: string, port: number): string => (port === 0 ? '' : ` ${keyword} ${String(port)}`);
  return ` ulp ${ports.protocol}${side('lport', ports.ours)}${side('rport', ports.peers)}`;
}

/** A scenario in the words of swanctl: `swanctl.conf`, and the certificates in the folders beside it. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OTHER_END, type End } from './addresses.js';
import { cutShort } from './algorithms.js';
import { identityText, type Identity } from './identity.js';
import type { Credentials } from './pki.js';
import type { Scenario, Traffic } from './scenario.js';
import { renderSection, type Section } from './section.js';

/** Name of the one connection. */
export const CONNECTION = 'ours';
const CERTIFICATE = 'own.crt';

/** Replaces what is in `directory`, which is charon's SWANCTL_DIR. */
export async function writeCharonFiles(
  directory: string,
  scenario: Scenario,
  end: End,
  pki: Credentials,
): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  const put = (path: string, content: string | Uint8Array): void => {
    const file = join(directory, path);
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(file, content, { mode: 0o600 });
  };
  put('swanctl.conf', renderSection(swanctlConf(scenario, end)));
  if (scenario.auth !== 'rsa') return;
  const { identity, certificate, place, family } = scenario;
  const own = await pki.credential(identity[end].name, certificate[end], place[end].own[family]);
  put(`x509/${CERTIFICATE}`, own.certificate);
  put('private/own.key', own.privateKey);
  put('x509ca/root.crt', pki.root);
  own.intermediates.forEach((intermediate, index) => {
    put(`x509ca/intermediate${String(index)}.crt`, intermediate);
  });
  if (scenario.revocation[end] !== 'checked') return;
  pki.crls.forEach((crl, index) => {
    put(`x509crl/${String(index)}.crl`, crl);
  });
}

function swanctlConf(scenario: Scenario, here: End): Section {
  const { family, place, exchange, auth, more } = scenario;
  const there = OTHER_END[here];
  const children = Object.fromEntries(
    scenario.traffic.map((traffic) => [traffic.name, childSection(scenario, here, traffic)]),
  );
  const method = auth === 'psk' ? 'psk' : 'pubkey';
  return {
    connections: {
      [CONNECTION]: {
        version: 1,
        aggressive: exchange === 'aggressive' ? 'yes' : 'no',
        local_addrs: place[here].own[family],
        remote_addrs: place[there].seenAs[family],
        proposals: scenario.phase1[here].join(','),
        local: {
          auth: method,
          id: quoted(scenario.identity[here], scenario, here),
          ...(auth === 'rsa' ? { certs: CERTIFICATE } : {}),
        },
        remote: {
          auth: method,
          id: expectedId(scenario, here),
          ...(auth === 'rsa'
            ? {
                cacerts: 'root.crt',
                revocation: scenario.revocation[here] === 'ignored' ? 'relaxed' : 'strict',
              }
            : {}),
        },
        children,
        ...more.connection,
      },
    },
    ...(auth === 'psk' ? { secrets: { 'ike-1': { secret: `0x${scenario.presharedKey[here]}` } } } : {}),
  };
}

function quoted(identity: Identity, { place, family }: Scenario, end: End): string {
  return `"${identityText(identity, place[end].own, family)}"`;
}

function expectedId(scenario: Scenario, here: End): string {
  const expected = scenario.expected[here];
  return expected === 'anybody' ? '%any' : quoted(expected, scenario, OTHER_END[here]);
}

function childSection(scenario: Scenario, here: End, traffic: Traffic): Section {
  const { mode, pfs, protocol } = scenario;
  const { short, suite } = cutShort(traffic.suite ?? '');
  const suites = (suite === '' ? scenario.phase2[here] : [suite]).map((name) =>
    pfs === undefined ? name : `${name}-${pfs}`,
  );
  return {
    mode,
    [`${protocol}_proposals`]: suites.join(','),
    ...(short ? { sha256_96: 'yes' } : {}),
    local_ts: selector(scenario, here, traffic),
    remote_ts: selector(scenario, OTHER_END[here], traffic),
    ...scenario.more.child,
  };
}

/** In transport mode the addresses are those of the ends themselves, whatever a NAT makes of them. */
function selector({ mode }: Scenario, end: End, { ports, ...networks }: Traffic): string {
  const network = mode === 'tunnel' ? networks[end] : 'dynamic';
  return ports === undefined ? network : `${network}[${ports.protocol}/${String(ports[end] || '')}]`;
}

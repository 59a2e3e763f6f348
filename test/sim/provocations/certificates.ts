/** Failures of certificates, private keys and tokens. */
import { TokenRefused, type TokenKey } from '../../../services/ports/public-key.js';
import type { CertificateStores, StoredCertificate, TokenState } from '../../../services/certs/stores.js';
import { NO_STORES } from '../../../services/certs/stores.js';
import type { FailureCode } from '../../../services/failure/codes.js';
import type { Blame } from '../../../services/failure/failure.js';
import type { Keys } from '../../../services/ports/keys.js';
import { keysOf, make, makeCrl, type Made, sourced, type Wish, x509 } from '../../services/certs/pki.js';
import { parseCertificate } from '../../../services/certs/certificate.js';
import { webcrypto } from 'node:crypto';
import { boundCrypto } from '../bound-crypto.js';
import { certificatePlan } from '../certificate-gateways.js';
import { authority } from '../certificates.js';
import { EAST, gatewayPlan, packetToWest, startPair, WEST } from '../two-gateways.js';
import { type Provocation, spoilPhase1, until } from './provocation.js';

/** Around the first of January 2020, when the simulations play. */
const ALWAYS = { from: Date.UTC(2000, 0, 1), to: Date.UTC(2080, 0, 1) };
const BEFORE = { from: Date.UTC(2000, 0, 1), to: Date.UTC(2019, 0, 1) };
const LATER = { from: Date.UTC(2021, 0, 1), to: Date.UTC(2080, 0, 1) };
const ROOT = 'CN=Root, O=Provoked';
const EAST_NAME = 'CN=east, O=Provoked';

const root = (wish: Partial<Wish> = {}): Promise<Made> =>
  make({ subject: ROOT, authority: true, ...ALWAYS, ...wish });
const leaf = async (issuer: Made, wish: Partial<Wish> = {}): Promise<Made> =>
  make({ subject: EAST_NAME, issuer, ...ALWAYS, ...wish });

interface Case {
  /** That of east, and what it sends with it. */
  readonly own: Made;
  readonly sent?: readonly Made[];
  /** What west has. */
  readonly known: readonly Made[];
  readonly crls?: readonly Uint8Array[];
  readonly checksCrls?: boolean;
  readonly noRoot?: boolean;
}

async function pkcs8(made: Made): Promise<Uint8Array> {
  return new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', made.keys.privateKey));
}

function stores(own: Made, key: StoredCertificate['privateKey'], others: readonly Made[]): CertificateStores {
  return {
    ...NO_STORES,
    certificates: [own, ...others].map(({ certificate }, slot) => ({
      slot: String(slot),
      file: `publickeys/${String(slot)}`,
      certificate,
      privateKey: slot === 0 ? key : undefined,
    })),
  };
}

const RULE = 'auth_method rsa_sig oakley_group 2 auth_alg sha1 encr_alg aes(128..128)';

function config(end: 'east' | 'west', { checksCrls, noRoot }: Pick<Case, 'checksCrls' | 'noRoot'>): string {
  const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
  return `${checksCrls === true ? '' : 'ignore_crls'}
${noRoot === true ? '' : `cert_root "${ROOT}"`}
{ label "peer" local_addr ${local} remote_addr ${remote}
  local_id_type dn local_id "CN=${end}, O=Provoked" remote_id ""
  p1_xform { ${RULE} } }
`;
}

/** East proves itself to a west that knows what the case says. */
async function judged(wish: Case, code: FailureCode) {
  const { own, sent = [], known, crls = [] } = wish;
  const west = await make({ subject: 'CN=west, O=Provoked', issuer: await root(), ...ALWAYS });
  const [eastKey, westKey] = [await pkcs8(own), await pkcs8(west)];
  const key = (keys: Keys, bytes: Uint8Array) =>
    ({ handle: keys.put(bytes.slice()), algorithm: 'rsa', bits: 1024 }) as const;
  const pair = await startPair(
    1,
    gatewayPlan('east', {
      config: config('east', {}),
      preshared: '',
      certificates: (keys) => stores(own, key(keys, eastKey), sent),
    }),
    gatewayPlan('west', {
      config: config('west', wish),
      preshared: '',
      certificates: (keys) => ({
        ...stores(west, key(keys, westKey), known),
        crls: crls.map((der, index) => sourced(der, `crls/${String(index)}`)),
      }),
    }),
  );
  pair.east.kernel.output(packetToWest());
  return until(pair, pair.west, code);
}

/** East is the daemon that is asked to prove itself and cannot; its key is on a token. */
async function withToken(state: TokenState | undefined, code: FailureCode) {
  const made = await authority();
  const object = { token: 'safe', id: '01', label: undefined };
  const plan = certificatePlan('east', made, { method: 'rsa_sig' });
  const pair = await startPair(
    1,
    {
      ...plan,
      certificates: (keys) => {
        const known = plan.certificates?.(keys) ?? NO_STORES;
        const onToken: TokenKey = { object, publicKey: new Uint8Array(0), algorithm: 'rsa', bits: 1024 };
        return {
          ...known,
          tokens: new Map(state === undefined ? [] : [['safe', state]]),
          certificates: known.certificates.map((entry) =>
            entry.privateKey === undefined ? entry : { ...entry, privateKey: onToken },
          ),
        };
      },
      crypto: (crypto) => ({
        ...boundCrypto(crypto),
        signRsa: () =>
          Promise.reject(
            new TokenRefused(object, { reason: 'failed', message: 'Token "safe" is out of memory.' }),
          ),
      }),
    },
    certificatePlan('west', made, { method: 'rsa_sig' }),
  );
  pair.east.kernel.output(packetToWest());
  return until(pair, pair.east, code);
}

function provocation(
  code: FailureCode,
  when: string,
  names: RegExp,
  provoke: Provocation['provoke'],
  blame: Blame = 'config',
): Provocation {
  return { code, when, blame, names, provoke };
}

const CHAIN = /"east"|CN=east/;

export const CERTIFICATES: readonly Provocation[] = [
  provocation('no-local-certificate', 'local_id selects no certificate', /config:3/, async () => {
    const plan = certificatePlan('east', await authority(), { method: 'rsa_sig' });
    const pair = await startPair(
      1,
      { ...plan, config: plan.config.replace('local_id "DNS=east', 'local_id "DNS=nobody') },
      certificatePlan('west', await authority(), { method: 'rsa_sig' }),
    );
    pair.east.kernel.output(packetToWest());
    return until(pair, pair.east, 'no-local-certificate');
  }),
  provocation('no-local-identity', 'the certificate has no name of the kind', /config:3/, async () => {
    const plan = certificatePlan('east', await authority(), { method: 'rsa_sig' });
    const pair = await startPair(
      1,
      { ...plan, config: plan.config.replace('local_id_type fqdn', 'local_id_type ip') },
      certificatePlan('west', await authority(), { method: 'rsa_sig' }),
    );
    pair.east.kernel.output(packetToWest());
    return until(pair, pair.east, 'no-local-identity');
  }),
  provocation(
    'token-locked',
    'the token with the key is locked',
    /Token "safe" is locked.*config:3.*ikeadm token login "safe"/,
    () => withToken('locked', 'token-locked'),
    'local',
  ),
  provocation(
    'token-absent',
    'the token with the key is not there',
    /"safe".*config:3/,
    () => withToken('absent', 'token-absent'),
    'local',
  ),
  provocation(
    'token-failed',
    'the token does not sign',
    /out of memory.*config:3/,
    () => withToken('unlocked', 'token-failed'),
    'local',
  ),
  provocation('no-peer-certificate', 'the certificate to encrypt for is not stored', /config:3/, async () => {
    const made = await authority();
    const pair = await startPair(
      1,
      certificatePlan('east', made, { method: 'rsa_encrypt', known: [] }),
      certificatePlan('west', made, { method: 'rsa_encrypt' }),
    );
    pair.east.kernel.output(packetToWest());
    return until(pair, pair.east, 'no-peer-certificate');
  }),
  provocation('remote-id-refused', 'remote_id selects another', /config:3.*config:3/, async () => {
    const made = await authority();
    const pair = await startPair(
      1,
      certificatePlan('east', made, { method: 'rsa_sig' }),
      certificatePlan('west', made, { method: 'rsa_sig', remoteId: 'DNS=another.example' }),
    );
    pair.east.kernel.output(packetToWest());
    return until(pair, pair.west, 'remote-id-refused');
  }),
  provocation(
    'bad-certificate',
    'the peer sends what is no certificate',
    /message 5 of Main Mode/,
    () => spoilt('bad-certificate', (own) => ({ ...own, der: Uint8Array.of(0x30, 1, 2) })),
    'peer',
  ),
  provocation(
    'certificate-identity',
    'the peer sends the certificate of somebody else',
    /mallory.*message 5 of Main Mode/,
    () => spoilt('certificate-identity', async () => issued('mallory-rsa')),
    'peer',
  ),
  provocation('certificate-key', 'the certificate is for DSA', /config:3/, () =>
    spoilt('certificate-key', async () => issued('east-dsa')),
  ),
  provocation('certificate-untrusted', 'the root is not named', CHAIN, async () =>
    judged({ own: await leaf(await root()), known: [await root()], noRoot: true }, 'certificate-untrusted'),
  ),
  provocation(
    'certificate-signature',
    'the root has another key under the same name',
    CHAIN,
    async () =>
      judged(
        { own: await leaf(await root()), known: [await root({ keys: await keysOf('another root') })] },
        'certificate-signature',
      ),
    'peer',
  ),
  provocation(
    'certificate-expired',
    'the certificate has expired',
    /2019/,
    async () =>
      judged({ own: await leaf(await root(), BEFORE), known: [await root()] }, 'certificate-expired'),
    'peer',
  ),
  provocation(
    'certificate-not-yet-valid',
    'the certificate is of next year',
    /2021/,
    async () =>
      judged({ own: await leaf(await root(), LATER), known: [await root()] }, 'certificate-not-yet-valid'),
    'peer',
  ),
  provocation(
    'certificate-usage',
    'the certificate is for key agreement',
    CHAIN,
    async () =>
      judged(
        { own: await leaf(await root(), { usage: x509.KeyUsageFlags.keyAgreement }), known: [await root()] },
        'certificate-usage',
      ),
    'peer',
  ),
  provocation(
    'certificate-authority',
    'an ordinary certificate issued that of the peer',
    /CN=clerk/,
    async () => {
      const clerk = await make({ subject: 'CN=clerk', issuer: await root(), ...ALWAYS });
      return judged({ own: await leaf(clerk), known: [await root(), clerk] }, 'certificate-authority');
    },
    'peer',
  ),
  provocation(
    'certificate-path-length',
    'the root allows no authority below it',
    CHAIN,
    async () => {
      const top = await root({ authority: { pathLength: 0 } });
      const between = await make({ subject: 'CN=between', issuer: top, authority: true, ...ALWAYS });
      return judged({ own: await leaf(between), known: [top, between] }, 'certificate-path-length');
    },
    'peer',
  ),
  provocation(
    'certificate-extension',
    'the certificate has a critical extension that nobody knows',
    /1\.2\.3\.4/,
    async () => {
      const unknown = new x509.Extension('1.2.3.4', true, Uint8Array.of(5, 0));
      const own = await leaf(await root(), { extensions: [unknown] });
      return judged({ own, known: [await root()] }, 'certificate-extension');
    },
    'peer',
  ),
  provocation(
    'certificate-revoked',
    'the certificate is on the list',
    /crls\/0/,
    async () => {
      const issuer = await root();
      const own = await leaf(issuer, { serial: '4711' });
      const crl = await makeCrl({ issuer, revoked: [{ serial: '4711' }], ...ALWAYS });
      return judged({ own, known: [issuer], crls: [crl], checksCrls: true }, 'certificate-revoked');
    },
    'peer',
  ),
  provocation('crl-missing', 'there is no list', CHAIN, async () =>
    judged({ own: await leaf(await root()), known: [await root()], checksCrls: true }, 'crl-missing'),
  ),
  provocation('crl-stale', 'the list is of last year', /crls\/0.*2019/, async () => {
    const issuer = await root();
    const crls = [await makeCrl({ issuer, ...BEFORE })];
    return judged({ own: await leaf(issuer), known: [issuer], crls, checksCrls: true }, 'crl-stale');
  }),
  provocation('crl-unusable', 'the list is signed by somebody else', /crls\/0/, async () => {
    const issuer = await root();
    const crls = [await makeCrl({ issuer, keys: await keysOf('another root'), ...ALWAYS })];
    return judged({ own: await leaf(issuer), known: [issuer], crls, checksCrls: true }, 'crl-unusable');
  }),
];

type OwnCertificate = StoredCertificate['certificate'];

async function issued(name: string): Promise<OwnCertificate> {
  const entry = (await authority()).issued.get(name);
  const parsed = entry && parseCertificate(entry.der);
  if (parsed?.ok !== true) throw new Error(`nobody is called ${name}`);
  return parsed.value;
}

/** East sends another certificate than its own. */
async function spoilt(
  code: FailureCode,
  other: (own: OwnCertificate) => OwnCertificate | Promise<OwnCertificate>,
) {
  const made = await authority();
  const plan = (end: 'east' | 'west') => certificatePlan(end, made, { method: 'rsa_sig' });
  const pair = await startPair(1, plan('east'), plan('west'));
  const replacement = await other(await issued('east-rsa'));
  spoilPhase1(pair, 'east', ({ certificate }) =>
    certificate === undefined ? {} : { certificate: { ...certificate, certificate: replacement } },
  );
  pair.east.kernel.output(packetToWest());
  return until(pair, pair.west, code);
}

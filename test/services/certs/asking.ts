/** A rule, an identity and a judge, as the tests of certificates need them. */
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { AuthMethod } from '../../../services/algorithms.js';
import type { Bytes } from '../../../services/bytes.js';
import { type JudgeInput, judgePeer } from '../../../services/certs/judge.js';
import type { CertificateStores } from '../../../services/certs/stores.js';
import { BUILT_IN_GLOBALS, parseIkeConfig } from '../../../services/config/ike-config.js';
import type { IdPayload } from '../../../services/isakmp/payloads/identification.js';
import { ID_TYPE } from '../../../services/isakmp/registries/id-types.js';
import { addressBytes, familyOf } from '../../../services/net/address.js';
import type { GlobalParameters, IdTypeKeyword, Rule } from '../../../services/policy/rule.js';
import { NOW } from './pki.js';

export const crypto = new NodeCrypto(new KeyStore(), new NodeRandom());
export const PLACE = { exchange: 'Main Mode', message: 5 };

const RULE = `{ label "office" local_addr 192.0.2.1 remote_addr 192.0.2.2
  p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes } }`;

export interface Words {
  readonly localIds?: readonly string[];
  readonly remoteIds?: readonly string[];
  readonly localIdType?: IdTypeKeyword;
}

export function ruleWith({ localIds = [], remoteIds = [''], localIdType = 'dn' }: Words = {}): Rule {
  const [rule] = parseIkeConfig(RULE, 'config').config?.rules ?? [];
  if (rule === undefined) throw new Error('the rule of the tests is wrong');
  const selector = (written: string) =>
    written.startsWith('!') ? { text: written.slice(1), negated: true } : { text: written, negated: false };
  return { ...rule, localIds: localIds.map(selector), remoteIds: remoteIds.map(selector), localIdType };
}

/** Without CRLs, unless a test is about them. */
export function globalsWith(more: Partial<GlobalParameters>): GlobalParameters {
  return { ...BUILT_IN_GLOBALS, ignoreCrls: true, ...more };
}

export function identity(
  kind: 'fqdn' | 'mailbox' | 'ip' | 'dn' | 'gn' | 'key',
  value: string | Bytes,
): IdPayload {
  const shape = { kind: 'ID', protocol: 0, port: 0 } as const;
  const data = typeof value === 'string' ? Buffer.from(value) : value;
  switch (kind) {
    case 'fqdn':
      return { ...shape, idType: ID_TYPE.fqdn, data };
    case 'mailbox':
      return { ...shape, idType: ID_TYPE.userFqdn, data };
    case 'dn':
      return { ...shape, idType: ID_TYPE.derAsn1Dn, data };
    case 'gn':
      return { ...shape, idType: ID_TYPE.derAsn1Gn, data };
    case 'key':
      return { ...shape, idType: ID_TYPE.keyId, data };
    case 'ip': {
      const address = String(value);
      const idType = familyOf(address) === 4 ? ID_TYPE.ipv4Addr : ID_TYPE.ipv6Addr;
      return { ...shape, idType, data: addressBytes(address) };
    }
  }
}

export interface Question extends Words {
  readonly identity: IdPayload;
  readonly sent: readonly Bytes[];
  readonly stores: CertificateStores;
  readonly globals?: Partial<GlobalParameters>;
  readonly method?: AuthMethod;
  readonly now?: number;
}

export function judge(question: Question, with_ = crypto): ReturnType<typeof judgePeer> {
  const input: JudgeInput = {
    identity: question.identity,
    method: question.method ?? 'rsa_sig',
    certificates: question.sent,
    rule: ruleWith(question),
    globals: globalsWith(question.globals ?? {}),
    stores: question.stores,
    now: question.now ?? NOW,
  };
  return judgePeer(input, with_, PLACE);
}

/** Code of the refusal, or `accepted`. */
export function verdict(question: Question): string {
  const judged = judge(question);
  return judged.ok ? 'accepted' : judged.error.code;
}

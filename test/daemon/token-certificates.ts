/** Stores with private keys on tokens, for tests of what happens to the tokens. */
import { NO_STORES, type CertificateStores } from '../../services/certs/stores.js';
import type { TokenKey } from '../../services/ports/public-key.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { parseCertificate } from '../../services/certs/certificate.js';
import { fromHex } from '../../services/bytes.js';

export function tokenKey(token: string): TokenKey {
  return {
    object: { token, id: '01', label: undefined },
    publicKey: new Uint8Array(0),
    algorithm: 'rsa',
    bits: 1024,
  };
}

/** One certificate for each key; which certificate it is does not matter. */
export function storesWith(...keys: readonly TokenKey[]): CertificateStores {
  const certificate = parseCertificate(fromHex(CERTIFICATE));
  if (!certificate.ok) throw new Error(certificate.error);
  return {
    ...NO_STORES,
    certificates: keys.map((privateKey, slot) => ({
      slot: String(slot),
      file: `publickeys/${String(slot)}`,
      certificate: certificate.value,
      privateKey,
    })),
  };
}

export function withPin(stores: CertificateStores, token: string, pin: KeyHandle): CertificateStores {
  return { ...stores, pins: new Map([[token, pin]]) };
}

/** RSA of 512 bits, self-signed by openssl: CN=one. */
const CERTIFICATE =
  '308201753082011fa003020102021409fda0a3e9ee01ff9ea826a086fc00784117ffe9300d06092a864886f70d01010b0500300e310c300a06035504030c036f6e653020170d3236313132383034313330365a180f32303531303732303034313330365a300e310c300a06035504030c036f6e65305c300d06092a864886f70d0101010500034b003048024100a5a51b1340c35761d0f28652a01607d45c942219deefd5461a1708b06aa1527c97eb653b1eb065688e8e5b87c2292adccff97d83b5bf9f80d695d338737527830203010001a3533051301d0603551d0e041604140d543b3c95c8126b60e602d25cc18d59907f0882301f0603551d230418301680140d543b3c95c8126b60e602d25cc18d59907f0882300f0603551d130101ff040530030101ff300d06092a864886f70d01010b050003410095ee5380060aa137d00c28bcd04b5e9e827147a880867112b2d742657f42b5fd9f050d887ebe26d51519e0d2016299f2e9f6a0d57bfdb47e989546da4507586f';

/** ESP transform identifiers (RFC 2407 4.4.4 and the RFCs of the later ciphers). */
import { registry } from './registry.js';

export const ESP_TRANSFORM = {
  des: 2,
  tripleDes: 3,
  blowfish: 7,
  null: 11,
  aesCbc: 12,
  aesCtr: 13,
  aesGcm8: 18,
  aesGcm12: 19,
  aesGcm16: 20,
} as const;

const SOURCE = 'RFC 2407 4.4.4';

export const ESP_TRANSFORMS = registry('ESP transform', [
  { number: 1, name: 'ESP_DES_IV64', source: SOURCE },
  { number: ESP_TRANSFORM.des, name: 'ESP_DES', source: SOURCE, supported: true },
  { number: ESP_TRANSFORM.tripleDes, name: 'ESP_3DES', source: SOURCE, supported: true },
  { number: 4, name: 'ESP_RC5', source: SOURCE },
  { number: 5, name: 'ESP_IDEA', source: SOURCE },
  { number: 6, name: 'ESP_CAST', source: SOURCE },
  { number: ESP_TRANSFORM.blowfish, name: 'ESP_BLOWFISH', source: SOURCE, supported: true },
  { number: 8, name: 'ESP_3IDEA', source: SOURCE },
  { number: 9, name: 'ESP_DES_IV32', source: SOURCE },
  { number: 10, name: 'ESP_RC4', source: SOURCE },
  { number: ESP_TRANSFORM.null, name: 'ESP_NULL', source: SOURCE, supported: true },
  { number: ESP_TRANSFORM.aesCbc, name: 'ESP_AES-CBC', source: 'RFC 3602 5.2', supported: true },
  { number: ESP_TRANSFORM.aesCtr, name: 'ESP_AES-CTR', source: 'RFC 3686 6', supported: true },
  { number: 14, name: 'ESP_AES-CCM_8', source: 'RFC 4309 7.1' },
  { number: 15, name: 'ESP_AES-CCM_12', source: 'RFC 4309 7.1' },
  { number: 16, name: 'ESP_AES-CCM_16', source: 'RFC 4309 7.1' },
  { number: ESP_TRANSFORM.aesGcm8, name: 'ESP_AES-GCM_8', source: 'RFC 4106 8.2' },
  { number: ESP_TRANSFORM.aesGcm12, name: 'ESP_AES-GCM_12', source: 'RFC 4106 8.2' },
  { number: ESP_TRANSFORM.aesGcm16, name: 'ESP_AES-GCM_16', source: 'RFC 4106 8.2', supported: true },
  { number: 21, name: 'ESP_SEED_CBC', source: 'RFC 4196 5' },
  { number: 22, name: 'ESP_CAMELLIA', source: 'RFC 4312 2.5' },
  { number: 23, name: 'ESP_NULL_AUTH_AES-GMAC', source: 'RFC 4543 9' },
]);

export function espTransformName(number: number): string {
  return ESP_TRANSFORMS.nameOf(number);
}

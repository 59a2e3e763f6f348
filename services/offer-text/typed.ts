/** `aes128-sha1-modp2048`, as strongSwan and libreswan write it; several with commas, perhaps with `psk` or `rsasig`. */
import { METHOD_NUMBER } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { cipherNamed, groupNamed, hashNamed, methodNamed } from './algorithm-names.js';
import { type Offer, type OfferFault, type Terms, transformOf } from './offer.js';

const FORM = 'write cipher-hash-group, as in aes128-sha1-modp2048, and perhaps -psk or -rsasig';
/** Where a proposal does not say how its owner proves itself, each way is tried. */
const ANY_METHOD = [
  METHOD_NUMBER.preshared,
  METHOD_NUMBER.rsa_sig,
  METHOD_NUMBER.dss_sig,
  METHOD_NUMBER.rsa_encrypt,
];

export function readTyped(text: string): Result<Offer, OfferFault> {
  const proposals = text.replace(/^(?:ike|proposals)\s*=\s*/, '').split(',');
  const all: Terms[] = [];
  let assumed = false;
  for (const proposal of proposals) {
    const where = `"${proposal.trim()}"`;
    const read = readOne(proposal.trim().toLowerCase());
    if (typeof read === 'string') return err({ where, problem: `${read}; ${FORM}` });
    const { method, ...terms } = read;
    assumed ||= method === undefined;
    for (const number of method === undefined ? ANY_METHOD : [method]) all.push({ ...terms, method: number });
  }
  return ok({
    phase: 1,
    transforms: all.map((terms, index) => transformOf(index + 1, terms)),
    mode: undefined,
    peer: undefined,
    local: undefined,
    remarks: assumed ? ['It does not say how the peer proves itself, so each way was tried.'] : [],
  });
}

function readOne(text: string): (Omit<Terms, 'method'> & { method: number | undefined }) | string {
  let cipher: ReturnType<typeof cipherNamed>;
  let hash: number | undefined;
  let group: number | undefined;
  let method: number | undefined;
  const joined = text.replace(/sha2-(?=\d)/g, 'sha2_').replace(/\b(aes|camellia)[-_ ](?=\d{3}\b)/g, '$1');
  for (const word of joined.split(/[-;+!\s]+/)) {
    if (word === '') continue;
    if (cipher === undefined && cipherNamed(word) !== undefined) cipher = cipherNamed(word);
    else if (hash === undefined && hashNamed(word) !== undefined) hash = hashNamed(word);
    else if (method === undefined && methodNamed(word) !== undefined) method = methodNamed(word);
    else if (group === undefined && groupNamed(word) !== undefined) group = groupNamed(word);
    else return `"${word}" is no cipher, hash, group or method, or one too many`;
  }
  if (cipher === undefined) return 'it names no cipher';
  if (hash === undefined) return 'it names no hash';
  if (group === undefined) return 'it names no Diffie-Hellman group';
  return { ...cipher, hash, group, method, lifetimeSeconds: undefined };
}

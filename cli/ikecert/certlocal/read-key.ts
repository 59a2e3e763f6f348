/** A private key that somebody gives: of a kind that works here, and whole. */
import { worksTogether } from '../../../adapters/crypto/generate-key.js';
import { privateKeyFacts } from '../../../adapters/crypto/private-key-facts.js';
import type { Bytes } from '../../../services/bytes.js';
import type { KeyFacts } from '../../../services/certs/store-files.js';
import { err, ok, type Result } from '../../../services/result.js';
import { keyFormFault } from './key-form.js';

export function readKey(pkcs8: Bytes): Result<KeyFacts, string> {
  const fault = keyFormFault(pkcs8);
  if (fault !== undefined) return err(fault);
  const facts = privateKeyFacts(pkcs8);
  if (facts === undefined)
    return err('stdin is no private key of RSA or DSA in PKCS #8, DER; other kinds of keys do not work here');
  return worksTogether(pkcs8)
    ? ok(facts)
    : err('the private key is damaged: what it signs does not fit its public part');
}

/** `certlocal -L` and `-U`: a private key that is on a token gets its reference here, or loses it. */
import { spkiOf } from '../../../adapters/crypto/token-key-form.js';
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { isSameKey } from '../../../services/certs/store-files.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok } from '../../../services/result.js';
import {
  factsOf,
  freeSlot,
  readCertificates,
  readPrivateKeys,
  type Slot,
  type StoredKey,
  wipe,
} from '../database.js';
import type { Request } from '../program.js';
import { linkObject, unlinkObject } from '../token/link.js';
import { described } from '../token/pattern.js';
import { keyReference } from '../token/references.js';
import type { Answer } from '../world.js';
import { chosenKey } from './stored.js';

export function linkKey(request: Request): Promise<Answer> {
  return linkObject(request, 'private-key', ({ one, all, pin }) => {
    const { object, publicParts } = one;
    if (twins(all, object) > 1)
      return err(`token "${object.token}" has several private keys ${described(one)}: give each its own`);
    const publicKey = publicParts === undefined ? undefined : spkiOf(publicParts);
    return store(request.paths, object, publicKey, pin);
  });
}

function twins(listed: readonly { readonly object: TokenObject }[], { id, label }: TokenObject): number {
  return listed.filter(({ object }) => object.id === id && object.label === label).length;
}

/** Into the slot of its certificate; else where neither a certificate nor a key is. */
function store(
  paths: Request['paths'],
  object: TokenObject,
  publicKey: Bytes | undefined,
  pin: Bytes | undefined,
): Answer {
  const keys = readPrivateKeys(paths);
  wipe(keys);
  const [fault] = keys.faults;
  if (fault !== undefined) return err(fault.replace(/\.$/, ''));
  const linked = keys.slots.find(({ content }) => content.ok && isKey(content.value, object, publicKey));
  if (linked !== undefined) return err(`this key is in slot ${linked.name} already`);
  const certificates = readCertificates(paths).slots;
  const mates = certificates.filter(
    ({ content }) => content.ok && isCertificateOf(content.value, object, publicKey),
  );
  const free = mates.find(({ name }) => !keys.slots.some((slot) => slot.name === name));
  const [taken] = mates;
  if (free === undefined && taken !== undefined)
    return err(
      `the certificate of this key is in slot ${taken.name}, where there is another private key that does not fit it; remove that first: ikecert certlocal -r ${taken.name}`,
    );
  const name = free?.name ?? freeSlot(keys.slots, certificates);
  const written = writeNewFile(keyReference(paths, { name, object, pin }, publicKey));
  if (!written.ok) return written;
  const wait =
    free === undefined
      ? ['It has no effect until its certificate is there: ikecert certdb -a puts it into the same slot.']
      : [];
  return ok({ stdout: '', notes: [`Key of token "${object.token}" linked, slot ${name}.`, ...wait] });
}

function isKey(key: StoredKey, object: TokenObject, publicKey: Bytes | undefined): boolean {
  const facts = factsOf(key);
  if (facts !== undefined && publicKey !== undefined) return isSameKey(facts.publicKey, publicKey);
  return 'object' in key && isSameObject(key.object, object);
}

/** A token that does not tell the public key of a private one has given both the same CKA_ID. */
function isCertificateOf(
  certificate: { readonly publicKey: Bytes; readonly onToken: TokenObject | undefined },
  object: TokenObject,
  publicKey: Bytes | undefined,
): boolean {
  if (publicKey !== undefined) return isSameKey(publicKey, certificate.publicKey);
  return certificate.onToken !== undefined && isSameObject(certificate.onToken, object);
}

function isSameObject(a: TokenObject, b: TokenObject): boolean {
  return a.token === b.token && a.id === b.id && a.label === b.label;
}

export function unlinkKey(request: Request): Promise<Answer> {
  const { operands, paths } = request;
  return unlinkObject(request, 'private-key', (token) => {
    const keys = readPrivateKeys(paths);
    wipe(keys);
    const slot = chosenKey(keys, operands[0] ?? '', paths);
    if (!slot.ok) return slot;
    const fault = notOn(token, slot.value);
    return fault === undefined ? ok(slot.value.name) : err(fault);
  });
}

function notOn(token: string, { name, path, content }: Slot<StoredKey>): string | undefined {
  if (!content.ok) return `${path} is corrupt: ${content.error}`;
  if ('pkcs8' in content.value)
    return `the private key of slot ${name} is no link to a token; to delete it: ikecert certlocal -r ${name}`;
  const { object } = content.value;
  return object.token === token ? undefined : `the private key of slot ${name} is on token "${object.token}"`;
}

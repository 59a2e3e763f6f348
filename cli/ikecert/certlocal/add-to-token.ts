/** `certlocal -a -T`: a private key from stdin goes onto a token, into the slot of its certificate. */
import { LONGEST } from '../../../adapters/files/certificate-directories.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import { type KeyFacts, isSameKey } from '../../../services/certs/store-files.js';
import { formatName } from '../../../services/certs/name.js';
import { err, ok, type Result } from '../../../services/result.js';
import { isSamePublicKey, readCertificates, readPrivateKeys, wipe } from '../database.js';
import type { Request } from '../program.js';
import { storeKeyPair, unwind } from '../token/copy-objects.js';
import { tokenLabel, withToken } from '../token/open-token.js';
import { keyReference, newName } from '../token/references.js';
import type { Answer } from '../world.js';
import { readKey } from './read-key.js';

export async function addKeyToToken(request: Request): Promise<Answer> {
  const { options, paths, world } = request;
  const label = tokenLabel(options.T);
  if (!label.ok) return label;
  return withToken(request, label.value, 'before-input', async (token): Promise<Answer> => {
    const input = await world.readInput(LONGEST.privateKey);
    if (!input.ok) return input;
    try {
      const facts = readKey(input.value);
      if (!facts.ok) return facts;
      const place = placeOf(facts.value, paths);
      if (!place.ok) return place;
      const { slot, subject } = place.value;
      const made = await storeKeyPair(token, facts.value, input.value, newName(subject, world));
      if (!made.ok) return made;
      const done = await withStoreLock(paths.publicKeys, () => {
        const still = placeOf(facts.value, paths);
        if (!still.ok) return still;
        const pin = options.p === true ? token.pin : undefined;
        const at = { name: slot, object: made.value, pin };
        return writeNewFile(keyReference(paths, at, facts.value.publicKey));
      });
      const written = done.ok ? done.value : done;
      if (!written.ok) {
        await unwind(token, made.value, ['private-key', 'public-key']);
        return written;
      }
      return ok({
        stdout: '',
        notes: [`Private key added to token "${token.label}", slot ${slot}.`],
      });
    } finally {
      input.value.fill(0);
    }
  });
}

/** The slot of its certificate, which ikecert(8) wants to be there, and whose private key must not. */
function placeOf(
  facts: KeyFacts,
  paths: Request['paths'],
): Result<{ readonly slot: string; readonly subject: string }, string> {
  const keys = readPrivateKeys(paths);
  wipe(keys);
  const [fault] = keys.faults;
  if (fault !== undefined) return err(fault.replace(/\.$/, ''));
  const known = keys.slots.find(({ content }) => content.ok && isSamePublicKey(content.value, facts));
  if (known !== undefined) return err(`this private key is in slot ${known.name} already`);
  const mate = readCertificates(paths).slots.find(
    ({ content }) => content.ok && isSameKey(facts.publicKey, content.value.publicKey),
  );
  if (mate?.content.ok !== true)
    return err(
      'a key goes onto a token only when its certificate is in the database: add that first, with ikecert certdb -a',
    );
  if (keys.slots.some(({ name }) => name === mate.name))
    return err(
      `the certificate of this key is in slot ${mate.name}, where there is another private key that does not fit it; remove that first: ikecert certlocal -r ${mate.name}`,
    );
  return ok({ slot: mate.name, subject: formatName(mate.content.value.subject) });
}

/** `certlocal -a`: a private key from stdin. */
import { LONGEST } from '../../../adapters/files/certificate-directories.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { isSameKey, type KeyFacts } from '../../../services/certs/store-files.js';
import { err, ok } from '../../../services/result.js';
import { freeSlot, isSamePublicKey, readCertificates, readPrivateKeys, wipe } from '../database.js';
import { addKeyToToken } from './add-to-token.js';
import { readKey } from './read-key.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';

export async function addKey(request: Request): Promise<Answer> {
  const { options, paths, world } = request;
  if (options.T !== undefined) return addKeyToToken(request);
  const input = await world.readInput(LONGEST.privateKey);
  if (!input.ok) return input;
  const pkcs8 = input.value;
  try {
    const facts = readKey(pkcs8);
    if (!facts.ok) return facts;
    const done = await withStoreLock(paths.publicKeys, () => store(pkcs8, facts.value, paths));
    return done.ok ? done.value : done;
  } finally {
    pkcs8.fill(0);
  }
}

/** The name of a key is that of its certificate; one whose certificate is still to come takes a number free for both. */
function store(pkcs8: Bytes, facts: KeyFacts, paths: Request['paths']): Answer {
  const keys = readPrivateKeys(paths);
  wipe(keys);
  const [fault] = keys.faults;
  if (fault !== undefined) return err(fault.replace(/\.$/, ''));
  const certificates = readCertificates(paths).slots;
  const same = keys.slots.filter(({ content }) => content.ok && isSamePublicKey(content.value, facts));
  const mates = certificates.filter(
    ({ content }) => content.ok && isSameKey(facts.publicKey, content.value.publicKey),
  );
  const mate = mates.find(({ name }) => !keys.slots.some((slot) => slot.name === name));
  const [known] = same;
  if (known !== undefined && mate === undefined)
    return err(`this private key is in slot ${known.name} already`);
  const [taken] = mates;
  if (mate === undefined && taken !== undefined)
    return err(
      `the certificate of this key is in slot ${taken.name}, where there is another private key that does not fit it; remove that first: ikecert certlocal -r ${taken.name}`,
    );
  const name = mate?.name ?? freeSlot(keys.slots, certificates);
  const written = writeNewFile({ directory: paths.privateKeys, name, bytes: pkcs8, secret: true });
  if (!written.ok) return written;
  const wait =
    mate === undefined
      ? ['It has no effect until its certificate is there: ikecert certdb -a puts it into the same slot.']
      : [];
  return ok({ stdout: '', notes: [`Private key added to database, slot ${name}.`, ...wait] });
}

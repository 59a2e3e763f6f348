/** `certlocal -C`: private key, public key and certificate of a slot go onto a token as well; the files stay. */
import { publicParts, privateParts } from '../../../services/certs/key-parts.js';
import { formatName } from '../../../services/certs/name.js';
import { err, ok, type Result } from '../../../services/result.js';
import { findCertificates } from '../certdb/stored.js';
import { factsOf, type KeyInFile, readPrivateKeys, type StoredCertificate, wipe } from '../database.js';
import type { Request } from '../program.js';
import { alreadyThere, sameKey } from '../token/copy-objects.js';
import { faultClause } from '../token/fault-clause.js';
import { type OpenToken, tokenLabel, withToken } from '../token/open-token.js';
import { newName } from '../token/references.js';
import type { Answer } from '../world.js';

interface Copied {
  readonly slot: string;
  readonly key: KeyInFile;
  readonly certificate: StoredCertificate;
}

export async function copyKey(request: Request): Promise<Answer> {
  const label = tokenLabel(request.options.T);
  if (!label.ok) return label;
  const keys = readPrivateKeys(request.paths);
  try {
    const chosen = choose(request, keys);
    if (!chosen.ok) return chosen;
    return await withToken(request, label.value, 'stdin', (token) => copy(request, token, chosen.value));
  } finally {
    wipe(keys);
  }
}

/** The first certificate that matches whose private key is in a file. */
function choose(request: Request, keys: ReturnType<typeof readPrivateKeys>): Result<Copied, string> {
  const found = findCertificates(request.operands, request.paths);
  if (!found.ok) return found;
  const [fault] = keys.faults;
  for (const { name, content } of found.value.matches) {
    const key = keys.slots.find((slot) => slot.name === name)?.content;
    if (!content.ok || key?.ok !== true) continue;
    if ('pkcs8' in key.value) return ok({ slot: name, key: key.value, certificate: content.value });
    return err(
      `the private key of slot ${name} is on token "${key.value.object.token}", and not here to be copied`,
    );
  }
  return err(
    fault?.replace(/\.$/, '') ??
      `there is no private key for the certificate in slot ${found.value.matches.map(({ name }) => name).join(', ')}`,
  );
}

/** ikecert(8): it goes on when one part fails. */
async function copy(
  { world }: Request,
  token: OpenToken,
  { slot, key, certificate }: Copied,
): Promise<Answer> {
  const facts = factsOf(key);
  const parts = publicParts(key.publicKey);
  const secret = privateParts(key.pkcs8);
  if (facts === undefined || parts === undefined || secret === undefined)
    return err(`the private key of slot ${slot} has a form that cannot be put onto a token`);
  const known = await sameKey(token, 'private-key', key.publicKey);
  if (!known.ok) return known;
  if (known.value !== undefined) return err(alreadyThere('private key', token, known.value));
  const name = newName(formatName(certificate.subject), world);
  const tried = [
    ['private key', await token.objects.storePrivateKey(parts, secret, name)],
    ['public key', await token.objects.storePublicKey(parts, name)],
    ['certificate', await token.objects.storeCertificate(certificate, name)],
  ] as const;
  const copied = tried.filter(([, { ok: good }]) => good).map(([what]) => what);
  const failed = tried.flatMap(([what, result]) =>
    result.ok ? [] : [`the ${what} was not copied: ${faultClause(result.error)}`],
  );
  if (failed.length > 0)
    return err(
      `${failed.join('; ')}${copied.length === 0 ? '' : `; copied were: ${copied.join(', ')} (ID=${name.id})`}`,
    );
  return ok({
    stdout: '',
    notes: [
      `Private key, public key and certificate of slot ${slot} copied to token "${token.label}", ID=${name.id}.`,
      `What is on the disk is still used; to use the token: ikecert certlocal -r ${slot}, then ikecert certlocal -L -T "${token.label}" ID=${name.id}.`,
    ],
  });
}

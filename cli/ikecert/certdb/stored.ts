/** `certdb -e`, `-l`, `-r`: the certificates that are there. */
import { fingerprint } from '../../../adapters/crypto/x509-signature.js';
import { readSlotNames } from '../../../adapters/files/certificate-directories.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { removeFile } from '../../../adapters/files/store-writer.js';
import { matchesSelectors } from '../../../services/certs/selectors.js';
import { err, ok, type Result } from '../../../services/result.js';
import { type Certspec, parseCertspec } from '../certspec.js';
import {
  findSlot,
  readCertificates,
  type Slot,
  type Slots,
  type StoredCertificate,
  wipe,
} from '../database.js';
import { encoded, parseFormat } from '../encoding.js';
import { block, certificateDetails, certificateLines, tokenLine } from '../listing.js';
import type { Request } from '../program.js';
import { removeObjects } from '../token/remove-objects.js';
import type { Answer } from '../world.js';

interface Found {
  readonly matches: readonly Slot<StoredCertificate>[];
  readonly spec: Certspec;
  readonly all: Slots<StoredCertificate>;
}

/** Corrupt slots match by their number only, when nothing else is asked of them. The error is a clause. */
export function findCertificates(words: readonly string[], paths: Request['paths']): Result<Found, string> {
  const spec = parseCertspec(words);
  if (!spec.ok) return spec;
  const { selectors, slot } = spec.value;
  const all = readCertificates(paths);
  const corrupt = slot !== undefined && words.length === 1 ? findSlot(all.slots, slot) : undefined;
  const matches = all.slots.filter((one) =>
    one.content.ok
      ? matchesSelectors(one.content.value, selectors, one.name)
      : one === corrupt || words.length === 0,
  );
  if (matches.length > 0 || words.length === 0) return ok({ matches, spec: spec.value, all });
  const [fault] = all.faults;
  return err(fault?.replace(/\.$/, '') ?? `no certificate in ${paths.publicKeys} matches ${spec.value.text}`);
}

export function extractCertificate({ options, operands, paths }: Request): Promise<Answer> {
  const format = parseFormat(options.f);
  if (!format.ok) return Promise.resolve(format);
  const found = findCertificates(operands, paths);
  if (!found.ok) return Promise.resolve(found);
  const [first] = found.value.matches;
  if (first?.content.ok !== true)
    return Promise.resolve(err(`${first?.path ?? ''} is corrupt: ${first?.content.error ?? ''}`));
  const stdout = encoded(format.value, 'X509 CERTIFICATE', first.content.value.der);
  return Promise.resolve(ok({ stdout, notes: [] }));
}

export function listCertificates({ options, operands, paths, world }: Request): Promise<Answer> {
  const found = findCertificates(operands, paths);
  if (!found.ok) return Promise.resolve(found);
  const keys = readSlotNames(paths.privateKeys);
  const stdout = found.value.matches
    .map(({ name, content }) => {
      const head = `Certificate Slot Name: ${name}   Key Type: ${content.ok ? content.value.keyAlgorithm : 'unknown'}`;
      if (!content.ok) return block(head, [['Corrupt', content.error]]);
      const remark = keys.includes(name) ? `\n        (Private key in certlocal slot ${name})` : '';
      return block(head + remark, [
        ...certificateLines(content.value, world.now()),
        ...tokenLine(content.value.onToken),
        ...(options.v === true ? certificateDetails(content.value, fingerprint(content.value.der)) : []),
      ]);
    })
    .join('\n');
  return Promise.resolve(ok({ stdout, notes: found.value.all.faults }));
}

export async function removeCertificate(request: Request): Promise<Answer> {
  const { operands, paths } = request;
  const found = findCertificates(operands, paths);
  if (!found.ok) return found;
  const [first] = found.value.matches;
  const forget = (): Promise<Answer> => removeFirst(request);
  try {
    if (first?.content.ok !== true || first.content.value.onToken === undefined) return await forget();
    const { onToken: object, pin } = first.content.value;
    const unlink = `ikecert certdb -U -T "${object.token}" ${first.name}`;
    const kinds = ['certificate', 'public-key'] as const;
    return await removeObjects(request, { object, pin, kinds, unlink }, forget);
  } finally {
    wipe(found.value.all);
  }
}

async function removeFirst({ operands, paths }: Request): Promise<Answer> {
  const done = await withStoreLock(paths.publicKeys, (): Answer => {
    const found = findCertificates(operands, paths);
    if (!found.ok) return found;
    const name = found.value.matches[0]?.name ?? '';
    const removed = removeFile(paths.publicKeys, name);
    return removed.ok ? ok({ stdout: '', notes: [`Certificate of slot ${name} removed.`] }) : removed;
  });
  return done.ok ? done.value : done;
}

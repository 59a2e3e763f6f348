/** `certrldb -e`, `-l`, `-r`: the revocation lists that are there. */
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { removeFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import type { Crl } from '../../../services/certs/crl.js';
import { sameName } from '../../../services/certs/name.js';
import { matchesSelectors, type Selectable } from '../../../services/certs/selectors.js';
import { err, ok, type Result } from '../../../services/result.js';
import { parseCertspec } from '../certspec.js';
import { findSlot, readCertificates, readCrls, type Slot } from '../database.js';
import { encoded, parseFormat } from '../encoding.js';
import { block, crlLines, revokedLines } from '../listing.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';

interface Match {
  readonly list: Slot<Crl & { readonly der: Bytes }>;
  /** Slots of the certificates that have the name of the issuer. */
  readonly issuers: readonly string[];
}

interface Found {
  readonly matches: readonly Match[];
  readonly faults: readonly string[];
}

/**
 * A selector means the certificates of the issuer, and where there is none the issuer's name; `SLOT=` the list itself.
 * The error is a clause.
 */
function find(words: readonly string[], paths: Request['paths']): Result<Found, string> {
  const spec = parseCertspec(words);
  if (!spec.ok) return spec;
  const { slots, faults } = readCrls(paths);
  const certificates = readCertificates(paths).slots;
  const corrupt =
    spec.value.slot !== undefined && words.length === 1 ? findSlot(slots, spec.value.slot) : undefined;
  const matches = slots.flatMap((list): readonly Match[] => {
    const { content } = list;
    if (!content.ok) return list === corrupt || words.length === 0 ? [{ list, issuers: [] }] : [];
    const { issuer } = content.value;
    const issuers = certificates.filter(
      (one) => one.content.ok && sameName(one.content.value.subject, issuer),
    );
    const nameOnly: Selectable = { subject: issuer, issuer, altNames: [] };
    const meant = issuers.flatMap((one): Selectable[] => (one.content.ok ? [one.content.value] : []));
    const candidates = meant.length > 0 ? meant : [nameOnly];
    return candidates.some((one) => matchesSelectors(one, spec.value.selectors, list.name))
      ? [{ list, issuers: issuers.map(({ name }) => name) }]
      : [];
  });
  if (matches.length > 0 || words.length === 0) return ok({ matches, faults });
  return err(
    faults[0]?.replace(/\.$/, '') ?? `no revocation list in ${paths.crls} matches ${spec.value.text}`,
  );
}

export function extractCrl({ options, operands, paths }: Request): Promise<Answer> {
  const format = parseFormat(options.f);
  if (!format.ok) return Promise.resolve(format);
  const found = find(operands, paths);
  if (!found.ok) return Promise.resolve(found);
  const list = found.value.matches[0]?.list;
  if (list?.content.ok !== true)
    return Promise.resolve(err(`${list?.path ?? ''} is corrupt: ${list?.content.error ?? ''}`));
  const stdout = encoded(format.value, 'X509 CRL', list.content.value.der);
  return Promise.resolve(ok({ stdout, notes: [] }));
}

export function listCrls({ options, operands, paths, world }: Request): Promise<Answer> {
  const found = find(operands, paths);
  if (!found.ok) return Promise.resolve(found);
  const stdout = found.value.matches
    .map(({ list: { name, content }, issuers }) => {
      const head = `CRL Slot Name: ${name}`;
      if (!content.ok) return block(head, [['Corrupt', content.error]]);
      const details = options.v === true ? revokedLines(content.value) : [];
      return block(head, [...crlLines(content.value, issuers, world.now()), ...details]);
    })
    .join('\n');
  return Promise.resolve(ok({ stdout, notes: found.value.faults }));
}

export async function removeCrl({ operands, paths }: Request): Promise<Answer> {
  const done = await withStoreLock(paths.publicKeys, (): Answer => {
    const found = find(operands, paths);
    if (!found.ok) return found;
    const name = found.value.matches[0]?.list.name ?? '';
    const removed = removeFile(paths.crls, name);
    return removed.ok ? ok({ stdout: '', notes: [`CRL of slot ${name} removed.`] }) : removed;
  });
  return done.ok ? done.value : done;
}

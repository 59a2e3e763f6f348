/** `-L` and `-U` of either program: an object of a token is noted here, or its note is removed; the token stays as it is. */
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { removeFile } from '../../../adapters/files/store-writer.js';
import type { FoundObject } from '../../../adapters/pkcs11/objects.js';
import type { Bytes } from '../../../services/bytes.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';
import { faultClause } from './fault-clause.js';
import { tokenLabel, withToken } from './open-token.js';
import { matcher, onlyMatch } from './pattern.js';

interface Found {
  readonly one: FoundObject;
  /** All of its kind on the token. */
  readonly all: readonly FoundObject[];
  /** To be kept, where that is wanted. */
  readonly pin: Bytes | undefined;
}

const KINDS = { certificate: 'certificate', 'private-key': 'private key' } as const;

/** `note` is called while nobody else changes the databases. */
export async function linkObject(
  request: Request,
  kind: keyof typeof KINDS,
  note: (found: Found) => Answer,
): Promise<Answer> {
  const { options, operands, paths } = request;
  const label = tokenLabel(options.T);
  if (!label.ok) return label;
  const pattern = operands[0] ?? '';
  const fits = matcher(pattern);
  if (!fits.ok) return fits;
  return withToken(request, label.value, 'stdin', async (token): Promise<Answer> => {
    const listed = await token.objects.list(kind);
    if (!listed.ok) return err(faultClause(listed.error));
    const wanted = { pattern, token: token.label, what: KINDS[kind] };
    const one = onlyMatch(listed.value, fits.value, wanted);
    if (!one.ok) return one;
    const { id, label: name } = one.value.object;
    if (id === undefined && name === undefined)
      return err(`the ${KINDS[kind]} has neither CKA_ID nor CKA_LABEL to be found by: give it one`);
    const pin = options.p === true ? token.pin : undefined;
    const done = await withStoreLock(paths.publicKeys, () =>
      note({ one: one.value, all: listed.value, pin }),
    );
    return done.ok ? done.value : done;
  });
}

/** `slotOf` finds the slot of what is on that token; its error is a clause. */
export async function unlinkObject(
  { options, paths }: Request,
  kind: keyof typeof KINDS,
  slotOf: (token: string) => Result<string, string>,
): Promise<Answer> {
  const label = tokenLabel(options.T);
  if (!label.ok) return label;
  const done = await withStoreLock(paths.publicKeys, (): Answer => {
    const slot = slotOf(label.value);
    if (!slot.ok) return slot;
    const removed = removeFile(kind === 'certificate' ? paths.publicKeys : paths.privateKeys, slot.value);
    const what = kind === 'certificate' ? 'certificate' : 'key';
    const said = `Slot ${slot.value} unlinked; the ${what} stays on token "${label.value}".`;
    return removed.ok ? ok({ stdout: '', notes: [said] }) : removed;
  });
  return done.ok ? done.value : done;
}

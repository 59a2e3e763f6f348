/** `-r` of what is on a token: its objects are deleted there, too. */
import type { ObjectKind } from '../../../adapters/pkcs11/objects.js';
import type { Bytes } from '../../../services/bytes.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import { err, ok } from '../../../services/result.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';
import { faultClause } from './fault-clause.js';
import { withToken } from './open-token.js';

export interface Removal {
  readonly object: TokenObject;
  /** Of its reference, where that has one. */
  readonly pin: Bytes | undefined;
  readonly kinds: readonly ObjectKind[];
  /** How to forget the reference alone. */
  readonly unlink: string;
}

/** The objects first: a key that nothing refers to would be forgotten on the token. */
export async function removeObjects(
  request: Request,
  { object, pin, kinds, unlink }: Removal,
  forget: () => Promise<Answer>,
): Promise<Answer> {
  const done = await withToken(request, object.token, pin ?? 'stdin', async (token) => {
    const gone: string[] = [];
    for (const kind of kinds) {
      const removed = await token.objects.remove(kind, object);
      if (!removed.ok) return err(faultClause(removed.error));
      if (removed.value) gone.push(kind.replace('-', ' '));
    }
    const what = gone.length === 0 ? 'nothing, for nothing was there' : gone.join(', ');
    const forgotten = await forget();
    if (!forgotten.ok) return forgotten;
    const note = `Deleted from token "${object.token}": ${what}.`;
    return ok({ ...forgotten.value, notes: [note, ...forgotten.value.notes] });
  });
  return done.ok ? done : err(`${done.error}; to forget the reference alone: ${unlink}`);
}

/** `certlocal -e`, `-l`, `-r`: the private keys that are there. */
import { removeFile } from '../../../adapters/files/store-writer.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { wrapPem } from '../../../services/certs/pem.js';
import { err, ok, type Result } from '../../../services/result.js';
import {
  belongs,
  findSlot,
  readCertificates,
  readPrivateKeys,
  type Slot,
  type StoredKey,
  wipe,
} from '../database.js';
import { block, type Line, certificateLines } from '../listing.js';
import type { Request } from '../program.js';
import type { Answer } from '../world.js';

/** The file of one slot. The error is a clause. */
function chosen(
  slots: readonly Slot<StoredKey>[],
  faults: readonly string[],
  wanted: string,
  directory: string,
): Result<Slot<StoredKey>, string> {
  const slot = findSlot(slots, wanted.replace(/^SLOT=/, ''));
  if (slot !== undefined) return ok(slot);
  const [fault] = faults;
  return err(fault?.replace(/\.$/, '') ?? `there is no private key in slot ${wanted} of ${directory}`);
}

export function extractKey({ options, operands, paths }: Request): Promise<Answer> {
  const { f } = options;
  if (f !== undefined && f.toLowerCase() !== 'pkcs8')
    return Promise.resolve(err(`-f of -e is pkcs8, not "${f}"`));
  const keys = readPrivateKeys(paths);
  const slot = chosen(keys.slots, keys.faults, operands[0] ?? '', paths.privateKeys);
  if (!slot.ok) return Promise.resolve(slot);
  const { content, path } = slot.value;
  // DEVIATION: the original has a form of its own beside PKCS #8, which is not documented; here both are the same.
  const answer = content.ok
    ? ok({ stdout: Uint8Array.from(content.value.pkcs8), notes: [] })
    : err(`${path} is corrupt: ${content.error}`);
  wipe(keys);
  return Promise.resolve(answer);
}

export function listKeys({ options, operands, paths, world }: Request): Promise<Answer> {
  const keys = readPrivateKeys(paths);
  try {
    const [wanted] = operands;
    const slot =
      wanted === undefined ? undefined : chosen(keys.slots, keys.faults, wanted, paths.privateKeys);
    if (slot?.ok === false) return Promise.resolve(slot);
    const [fault] = keys.faults;
    if (slot === undefined && keys.slots.length === 0 && fault !== undefined)
      return Promise.resolve(err(fault.replace(/\.$/, '')));
    const certificates = readCertificates(paths).slots;
    const shown = slot === undefined ? keys.slots : [slot.value];
    const stdout = shown
      .map(({ name, content }) => {
        const head = `Local ID Slot Name: ${name}   Key Type: ${content.ok ? content.value.algorithm : 'unknown'}`;
        if (!content.ok) return block(head, [['Corrupt', content.error]]);
        const mate = certificates.find((one) => one.name === name)?.content;
        const lines: Line[] =
          mate?.ok === true && belongs(content, mate.value)
            ? [...certificateLines(mate.value, world.now())]
            : [
                ['Key Size', String(content.value.bits)],
                [
                  'Certificate',
                  mate === undefined ? 'none yet' : 'that of this slot is of another key, or corrupt',
                ],
              ];
        const key = options.v === true ? wrapPem('PRIVATE KEY', content.value.pkcs8) : '';
        return block(head, lines) + key;
      })
      .join('\n');
    return Promise.resolve(ok({ stdout, notes: keys.faults }));
  } finally {
    wipe(keys);
  }
}

export async function removeKey({ operands, paths }: Request): Promise<Answer> {
  const done = await withStoreLock(paths.publicKeys, (): Answer => {
    const keys = readPrivateKeys(paths);
    wipe(keys);
    const slot = chosen(keys.slots, keys.faults, operands[0] ?? '', paths.privateKeys);
    if (!slot.ok) return slot;
    const removed = removeFile(paths.privateKeys, slot.value.name);
    return removed.ok
      ? ok({ stdout: '', notes: [`Private key of slot ${slot.value.name} removed.`] })
      : removed;
  });
  return done.ok ? done.value : done;
}

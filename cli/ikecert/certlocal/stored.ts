/** `certlocal -e`, `-l`, `-r`: the private keys that are there. */
import type { CertificatePaths } from '../../../adapters/files/certificate-directories.js';
import { removeFile } from '../../../adapters/files/store-writer.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { wrapPem } from '../../../services/certs/pem.js';
import { err, ok, type Result } from '../../../services/result.js';
import {
  belongs,
  factsOf,
  findSlot,
  type KeyOnToken,
  readCertificates,
  readPrivateKeys,
  type Slot,
  type Slots,
  type StoredCertificate,
  type StoredKey,
  wipe,
} from '../database.js';
import { block, type Line, certificateLines, tokenLine } from '../listing.js';
import type { Request } from '../program.js';
import { removeObjects } from '../token/remove-objects.js';
import type { Answer } from '../world.js';

/** The file of one slot. The error is a clause. */
export function chosenKey(
  { slots, faults }: Slots<StoredKey>,
  wanted: string,
  { privateKeys }: CertificatePaths,
): Result<Slot<StoredKey>, string> {
  const slot = findSlot(slots, wanted.replace(/^SLOT=/, ''));
  if (slot !== undefined) return ok(slot);
  const [fault] = faults;
  return err(fault?.replace(/\.$/, '') ?? `there is no private key in slot ${wanted} of ${privateKeys}`);
}

export function extractKey({ options, operands, paths }: Request): Promise<Answer> {
  const { f } = options;
  if (f !== undefined && f.toLowerCase() !== 'pkcs8')
    return Promise.resolve(err(`-f of -e is pkcs8, not "${f}"`));
  const keys = readPrivateKeys(paths);
  const slot = chosenKey(keys, operands[0] ?? '', paths);
  if (!slot.ok) return Promise.resolve(slot);
  const { content, path } = slot.value;
  if (content.ok && !('pkcs8' in content.value)) {
    wipe(keys);
    const { token } = content.value.object;
    return Promise.resolve(
      err(`the private key of slot ${slot.value.name} is on token "${token}", which does not give it out`),
    );
  }
  // DEVIATION: the original has a form of its own beside PKCS #8, which is not documented; here both are the same.
  const answer =
    content.ok && 'pkcs8' in content.value
      ? ok({ stdout: Uint8Array.from(content.value.pkcs8), notes: [] })
      : err(`${path} is corrupt: ${content.ok ? '' : content.error}`);
  wipe(keys);
  return Promise.resolve(answer);
}

export function listKeys({ options, operands, paths, world }: Request): Promise<Answer> {
  const keys = readPrivateKeys(paths);
  try {
    const [wanted] = operands;
    const slot = wanted === undefined ? undefined : chosenKey(keys, wanted, paths);
    if (slot?.ok === false) return Promise.resolve(slot);
    const [fault] = keys.faults;
    if (slot === undefined && keys.slots.length === 0 && fault !== undefined)
      return Promise.resolve(err(fault.replace(/\.$/, '')));
    const certificates = readCertificates(paths).slots;
    const shown = slot === undefined ? keys.slots : [slot.value];
    const stdout = shown.map((one) => listed(one, certificates, options.v === true, world.now())).join('\n');
    return Promise.resolve(ok({ stdout, notes: keys.faults }));
  } finally {
    wipe(keys);
  }
}

function listed(
  { name, content }: Slot<StoredKey>,
  certificates: readonly Slot<StoredCertificate>[],
  verbose: boolean,
  now: number,
): string {
  const facts = content.ok ? factsOf(content.value) : undefined;
  const head = `Local ID Slot Name: ${name}   Key Type: ${facts?.algorithm ?? 'unknown'}`;
  if (!content.ok) return block(head, [['Corrupt', content.error]]);
  const mate = certificates.find((one) => one.name === name)?.content;
  const lines: Line[] =
    mate?.ok === true && belongs(content, mate.value)
      ? [...certificateLines(mate.value, now)]
      : [
          ['Key Size', facts === undefined ? 'unknown' : String(facts.bits)],
          [
            'Certificate',
            mate === undefined ? 'none yet' : 'that of this slot is of another key, or corrupt',
          ],
        ];
  if (!('pkcs8' in content.value)) return block(head, [...lines, ...keyOnTokenLines(content.value)]);
  return block(head, lines) + (verbose ? wrapPem('PRIVATE KEY', content.value.pkcs8) : '');
}

function keyOnTokenLines({ object, pin }: KeyOnToken): readonly Line[] {
  const kept = pin === undefined ? 'ikeadm token login' : 'kept here';
  return [...tokenLine(object), ['PIN', kept]];
}

export async function removeKey(request: Request): Promise<Answer> {
  const { operands, paths } = request;
  const keys = readPrivateKeys(paths);
  try {
    const slot = chosenKey(keys, operands[0] ?? '', paths);
    if (!slot.ok) return slot;
    const { name, content } = slot.value;
    const forget = (): Promise<Answer> => removeSlot(request);
    if (!content.ok || 'pkcs8' in content.value) return await forget();
    const { object, pin } = content.value;
    const unlink = `ikecert certlocal -U -T "${object.token}" ${name}`;
    const kinds = ['private-key', 'public-key'] as const;
    return await removeObjects(request, { object, pin, kinds, unlink }, forget);
  } finally {
    wipe(keys);
  }
}

async function removeSlot({ operands, paths }: Request): Promise<Answer> {
  const done = await withStoreLock(paths.publicKeys, (): Answer => {
    const keys = readPrivateKeys(paths);
    wipe(keys);
    const slot = chosenKey(keys, operands[0] ?? '', paths);
    if (!slot.ok) return slot;
    const removed = removeFile(paths.privateKeys, slot.value.name);
    return removed.ok
      ? ok({ stdout: '', notes: [`Private key of slot ${slot.value.name} removed.`] })
      : removed;
  });
  return done.ok ? done.value : done;
}

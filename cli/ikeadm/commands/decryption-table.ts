/** The keys of a recording as Wireshark's `ikev1_decryption_table`: the initiator's cookie and the key of the cipher. */
import { hex } from '../../../services/bytes.js';
import { isHandle } from '../../../daemon/replay/replay-keys.js';
import type { Recording } from '../../../services/record/entry.js';
import { err, ok, type Result } from '../../../services/result.js';
import { runReplay } from './replay.js';

/** One line for each Phase 1 with keys. The error is a sentence. */
export async function decryptionTable(recording: Recording): Promise<Result<Uint8Array, string>> {
  if (!recording.header.secrets)
    return err(
      'The recording is without secrets: "ikeadm record on --with-secrets" records them from then on.',
    );
  const replayed = await runReplay(recording);
  if (!replayed.ok) return replayed;
  const { keys } = replayed.value;
  const lines = new Set<string>();
  const cookies = new Map<string, string>();
  for (const entry of recording.entries) {
    if (entry.kind === 'in' || entry.kind === 'out') cookies.set(entry.by, entry.bytes.slice(2, 18));
    if (entry.kind !== 'call' || (entry.op !== 'encrypt' && entry.op !== 'decrypt')) continue;
    const [, key] = entry.args;
    const handle = typeof key === 'string' ? keys.handleNamed(key) : undefined;
    const cookie = cookies.get(entry.by);
    if (handle === undefined || cookie === undefined || !isHandle(handle) || !keys.knows(handle)) continue;
    lines.add(`${cookie},${hex(keys.bytes(handle))}\n`);
  }
  keys.wipe();
  return lines.size === 0
    ? err('Nothing in the recording is encrypted: there are no keys of a cipher in it.')
    : ok(new TextEncoder().encode([...lines].join('')));
}

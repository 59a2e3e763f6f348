/**
 * Bytes on their way to another thread, which may be secret: in memory that both have, so that whoever takes them out leaves no
 * copy. Memory that is given away (transferred) would do it too, but the first time that happens in a thread, V8 throws away
 * whatever it had compiled that reads bytes: a worker's handshakes took twice their time for seconds after an `ikeadm`.
 */
import type { Bytes } from '../../../services/bytes.js';

export function put(bytes: Bytes): Bytes {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** The caller's own; what was shared is wiped. */
export function takeOut(shared: Bytes): Bytes {
  const own = Uint8Array.from(shared);
  shared.fill(0);
  return own;
}

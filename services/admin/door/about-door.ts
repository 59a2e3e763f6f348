/**
 * Our own ABOUT_DOOR: what the other end of the door can do, asked before a file is passed: where the daemon cannot take
 * it, nobody would notice that it was lost on the way.
 *
 *   ABOUT_DOOR   {}   answered by { takesFiles }
 */
import type { Bytes } from '../../bytes.js';
import { decodeOwn, encodeOwn } from './own-messages.js';
import { OWN_SERVICE } from './service.js';

export interface AboutDoor {
  readonly takesFiles: boolean;
}

export function askAboutDoor(): Bytes {
  return encodeOwn(OWN_SERVICE.ABOUT_DOOR, {});
}

/** Of a reply that is no refusal. */
export function readAboutDoor(reply: Bytes): AboutDoor {
  const value = decodeOwn(reply);
  const takesFiles =
    typeof value === 'object' && value !== null && 'takesFiles' in value && value.takesFiles === true;
  return { takesFiles };
}

/** One call of the door: what was asked, the files that came with it, and who asks. */
import type { Bytes } from '../bytes.js';
import type { DoorFile } from '../ports/door-file.js';

export interface Caller {
  /** Undefined where the transport cannot know: then the mode of the socket has let the caller in. */
  readonly uid: number | undefined;
  readonly rights: CallerRights;
}

/** `token`: to log in to tokens and out of them, and nothing else; the last two are one half of that. */
export type CallerRights = 'all' | 'token' | 'token.login' | 'token.logout';

export interface DoorCall {
  readonly request: Bytes;
  /** In the order they were passed. The door closes them after the reply, whatever happened to them. */
  readonly files: readonly DoorFile[];
  /** Whether this door takes files at all. */
  readonly takesFiles: boolean;
  readonly caller: Caller;
}

/** A call of this process's own user without files. */
export function ownCall(request: Bytes): DoorCall {
  return { request, files: [], takesFiles: false, caller: { uid: undefined, rights: 'all' } };
}

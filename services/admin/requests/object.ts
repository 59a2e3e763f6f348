/** GET and DEL of one object by its identification, alike for rules and pre-shared keys. */
import { concat, type Bytes } from '../../bytes.js';
import { err, ok, type Result } from '../../result.js';
import type { DoorError } from '../door/door-error.js';
import { DEL, GET } from '../door/heads.js';
import type { Answer } from './answer.js';

export interface Identification {
  readonly idType: number;
  readonly bytes: Bytes;
}

/** GET and DEL have one shape. */
export function identificationOf(request: Bytes): Result<Identification, DoorError> {
  const head = GET.read(request);
  if (head?.number('length') !== request.length) return err({ name: 'REQ_INVALID' });
  return ok({ idType: head.number('idType'), bytes: request.subarray(GET.size) });
}

export function found(cmd: number, body: Bytes): Answer {
  return ok(concat(GET.encode({ cmd, length: GET.size + body.length, idType: 0, reserved: 0 }, {}), body));
}

export function deleted(cmd: number): Answer {
  return ok(DEL.encode({ cmd, length: DEL.size, idType: 0, reserved: 0 }, {}));
}

/** What does not fit into a reply is said, not cut. */
export function tooLarge(why: string): Answer {
  return err({ name: 'DATA_INVALID', details: [why] });
}

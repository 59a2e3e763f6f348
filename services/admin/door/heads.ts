/** The fixed structures that begin every request and reply. `cmd` is always first. */
import { concat, type Bytes } from '../../bytes.js';
import { DOOR_ERROR, type DoorError } from './door-error.js';
import { SERVICE } from './service.js';
import { structure, structureWithAreas, textArea, textOf } from '../../c-structure.js';

export const CMD = structure('cmd', 4, { cmd: [0, 'u32'] });
export const DBG = structure('dbg', 8, { cmd: [0, 'u32'], level: [4, 'u32'] });
export const PRIV = structure('priv', 8, { cmd: [0, 'u32'], level: [4, 'u32'] });
export const STATREQ = structure('statreq', 8, { cmd: [0, 'u32'], length: [4, 'u32'] });
export const DEFREQ = structure('defreq', 16, {
  cmd: [0, 'u32'],
  length: [4, 'u32'],
  version: [8, 'u32'],
  reserved: [12, 'u32'],
});
export const DUMP = structure('dump', 16, {
  cmd: [0, 'u32'],
  length: [4, 'u32'],
  next: [8, 'u32'],
  reserved: [12, 'u32'],
});
export const GET = structure('get', 16, {
  cmd: [0, 'u32'],
  length: [4, 'u32'],
  idType: [8, 'u32'],
  reserved: [12, 'u32'],
});
/** The same shape as GET, kept apart because the original names it apart. */
export const DEL = structure('del', 16, GET.numbers);
/** `length` 0: a descriptor of a file comes with the call; else the object follows, with 16 more bytes for the head. */
export const NEW = structure('new', 16, { cmd: [0, 'u32'], length: [4, 'u32'], align: [8, 'u64'] });
export const RW = structure('rw', 8, { cmd: [0, 'u32'], location: [4, 'u32'] });
export const FLUSH = structure('flush', 4, { cmd: [0, 'u32'] });
export const TOKEN_LABEL_LENGTH = 32;
export const PIN_LENGTH = 256;
/** The largest head: the union of all has its size. */
export const PIN = structureWithAreas(
  'pin',
  296,
  { cmd: [0, 'u32'], reserved: [4, 'u32'] },
  { token: [8, TOKEN_LABEL_LENGTH], pin: [40, PIN_LENGTH] },
);
export const ERR = structure('err', 16, {
  cmd: [0, 'u32'],
  error: [4, 'u32'],
  errno: [8, 'u32'],
  reserved: [12, 'u32'],
});

/** What a GET or DEL identifies its object by. */
export const ID_TYPE = { IDENT_PAIR: 1, ADDR_PAIR: 2, CKY_PAIR: 3, LABEL: 4 } as const;

/** Where READ and WRITE find their file: the default place, which only READ knows, or a descriptor. */
export const LOCATION = { DEFAULT: 1, DESCRIPTOR: 2 } as const;

/** Bounds what a refusal carries beside its code, bytes of UTF-8. */
const LONGEST_DETAILS = 65_536;

/**
 * The 16 bytes of the original, then, where there are any, the lines for the operator in UTF-8, which a client of the
 * original does not look at.
 */
export function encodeError({ name, errno = 0, details = [] }: DoorError): Bytes {
  const head = ERR.encode({ cmd: SERVICE.ERROR, error: DOOR_ERROR[name], errno, reserved: 0 }, {});
  return details.length === 0 ? head : concat(head, textArea(details.join('\n'), LONGEST_DETAILS));
}

export interface ReceivedError {
  readonly code: number;
  readonly errno: number;
  /** Lines for the operator; empty from a daemon that sends none. */
  readonly details: readonly string[];
}

/** What `reply` says when it is IKE_SVC_ERROR, else undefined. */
export function errorOf(reply: Bytes): ReceivedError | undefined {
  if (CMD.read(reply)?.number('cmd') !== SERVICE.ERROR) return undefined;
  const error = ERR.read(reply);
  if (error === undefined) return undefined;
  const details = textOf(reply.subarray(ERR.size))
    .split('\n')
    .filter((line) => line !== '');
  return { code: error.number('error'), errno: error.number('errno'), details };
}

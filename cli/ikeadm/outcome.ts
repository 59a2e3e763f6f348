/** What a command came to: text and JSON of the same facts, and how errors are worded. Printing is `run.ts`'s alone. */
import { constants } from 'node:os';
import { systemErrorText, type DoorFault } from '../../adapters/door/door-fault.js';
import { DOOR_ERROR, doorErrorName, doorErrorText } from '../../services/admin/door/door-error.js';

const { EEXIST } = constants.errno;

/** How the original words an error. The bails end with `Fatal error - exiting.` */
export type ErrorForm =
  /** `ikeadm: text`, and no more. */
  | 'message'
  /** `ikeadm: Error: text`. */
  | 'bail'
  /** `ikeadm: text`, which ends with the host's reason. */
  | 'bail_errno'
  /** `ikeadm: ERROR: text` and an empty line. */
  | 'bail_msg'
  /** `ikeadm: text`, unless it is empty, then the usage. */
  | 'usage';

export interface CommandError {
  readonly form: ErrorForm;
  readonly text: string;
  /** Whole lines that are printed before it. */
  readonly before?: readonly string[];
  /** Whole lines that are printed after it: details for the operator. */
  readonly after?: readonly string[];
  /** Name and number, when it was the daemon that refused. */
  readonly door?: { readonly name: string | undefined; readonly code: number };
  readonly exit: 0 | 1;
}

export interface Outcome {
  /** For stdout, whole lines. May stand beside an error that came after a part of the output. */
  readonly text?: string;
  /** A one-line result, which the original prints as `ikeadm: text` on stderr. */
  readonly notice?: string;
  /** The document for `-j`. Beside an error: the error as a document of the command's own. */
  readonly json?: object;
  readonly error?: CommandError;
}

export type DoorTrouble =
  | {
      readonly kind: 'refused';
      readonly code: number;
      readonly errno: number;
      /** What the daemon says beside the code, line by line. */
      readonly details: readonly string[];
    }
  | { readonly kind: 'unreachable'; readonly fault: DoorFault }
  | { readonly kind: 'unreadable'; readonly why: string };

export function failed(error: CommandError): Outcome {
  return { error };
}

export function bail(text: string): Outcome {
  return failed({ form: 'bail', text, exit: 1 });
}

export function bailMessage(text: string, before: readonly string[] = []): Outcome {
  return failed({ form: 'bail_msg', text, before, exit: 1 });
}

export function usageError(text: string): Outcome {
  return failed({ form: 'usage', text, exit: 1 });
}

/**
 * `doing` is as in `error getting stats`. `refusedExit` counts for what the daemon refused; without a daemon, or with a
 * reply that cannot be understood, the exit code is 1.
 */
export function doorError(
  doing: string,
  trouble: DoorTrouble,
  { refusedExit = 1, form = 'message' }: { readonly refusedExit?: 0 | 1; readonly form?: ErrorForm } = {},
): CommandError {
  switch (trouble.kind) {
    case 'refused':
      return {
        form,
        text: `${doing}: ${doorErrorText(trouble.code, trouble.errno, systemErrorText)}`,
        door: { name: doorErrorName(trouble.code), code: trouble.code },
        ...(trouble.details.length > 0 ? { after: trouble.details } : {}),
        exit: refusedExit,
      };
    case 'unreadable':
      return {
        form: 'message',
        text: `${doing}: the reply of in.iked cannot be read: ${trouble.why}; ikeadm and in.iked should be of one version.`,
        exit: 1,
      };
    case 'unreachable': {
      const { operation, reason, mend } = trouble.fault;
      return {
        form: 'bail_errno',
        text: `${operation === 'open' ? 'open_door' : 'door_call'} failed: ${reason}`,
        before: ['Unable to communicate with in.iked', mend],
        exit: 1,
      };
    }
  }
}

/** About one object, named as in `phase 1 SA`. A refusal of it ends with 0, as the original's does. */
export function objectError(doing: string, thing: string, trouble: DoorTrouble): CommandError {
  const error = doorError(`error ${doing} ${thing}`, trouble, { refusedExit: 0 });
  if (trouble.kind !== 'refused') return error;
  if (trouble.code === DOOR_ERROR.NO_OBJ) return { ...error, text: `Could not find requested ${thing}.` };
  const duplicate = trouble.code === DOOR_ERROR.SYS_ERR && trouble.errno === EEXIST;
  return duplicate ? { ...error, text: `error ${doing} ${thing}: Duplicate entry` } : error;
}

/** A host's reason beside what was tried: `open user-specified file: Permission denied`. */
export function bailErrno(text: string): Outcome {
  return failed({ form: 'bail_errno', text, exit: 1 });
}

export function unreadable(why = 'it is too short'): DoorTrouble {
  return { kind: 'unreadable', why };
}

/** Trouble with the door itself, before any command is understood. */
import { getSystemErrorMap } from 'node:util';

export interface DoorFault {
  readonly operation: 'open' | 'call';
  /** The host's reason as `strerror` words it. */
  readonly reason: string;
  /** One sentence: how to mend it. */
  readonly mend: string;
}

/** Where Node has words of its own, those of `strerror`: scripts look for them. */
const AS_STRERROR: Readonly<Record<string, string>> = {
  EEXIST: 'file exists',
  EISDIR: 'is a directory',
  EBUSY: 'device or resource busy',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  EIO: 'input/output error',
};

/** `No such file or directory` for `errno` 2. */
export function systemErrorText(errno: number): string {
  const [name = '', words] = getSystemErrorMap().get(-Math.abs(errno)) ?? [];
  const text = AS_STRERROR[name] ?? words;
  return text === undefined ? `error ${String(errno)}` : text.charAt(0).toUpperCase() + text.slice(1);
}

export function openFault(path: string, error: NodeJS.ErrnoException): DoorFault {
  return {
    operation: 'open',
    reason: error.errno === undefined ? error.message : systemErrorText(error.errno),
    mend: mendOpening(path, error.code),
  };
}

function mendOpening(path: string, code: string | undefined): string {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return `No in.iked answers at ${path}: start it, or name the root it runs under with -R.`;
    case 'EACCES':
    case 'EPERM':
      return `You may not open ${path}: run ikeadm as the user that in.iked runs as.`;
    case 'ENOTSOCK':
      return `${path} is not a door of in.iked: name the root it runs under with -R.`;
    default:
      return `Check that in.iked runs and that ${path} is its door.`;
  }
}

export function callFault(reason: string): DoorFault {
  return {
    operation: 'call',
    reason,
    mend: 'in.iked ended or closed the door during the call: look at its log, then try again.',
  };
}

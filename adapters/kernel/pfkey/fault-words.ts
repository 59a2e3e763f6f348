/** What a kernel's refusal means, in words for an operator. Error numbers differ between the systems. */
import type { Dialect } from '../../../services/pfkey/dialect.js';
import type { KeyFault } from './conversation.js';
import { diagnosticWords } from './diagnostics.js';

/** The same in both, as in every Unix. */
export const ERRNO = { noEntry: 2, noSuchSa: 3, exists: 17, invalid: 22 } as const;

const COMMON: Readonly<Record<number, string>> = {
  1: 'it may not be done (EPERM): the daemon needs more rights',
  2: 'there is none (ENOENT)',
  3: 'there is no such SA (ESRCH)',
  12: 'it is out of memory (ENOMEM)',
  13: 'it may not be done (EACCES): the daemon needs more rights',
  16: 'it is busy (EBUSY)',
  17: 'there is one already (EEXIST)',
  22: 'it finds the message wrong (EINVAL)',
};

const OF_SYSTEM: Readonly<Record<Dialect['name'], Readonly<Record<number, string>>>> = {
  linux: {
    38: 'it has no such algorithm (ENOSYS)',
    90: 'the message is too long (EMSGSIZE)',
    93: 'it has no such protocol (EPROTONOSUPPORT)',
    95: 'it does not do that (EOPNOTSUPP)',
    105: 'it is out of buffers (ENOBUFS)',
  },
  illumos: {
    89: 'it has no such algorithm (ENOSYS)',
    97: 'the message is too long (EMSGSIZE)',
    98: 'the families of the addresses do not fit the protocol (EPROTOTYPE)',
    120: 'it has no such protocol (EPROTONOSUPPORT)',
    122: 'it does not do that (EOPNOTSUPP)',
    132: 'it is out of buffers (ENOBUFS)',
  },
};

/** One sentence that begins with the kernel's name. */
export function faultWords(fault: KeyFault, kernel: string, { name }: Pick<Dialect, 'name'>): string {
  switch (fault.cause) {
    case 'refused': {
      const words =
        COMMON[fault.errno] ?? OF_SYSTEM[name][fault.errno] ?? `it says error ${String(fault.errno)}`;
      const diagnostic = name === 'illumos' ? diagnosticWords(fault.diagnostic) : undefined;
      return `${kernel} refused: ${words}${diagnostic === undefined ? '' : `; ${diagnostic}`}.`;
    }
    case 'silent':
      return `${kernel} did not answer.`;
    case 'overloaded':
      return `Too many questions wait for an answer of ${kernel}.`;
    case 'closed':
      return `The key socket to ${kernel} is closed.`;
    case 'socket':
      return `The key socket to ${kernel} failed: ${fault.message}`;
  }
}

export function isRefusal(fault: KeyFault, errno: number): boolean {
  return fault.cause === 'refused' && fault.errno === errno;
}

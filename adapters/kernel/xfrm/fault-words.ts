/** What a refusal of Linux's XFRM means, in words for an operator. */
import type { XfrmFault } from './conversation.js';

export const ERRNO = {
  perm: 1,
  noEntry: 2,
  noSuchSa: 3,
  exists: 17,
  noSuchAlgorithm: 38,
  noProtocol: 93,
} as const;

const WORDS: Readonly<Record<number, string>> = {
  1: 'it may not be done (EPERM): the daemon needs root, or CAP_NET_ADMIN',
  2: 'there is none (ENOENT)',
  3: 'there is no such SA (ESRCH)',
  12: 'it is out of memory (ENOMEM)',
  16: 'it is busy (EBUSY)',
  17: 'there is one already (EEXIST)',
  22: 'it finds the message wrong (EINVAL)',
  38: 'it has no such algorithm (ENOSYS)',
  92: 'it has no such option (ENOPROTOOPT): the module xfrm_user is older than its kernel',
  93: 'it has no such protocol (EPROTONOSUPPORT): no module esp4, esp6, ah4 or ah6',
  95: 'it does not do that (EOPNOTSUPP)',
  105: 'it is out of buffers (ENOBUFS)',
};

/** One sentence. */
export function faultWords(fault: XfrmFault): string {
  switch (fault.cause) {
    case 'refused': {
      const words = WORDS[fault.errno] ?? `it says error ${String(fault.errno)}`;
      return `The kernel refused: ${words}${fault.why === undefined ? '' : `; in its own words: ${fault.why}`}.`;
    }
    case 'silent':
      return 'The kernel did not answer.';
    case 'unsettled':
      return 'The kernel changed faster than it could be read.';
    case 'overloaded':
      return 'Too many questions wait for an answer of the kernel.';
    case 'closed':
      return 'The netlink socket is closed.';
    case 'socket':
      return `The netlink socket failed: ${fault.message}`;
  }
}

export function isRefusal(fault: XfrmFault, errno: number): boolean {
  return fault.cause === 'refused' && fault.errno === errno;
}

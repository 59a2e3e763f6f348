/**
 * Request ids of the policies that this daemon puts into a Linux kernel: by them it knows its own again after a crash. Over
 * PF_KEY a chosen id is at most 0x3fff (`linux/ipsec.h`); other daemons count from 1, kernels from 0x4000.
 */
export const FIRST_OWN_REQUEST_ID = 0x3000;
export const LAST_OWN_REQUEST_ID = 0x3fff;

export function isOwnRequestId(requestId: number): boolean {
  return requestId >= FIRST_OWN_REQUEST_ID && requestId <= LAST_OWN_REQUEST_ID;
}

/** The smallest that is not taken; undefined when all are. */
export function freeRequestId(taken: ReadonlySet<number>): number | undefined {
  for (let id = FIRST_OWN_REQUEST_ID; id <= LAST_OWN_REQUEST_ID; id++) if (!taken.has(id)) return id;
  return undefined;
}

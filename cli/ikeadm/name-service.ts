/** The host's name service, with a limit on how long it may take. */
import { lookup, lookupService } from 'node:dns/promises';
import { parseAddress } from '../../services/net/address.js';
import type { NameService } from './session.js';

/** A missing name must not keep an operator waiting, milliseconds. */
const PATIENCE = 2000;

export const hostNameService: NameService = {
  nameOf(address) {
    return inTime(
      lookupService(address, 0).then(({ hostname }) => hostname),
      undefined,
    );
  },
  addressesOf(name) {
    return inTime(
      lookup(name, { all: true }).then((found) =>
        found.map(({ address }) => parseAddress(address)).filter((address) => address !== undefined),
      ),
      [],
    );
  },
};

/** What the work gives, or `otherwise` when it fails or takes too long. */
async function inTime<T>(work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, otherwise);
  });
  try {
    return await Promise.race([work, limit]);
  } catch {
    return otherwise;
  } finally {
    clearTimeout(timer);
  }
}

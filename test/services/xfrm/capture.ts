/** What a Linux 6.1 kernel said to a listener of all groups, and answered: datagrams, oldest first, each with its occasion. */
import { readFileSync } from 'node:fs';
import { type Bytes, fromHex } from '../../../services/bytes.js';

const FILE = new URL('captures/linux-6.1.json', import.meta.url);

export const CAPTURED: readonly { readonly occasion: string; readonly datagram: Bytes }[] = (
  JSON.parse(readFileSync(FILE, 'utf8')) as readonly (readonly [string, string])[]
).map(([occasion, digits]) => ({ occasion, datagram: fromHex(digits) }));

/** The commands whose statements are listed. */
import { IKEADM } from './ikeadm.js';
import { IKECERT } from './ikecert.js';
import { IN_IKED } from './in.iked.js';
import type { Manual } from './row.js';

export const MANUALS: readonly Manual[] = [IKEADM, IKECERT, IN_IKED];

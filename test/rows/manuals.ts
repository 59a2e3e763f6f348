/** The commands whose statements are listed. */
import { IKECERT } from './ikecert.js';
import type { Manual } from './row.js';

export const MANUALS: readonly Manual[] = [IKECERT];

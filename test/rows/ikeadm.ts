/** What the manual page of `ikeadm` and its program state. */
import { OBJECTS } from './ikeadm-objects.js';
import { OTHER } from './ikeadm-other.js';
import { SETTINGS } from './ikeadm-settings.js';
import { USE } from './ikeadm-use.js';
import type { Manual } from './row.js';

export const IKEADM: Manual = {
  command: 'ikeadm',
  page: 'ikeadm-rows.md',
  source: 'From ikeadm(8) and, where it differs, from what the public program does.',
  sections: [...USE, ...SETTINGS, ...OBJECTS, ...OTHER],
};

/** What the manual page of `ikecert` states. */
import { leftOut, type Manual, row, section } from './row.js';

export const IKECERT: Manual = {
  command: 'ikecert',
  page: 'ikecert-rows.md',
  source: 'From ikecert(8), in.iked(8), ike.config(5) and the administration guides of the original.',
  sections: [
    section(
      'rights',
      'Rights',
      row(
        'command',
        'The rights profile "Network IPsec Management" runs the commands with effective user 0.',
        leftOut('Profiles exist on illumos only; elsewhere sudo does that.'),
      ),
    ),
  ],
};
